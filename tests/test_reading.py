"""From bytes, files and standard input to sources."""

from __future__ import annotations

import builtins
import codecs
import hashlib
import io
import logging
import os
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimx.errors import ReadError
from claimx.lexicon.reading import load_reading
from claimx.reading import Source, from_text, parse_date, read_bytes, read_file
from claimx.reading.dates import match_dateline
from claimx.text import BLANK

ARTICLE = (
    "Il porto riapre\n\n"
    "Vallescura, 12 marzo 2024 (Agenzia Molo) – «Perché no?», ha detto la segretaria Lidia Marotti: l’accordo c’è.\n\n"
    "È una “svolta” che il prefetto definisce 'necessaria'; più di così non si poteva ottenere.\n"
)
HTML = """<!doctype html>
<html lang="it"><head><meta charset="utf-8"><title>Il porto riapre dopo lo sciopero | La Gazzetta del Molo</title>
<meta property="article:published_time" content="2024-03-12T09:30:00+01:00">
<meta property="article:modified_time" content="2024-03-20T09:30:00+01:00"></head>
<body><nav><ul><li><a href="/">Prima pagina</a></li><li><a href="/porto">Cronaca</a></li></ul></nav>
<article><h1>Il porto riapre dopo lo sciopero</h1>
<p>Il porto di Vallescura riapre oggi. «Abbiamo firmato alle tre di notte», ha detto la segretaria
<b>Lidia&nbsp;Marotti</b>, uscendo dalla <a href="/x">prefettura</a>.</p>
<h2>I punti dell&rsquo;accordo</h2>
<p>L&rsquo;intesa, secondo fonti sindacali, prevede:</p><ul><li>turni di sei ore;</li><li>un <em>premio</em>.</li></ul>
<blockquote><p>«&Egrave; un inizio».</p></blockquote>
<p>Il prefetto ha taciuto.<br>Il ministro ha ringraziato tutti coloro che hanno scelto la ragione.</p>
<script>var chiuso = "no";</script></article>
<footer><p>Tutti i diritti riservati 2019</p></footer></body></html>"""


def shown(source: Source) -> list[tuple[str, str]]:
    return [(block.kind, source.text[block.start : block.end]) for block in source.blocks]


def fails(message: str, data: bytes, **options: Any) -> None:
    """Reading `data` gives one line that begins with the file's name and holds `message`."""
    with pytest.raises(ReadError) as caught:
        read_bytes(data, **{"path": "articolo.txt", **options})
    line = str(caught.value)
    assert message in line
    assert line.isprintable()
    assert len(line) < 200


# Encodings


@pytest.mark.parametrize(
    "data",
    [
        ARTICLE.encode(),
        codecs.BOM_UTF8 + ARTICLE.encode(),
        ARTICLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + ARTICLE.encode("utf-16-be"),
        ARTICLE.encode("utf-16-le"),
        ARTICLE.encode("utf-16-be"),
        ARTICLE.encode("utf-32"),
        ARTICLE.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_encodings_are_found(data: bytes) -> None:
    source = read_bytes(data, path="articolo.txt")
    assert source.text == ARTICLE
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert (source.title, source.title_span, source.date) == ("Il porto riapre", (0, 15), "2024-03-12")
    assert source.warnings == ()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "windows-1252", "mac_roman"]
)
def test_encodings_are_obeyed(encoding: str) -> None:
    assert read_bytes(ARTICLE.encode(encoding), path="a.txt", encoding=encoding).text == ARTICLE


def test_an_encoding_obeyed_leaves_no_mark() -> None:
    assert read_bytes(codecs.BOM_UTF8 + ARTICLE.encode(), encoding="utf-8").text == ARTICLE
    assert read_bytes(ARTICLE.encode("utf-16"), encoding="utf-16-le").text == ARTICLE


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (ARTICLE.encode("cp1252"), "utf-8"),
        (ARTICLE.encode(), "ascii"),
        (ARTICLE.encode(), "utf-16"),
        (ARTICLE.encode() + b"\n", "utf-16"),
        (ARTICLE.encode("utf-16-le"), "utf-8"),
        (ARTICLE.encode("utf-16"), "utf-8"),
        (b"articolo", "idna2"),
        (b"articolo", "hex"),
        (b"articolo", "utf-8\0"),
        (b"articolo", "undefined"),
    ],
)
def test_a_wrong_encoding_is_one_line(data: bytes, encoding: str) -> None:
    fails(encoding.rstrip("\0"), data, encoding=encoding)


def test_utf8_read_as_something_else_is_warned_of() -> None:
    source = read_bytes(ARTICLE.encode(), encoding="latin-1")
    assert "UTF-8" in source.warnings[0]


def test_a_broken_character_does_not_change_the_encoding() -> None:
    source = read_bytes(ARTICLE.encode().replace("È".encode(), b"\xc8"), path="a.txt")
    assert source.text == ARTICLE.replace("È", "\ufffd")
    assert source.warnings == ("1 of its characters are broken, and read as \ufffd",)
    cut = read_bytes(ARTICLE.encode("utf-16")[:-1], path="a.txt")
    assert cut.text == ARTICLE[:-1] + "\ufffd"
    assert cut.warnings


def test_nothing_else_of_the_text_changes() -> None:
    emoji = "\U0001f469\u200d\U0001f692"
    text = f"Titolo\r\n\r\n\t«Perche\u0301»,\u00a0dice\u00ad:\r\n„no“ ‹sì› {emoji} l'“altro” — e poi\f la fine.\r\n"
    source = read_bytes(text.encode(), path="a.txt")
    assert source.text == text
    assert shown(source)[0] == ("title", "Titolo")
    assert from_text(text).text == text


# What is no article


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        ("\ufeff\u200b \u00a0".encode(), "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(22) + b"[Content_Types].xml", "Office"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "e-book"),
        (b"PK\x03\x04" + bytes(26) + b"a.txt", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
        (b"{\\rtf1\\ansi Il porto riapre}", "RTF"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\x7fELF\x02\x01\x01" + bytes(40) + b"Il porto riapre", "binary"),
        (b"Il porto\0riapre", "binary"),
        (bytes(range(1, 256)) * 4, "articolo.txt"),
        (b"\x01\x02\x03\x04\x05\x06", "binary"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, message: str) -> None:
    fails(message, data)
    fails("articolo.txt", data)


def test_neither_utf8_nor_1252() -> None:
    fails("--encoding", "Il porto riapre e poi più nulla".encode().replace("ù".encode(), b"\x81\x8d"))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"manca\.txt does not exist"):
        read_file(tmp_path / "manca.txt")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder"):
        read_file(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "chiuso.txt"
    path.write_text(ARTICLE, encoding="utf8")
    path.chmod(0)
    with pytest.raises(ReadError, match="cannot be read"):
        read_file(path)


def test_a_read_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ReadError, match=r"chiuso\.txt cannot be read: Permission denied"):
        read_file(tmp_path / "chiuso.txt")


@pytest.mark.parametrize("path", ["a\0b", "riga\nnuova.txt", "x" * 5000, ""])
def test_an_impossible_name_is_one_line(path: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_file(path)
    assert str(caught.value).isprintable()


def test_an_unknown_format() -> None:
    fails("text, markdown, html", b"Il porto", format="docx")


# Files and standard input


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "Porto riaperto.txt"
    path.write_bytes(ARTICLE.encode())
    source = read_file(path)
    assert (source.id, source.path, source.text) == ("Porto riaperto", str(path), ARTICLE)
    assert read_file(str(path), id="p1").id == "p1"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(ARTICLE.encode("utf-16"))))
    source = read_file("-", date="3 marzo 2024")
    assert (source.id, source.path, source.text, source.date) == ("stdin", "-", ARTICLE, "2024-03-03")


def test_standard_input_is_named_in_errors() -> None:
    fails("standard input is empty", b"", path="-")


def test_a_name_that_is_not_utf8_can_be_written() -> None:
    source = read_bytes(ARTICLE.encode(), path="citt\udce0.txt")
    source.path.encode()
    source.id.encode()


def test_from_text() -> None:
    source = from_text(ARTICLE, date=date(2024, 3, 13))
    assert (source.id, source.path, source.title, source.date) == ("text", "-", "Il porto riapre", "2024-03-13")
    assert source.sha256 == hashlib.sha256(ARTICLE.encode()).hexdigest()
    assert from_text("").blocks == ()
    assert from_text("# non è Markdown").text == "# non è Markdown"
    assert from_text("mezzo \ud83d carattere").text == "mezzo \ufffd carattere"


@settings(deadline=None)
@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_any_text_at_all(text: str) -> None:
    source = from_text(text)
    assert len(source.text) == len(text)
    source.text.encode()
    assert (source.title is None) == (source.title_span is None)


@settings(deadline=None)
@given(
    st.one_of(st.binary(), st.text().map(str.encode), st.text(alphabet="#-*_`<>[]()|!\n ab&;:'\"\\~").map(str.encode)),
    st.sampled_from(["text", "markdown", "html", None]),
)
def test_any_bytes_at_all(data: bytes, kind: str | None) -> None:
    try:
        source = read_bytes(data, format=kind)
    except ReadError as error:
        assert str(error).isprintable()
        return
    at = 0
    for block in source.blocks:
        assert not source.text[at : block.start].strip(BLANK)
        assert at <= block.start < block.end
        at = block.end
    assert source.blocks


# Dates


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-03-12", "2024-03-12"),
        (" 2024-3-2\n", "2024-03-02"),
        ("2024-03-12T23:30:00+01:00", "2024-03-12"),
        ("12 marzo 2024", "2024-03-12"),
        ("martedì 12 Marzo 2024", "2024-03-12"),
        ("1º gennaio 2025", "2025-01-01"),
        ("primo gennaio 2025", "2025-01-01"),
        ("3 sett. 2024", "2024-09-03"),
        ("12/3/2024", "2024-03-12"),
        ("12.03.2024", "2024-03-12"),
    ],
)
def test_dates(value: str, day: str) -> None:
    assert parse_date(value) == day


@pytest.mark.parametrize(
    "value",
    ["", "ieri", "12 marzo", "marzo 2024", "2024", "2024-02-30", "30 febbraio 2024", "3/25/2024", "12 persone 2024"]
    + ["12 May 2024", "0001-01-01", "x" * 10_000, "2024-03-12\n\n2024"],
)
def test_no_dates(value: str) -> None:
    with pytest.raises(ReadError, match="is not a date; write it as") as caught:
        parse_date(value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("dateline", load_reading().datelines, ids=lambda dateline: dateline.about)
def test_datelines_match_their_examples(dateline: Any) -> None:
    for line in dateline.match:
        assert dateline.pattern.match(line), line
        assert match_dateline(line), line
    for line in dateline.reject:
        assert match_dateline(line) is None, line


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Il porto riapre\n\nVallescura, 3 mar. (Agenzia Molo) - Il porto ha riaperto.", None),  # no year
        ("Il porto riapre\n\nVALLESCURA, 3 MAR 2024 - Il porto ha riaperto.", "2024-03-03"),
        ("Il porto riapre\ndi Lidia Marotti\n3 marzo 2024\nIl porto ha riaperto questa mattina.", "2024-03-03"),
        ("Il porto riapre\n\nIl porto ha riaperto.\n\nVallescura, 3 marzo 2024", "2024-03-03"),  # a press release
        ("Il porto riapre\n\nIl 3 marzo 2024 il porto ha riaperto.", None),
        ("Il porto riapre\n\nVallescura, 30 febbraio 2024 - Il porto ha riaperto.", None),
    ],
)
def test_the_date_of_a_dateline(text: str, day: str | None) -> None:
    assert from_text(text).date == day
    assert from_text(text, date="1 aprile 2020").date == "2020-04-01"


def test_a_date_over_everything_is_no_title() -> None:
    source = from_text("mercoledì 3 aprile 2024\n\nIl porto riapre\n\nIl porto di Vallescura ha riaperto.")
    assert (source.title, source.date) == ("Il porto riapre", "2024-04-03")
    assert [block.kind for block in source.blocks] == ["heading", "title", "paragraph"]


def test_a_wrong_date_is_told_before_anything_is_read() -> None:
    fails("'ieri' is not a date", b"", date="ieri")


# Markdown


def test_markdown() -> None:
    source = read_bytes(
        b"---\ntitle: Il porto riapre\ndate: 2024-03-12 10:00:00\n---\n\n# Il porto riapre\n\n"
        b"*Vallescura* - \xc2\xabAbbiamo [firmato](http://x.it)\xc2\xbb, ha\ndetto **la segretaria**.\n\n"
        b"## I punti\n\n- turni di _sei_ ore\n- un premio\n\n1. pause\n\n> Citazione &egrave; qui\n\n    Rientrato.\n\n"
        b"| a | b |\n|---|---|\n| c | d |\n\n![foto](x.jpg)\n\n<div>Un <b>div</b></div>\n",
        path="porto.md",
    )
    assert (source.title, source.date, source.id) == ("Il porto riapre", "2024-03-12", "porto")
    assert shown(source) == [
        ("title", "Il porto riapre"),
        ("paragraph", "Vallescura - «Abbiamo firmato», ha detto la segretaria."),
        ("heading", "I punti"),
        ("item", "turni di sei ore"),
        ("item", "un premio"),
        ("item", "pause"),
        ("paragraph", "Citazione è qui"),
        ("paragraph", "Rientrato."),
        ("paragraph", "a\tb"),
        ("paragraph", "c\td"),
        ("paragraph", "Un div"),
    ]
    assert source.text.startswith("Il porto riapre\n\nVallescura - ")


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("---\ntitolo: Il porto riapre\n---\nIl prefetto ha firmato.", "Il porto riapre"),  # put first
        ("Il porto riapre\n===============\n\nIl prefetto ha firmato.", "Il porto riapre"),
        ("## Il porto riapre\n\nIl prefetto ha firmato.", "Il porto riapre"),
        ("Il porto riapre\n\nIl prefetto ha firmato.", "Il porto riapre"),
        ("Cronaca\n\n# Il porto riapre\n\nIl prefetto ha firmato.", "Il porto riapre"),
        ("Il prefetto ha firmato.", None),
    ],
)
def test_the_title_of_markdown(markdown: str, title: str | None) -> None:
    source = read_bytes(markdown.encode(), format="markdown")
    assert source.title == title
    assert source.text.count("Il porto riapre") == (1 if title else 0)
    if source.title_span:
        assert source.text[slice(*source.title_span)] == title


@pytest.mark.parametrize("fields", ["title: [", "title: *x", "- a", "title:\n  x: y", "data: domani", "[" * 2000])
def test_front_matter_that_says_nothing(fields: str) -> None:
    source = read_bytes(f"---\n{fields}\n---\n\nIl prefetto ha firmato.".encode(), path="a.md")
    assert (source.title, source.date) == (None, None)
    assert source.text == "Il prefetto ha firmato."


def test_markdown_is_known_by_its_beginning_where_the_name_does_not_tell() -> None:
    assert read_bytes(b"# Il porto riapre\n\nHa *firmato*.").text == "Il porto riapre\n\nHa firmato."
    assert read_bytes(b"---\ntitle: Il porto\n---\nHa *firmato*.").text == "Il porto\n\nHa firmato."
    assert read_bytes(b"# Il porto riapre\n\nHa *firmato*.", path="a.txt").text == "# Il porto riapre\n\nHa *firmato*."


def test_markdown_of_marks_alone() -> None:
    fails("is empty but for its markup", b"---\n\n***\n", path="a.md")


# HTML


def test_html() -> None:
    pytest.importorskip("trafilatura")
    source = read_bytes(HTML.encode(), path="pagina.html")
    assert (source.title, source.date) == ("Il porto riapre dopo lo sciopero", "2024-03-12")
    blocks = shown(source)
    assert blocks[0] == ("title", "Il porto riapre dopo lo sciopero")
    assert ("heading", "I punti dell’accordo") in blocks
    assert ("item", "turni di sei ore;") in blocks
    assert ("item", "un premio.") in blocks
    assert ("paragraph", "«È un inizio».") in blocks
    assert ("paragraph", "Il prefetto ha taciuto.") in blocks  # <br> after a full stop
    assert blocks[1][1].startswith(
        "Il porto di Vallescura riapre oggi. «Abbiamo firmato alle tre di notte», ha detto la "
    )
    for words in ("Prima pagina", "diritti riservati", "chiuso", "<"):
        assert words not in source.text
    assert source.text.count("Il porto riapre dopo lo sciopero") == 1


def test_a_title_that_the_article_lacks_goes_first() -> None:
    pytest.importorskip("trafilatura")
    page = HTML.replace("<h1>Il porto riapre dopo lo sciopero</h1>", "")
    source = read_bytes(page.encode(), path="pagina.html")
    assert source.title == "Il porto riapre dopo lo sciopero"
    assert source.title_span == (0, len(source.title))
    assert source.text.startswith(source.title + "\n\n")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_html_encodings(encoding: str) -> None:
    pytest.importorskip("trafilatura")
    page = HTML.replace('charset="utf-8"', 'charset="iso-8859-1"')
    assert read_bytes(page.encode(encoding), path="p.htm").text == read_bytes(HTML.encode(), path="p.htm").text


def test_html_in_an_encoding_that_it_declares() -> None:
    pytest.importorskip("trafilatura")
    page = '<html><head><meta charset="mac-roman"></head><body><p>Perché più così?</p></body></html>'
    assert read_bytes(page.encode("mac_roman"), path="p.html").text == "Perché più così?"


def test_html_is_known_by_its_beginning() -> None:
    pytest.importorskip("trafilatura")
    assert read_bytes(HTML.encode()).title == "Il porto riapre dopo lo sciopero"
    assert read_bytes(('<?xml version="1.0" encoding="utf-8"?>\n' + HTML).encode(), path="p.txt").date == "2024-03-12"


@pytest.mark.parametrize(
    "page", ["<p>Il porto riapre.</p>", "<html><body>Il porto riapre.", "<div><div>Il porto riapre.</div></div>"]
)
def test_small_html(page: str) -> None:
    pytest.importorskip("trafilatura")
    assert read_bytes(page.encode(), format="html").text == "Il porto riapre."


@pytest.mark.parametrize(
    "page", ["<html></html>", "<html><head><title>Vuota</title></head><body><img src='x.jpg'></body>"]
)
def test_html_without_an_article(page: str, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("trafilatura")
    fails("no article", page.encode(), path="vuota.html")
    assert capfd.readouterr() == ("", "")


def test_html_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "trafilatura":
            raise ImportError("No module named 'trafilatura'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    fails('pip install "claimx[html]"', HTML.encode(), path="pagina.html")


def test_the_root_logger_is_left_alone() -> None:
    pytest.importorskip("trafilatura")
    before = list(logging.getLogger().handlers)
    read_bytes(HTML.encode())
    assert logging.getLogger().handlers == before


# Language


@pytest.mark.parametrize(
    "text",
    [
        "The port reopens today after eleven days of strike, the union's secretary said on Tuesday morning.",
        "El puerto reabre hoy después de once días de huelga, dijo el martes la secretaria del sindicato de la ciudad.",
        "Le port rouvre aujourd'hui après onze jours de grève, a dit la secrétaire du syndicat à la presse locale.",
        "O porto reabre hoje após onze dias de greve, disse na terça-feira a secretária do sindicato da cidade.",
        "Порт вновь открывается сегодня после одиннадцати дней забастовки, сказала во вторник секретарь профсоюза.",
        "12 345 678, 90 %",
    ],
)
def test_what_is_not_italian_is_warned_of(text: str) -> None:
    assert len(from_text(text).warnings) == 1
    assert len(read_bytes(text.encode(), path="a.txt").warnings) == 1


@pytest.mark.parametrize("text", [ARTICLE, ARTICLE.upper(), "Il porto riapre", "Accordo fatto."])
def test_what_may_be_italian_is_not(text: str) -> None:
    assert from_text(text).warnings == ()
