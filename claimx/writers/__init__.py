"""The output formats: a registry of writers, one module each, imported when first used.

A writer is a function `write(articles, stream, options)` that writes each record as soon as its article comes, so that
many articles need no more memory than one. JSON, JSONL and YAML hold the whole record; CSV and the table are views.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TextIO, cast

from claimx.model import Article


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How to write; each format heeds what concerns it."""

    many: bool = False  # several articles were asked for: a JSON array, YAML documents with markers
    explain: bool = False  # add why each claim was found
    excel: bool = False  # CSV for a spreadsheet where the comma is decimal: BOM, semicolons
    lang: str = "en"  # of the table's labels: it | en
    width: int = 100  # of the table, in columns


Writer = Callable[[Iterable[Article], TextIO, WriteOptions], None]

FORMATS = {
    "yaml": "claimx.writers.yaml",
    "json": "claimx.writers.json",
    "jsonl": "claimx.writers.jsonl",
    "table": "claimx.writers.table",
    "csv": "claimx.writers.csv",
}
SUFFIXES = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".txt": "table",
}


def load_writer(name: str) -> Writer:
    """The writer of the format `name`, a key of FORMATS."""
    return cast(Writer, importlib.import_module(FORMATS[name]).write)


def guess_format(path: str) -> str | None:
    """The format that the suffix of `path` stands for, or None."""
    return SUFFIXES.get(os.path.splitext(path)[1].lower())
