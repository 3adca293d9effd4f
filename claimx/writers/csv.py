"""CSV: one row a claim, a view for spreadsheets and data frames.

Lists are joined by "; ", stretches read `812..905` (a spreadsheet would take `8-12` for a day). A cell that a spreadsheet
could run as a formula (= + - @ first) begins with an apostrophe. Control characters are shown as signs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from claimx.model import Article, Claim, DateMention, Span
from claimx.visible import show_controls
from claimx.writers import WriteOptions

COLUMNS = (
    "document", "path", "title", "date",
    "id", "who", "level", "claim", "cue", "source", "role", "mode", "certainty", "via", "to", "within",
    "parts", "dates", "entities", "confidence", "line", "claim_span", "source_span", "cue_span",
)  # fmt: skip

# What spreadsheets read as the start of a formula, full-width signs too; white space before one does not save it.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")

Cell = str | int | float | None


def write(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes a head and the rows; `stream` must not translate line ends (`newline=""`)."""
    if options.excel:
        stream.write("\ufeff")  # without it Excel takes UTF-8 for the system's own encoding
    _make_writer(stream, options).writerow((*COLUMNS, "evidence") if options.explain else COLUMNS)
    write_rows(articles, stream, options)


def write_rows(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes the rows alone, without a head."""
    rows = _make_writer(stream, options)
    for article in articles:
        for claim in article.claims:
            cells = [*_document_cells(article), *_claim_cells(claim)]
            if options.explain:
                cells.append("; ".join(claim.evidence))
            rows.writerow([_harmless(cell, decimal_comma=options.excel) for cell in cells])
        stream.flush()


def _make_writer(stream: TextIO, options: WriteOptions) -> Any:
    return csv.writer(stream, delimiter=";" if options.excel else ",", lineterminator="\r\n")


def _document_cells(article: Article) -> Iterator[Cell]:
    document = article.document
    yield from (document.id, document.path, document.title, document.date)


def _claim_cells(claim: Claim) -> Iterator[Cell]:
    spans = claim.spans
    yield from (claim.id, claim.who, claim.level.value, claim.claim, claim.cue, claim.source, claim.role)
    yield from (claim.mode.value if claim.mode else None, claim.certainty.value)
    yield from ("; ".join(claim.via), claim.to, claim.within)
    yield _stretches(claim.parts)
    yield "; ".join(_period(date) for date in claim.dates)
    yield "; ".join(entity.text for entity in claim.entities)
    yield from (claim.confidence, claim.line)
    yield _stretches(spans.claim)
    yield _stretches((spans.source,) if spans.source else ())
    yield _stretches((spans.cue,) if spans.cue else ())


def _stretches(spans: Iterable[Span]) -> str:
    return "; ".join(f"{start}..{end}" for start, end in spans)


def _period(date: DateMention) -> str:
    return f"{date.start}/{date.end}" if date.end else date.start


def _harmless(cell: Cell, *, decimal_comma: bool) -> Cell:
    if isinstance(cell, float) and decimal_comma:
        return str(cell).replace(".", ",")
    if not isinstance(cell, str):
        return cell
    text = show_controls(cell)
    return "'" + text if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
