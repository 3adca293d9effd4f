"""The ledger: what a batch has been given, what is done, and from what; the reason why it can be stopped at any moment.

One SQLite database, in the output itself where that is one, beside it otherwise. A record and the note that it is made are
one transaction (or, for files of a folder, the note comes after the file is safe on disk), so that a kill or a power cut
leaves each article either done or to do. An article is up to date if its bytes, its path, id and date, and its maker (claimx,
spaCy, pipeline, options) are those its record was made of; time stamps decide nothing.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from claimx.batch.containers import Place
from claimx.batch.inputs import Item, Problem
from claimx.batch.names import below, candidates, common_folder, folded, relative_to, safe_name, shown
from claimx.errors import WriteError

if TYPE_CHECKING:
    from typing_extensions import Self

VERSION = 1  # of the tables below
BIG = 262_144  # bytes from which an article is begun before the others, lest it keep one worker when all else is done
PAGE = 500  # rows read at a time, so that a million articles need no memory
COMMIT_EVERY = 1.0  # seconds: what a kill can cost

Tally = list[tuple[str, str | None, int]]  # level, who, claims

_TABLES = """
CREATE TABLE IF NOT EXISTS _claimx_items (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  seq INTEGER,
  path TEXT NOT NULL,
  tree BLOB NOT NULL,
  file BLOB NOT NULL, member INTEGER, packed INTEGER NOT NULL, start INTEGER, length INTEGER,
  size INTEGER NOT NULL,
  name TEXT, slot TEXT UNIQUE,
  state TEXT NOT NULL DEFAULT 'new',
  digest TEXT, maker TEXT,
  written TEXT, bytes INTEGER,
  kind TEXT, message TEXT,
  claims INTEGER NOT NULL DEFAULT 0, words INTEGER NOT NULL DEFAULT 0, tally BLOB
);
CREATE INDEX IF NOT EXISTS _claimx_order ON _claimx_items ((size >= 262144), seq) WHERE seq IS NOT NULL;
CREATE TABLE IF NOT EXISTS _claimx_problems (seq INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS sources (
  who TEXT NOT NULL, level TEXT NOT NULL, claims INTEGER NOT NULL, articles INTEGER NOT NULL,
  PRIMARY KEY (who, level)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS levels (
  level TEXT PRIMARY KEY, claims INTEGER NOT NULL, articles INTEGER NOT NULL
) WITHOUT ROWID;
"""
_FIELDS = "id, seq, path, file, member, packed, start, length, size, name, state, digest, maker, written, bytes"


@dataclass(frozen=True, slots=True)
class Row:
    """One article of the ledger."""

    id: int
    seq: int
    path: str
    place: Place
    size: int
    name: str | None
    state: str  # new | done | failed
    digest: str | None
    maker: str | None
    written: str | None  # the file of a folder that holds its record
    bytes: int | None  # that file's length

    def is_made_of(self, digest: str, maker: str) -> bool:
        """Whether its record was made of just this, by just this."""
        return self.state == "done" and self.digest == digest and self.maker == maker


@dataclass(frozen=True, slots=True)
class Planned:
    """What the inputs hold: articles, their bytes (about), the ones named twice, inputs that give none."""

    articles: int
    size: int
    repeated: int
    problems: int


class Ledger:
    """The ledger of one output; one batch at a time."""

    def __init__(self, path: Path, *, base: Path) -> None:
        self.path = path
        self._base = os.path.abspath(base)
        self._committed = time.monotonic()
        self.before_commit: Callable[[], None] = _nothing  # what must be safe before the ledger says so
        try:
            self.db = sqlite3.connect(path, isolation_level=None, timeout=0.5)
        except sqlite3.Error as error:
            raise WriteError(f"{shown(str(path))} cannot be opened ({error}); give another output") from error
        try:
            self._prepare()
        except BaseException:
            self.db.close()
            raise

    def _prepare(self) -> None:
        name = shown(str(self.path))
        try:
            # One batch at a time holds the lock, which dies with it; and there is no shared memory file to go wrong on a
            # network disk.
            self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
            (version,) = self.db.execute("PRAGMA user_version").fetchone()
            (tables,) = self.db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            if version != VERSION and (version or tables):
                raise WriteError(
                    f"{name} was not made by this version of claimx batch; remove it, or give another output"
                )
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")  # a power cut may undo the last commits, never half of one
            self.db.execute("PRAGMA cache_size = -1000")  # kilobytes: more is no quicker, and grows with the articles
            self.db.execute("BEGIN IMMEDIATE")
            for statement in _TABLES.split(";"):
                self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {VERSION}")
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise WriteError(f"{name} is in use by another claimx batch; wait for its end") from error
            raise WriteError(f"{name} cannot be written ({error}); give another output") from error
        except sqlite3.DatabaseError as error:
            raise WriteError(
                f"{name} is no database of claimx batch ({error}); remove it, or give another output"
            ) from error

    def __enter__(self) -> Self:
        self.db.execute("BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if self.db.in_transaction:
                # What was interrupted may be half of an article's rows; what was whole is at most a second old.
                if error is None:
                    self.before_commit()
                self.db.execute("ROLLBACK" if error else "COMMIT")
            self.db.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        except sqlite3.Error:
            if error is None:
                raise
        finally:
            self.db.close()

    def commit(self, *, now: bool = True) -> None:
        """Make all so far safe; with `now` false, at most every COMMIT_EVERY seconds."""
        if now or time.monotonic() - self._committed >= COMMIT_EVERY:
            self.before_commit()
            self.db.execute("COMMIT")
            self.db.execute("BEGIN")
            self._committed = time.monotonic()

    # -- What there is to do

    def plan(self, found: Iterable[Item | Problem], *, force: bool = False, named: bool = False) -> Planned:
        """Enter the articles of this run in their order; those of earlier runs that are not among them have "gone".

        `named` gives each a name for its output. With `force` all are to be done anew, now or when the run is resumed.
        """
        self.db.execute("UPDATE _claimx_items SET seq = NULL")
        self.db.execute("DELETE FROM _claimx_problems")
        self.db.execute("CREATE TEMP TABLE seen (identity BLOB PRIMARY KEY) WITHOUT ROWID")
        articles = size = repeated = problems = 0
        common: str | None = None
        root: str | None = None
        for seq, entry in enumerate(found):
            if isinstance(entry, Problem):
                problems += 1
                self.db.execute(
                    "INSERT INTO _claimx_problems VALUES (?, ?, ?, ?)",
                    (seq, shown(entry.path), entry.kind, entry.message),
                )
            elif self.db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (entry.identity,)).rowcount:
                self._enter(entry, seq, force=force)
                articles, size = articles + 1, size + entry.size
                if entry.root != root:
                    root = entry.root
                    common = common_folder(common, root)
            else:
                repeated += 1
            self.commit(now=False)
        self.db.execute("DROP TABLE seen")
        self.db.execute("DELETE FROM _claimx_items WHERE seq IS NULL AND state != 'done'")
        if named and common is not None:
            self._name(common)
        self.commit()
        return Planned(articles, size, repeated, problems)

    def _enter(self, item: Item, seq: int, *, force: bool) -> None:
        place = item.place
        key = _encode(relative_to(self._base, place.file).replace(os.sep, "/") + item.inner)
        tree = _encode(os.path.abspath(place.file) + item.inner)
        while self.db.execute("SELECT 1 FROM _claimx_items WHERE key = ? AND seq IS NOT NULL", (key,)).fetchone():
            # Two lines of one JSONL file with the same id, two members of an archive with one name.
            mark = b"~%d" % (place.member or 0 if place.offset is None else place.offset)
            key, tree = key + mark, tree + mark
        self.db.execute(
            "INSERT INTO _claimx_items (key, seq, path, tree, file, member, packed, start, length, size)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET seq = excluded.seq,"
            " path = excluded.path, tree = excluded.tree, file = excluded.file, member = excluded.member,"
            " packed = excluded.packed, start = excluded.start, length = excluded.length, size = excluded.size"
            + (", digest = NULL" if force else ""),
            (key, seq, shown(item.path), tree, _encode(place.file), place.member, place.packed)
            + (place.offset, place.length, item.size),
        )

    def _name(self, common: str) -> None:
        """Names for those that have none, in the order of their keys, so that they do not depend on that of the inputs."""
        last = b""
        while rows := self.db.execute(
            "SELECT id, key, tree FROM _claimx_items WHERE name IS NULL AND key > ? ORDER BY key LIMIT ?", (last, PAGE)
        ).fetchall():
            for row, key, tree in rows:
                plain = safe_name(below(common, _decode(tree)))
                for name in candidates(plain, key):
                    changed = self.db.execute(
                        "UPDATE OR IGNORE _claimx_items SET name = ?, slot = ? WHERE id = ?", (name, folded(name), row)
                    )
                    if changed.rowcount:
                        break
                last = key
            self.commit(now=False)

    def rows(self) -> Iterator[Row]:
        """The articles of this run, the big ones first, each group in the order of the inputs."""
        for big in (1, 0):
            last = -1
            while rows := self.db.execute(
                f"SELECT {_FIELDS} FROM _claimx_items"
                f" WHERE (size >= {BIG}) = ? AND seq > ? AND seq IS NOT NULL ORDER BY seq LIMIT ?",
                (big, last, PAGE),
            ).fetchall():
                for row in rows:
                    yield _row(row)
                last = rows[-1][1]

    def row(self, item: int) -> Row:
        """One article."""
        return _row(self.db.execute(f"SELECT {_FIELDS} FROM _claimx_items WHERE id = ?", (item,)).fetchone())

    def ordered(self) -> Iterator[Row]:
        """All articles with a record, in the order of the inputs; those that have gone at the end, by key."""
        cursor = self.db.execute(
            f"SELECT {_FIELDS} FROM _claimx_items WHERE state = 'done' ORDER BY seq IS NULL, seq, key"
        )
        for row in cursor:
            yield _row(row)

    def gone(self) -> Iterator[Row]:
        """The articles with a record that are not among the inputs now; a list, since the caller may forget them."""
        found = self.db.execute(f"SELECT {_FIELDS} FROM _claimx_items WHERE seq IS NULL ORDER BY key")
        for row in found.fetchall():
            yield _row(row)

    # -- What is done

    def note_done(
        self, row: Row, *, digest: str, maker: str, tally: Tally, words: int, written: str | None, length: int
    ) -> None:
        """The article's record is in the output (in this transaction, or safe on disk)."""
        self._retract(row.id)
        self._count(tally, 1)
        self.db.execute(
            "UPDATE _claimx_items SET state = 'done', digest = ?, maker = ?, written = ?, bytes = ?, kind = NULL,"
            " message = NULL, claims = ?, words = ?, tally = ? WHERE id = ?",
            (digest, maker, written, length, sum(n for _, _, n in tally), words)
            + (zlib.compress(json.dumps(tally, ensure_ascii=False).encode("utf-8"), 1), row.id),
        )

    def note_failed(self, row: Row, kind: str, message: str) -> None:
        """The article has no record, and why."""
        self._retract(row.id)
        self.db.execute(
            "UPDATE _claimx_items SET state = 'failed', digest = NULL, maker = NULL, written = NULL, bytes = NULL,"
            " kind = ?, message = ?, claims = 0, words = 0, tally = NULL WHERE id = ?",
            (kind, message, row.id),
        )

    def forget(self, row: Row) -> None:
        """Drop an article that has gone."""
        self._retract(row.id)
        self.db.execute("DELETE FROM _claimx_items WHERE id = ?", (row.id,))

    def problems(self) -> list[Problem]:
        """The inputs of this run that gave no article."""
        found = self.db.execute("SELECT path, kind, message FROM _claimx_problems ORDER BY seq").fetchall()
        return [Problem(*problem) for problem in found]

    def failures(self) -> Iterator[Problem]:
        """The articles and inputs of this run that gave no record, in the order of the inputs."""
        for path, kind, message in self.db.execute(
            "SELECT path, kind, message FROM ("
            " SELECT seq, path, kind, message FROM _claimx_items WHERE state = 'failed' AND seq IS NOT NULL"
            " UNION ALL SELECT seq, path, kind, message FROM _claimx_problems) ORDER BY seq"
        ):
            yield Problem(path, kind, message)

    def levels(self) -> list[tuple[str, int, int]]:
        """Level, claims and articles, over all records."""
        return self.db.execute("SELECT level, claims, articles FROM levels ORDER BY claims DESC, level").fetchall()

    def top_sources(self, count: int) -> list[tuple[str, str, int, int]]:
        """Who, level, claims and articles of those who answer for most claims."""
        return self.db.execute(
            "SELECT who, level, claims, articles FROM sources ORDER BY claims DESC, who, level LIMIT ?", (count,)
        ).fetchall()

    def totals(self) -> tuple[int, int, int]:
        """Records, words and claims in the output."""
        row = self.db.execute(
            "SELECT COUNT(*), IFNULL(SUM(words), 0), IFNULL(SUM(claims), 0) FROM _claimx_items WHERE state = 'done'"
        ).fetchone()
        return row[0], row[1], row[2]

    def _retract(self, item: int) -> None:
        (packed,) = self.db.execute("SELECT tally FROM _claimx_items WHERE id = ?", (item,)).fetchone()
        if packed is not None:
            self._count([(level, who, n) for level, who, n in json.loads(zlib.decompress(packed))], -1)

    def _count(self, tally: Tally, sign: int) -> None:
        levels: dict[str, int] = {}
        for level, who, claims in tally:
            levels[level] = levels.get(level, 0) + claims
            if who is not None:
                self.db.execute(
                    "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT (who, level) DO UPDATE SET"
                    " claims = claims + excluded.claims, articles = articles + excluded.articles",
                    (who, level, sign * claims, sign),
                )
                if sign < 0:
                    self.db.execute("DELETE FROM sources WHERE who = ? AND level = ? AND articles <= 0", (who, level))
        for level, claims in levels.items():
            self.db.execute(
                "INSERT INTO levels VALUES (?, ?, ?) ON CONFLICT (level) DO UPDATE SET"
                " claims = claims + excluded.claims, articles = articles + excluded.articles",
                (level, sign * claims, sign),
            )
        if sign < 0:
            self.db.execute("DELETE FROM levels WHERE articles <= 0")


def _nothing() -> None:
    return


def _encode(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _decode(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _row(row: tuple[object, ...]) -> Row:
    item, seq, path, file, member, packed, start, length, size, name, state, digest, maker, written, count = row
    place = Place(_decode(file), member, bool(packed), start, length)  # type: ignore[arg-type]
    return Row(item, seq, path, place, size, name, state, digest, maker, written, count)  # type: ignore[arg-type]
