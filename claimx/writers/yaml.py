"""YAML: the record as in the schema, one document an article, `---` before each where several were asked for.

PyYAML's own dumpers escape emoji (pyyaml#771) and take longer than the parser needs for the article; the record's shape
is known, so a small writer does it. `yaml.safe_load` gives back the record, equal in every string: *no*, *1e3* and
*2025-11-19* are quoted. Long texts are folded: `>-` and lines of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from claimx.model import Article
from claimx.visible import UNSAFE
from claimx.writers import WriteOptions

WIDTH = 100

# Plain, unquoted strings: begin with a letter, an Italian quotation mark, or a number with a word after it ...
_PLAIN = re.compile(r"(?:[^\W\d_]|[«“”(]|\d+ [^\W\d_]{2})")
# ... hold nothing that YAML reads as a key, a comment, a line break or (in brackets) a mark of its own ...
_MARKS = re.compile(r":(?=\s|$)|\s#|[\n\t]|^\s|\s$")
_FLOW_MARKS = re.compile(r"[\[\]{},:?]")
# ... and are no word that YAML 1.1 or 1.2 reads as something else than a string.
_WORDS = frozenset({"y", "yes", "n", "no", "on", "off", "true", "false", "null"})

_GAP = re.compile(r"(?<=\S) (?=\S)")  # where a line may be folded
_UNFOLDABLE = re.compile(r"^\s|\s$|[^\S\n]\n|\n[^\S\n]|\t")  # folding would lose white space here
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = re.compile(f'["\\\\\n\t]|{UNSAFE.pattern}')


def write(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes each record as a YAML document."""
    for article in articles:
        text = dump_record(article.to_dict(explain=options.explain))
        stream.write("---\n" + text if options.many else text)
        stream.flush()


def dump_record(record: Mapping[str, Any]) -> str:
    """A record (`Article.to_dict`) as a YAML document."""
    return "\n".join(_lines(record, "")) + "\n"


def _lines(mapping: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        if key == "document":
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        elif key == "claims" and value:
            yield f"{indent}{key}:"
            for claim in value:
                first, *rest = _lines(claim, indent + "  ")
                yield f"{indent}- {first[len(indent) + 2 :]}"
                yield from rest
        elif key in ("dates", "entities", "evidence") and value:
            yield f"{indent}{key}:"
            yield from (
                f"{indent}- {_text(item, indent + '  ') if key == 'evidence' else dump_value(item)}" for item in value
            )
        elif isinstance(value, str):
            yield f"{indent}{key}: {_text(value, indent + '  ', taken=len(key) + 2)}"
        else:
            yield f"{indent}{key}: {dump_value(value)}"


def dump_value(value: Any) -> str:
    """`value` on one line, in YAML's flow style."""
    if isinstance(value, str):
        plain = _is_plain(value) and not _FLOW_MARKS.search(value)
        return value if plain else _quote(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {dump_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump_value, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        digits = repr(value)
        return digits if "." in digits else digits.replace("e", ".0e")  # YAML 1.1 reads 1e-05 as a string
    return str(value)


def _text(text: str, indent: str, *, taken: int = 2) -> str:
    """`text` after a key: as it is, quoted, or folded over lines that begin with `indent`."""
    room = WIDTH - len(indent)
    if len(text) + taken <= room + 2 and "\n" not in text:
        return text if _is_plain(text) else _quote(text)
    if UNSAFE.search(text) or _UNFOLDABLE.search(text):
        return f"\n{indent}".join(_wrap(_quote_escaped(text), room))
    # In a folded text a line feed is an empty line.
    lines = [line for paragraph in text.split("\n") for line in (*(_wrap(paragraph, room) if paragraph else ()), "")][
        :-1
    ]
    return ">-\n" + "\n".join(indent + line if line else "" for line in lines)


def _is_plain(text: str) -> bool:
    return bool(
        _PLAIN.match(text) and not _MARKS.search(text) and not UNSAFE.search(text) and text.lower() not in _WORDS
    )


def _quote(text: str) -> str:
    if "'" in text or _ESCAPED.search(text.replace('"', "").replace("\\", "")):
        return _quote_escaped(text)
    return f"'{text}'"


def _quote_escaped(text: str) -> str:
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _wrap(text: str, room: int) -> Iterator[str]:
    """Lines of at most `room` characters where words allow, which joined by single spaces are `text`."""
    line = ""
    for word in _GAP.split(text):
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
