"""An engine of words for the tests of `claimx batch`: quick, and obedient to what its articles say.

Every line that ends with a name in brackets is a claim of that name. An article may also hold orders: BOOM (an error),
DIE (the worker kills itself), DIE-ONCE FILE (the first time only), SLEEP SECONDS.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from claimx.batch import BatchOptions, Counts
from claimx.batch.work import Job, Setup
from claimx.errors import ReadError
from claimx.model import Article, Certainty, Claim, Document, Level, Mode, Model, Spans
from claimx.reading import read_bytes

ENGINE = "batch_fakes:WordEngine"
_CLAIM = re.compile(r"^(?P<claim>[^()\n]+) \((?P<who>[^()\n]+)\)$", re.MULTILINE)
_ORDER = re.compile(r"^(BOOM|DIE-ONCE|DIE|SLEEP)(?: (.*))?$", re.MULTILINE)


class WordEngine:
    """See the module."""

    def __init__(self, setup: Setup) -> None:
        if setup.model == "none":
            raise ReadError("there is no such engine; give another")
        if setup.model == "stillborn":
            die()
        self._delay = float(setup.model or 0)

    def extract(self, job: Job) -> tuple[Article, Sequence[str]]:
        source = read_bytes(job.data, path=job.path, format=job.format, encoding=job.encoding, date=job.date, id=job.id)
        for order, argument in _ORDER.findall(source.text):
            obey(order, argument)
        time.sleep(self._delay)
        claims = [
            Claim(
                number, match["who"], Level.NAMED_PERSON, match["claim"], None, match["who"], None, Mode.INDIRECT,
                Certainty.ASSERTED, (), None, None, (), (), (), 0.9, 1, Spans((match.span("claim"),), match.span("who")),
            )
            for number, match in enumerate(_CLAIM.finditer(source.text), start=1)
        ]  # fmt: skip
        document = Document(source.id, source.path, None, source.date, len(source.text), source.sha256)
        return Article(document, Model("words", "1"), tuple(claims), source.text), ()

    def zone(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()


def obey(order: str, argument: str) -> None:
    if order == "BOOM":
        raise ValueError("boom,\nas ordered")
    if order == "SLEEP":
        time.sleep(float(argument))
    if order == "DIE":
        die()
    if order == "DIE-ONCE" and not Path(argument).exists():
        Path(argument).touch()
        die()


def die() -> None:
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
    os._exit(9)


class Recorder:
    """A watch that remembers."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        self.gone_paths: list[str] = []
        self.moves = 0
        self.on_move = lambda counts: None

    def planned(self, counts: Counts) -> None:
        pass

    def moved(self, counts: Counts) -> None:
        self.moves += 1
        self.on_move(counts)

    def failed(self, path: str, kind: str, message: str) -> None:
        self.errors.append((path, kind, message))

    def warned(self, path: str, message: str) -> None:
        self.warnings.append((path, message))

    def gone(self, path: str) -> None:
        self.gone_paths.append(path)


def options(out: os.PathLike[str] | str, **more: object) -> BatchOptions:
    """Options for a run of the engine of words."""
    settings: dict[str, object] = {"engine": ENGINE, "maker": "words 1", "jobs": 2, **more}
    return BatchOptions(out=os.fspath(out), **settings)  # type: ignore[arg-type]


def write_articles(folder: Path, count: int) -> list[Path]:
    """Articles of different lengths, in folders of ten."""
    paths = []
    for number in range(count):
        path = folder / f"{number // 10:03}" / f"articolo-{number:04}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"Il porto numero {line} riapre lunedì (Persona {(number + line) % 7})" for line in range(number % 13)]
        path.write_text("\n\n".join([f"Articolo {number}.", *lines]) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def main(arguments: list[str]) -> None:
    """A run in a process of its own, to be killed: OUT, options as JSON, INPUTS; a line on stdout for each article."""
    import json

    from claimx.batch import run_batch, state

    state.COMMIT_EVERY = 0.05  # so that a second's work has many moments to be killed at
    out, settings, *inputs = arguments
    watch = Recorder()
    watch.on_move = lambda counts: print(counts.seen, counts.done, flush=True)
    run_batch(inputs, options(out, **json.loads(settings)), watch)
    print("end", flush=True)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
