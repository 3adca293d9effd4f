"""The work of one worker, on this machine or another: a chunk of articles in, an answer for each out.

Nothing here knows who asked. One bad article gives an answer that says so, with the kind and the words of its error, and the
next one is taken; `read_bytes` and `extract_source` do the work, and the answer holds the record as the output wants it.
"""

from __future__ import annotations

import contextlib
import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from claimx.batch.shapes import Payload, shape_record
from claimx.batch.state import Tally
from claimx.errors import ClaimxError
from claimx.model import Article
from claimx.selection import Selection

if TYPE_CHECKING:
    from spacy.language import Language

ENGINE = "claimx.batch.work:ClaimEngine"
PRELOAD_VARIABLE = "CLAIMX_BATCH_PRELOAD"  # by which preload.py is told the pipeline


@dataclass(frozen=True, slots=True)
class Job:
    """One article to do."""

    item: int  # its id in the ledger
    path: str  # as shown in its record
    data: bytes
    digest: str
    id: str | None = None
    date: str | None = None
    format: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one article: a payload for the output, or an error (its kind and message)."""

    item: int
    digest: str
    payload: Payload = None
    tally: Tally = field(default_factory=list)
    words: int = 0
    warnings: tuple[str, ...] = ()
    error: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker has to know."""

    shape: str  # of the payload: see shapes.py
    model: str | None = None
    maker: str | None = None  # the digest that the worker's own must equal, where the worker is on another machine
    explain: bool = False
    selection: Selection = field(default_factory=Selection)
    engine: str = ENGINE


class Engine(Protocol):
    """Reads an article; tests put their own in its place."""

    def extract(self, job: Job) -> tuple[Article, Sequence[str]]:
        """The article's record, and warnings."""
        ...

    def zone(self) -> contextlib.AbstractContextManager[object]:
        """Entered round each chunk: what the engine remembers of its articles is dropped at the end."""
        ...


class ClaimEngine:
    """The engine itself: pipeline and rules."""

    def __init__(self, setup: Setup) -> None:
        from claimx.extraction import extract_source, load_engine
        from claimx.reading import read_bytes

        load_engine()  # now, so that what is missing ends the run and not each article
        self._nlp = pipeline(setup.model)
        self._read = read_bytes
        self._extract = extract_source

    def extract(self, job: Job) -> tuple[Article, Sequence[str]]:
        """Read and extract."""
        unpacked = job.path[:-3] if job.path.lower().endswith(".gz") else job.path  # its suffix tells the format
        source = self._read(job.data, path=unpacked, format=job.format, encoding=job.encoding, date=job.date, id=job.id)
        return self._extract(self._nlp, replace(source, path=job.path)), source.warnings

    def zone(self) -> contextlib.AbstractContextManager[object]:
        """spaCy's memory zone."""
        return self._nlp.memory_zone()


@lru_cache(maxsize=1)
def pipeline(model: str | None) -> Language:
    """The pipeline, loaded once a process (and once for all workers where they are forked from one that has it)."""
    from claimx.nlp import load_pipeline

    return load_pipeline(model)


def start_engine(setup: Setup) -> Engine:
    """The engine that `setup` names; raises ClaimxError."""
    module, _, name = setup.engine.partition(":")
    make: Callable[[Setup], Engine] = getattr(importlib.import_module(module), name)
    return make(setup)


def work(setup: Setup, engine: Engine, jobs: Sequence[Job]) -> Iterator[Answer]:
    """An answer for each job, in order."""
    with engine.zone():
        for job in jobs:
            yield _answer(setup, engine, job)


def _answer(setup: Setup, engine: Engine, job: Job) -> Answer:
    try:
        article, warnings = engine.extract(job)
        article = setup.selection.apply(article)
        payload = shape_record(article, setup.shape, explain=setup.explain)
    except ClaimxError as error:
        message = _line(str(error)).removeprefix(job.path + " ")  # who reports it names the article
        return Answer(job.item, job.digest, error=(type(error).__name__, message))
    except MemoryError:
        return Answer(job.item, job.digest, error=("MemoryError", "is too long for this machine's memory; split it"))
    except Exception as error:  # noqa: BLE001 - a bug met by one article of a million must not lose the others
        return Answer(job.item, job.digest, error=(type(error).__name__, _line(_where(error))))
    counts = Counter((claim.level.value, claim.who) for claim in article.claims)
    tally = [(level, who, n) for (level, who), n in sorted(counts.items(), key=_by_name)]
    return Answer(job.item, job.digest, payload, tally, len(article.text.split()), tuple(map(_line, warnings)))


def _by_name(entry: tuple[tuple[str, str | None], int]) -> tuple[str, str]:
    (level, who), _ = entry
    return level, who or ""


def _where(error: Exception) -> str:
    """The error's words and the place in the code: for a report, since no user can mend it."""
    at: Any = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" ({at.tb_frame.f_globals.get('__name__')}:{at.tb_lineno})" if at is not None else ""
    return f"{error}{place}"


def _line(text: str) -> str:
    return " ".join(text.split())
