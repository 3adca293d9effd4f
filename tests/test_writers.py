"""Every format: its golden file, reading back equal, and what any text at all may do to it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from handmade import TEXT, make_article
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from claimx.model import Article, Certainty, Entity, Level, Mode
from claimx.schema import build_schema
from claimx.visible import show_controls, show_line
from claimx.writers import FORMATS, SUFFIXES, WriteOptions, guess_format, load_writer
from claimx.writers.csv import COLUMNS
from claimx.writers.labels import load_labels
from claimx.writers.yaml import WIDTH, dump_record

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "porto.yaml": ("yaml", WriteOptions()),
    "porto.explained.yaml": ("yaml", WriteOptions(explain=True)),
    "porto.json": ("json", WriteOptions()),
    "porto.jsonl": ("jsonl", WriteOptions()),
    "porto.csv": ("csv", WriteOptions()),
    "porto.excel.csv": ("csv", WriteOptions(excel=True, explain=True)),
    "porto.it.txt": ("table", WriteOptions(lang="it", width=100)),
    "porto.en.txt": ("table", WriteOptions(lang="en", width=80, explain=True)),
}


def write(format: str, articles: Iterable[Article], **options: Any) -> str:
    stream = io.StringIO(newline="")
    load_writer(format)(articles, stream, WriteOptions(**options))
    return stream.getvalue()


def with_text(text: str, **fields: Any) -> Article:
    """The handmade article with `text` wherever a string of any sort may stand."""
    article = make_article()
    claim = replace(
        article.claims[0],
        who=text,
        claim=text,
        cue=text,
        role=text,
        via=(text, text),
        to=text,
        entities=(Entity(text, "PER", (0, 1)),),
        evidence=(text,),
        **fields,
    )
    return replace(article, claims=(claim,), document=replace(article.document, title=text, id=text, path=text))


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    """Set CLAIMX_GOLDEN=1 to write the files anew; then read what changed."""
    format, options = CASES[name]
    stream = io.StringIO(newline="")
    load_writer(format)([make_article()], stream, options)
    file = GOLDEN / name
    if os.environ.get("CLAIMX_GOLDEN"):
        file.write_bytes(stream.getvalue().encode())
    assert file.read_bytes().decode() == stream.getvalue()


def test_handmade_spans_hold_their_words() -> None:
    for claim in make_article().claims:
        assert " […] ".join(TEXT[start:end] for start, end in claim.spans.claim) == claim.claim
        for span, words in ((claim.spans.source, claim.source), (claim.spans.cue, claim.cue)):
            assert (span and TEXT[slice(*span)]) == words


# Reading back


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("many", [False, True])
def test_all_formats_read_back_equal(many: bool, explain: bool) -> None:
    articles = [make_article()] * (3 if many else 1)
    records = [article.to_dict(explain=explain) for article in articles]
    options = {"many": many, "explain": explain}
    assert list(yaml.safe_load_all(write("yaml", articles, **options))) == records
    assert json.loads(write("json", articles, **options)) == (records if many else records[0])
    assert [json.loads(line) for line in write("jsonl", articles, **options).splitlines()] == records


def test_records_are_valid_by_the_schema_and_read_back_as_articles() -> None:
    Draft202012Validator.check_schema(build_schema())
    validator = Draft202012Validator(build_schema())
    for explain in (False, True):
        record = make_article().to_dict(explain=explain)
        validator.validate(record)
    assert Article.from_dict(json.loads(write("json", [make_article()], explain=True)), text=TEXT) == make_article()


def test_many_gives_an_array_however_few_come() -> None:
    assert json.loads(write("json", [], many=True)) == []
    assert json.loads(write("json", [make_article()], many=True)) == [make_article().to_dict()]
    assert write("json", []) == write("yaml", []) == write("jsonl", []) == ""


@pytest.mark.parametrize("format", ["yaml", "json", "jsonl"])
@settings(deadline=None, max_examples=300)
@given(text=st.text() | st.text(alphabet="a b:#-'\"\n\t,[]{}?&*!|>%@`é«🚢\r\u2028\u202e\x85\ufeff\x00", max_size=200))
@example("no")
@example("1e3")
@example("1_000")
@example("2025-11-19")
@example("2001-12-14 21:59:43.10 -5")
@example("12:30:45")
@example("0x1f")
@example("~")
@example("=")
@example("<<")
@example("")
@example("dice: sì")
@example("# no")
@example("parola # no")
@example("- voce")
@example("---")
@example("... fine")
@example("a" * 300)
@example("parola " * 40)
@example("parola " * 40 + "fine")
@example(("parola " * 30 + "fine\n") * 3 + "coda")
@example("uno\n\n\ndue" + " tre" * 40)
@example("emoji 🚢 «e» “virgolette” l’apostrofo: " * 5)
@example("\ud800 " * 60)
def test_any_text_reads_back_equal(format: str, text: str) -> None:
    article = with_text(text)
    record = article.to_dict(explain=True)
    written = write(format, [article], explain=True)
    loaded = yaml.safe_load(written) if format == "yaml" else json.loads(written)
    assert loaded == record
    if format == "jsonl":
        assert written.count("\n") == 1
    assert written.encode()  # halves of surrogate pairs are escaped
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written)


@settings(deadline=None, max_examples=100)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_libyaml_reads_the_same(text: str) -> None:
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        pytest.skip("PyYAML without libyaml")
    record = with_text(text).to_dict(explain=True)
    assert yaml.load(dump_record(record), Loader=loader) == record


@settings(deadline=None, max_examples=100)
@given(confidence=st.floats(0, 1))
def test_numbers_stay_numbers(confidence: float) -> None:
    article = with_text("x", confidence=confidence)
    loaded = yaml.safe_load(write("yaml", [article]))["claims"][0]["confidence"]
    assert loaded == confidence and isinstance(loaded, float)


# YAML for people


def test_yaml_keeps_accents_emoji_and_order() -> None:
    text = write("yaml", [with_text("L’età è «già» 🚢 così: \tsì")])
    assert "🚢" in text and "età è «già»" in text and "\\u" not in text
    keys = [line.split(":")[0].strip("- ") for line in write("yaml", [make_article()]).splitlines()]
    assert [key for key in keys if key in ("claimx", "document", "model", "claims")] == [
        "claimx", "document", "model", "claims",
    ]  # fmt: skip


def test_yaml_folds_long_claims_at_spaces() -> None:
    words = "il costo dell’opera: novanta milioni, dodici in più " * 10
    text = write("yaml", [with_text(words.strip())])
    block = re.search(r"  claim: >-\n((?:    .*\n)+)  cue", text)
    assert block and all(len(line) <= WIDTH for line in block[1].splitlines()) and len(block[1].splitlines()) > 4


def test_yaml_folds_what_must_be_escaped_too() -> None:
    words = "il costo dell’opera è salito,\r\nha detto " * 10
    text = write("yaml", [with_text(words + "fine")])
    block = re.search(r'  claim: "((?:.*\n)+?)  cue', text)
    assert block and all(len(line) <= WIDTH + 30 for line in block[1].splitlines()) and len(block[1].splitlines()) > 3


def test_short_strings_are_plain_where_they_can_be() -> None:
    text = write("yaml", [with_text("28 punti, dice «lui»")])
    assert "who: 28 punti, dice «lui»\n" in text and "via: ['28 punti, dice «lui»'" in text


# CSV


def read_csv(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_csv_has_a_row_a_claim_with_its_document() -> None:
    rows = read_csv(write("csv", [make_article(), make_article()], many=True))
    assert len(rows) == 8 and tuple(rows[0]) == COLUMNS
    first, second, third, fourth = rows[:4]
    assert (first["document"], first["path"], first["date"]) == ("porto", "articoli/porto.txt", "2025-03-12")
    assert first["claim"] == make_article().claims[0].claim
    assert second["via"] == "Il Corriere di Valdora; Ansa"
    assert second["dates"] == "2025-03-01/2025-03-31"
    assert third["within"] == "1" and third["claim"] == "'- Nessun ritardo"
    assert fourth["who"] == "" and fourth["entities"] == "Valdora"


def test_csv_for_spreadsheets() -> None:
    text = write("csv", [make_article()], excel=True)
    assert text.startswith("\ufeffdocument;path;")
    rows = read_csv(text[1:], ";")
    assert rows[0]["confidence"] == "0,94" and rows[0]["line"] == "3"


@pytest.mark.parametrize(
    "text", ["=1+1", "+39", "-2", "@cmd", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "=cmd|' /C calc'!A0"]
)
def test_csv_cells_are_harmless(text: str) -> None:
    row = read_csv(write("csv", [with_text(text)]))[0]
    for column in ("title", "who", "claim", "cue", "role", "via", "to", "entities"):
        assert row[column].startswith("'"), column


@pytest.mark.parametrize("text", ["1=1", "a+b", "«-»", "–5", "e-mail@x.it"])
def test_csv_leaves_other_cells_as_they_are(text: str) -> None:
    assert read_csv(write("csv", [with_text(text)]))[0]["claim"] == text


@settings(deadline=None)
@given(text=st.text())
def test_csv_of_any_text_keeps_its_shape(text: str) -> None:
    written = write("csv", [with_text(text)] * 2, excel=True)
    rows = list(csv.reader(io.StringIO(written[1:], newline=""), delimiter=";"))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    assert written.encode() and "\x1b" not in written


# Table


def test_table_has_the_columns_in_both_languages() -> None:
    for lang, words in {
        "it": ("chi", "livello", "affermazione", "riga"),
        "en": ("who", "level", "claim", "line"),
    }.items():
        head = write("table", [make_article()], lang=lang).splitlines()[2]
        assert all(word in head for word in words)
        labels = load_labels(lang)
        assert set(labels.levels) == set(Level) and set(labels.certainties) == set(Certainty)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("lang", ["it", "en"])
def test_table_wraps_to_its_width_and_loses_no_word(width: int, lang: str) -> None:
    text = write("table", [make_article()], width=width, lang=lang)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text.replace("[…]", "")
    claims = "".join("".join(line.split()) for line in text.splitlines())
    if width == 200:
        assert "dodiciinpiùdiquelliprevisti" in claims
    if width >= 80:
        assert all(word in text for word in ("novanta", "riprenderanno", "ministero"))


def test_table_words_are_not_broken_at_eighty_columns() -> None:
    for lang in ("it", "en"):
        text = write("table", [make_article()], width=80, lang=lang)
        for label in (*load_labels(lang).levels.values(), *load_labels(lang).certainties.values()):
            article = make_article()
            level = next((key for key, value in load_labels(lang).levels.items() if value == label), Level.MEDIA)
            certainty = next(
                (key for key, value in load_labels(lang).certainties.items() if value == label), Certainty.DENIED
            )
            mode = None if level is Level.AUTHOR else Mode.DIRECT
            claim = replace(article.claims[0], level=level, certainty=certainty, mode=mode)
            text = write("table", [replace(article, claims=(claim,))], width=80, lang=lang)
            assert all(word in text.split() for word in label.split())


HOSTILE = "\x1b]0;titolo\x07\x1b[31mrosso\x1b[0m \u202eoilgab\u202c \x9b2J \x00 [bold]grassetto[/bold] :ship:"


@pytest.mark.parametrize("format", FORMATS)
def test_no_control_character_comes_through(format: str) -> None:
    article = with_text(HOSTILE)
    text = write(format, [article, article], many=True, explain=True)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    if format == "table":
        assert "␛" in text and "\ufffd" in text
        assert "[bold]" in text and ":ship:" in text  # rich's own markup is but text here


@settings(deadline=None)
@given(text=st.text())
def test_table_of_any_text(text: str) -> None:
    written = write("table", [with_text(text)], explain=True)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written)


def test_table_of_no_claims() -> None:
    text = write("table", [replace(make_article(), claims=())], lang="it")
    assert "Porto di Valdora" in text and "affermazioni: 0" in text


def test_visible_signs() -> None:
    assert show_controls("a\x1bb\tc\r\nd\re\u202ef\x7f") == "a␛b\tc\nd\ne\ufffdf␡"
    assert show_line("  uno\n\tdue\u2028tre ") == "uno due tre"
    assert show_controls("già 🚢 👩‍🚀 «sì»") == "già 🚢 👩‍🚀 «sì»"


# Streams


@pytest.mark.parametrize("format", FORMATS)
def test_each_article_is_written_before_the_next_is_asked_for(format: str) -> None:
    stream = io.StringIO(newline="")
    written: list[int] = []

    def articles() -> Iterable[Article]:
        for number in range(3):
            written.append(len(stream.getvalue()))
            yield replace(make_article(), document=replace(make_article().document, id=f"n{number}"))

    load_writer(format)(articles(), stream, WriteOptions(many=True))
    assert written[0] < written[1] < written[2] < len(stream.getvalue())


def test_suffixes_name_formats() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)
    assert guess_format("a/b.YML") == "yaml" and guess_format("a.txt") == "table" and guess_format("a.doc") is None


def test_writers_import_what_they_need_only() -> None:
    code = (
        "import sys; from claimx.writers import load_writer; import claimx.writers.yaml, claimx.writers.jsonl, claimx.writers.csv;"
        "print([name for name in ('rich', 'spacy', 'yaml', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# The schema


def test_schema_names_every_key_of_the_record() -> None:
    schema = build_schema()
    record = make_article().to_dict(explain=True)
    claim = schema["$defs"]["claim"]
    assert list(schema["properties"]) == schema["required"] == list(record)
    assert list(schema["properties"]["document"]["properties"]) == list(record["document"])
    assert list(claim["properties"]) == list(record["claims"][0])
    assert [key for key in claim["properties"] if key not in claim["required"]] == ["evidence"]
    assert list(claim["properties"]["spans"]["properties"]) == list(record["claims"][0]["spans"])
    assert list(schema["$defs"]["date"]["properties"]) == list(record["claims"][0]["dates"][0])
    assert list(schema["$defs"]["entity"]["properties"]) == list(record["claims"][3]["entities"][0])


@pytest.mark.parametrize(
    "change",
    [
        {"level": "nobody"},
        {"mode": None},
        {"mode": "loud"},
        {"certainty": None},
        {"id": 0},
        {"line": "3"},
        {"confidence": 1.5},
        {"via": "Ansa"},
        {"parts": [[1, 2, 3]]},
        {"spans": {"claim": [], "source": None, "cue": None}},
        {"dates": [{"text": "oggi", "span": [0, 1], "start": "oggi", "end": None}]},
        {"entities": [{"text": "Roma", "label": "GPE", "span": [0, 1]}]},
        {"level": "author"},  # with a name and a mode
        {"claim": None},
    ],
)
def test_schema_refuses(change: dict[str, Any]) -> None:
    validator = Draft202012Validator(build_schema())
    record = make_article().to_dict()
    assert validator.is_valid(record)
    record["claims"][0].update(change)
    assert not validator.is_valid(record)


@pytest.mark.parametrize("key", ["claimx", "document", "model", "claims"])
def test_schema_wants_every_key(key: str) -> None:
    record = make_article().to_dict()
    del record[key]
    assert not Draft202012Validator(build_schema()).is_valid(record)


def test_schema_allows_keys_to_come() -> None:
    record = make_article().to_dict()
    record["claims"][0]["story"] = 7
    assert Draft202012Validator(build_schema()).is_valid(record)
