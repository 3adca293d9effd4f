"""Where the records go: a folder of files, one file of lines or rows, or a SQLite database.

Each output says in which shape it takes a record, puts it away so that the ledger's note and the record cannot come apart,
and at the end makes what the user sees. A single file is written anew from the kept records, in the order of the inputs,
beside its place, and moved there when whole: who looks sees the last complete one, or none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Protocol

from claimx.batch.names import shown
from claimx.batch.shapes import Payload, Rows, csv_heading
from claimx.batch.state import Ledger, Row
from claimx.errors import WriteError

STATE_SUFFIX = ".state"  # of the ledger beside a single file
STATE_FOLDER = ".claimx"  # of the ledger in a folder
SYNCS = 16  # files made safe at a time: the disk does many in the time of one
MOST_PENDING = 1_000  # files written and not yet in their places


class ChoiceError(WriteError):
    """An output and options that do not go together: nothing to do with the disk."""


class Output(Protocol):
    """What a batch writes to."""

    shape: str
    state: Path  # the ledger's file
    named: bool  # whether each article needs a name of its own

    def attach(self, ledger: Ledger) -> None:
        """Use this ledger, whose transaction is open."""
        ...

    def has(self, row: Row) -> bool:
        """Whether the record that the ledger speaks of is there."""
        ...

    def put(self, row: Row, payload: Payload) -> tuple[str | None, int]:
        """Put a record in the place of any earlier one; the file that holds it, if it has one, and its length."""
        ...

    def drop(self, row: Row) -> None:
        """Remove an article's record, if there is one."""
        ...

    def finish(self) -> None:
        """All records are there: make what the user sees."""
        ...


class FolderOutput:
    """One file an article, in folders like those of the inputs.

    Files are written beside, and made safe and moved to their places together, just before the ledger's transaction: one
    by one, a disk that takes 5 ms to be sure would be slower than the parser.
    """

    named = True

    def __init__(self, folder: Path, format: str, *, excel: bool = False) -> None:
        self.shape = f"file:{format};excel" if excel and format == "csv" else f"file:{format}"
        self._folder = folder
        self._suffix = "." + format
        self._temporary = folder / STATE_FOLDER / "tmp"
        self._pending: list[tuple[Path, Path, str | None]] = []  # where it is, where it goes, the file that it replaces
        self.state = folder / STATE_FOLDER / "ledger.sqlite"
        with _writing(folder):
            if folder.exists() and not folder.is_dir():
                raise WriteError(f"{shown(str(folder))} is a file; give a folder, or a name with a suffix of a format")
            self.state.parent.mkdir(parents=True, exist_ok=True)

    def attach(self, ledger: Ledger) -> None:
        """Clear away what a killed run was writing, and see to it that each transaction finds its files safe."""
        with _writing(self._temporary):
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary.mkdir(exist_ok=True)
        ledger.before_commit = self._settle

    def has(self, row: Row) -> bool:
        """Whether the file is there, as long as it was, under the name that this format gives it."""
        if row.written is None or row.written != self._name(row):
            return False
        try:
            return os.stat(self._folder / row.written).st_size == row.bytes
        except OSError:
            return False

    def put(self, row: Row, payload: Payload) -> tuple[str | None, int]:
        """Write the file, to be moved to its place before the next transaction."""
        assert isinstance(payload, bytes)
        name = self._name(row)
        temporary = self._temporary / str(row.id)
        with _writing(self._folder / name):
            temporary.write_bytes(payload)
        self._pending.append((temporary, self._folder / name, row.written if row.written != name else None))
        if len(self._pending) >= MOST_PENDING:
            self._settle()
        return name, len(payload)

    def drop(self, row: Row) -> None:
        """Remove the file."""
        if row.written is not None:
            with _writing(self._folder / row.written):
                (self._folder / row.written).unlink(missing_ok=True)

    def finish(self) -> None:
        """Remove the empty folder of temporary files."""
        with contextlib.suppress(OSError):
            self._temporary.rmdir()

    def _settle(self) -> None:
        if self._pending:
            with _writing(self._temporary), ThreadPoolExecutor(SYNCS) as threads:
                list(threads.map(_make_safe, [temporary for temporary, _, _ in self._pending]))
        for temporary, target, replaced in self._pending:
            with _writing(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary, target)
                if replaced is not None:
                    (self._folder / replaced).unlink(missing_ok=True)
        self._pending.clear()

    def _name(self, row: Row) -> str:
        return f"{row.name}{self._suffix}"


class KeptOutput:
    """Records kept beside the ledger, compressed; base of the single files that are written from them at the end."""

    named = False

    def __init__(self, path: Path, shape: str) -> None:
        self.shape = shape
        self._path = path
        self.state = path.with_name(path.name + STATE_SUFFIX)
        check_target(path)

    def attach(self, ledger: Ledger) -> None:
        """Make the table of records; those of another shape (an earlier OUT of this name) are of no use."""
        self._ledger = ledger
        self._db = ledger.db
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS records (item INTEGER PRIMARY KEY, record BLOB NOT NULL, shape TEXT NOT NULL)"
        )

    def has(self, row: Row) -> bool:
        """Whether a record of this shape is kept."""
        found = self._db.execute("SELECT 1 FROM records WHERE item = ? AND shape = ?", (row.id, self.shape))
        return found.fetchone() is not None

    def put(self, row: Row, payload: Payload) -> tuple[str | None, int]:
        """Keep the record."""
        assert isinstance(payload, bytes)
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (row.id, zlib.compress(payload, 1), self.shape)
        )
        return None, len(payload)

    def drop(self, row: Row) -> None:
        """Drop the record."""
        self._db.execute("DELETE FROM records WHERE item = ?", (row.id,))

    def finish(self) -> None:
        """Write the file from the records, in order."""
        with _writing(self._path), whole_file(self._path) as stream:
            self._write(stream)

    def _write(self, stream: IO[bytes]) -> None:
        for record in self._records():
            stream.write(record)

    def _records(self) -> Iterator[bytes]:
        for row in self._ledger.ordered():
            found = self._db.execute("SELECT record FROM records WHERE item = ? AND shape = ?", (row.id, self.shape))
            if (record := found.fetchone()) is not None:  # one that has gone may be of another shape
                yield zlib.decompress(record[0])


class LinesOutput(KeptOutput):
    """A `.jsonl` file: a record a line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "jsonl")


class RowsOutput(KeptOutput):
    """A `.csv` file: a row a claim, under one heading."""

    def __init__(self, path: Path, *, excel: bool, explain: bool) -> None:
        super().__init__(path, "csv;excel" if excel else "csv")
        self._explain = explain

    def _write(self, stream: IO[bytes]) -> None:
        stream.write(csv_heading(self.shape, explain=self._explain))
        super()._write(stream)


class DatabaseOutput:
    """A SQLite database with tables of articles, claims and sources, and full-text search over claims."""

    shape = "rows"
    named = False

    def __init__(self, path: Path) -> None:
        self.state = path
        check_target(path)

    def attach(self, ledger: Ledger) -> None:
        """Make the tables."""
        self._db = ledger.db
        for statement in _DATABASE.split(";\n"):
            self._db.execute(statement)

    def has(self, row: Row) -> bool:
        """Whether the article is in the table."""
        return self._db.execute("SELECT 1 FROM articles WHERE id = ?", (row.id,)).fetchone() is not None

    def put(self, row: Row, payload: Payload) -> tuple[str | None, int]:
        """Enter the article and its claims, in the ledger's transaction."""
        assert isinstance(payload, Rows)
        self.drop(row)
        self._db.execute(f"INSERT INTO articles VALUES (?{', ?' * len(payload.article)})", (row.id, *payload.article))
        if payload.claims:
            marks = f"(?, ?{', ?' * len(payload.claims[0])})"
            self._db.executemany(
                f"INSERT INTO claims VALUES {marks}",
                ((row.id * MOST_CLAIMS + c[0], row.id, *c) for c in payload.claims),
            )
        return None, 0

    def drop(self, row: Row) -> None:
        """Remove the article and its claims."""
        self._db.execute("DELETE FROM claims WHERE article = ?", (row.id,))
        self._db.execute("DELETE FROM articles WHERE id = ?", (row.id,))

    def finish(self) -> None:
        """Nothing is left to do."""


MOST_CLAIMS = 10_000_000  # in one article: a claim's key holds article and number, whichever worker was first
_DATABASE = """
CREATE TABLE IF NOT EXISTS articles (
  id INTEGER PRIMARY KEY, name TEXT, path TEXT, title TEXT, date TEXT, language TEXT, characters INTEGER, sha256 TEXT,
  model TEXT, model_version TEXT, text TEXT
);
CREATE TABLE IF NOT EXISTS claims (
  key INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles (id), id INTEGER NOT NULL,
  who TEXT, level TEXT NOT NULL, claim TEXT NOT NULL, cue TEXT, source TEXT, role TEXT, mode TEXT, certainty TEXT NOT NULL,
  "to" TEXT, within INTEGER, confidence REAL, line INTEGER,
  via TEXT, parts TEXT, dates TEXT, entities TEXT, spans TEXT
);
CREATE INDEX IF NOT EXISTS claims_article ON claims (article);
CREATE INDEX IF NOT EXISTS claims_who ON claims (who);
CREATE INDEX IF NOT EXISTS claims_level ON claims (level);
CREATE VIRTUAL TABLE IF NOT EXISTS claims_fts USING fts5 (
  claim, who, content = 'claims', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER IF NOT EXISTS claims_added AFTER INSERT ON claims BEGIN
  INSERT INTO claims_fts (rowid, claim, who) VALUES (new.key, new.claim, new.who); END;
CREATE TRIGGER IF NOT EXISTS claims_removed AFTER DELETE ON claims BEGIN
  INSERT INTO claims_fts (claims_fts, rowid, claim, who) VALUES ('delete', old.key, old.claim, old.who); END
"""


def open_output(out: str, format: str | None, *, excel: bool = False, explain: bool = False) -> Output:
    """The output that `out` names by its suffix; without one of a single file's it is a folder of `format` files."""
    path = Path(out)
    suffix = path.suffix.lower()
    single = suffix in SINGLE_FILES and not path.is_dir()
    if single and format is not None and format != suffix[1:]:
        raise ChoiceError(f"-f {format} and the suffix of {shown(out)} are at odds; leave -f out, or name a folder")
    if excel and "csv" not in (format, suffix[1:]):
        raise ChoiceError("--excel is for CSV; name a .csv file, or a folder with -f csv")
    if not single:
        return FolderOutput(path, format or "yaml", excel=excel)
    if suffix == ".jsonl":
        return LinesOutput(path)
    if suffix == ".csv":
        return RowsOutput(path, excel=excel, explain=explain)
    if suffix == ".parquet":
        from claimx.batch.parquet import ParquetOutput

        return ParquetOutput(path)
    return DatabaseOutput(path)


SINGLE_FILES = frozenset({".jsonl", ".csv", ".parquet", ".sqlite", ".sqlite3", ".db"})


def check_target(path: Path) -> None:
    """Raise WriteError now where a file cannot be written at the end."""
    name = shown(str(path))
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise WriteError(f"{name} cannot be written: permission denied; give another output")


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A stream whose content is at `target` when the block ends, safe on disk, or not at all."""
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _make_safe(path: Path) -> None:
    with open(path, "r+b") as stream:
        os.fsync(stream.fileno())


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(
            f"{shown(str(path))} cannot be written: {error.strerror or error}; give another output"
        ) from error


def disk_error(error: sqlite3.Error, path: Path) -> WriteError:
    """What SQLite says, as one of claimx's errors."""
    return WriteError(
        f"{shown(str(path))} cannot be written: {error}; what was done is kept: make room and run it again"
    )
