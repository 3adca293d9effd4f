"""A `.parquet` file, a row a claim, for pandas, polars, DuckDB (the extra `claimx[parquet]`).

Columns are those of the CSV, but lists stay lists: `dates` a list of {text, span, first, last}, spans [start, end) pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from claimx.batch.outputs import KeptOutput
from claimx.errors import WriteError

ROWS = 10_000  # of a row group: what is in memory at a time


class ParquetOutput(KeptOutput):
    """A `.parquet` file."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow.parquet  # noqa: F401 - better now than after the work
        except ImportError as error:
            raise WriteError("a .parquet file needs pyarrow: pip install 'claimx[parquet]', or write .jsonl") from error
        super().__init__(path, "jsonl")

    def _write(self, stream: IO[bytes]) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        schema = _schema(pyarrow)
        with ParquetWriter(stream, schema, compression="zstd") as writer:
            rows: list[dict[str, Any]] = []
            for row in self._claims():
                rows.append(row)
                if len(rows) >= ROWS:
                    writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                    rows.clear()
            if rows:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))

    def _claims(self) -> Iterator[dict[str, Any]]:
        for line in self._records():
            record = json.loads(line)
            document = record["document"]
            first = {
                "document": document["id"],
                **{name: document[name] for name in ("path", "title", "date", "sha256")},
            }
            for claim in record["claims"]:
                spans = claim.pop("spans")
                for date in claim["dates"]:
                    date["first"], date["last"] = date.pop("start"), date.pop("end")
                yield {**first, **claim, **{f"{name}_span": spans[name] for name in ("claim", "source", "cue")}}


def _schema(pa: Any) -> Any:
    text, number = pa.string(), pa.int64()
    span, spans = pa.list_(number), pa.list_(pa.list_(number))
    columns = dict.fromkeys(("document", "path", "title", "date", "sha256"), text)
    columns["id"] = number
    columns |= dict.fromkeys(("who", "level", "claim", "cue", "source", "role", "mode", "certainty"), text)
    columns |= {"via": pa.list_(text), "to": text, "within": number, "parts": spans}
    columns["dates"] = pa.list_(pa.struct({"text": text, "span": span, "first": text, "last": text}))
    columns["entities"] = pa.list_(pa.struct({"text": text, "label": text, "span": span}))
    columns |= {"confidence": pa.float64(), "line": number}
    columns |= {"claim_span": spans, "source_span": span, "cue_span": span}
    return pa.schema(list(columns.items()))
