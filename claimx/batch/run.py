"""A batch from beginning to end: inputs -> articles -> workers -> output, with a ledger of what is done.

The parent reads (so that what is hashed is what is done, and workers elsewhere need no shared disk), the workers extract and
give the record its shape, the parent puts it away. Nothing here holds more than the chunks in flight.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from claimx.batch.containers import Loaded, Reader
from claimx.batch.inputs import Wanted, find_items, skipped_paths
from claimx.batch.maker import describe_maker
from claimx.batch.names import shown, strip_suffix
from claimx.batch.outputs import Output, disk_error, open_output, whole_file
from claimx.batch.state import Ledger, Planned, Row
from claimx.batch.work import ENGINE, Answer, Job, Setup
from claimx.batch.workers import CHUNK, Chunk, LocalPool
from claimx.errors import ClaimxError, ReadError, WriteError
from claimx.selection import Selection

MOST_JOBS = 64  # in a chunk: tiny articles cost more than their bytes


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What `claimx batch` is asked for."""

    out: str
    format: str | None = None  # of the files of a folder
    model: str | None = None
    jobs: int | None = None  # None: all cores
    dask: str | None = None  # a scheduler's address, in place of workers on this machine
    errors: str | None = None  # the errors file; beside `out` by default
    encoding: str | None = None
    globs: tuple[str, ...] = ()
    text_field: str = "text"
    id_field: str = "id"
    date_field: str = "date"
    force: bool = False
    prune: bool = False
    fail_fast: bool = False
    explain: bool = False
    excel: bool = False
    selection: Selection = field(default_factory=Selection)
    timeout: float = 600.0
    engine: str = ENGINE
    maker: str | None = None  # what the records depend on, where it is not claimx's own engine


@dataclass(slots=True)
class Counts:
    """How far a run is."""

    articles: int = 0  # among the inputs
    size: int = 0  # their bytes, about
    repeated: int = 0  # named twice
    current: int = 0  # were up to date
    done: int = 0
    failed: int = 0
    gone: int = 0
    size_seen: int = 0  # bytes of articles that are done, failed or up to date
    size_current: int = 0  # of those up to date
    words: int = 0  # of articles done in this run
    claims: int = 0
    workers: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def seen(self) -> int:
        """Articles that are done, failed or up to date."""
        return self.current + self.done + self.failed


class Watch(Protocol):
    """Told how a run goes on; all in the caller's own thread."""

    def planned(self, counts: Counts) -> None:
        """The inputs are known."""
        ...

    def moved(self, counts: Counts) -> None:
        """One more article is seen to."""
        ...

    def failed(self, path: str, kind: str, message: str) -> None:
        """An article or an input gave an error."""
        ...

    def warned(self, path: str, message: str) -> None:
        """An article was read, with a doubt."""
        ...

    def gone(self, path: str) -> None:
        """An article with a record is no longer among the inputs."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, and what the output holds."""

    counts: Counts
    seconds: float
    errors: Path | None  # the errors file, where there were any
    failed: int  # articles and inputs in it
    records: int
    words: int
    claims: int
    levels: list[tuple[str, int, int]]  # level, claims, articles
    sources: list[tuple[str, str, int, int]]  # who, level, claims, articles: the first ones


class Pool(Protocol):
    """Workers, here or elsewhere."""

    @property
    def slots(self) -> int:
        """How many articles can be read at a time."""
        ...

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Answer]:
        """The answers to all jobs, each once, in any order."""
        ...


class FailFast(ClaimxError):
    """The first error, where none is to be suffered."""


def run_batch(inputs: Iterable[str], options: BatchOptions, watch: Watch) -> Summary:
    """Do what is to be done of `inputs`; raises ClaimxError where the run as a whole cannot go on."""
    output = open_output(options.out, options.format, excel=options.excel, explain=options.explain)
    _check_inputs(inputs := list(inputs) if isinstance(inputs, (list, tuple)) else inputs, options.out)
    maker = options.maker or describe_maker(
        options.model,
        {
            "encoding": options.encoding,
            "explain": options.explain,
            "shape": output.shape,
            "selection": _plain(options.selection),
        },
    )
    base = Path(os.path.dirname(os.path.abspath(options.out)))
    try:
        with Ledger(output.state, base=base) as ledger:
            return _Run(options, output, ledger, maker, watch).go(inputs)
    except sqlite3.Error as error:
        raise disk_error(error, output.state) from error


def errors_path(options: BatchOptions) -> Path:
    """The errors file: `articles.errors.jsonl` beside `articles.sqlite` or the folder `articles`."""
    if options.errors:
        return Path(options.errors)
    out = Path(os.path.abspath(options.out))
    return out.with_name((out.name if out.is_dir() else out.stem) + ".errors.jsonl")


class _Run:
    def __init__(self, options: BatchOptions, output: Output, ledger: Ledger, maker: str, watch: Watch) -> None:
        self._options = options
        self._output = output
        self._ledger = ledger
        self._maker = maker
        self._watch = watch
        self._counts = Counts()
        self._reader = Reader(options.text_field, options.id_field, options.date_field)
        self._errors = errors_path(options)

    def go(self, inputs: Iterable[str]) -> Summary:
        self._output.attach(self._ledger)
        self._plan(inputs)
        pool = self._pool()
        self._counts.workers = pool.slots
        answers = pool.run(self._chunks(pool.slots))
        try:
            for answer in answers:
                self._settle(answer)
                self._ledger.commit(now=False)
        finally:
            answers.close()  # type: ignore[attr-defined]
            self._reader.close()
        self._ledger.commit()
        self._output.finish()
        return self._summary()

    def _plan(self, inputs: Iterable[str]) -> None:
        options, counts = self._options, self._counts
        state = str(self._output.state)
        written = [options.out, str(self._errors), state, state + "-wal", state + "-journal"]
        wanted = Wanted(options.globs, skipped_paths(written), options.text_field, options.id_field, options.date_field)
        planned: Planned = self._ledger.plan(find_items(inputs, wanted), force=options.force, named=self._output.named)
        counts.articles, counts.size, counts.repeated = planned.articles, planned.size, planned.repeated
        self._watch.planned(counts)
        for problem in self._ledger.problems():
            self._watch.failed(problem.path, problem.kind, problem.message)
            self._fail_fast(problem.path, problem.message)
        for row in self._ledger.gone():
            counts.gone += 1
            self._watch.gone(row.path)
            if options.prune:
                self._output.drop(row)
                self._ledger.forget(row)

    def _pool(self) -> Pool:
        options = self._options
        setup = Setup(self._output.shape, options.model, None, options.explain, options.selection, options.engine)
        if options.dask is None:
            return LocalPool(setup, max(1, options.jobs or os.cpu_count() or 1), timeout=options.timeout)
        from claimx.batch.dask import DaskPool

        return DaskPool(options.dask, setup, model_digest=options.maker is None)

    def _chunks(self, slots: int) -> Iterator[Chunk]:
        """What is to be done, in chunks of like length, smaller towards the end so that all workers end together."""
        chunk: list[Job] = []
        length = 0
        for row in self._ledger.rows():
            job = self._load(row)
            if job is None:
                continue
            chunk.append(job)
            length += len(job.data)
            left = self._counts.size - self._counts.size_seen
            if length >= min(CHUNK, left / (4 * slots)) or len(chunk) >= MOST_JOBS:
                yield chunk
                chunk, length = [], 0
        if chunk:
            yield chunk

    def _load(self, row: Row) -> Job | None:
        """The article's bytes, unless it is up to date or cannot be read."""
        try:
            loaded = self._reader.read(row.place)
        except ReadError as error:
            self._fail(row, type(error).__name__, str(error))
            return None
        digest = _digest(row, loaded)
        if row.is_made_of(digest, self._maker) and self._output.has(row):
            self._counts.current += 1
            self._counts.size_current += row.size
            self._move(row)
            return None
        identifier = loaded.id or _identifier(row.path)
        encoding = loaded.encoding or self._options.encoding
        return Job(row.id, row.path, loaded.data, digest, identifier, loaded.date, loaded.format, encoding)

    def _settle(self, answer: Answer) -> None:
        row = self._ledger.row(answer.item)
        if answer.error is not None:
            self._fail(row, *answer.error)
            return
        written, length = self._output.put(row, answer.payload)
        self._ledger.note_done(
            row,
            digest=answer.digest,
            maker=self._maker,
            tally=answer.tally,
            words=answer.words,
            written=written,
            length=length,
        )
        for message in answer.warnings:
            self._watch.warned(row.path, message)
        self._counts.done += 1
        self._counts.words += answer.words
        self._counts.claims += sum(claims for _, _, claims in answer.tally)
        self._move(row)

    def _fail(self, row: Row, kind: str, message: str) -> None:
        self._output.drop(row)  # an earlier record would be taken for this article's
        self._ledger.note_failed(row, kind, message)
        self._counts.failed += 1
        self._watch.failed(row.path, kind, message)
        self._move(row)
        self._fail_fast(row.path, message)

    def _fail_fast(self, path: str, message: str) -> None:
        if self._options.fail_fast:
            self._ledger.commit()
            raise FailFast(f"{path}: {message} (stopped at the first error; what was done is kept)")

    def _move(self, row: Row) -> None:
        self._counts.size_seen += row.size
        self._watch.moved(self._counts)

    def _summary(self) -> Summary:
        failed = self._write_errors()
        records, words, claims = self._ledger.totals()
        return Summary(
            counts=self._counts,
            seconds=time.monotonic() - self._counts.started,
            errors=self._errors if failed else None,
            failed=failed,
            records=records,
            words=words,
            claims=claims,
            levels=self._ledger.levels(),
            sources=self._ledger.top_sources(10),
        )

    def _write_errors(self) -> int:
        """All errors of this run to the errors file; none, no file."""
        count = 0
        try:
            with contextlib.ExitStack() as stack:
                stream = None
                for problem in self._ledger.failures():
                    stream = stream or stack.enter_context(whole_file(self._errors))
                    stream.write(json.dumps(asdict(problem), ensure_ascii=False).encode("utf-8") + b"\n")
                    count += 1
            if not count:
                self._errors.unlink(missing_ok=True)
        except OSError as error:
            raise WriteError(f"{shown(str(self._errors))} cannot be written: {error.strerror}; try --errors") from error
        return count


def _check_inputs(inputs: Iterable[str], out: str) -> None:
    for given in inputs if isinstance(inputs, (list, tuple)) else ():
        with contextlib.suppress(OSError):
            if os.path.isdir(out) and os.path.samefile(given, out):
                raise WriteError(f"{shown(out)} is an input too; give another folder, such as {shown(out)}/claims")


def _plain(selection: Selection) -> list[object]:
    levels = sorted(level.value for level in selection.levels)
    return [selection.attributed, levels, list(selection.who), selection.min_confidence]


def _digest(row: Row, loaded: Loaded) -> str:
    """What an article's record depends on, but for its maker."""
    parts = [row.path, loaded.id, loaded.date, hashlib.sha256(loaded.data).hexdigest()]
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()


def _identifier(path: str) -> str:
    """The id of an article that gives none: the stem of its name, and its line in a JSONL file."""
    name, mark, line = PurePosixPath(path.replace(os.sep, "/")).name.rpartition("#")
    return f"{name}-{line}" if mark and line.isdigit() else strip_suffix(name + mark + line)
