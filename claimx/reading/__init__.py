"""Reading: a file, bytes, standard input or a text to a `Source`: the article's text with its title, date and blocks.

Plain text is taken as decoded, character for character; of Markdown and HTML the text is the article without markup.
*Il porto riapre* over a blank line and *Roma, 12 marzo 2024 - «Abbiamo firmato», dice la segretaria.* is a title and a
paragraph of 2024-03-12.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import sys
from pathlib import Path, PurePath

from claimx.draft import Block
from claimx.errors import ReadError
from claimx.reading.dates import find_date, match_dateline, parse_date
from claimx.reading.encodings import decode
from claimx.reading.language import check_italian
from claimx.reading.source import Page, Source
from claimx.text import find_blocks, visible_span
from claimx.visible import show_path

__all__ = ["FORMATS", "Source", "from_text", "parse_date", "read_bytes", "read_file"]

FORMATS = ("text", "markdown", "html")
_SUFFIXES = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdwn"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".shtml"), "html"),
    **dict.fromkeys((".txt", ".text"), "text"),
}
_MARKDOWN = re.compile(r"\s*# \S|---[ \t]*\r?\n[A-Za-z_]+:[^\n]*\n(?:.*\n)*?---[ \t]*\r?\n")
_STDIN = "-"


def read_file(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    encoding: str | None = None,
    date: str | datetime.date | None = None,
    id: str | None = None,
) -> Source:
    """The article in a file, or on standard input where `path` is "-"; see `read_bytes`.

    Raises ReadError, in one line, where there is no such file, it is a folder, or it is not to be read.
    """
    given = os.fspath(path)
    name = show_path(given)
    try:
        data = sys.stdin.buffer.read() if given == _STDIN else Path(given).read_bytes()
    except FileNotFoundError as error:
        raise ReadError(f"{name} does not exist; check the name") from error
    except (OSError, ValueError) as error:
        if given != _STDIN and _is_folder(given):
            raise ReadError(f"{name} is a folder; give the files in it") from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no such input"
        raise ReadError(f"{name} cannot be read: {why}") from error
    return read_bytes(data, path=given, format=format, encoding=encoding, date=date, id=id)


def read_bytes(
    data: bytes,
    *,
    path: str | os.PathLike[str] = _STDIN,
    format: str | None = None,
    encoding: str | None = None,
    date: str | datetime.date | None = None,
    id: str | None = None,
) -> Source:
    """The article in the bytes of a file.

    `path` names it, and with its content tells the format unless `format` does: text, markdown or html. `encoding` is
    found from the bytes unless given; `date` (ISO or Italian) goes before the metadata's and the dateline's.
    Raises ReadError where the bytes are empty, no text, in another encoding, or hold no article.
    """
    given = os.fspath(path)
    name = show_path(given)
    day = parse_date(date) if date is not None else None
    if format is not None and format not in FORMATS:
        raise ReadError(f"there is no format {format!r}; it is one of {', '.join(FORMATS)}")
    if not data:
        raise ReadError(f"{name} is empty")
    from claimx.reading.html import find_declared_encoding, is_html, read_html

    text, warnings = decode(data, name, encoding=encoding, declared=find_declared_encoding(data))
    if visible_span(text, 0, len(text)) is None:
        raise ReadError(f"{name} is empty")
    suffix = PurePath(given).suffix.lower()
    kind = format or ("html" if is_html(text) else _SUFFIXES.get(suffix) or _guess(text))
    if kind == "html":
        page = read_html(text, name)
    elif kind == "markdown":
        from claimx.reading.markdown import read_markdown

        page = read_markdown(text)
    else:
        page = _read_text(text)
    if not page.blocks:
        raise ReadError(f"{name} is empty but for its markup")
    return _make_source(page, given, id, day, hashlib.sha256(data).hexdigest(), warnings)


def from_text(
    text: str, *, date: str | datetime.date | None = None, id: str | None = None, path: str = _STDIN
) -> Source:
    """The article in a text, taken as plain text; an empty one has no blocks. A lone surrogate is read as \ufffd."""
    day = parse_date(date) if date is not None else None
    data = text.encode("utf-8", "surrogatepass")
    text = text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)
    return _make_source(_read_text(text), path, id or "text", day, hashlib.sha256(data).hexdigest(), [])


def _read_text(text: str) -> Page:
    blocks = find_blocks(text)
    if len(blocks) > 1 and match_dateline(text[blocks[0].start : blocks[0].end], whole=True):
        # *19 novembre 2025* over everything is no title; the next line may be one.
        blocks = [Block(blocks[0].start, blocks[0].end, "heading"), *find_blocks(text, start=blocks[0].end)]
    return Page(text, tuple(blocks))


def _make_source(page: Page, path: str, id: str | None, day: str | None, sha256: str, warnings: list[str]) -> Source:
    title = next((block for block in page.blocks if block.kind == "title"), None)
    language = check_italian(page.text) if page.blocks else None
    day = day or _read_metadata_date(page) or find_date(page.text, page.blocks)
    return Source(
        text=page.text,
        id=id or ("stdin" if path == _STDIN else PurePath(_clean(path)).stem),
        path=_clean(path),
        title=" ".join(page.text[title.start : title.end].split()) if title else None,
        title_span=(title.start, title.end) if title else None,
        date=day,
        blocks=page.blocks,
        sha256=sha256,
        warnings=(*warnings, *page.warnings, *([language] if language else [])),
    )


def _read_metadata_date(page: Page) -> str | None:
    if not page.date:
        return None
    try:
        return parse_date(page.date)
    except ReadError:  # a front matter's "domani", say: the dateline may know better
        return None


def _guess(text: str) -> str:
    """The format of a text whose path does not tell: Markdown by its first heading or front matter."""
    return "markdown" if _MARKDOWN.match(text[:4000]) else "text"


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _clean(path: str) -> str:
    """The path as it can be written in UTF-8; bytes of a name that are not are shown as \ufffd."""
    return re.sub("[\ud800-\udfff]", "\ufffd", path)
