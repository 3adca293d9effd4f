"""Characters that would act on a terminal or hide what they do, made visible or escaped.

An article may hold ESC sequences that recolour or rename the reader's terminal, and bidirectional overrides that show
its words in another order: where people look (table, CSV, messages) they become signs, in JSON and YAML escapes.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

# Embeddings, overrides and isolates; the plain marks U+200E and U+200F only say which way a neighbour goes.
BIDI = "\u202a-\u202e\u2066-\u2069"

# What a writer of quoted strings escapes: C0 (but not line feed and tab), DEL, C1 with NEL, line and paragraph
# separators, bidi controls, BOM, halves of surrogate pairs (from file names that are not UTF-8), noncharacters.
UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{BIDI}\ufeff\ud800-\udfff\ufffe\uffff]")

_SIGNS = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t\r"},
    0x7F: "\u2421",
    0x2028: "\n",
    0x2029: "\n",
    0xFEFF: "",
}


def show_controls(text: str) -> str:
    """`text` with each control character as a visible sign: ESC as ␛, overrides as �; line feeds and tabs stay."""
    return UNSAFE.sub(_sign, text)


def show_line(text: str) -> str:
    """`text` on one line, with runs of white space as one space and control characters visible."""
    return " ".join(show_controls(text).split())


def show_path(path: str) -> str:
    """The name of a file, or of standard input ("-"), as messages show it: in one line, and never invisible."""
    if path == "-":
        return "standard input"
    return "".join(char if char.isprintable() else REPLACEMENT for char in path) or "''"


def _sign(match: re.Match[str]) -> str:
    if match[0] == "\r":  # of CRLF: the line feed says it all
        return "" if match.string[match.end() : match.end() + 1] == "\n" else "\n"
    return _SIGNS.get(ord(match[0]), REPLACEMENT)
