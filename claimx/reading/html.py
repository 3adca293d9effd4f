"""HTML to text: the article without menus, advertisements and footers, its title and date, by trafilatura.

Needs the extra `claimx[html]`. *<h1>Il porto riapre</h1><p>«Abbiamo firmato», dice la segretaria.</p>* is a title and a
paragraph.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from claimx.errors import ReadError
from claimx.reading.markup import BREAK, PageBuilder
from claimx.reading.source import Page

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_PROLOGUE = re.compile(r"\s*<\?xml[^>]*>")
_WHOLE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_NESTING = frozenset(("p", "head", "list", "item", "quote", "table", "row", "cell", "code", "ab", "div"))

# The day of publication, not of the last change; no guess from a year in the footer; the same on whatever day it runs.
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2199-12-31"}


def is_html(text: str) -> bool:
    """Whether a text begins as an HTML page does."""
    return _START.match(text) is not None


def find_declared_encoding(data: bytes) -> str | None:
    """The encoding that the page names, or None."""
    match = _DECLARED.search(data[:4096])
    return match[1].decode("ascii") if match else None


def read_html(text: str, name: str) -> Page:
    """The article of a page; raises ReadError where trafilatura is missing or finds none. `name` is for the message."""
    trafilatura = _load_trafilatura(name)
    text = _PROLOGUE.sub("", text, count=1)
    if not _WHOLE.search(text):
        text = f"<html><body>{text}</body></html>"  # lxml gives nothing for a single paragraph
    found = trafilatura.bare_extraction(
        text,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=_DATES,
    )
    builder = PageBuilder()
    if found is not None and found.body is not None:
        _add_children(builder, found.body)
    if not builder:
        raise ReadError(f"{name} holds no article that can be found; save its text and give that")
    builder.set_title(found.title)
    plain, blocks = builder.build()
    return Page(plain, blocks, found.date)


def _load_trafilatura(name: str) -> Any:
    try:
        import trafilatura
    except ImportError as error:
        raise ReadError(f'{name} is HTML, which needs an extra: pip install "claimx[html]" ({error})') from error
    for library in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(library).addHandler(logging.NullHandler())  # else their errors go to stderr
    return trafilatura


def _add_children(builder: PageBuilder, element: Any) -> None:
    """Add the blocks below an element: its own words, and those of inline children, between its block children."""
    loose = [element.text or ""]
    kind = "item" if element.tag == "item" else "paragraph"
    for child in element:
        if child.tag in _NESTING:
            builder.add("".join(loose), kind)
            loose = [child.tail or ""]
            _add_block(builder, child, kind)
        else:
            loose.extend((_show(child), child.tail or ""))
    builder.add("".join(loose), kind)


def _add_block(builder: PageBuilder, element: Any, kind: str) -> None:
    if element.tag == "head":
        builder.add(_show(element), "heading")
    elif element.tag == "row":
        builder.add_row(_show(cell) for cell in element)
    elif element.tag == "p" and not any(child.tag in _NESTING for child in element):
        builder.add(_show(element), kind)
    else:
        _add_children(builder, element)


def _show(element: Any) -> str:
    """The characters below an element; `lb` is a line break, and a picture shows none."""
    if not isinstance(element.tag, str) or element.tag == "graphic":
        return ""
    if element.tag == "lb":
        return BREAK
    parts = [element.text or ""]
    for child in element:
        parts.extend((_show(child), child.tail or ""))
    return "".join(parts)
