"""Markdown to text: headings, paragraphs and list items without their marks; title and date from the front matter.

*# Il porto riapre* is the title *Il porto riapre*, *[la prefettura](https://...)* is *la prefettura*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from claimx.lexicon.reading import load_reading
from claimx.reading.markup import BREAK, PageBuilder
from claimx.reading.source import Page

FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<fields>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_BR = re.compile(r"<br\b", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]*>", re.DOTALL)


def read_markdown(text: str) -> Page:
    """The page that the Markdown source `text` shows."""
    fields: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    front = FRONT_MATTER.match(text)
    if front:
        text = text[front.end() :]
        try:
            fields = _read_fields(front["fields"])
        except (yaml.YAMLError, RecursionError):
            warnings = ("its front matter is not YAML; title and date are not taken from it",)
    builder = PageBuilder()
    first = _add_tokens(builder, _parser().parse(text))
    words = load_reading()
    title = next((fields[key] for key in words.title_keys if fields.get(key)), None)
    builder.set_title(title or first)
    plain, blocks = builder.build()
    date = next((fields[key] for key in words.date_keys if fields.get(key)), None)
    return Page(plain, blocks, date, warnings)


def _parser() -> MarkdownIt:
    # An indented line is a paragraph to a journalist, not code.
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")


def _read_fields(source: str) -> dict[str, str]:
    """The plain fields, as strings, their keys in lower case."""
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # strings only: a date stays as it was typed
    fields = yaml.load(source, Loader=loader)
    if not isinstance(fields, dict):
        return {}
    return {key.lower(): value for key, value in fields.items() if isinstance(key, str) and isinstance(value, str)}


def _add_tokens(builder: PageBuilder, tokens: Sequence[Token]) -> str | None:
    """Add each block; gives the first heading of the first level."""
    first: str | None = None
    heading: str | None = None
    in_item = False  # at the first paragraph of a list item
    cells: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            heading = token.tag
        elif token.type == "list_item_open":
            in_item = True
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            builder.add_row(cells)
        elif token.type in ("th_open", "td_open"):
            heading = "cell"
        elif token.type == "inline":
            shown = _show(token.children or ())
            if heading == "cell":
                cells.append(shown)
            elif heading:
                first = first or (shown if heading == "h1" else None)
                builder.add(shown, "heading")
            else:
                builder.add(shown, "item" if in_item else "paragraph")
                in_item = False
            heading = None
        elif token.type == "fence":
            builder.add(token.content.replace("\n", BREAK))
        elif token.type == "html_block":
            builder.add(_TAG.sub(" ", token.content))
    return first


def _show(tokens: Sequence[Token]) -> str:
    """The characters that inline marks leave; an image shows none."""
    shown: list[str] = []
    for token in tokens:
        if token.type in ("text", "text_special", "code_inline"):
            shown.append(token.content)
        elif token.type == "softbreak":
            shown.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and _BR.match(token.content)):
            shown.append(BREAK)
    return "".join(shown)
