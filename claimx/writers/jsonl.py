"""JSONL: one record a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from claimx.model import Article
from claimx.writers import WriteOptions
from claimx.writers.json import dump_line


def write(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes each record as one line."""
    for article in articles:
        stream.write(dump_line(article.to_dict(explain=options.explain)) + "\n")
        stream.flush()
