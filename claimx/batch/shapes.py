"""A record in the shape that an output keeps: the bytes of one file, a line, rows of a table. Made by the workers.

For one article with two claims, `jsonl` is one line, `csv` two lines without a heading, `rows` a row of `articles` and two of
`claims`; `file:yaml` is what `claimx extract -f yaml` prints.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from claimx.model import Article, Claim
from claimx.writers import WriteOptions, load_writer


@dataclass(frozen=True, slots=True)
class Rows:
    """An article as rows of the SQLite tables, without the ids that the output gives."""

    article: tuple[Any, ...]
    claims: tuple[tuple[Any, ...], ...]


Payload = bytes | Rows | None


def shape_record(article: Article, shape: str, *, explain: bool = False) -> bytes | Rows:
    """The article as `shape`: rows | jsonl | csv | csv;excel | file:FORMAT | file:csv;excel."""
    if shape == "rows":
        return _rows(article)
    whole = shape.startswith("file:")
    format, _, excel = shape.removeprefix("file:").partition(";")
    options = WriteOptions(explain=explain, excel=bool(excel))
    text = _write(format, [article], options)
    if format == "csv" and not whole:
        text = text[len(_write(format, [], options)) :]
    return text.encode("utf-8")


def csv_heading(shape: str, *, explain: bool = False) -> bytes:
    """What stands before the rows of shape `csv` in a file."""
    return _write("csv", [], WriteOptions(explain=explain, excel=shape.endswith(";excel"))).encode("utf-8")


def _write(format: str, articles: list[Article], options: WriteOptions) -> str:
    stream = io.StringIO(newline="")
    load_writer(format)(articles, stream, options)
    return stream.getvalue()


def _rows(article: Article) -> Rows:
    document, model = article.document, article.model
    return Rows(
        (document.id, document.path, document.title, document.date, document.language, document.characters)
        + (document.sha256, model.name, model.version, article.text),
        tuple(_claim_row(claim) for claim in article.claims),
    )


def _claim_row(claim: Claim) -> tuple[Any, ...]:
    record = claim.to_dict()
    plain = ("id", "who", "level", "claim", "cue", "source", "role", "mode", "certainty", "to", "within", "confidence")
    lists = ("line", "via", "parts", "dates", "entities", "spans")
    return (
        *(record[name] for name in plain),
        *(value if isinstance(value := record[name], int) else _json(value) for name in lists),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
