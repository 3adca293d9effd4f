"""JSON: one object for one article, an array where several were asked for; a key a line, short values on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from claimx.model import Article
from claimx.visible import UNSAFE
from claimx.writers import WriteOptions

_encode = json.JSONEncoder(ensure_ascii=False).encode  # once: json.dumps makes a new encoder for each value


def write(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes the records; with `options.many` an array, however many come."""
    opening = "[\n" if options.many else ""
    for article in articles:
        stream.write(opening + dump_pretty(article.to_dict(explain=options.explain)))
        stream.flush()
        opening = ",\n"
    if options.many:
        stream.write("[]\n" if opening == "[\n" else "\n]\n")
    elif opening == ",\n":
        stream.write("\n")


def dump_line(value: Any) -> str:
    """`value` on one line, accents and emoji as they are, control characters and bidi overrides escaped."""
    return UNSAFE.sub(_escape, _encode(value))


def dump_pretty(record: Mapping[str, Any], indent: str = "") -> str:
    """A record with a key a line; only `document` and the claims open further."""
    inner = indent + "  "
    lines = [f'{inner}"{key}": {_value(key, value, inner)}' for key, value in record.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _value(key: str, value: Any, indent: str) -> str:
    if key == "document":
        return dump_pretty(value, indent)
    if key == "claims" and value:
        inner = indent + "  "
        return "[\n" + ",\n".join(inner + dump_pretty(claim, inner) for claim in value) + f"\n{indent}]"
    return dump_line(value)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
