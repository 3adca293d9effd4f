"""How a batch goes on, on stderr: a bar on a terminal, a line every so often elsewhere; and what came of it, at the end.

`1,200 of 10,000 articles, 7,012 words/s, 15,020 claims, 2 errors, 0:12:05 left`.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING

import click

from claimx.cli.report import Report
from claimx.visible import show_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from claimx.batch import Counts, Summary

EVERY = 10.0  # seconds between two lines
MOST_LINES = 20  # of one kind (errors, warnings, articles gone); the errors file has them all


class BatchProgress:
    """Shows what `run_batch` tells."""

    def __init__(self, report: Report, *, quiet: bool) -> None:
        self._report = report
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._counts: Counts | None = None
        self._told: dict[str, int] = {}
        self._last = time.monotonic()

    def __enter__(self) -> None:
        if self._quiet or not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("claimx"), BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True)
        )
        self._task = self._bar.add_task("looking for articles", total=None)
        self._bar.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            # the last articles may have come too fast to be shown
            if self._task is not None and self._counts is not None:
                counts = self._counts
                self._bar.update(self._task, completed=counts.size_seen, description=describe(counts))
            self._bar.stop()

    def planned(self, counts: Counts) -> None:
        """The inputs are known."""
        self._counts = counts
        if self._bar and self._task is not None:
            self._bar.update(self._task, total=counts.size, description=f"{counts.articles:,} articles")

    def moved(self, counts: Counts) -> None:
        """One more article is seen to."""
        self._counts = counts
        now = time.monotonic()
        if now - self._last < (0.1 if self._bar else EVERY):
            return
        self._last = now
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=counts.size_seen, description=describe(counts))
        elif not self._quiet:
            click.echo(f"claimx: {describe(counts)}", err=True)

    def failed(self, path: str, kind: str, message: str) -> None:
        """An article or an input gave an error."""
        if self._may_tell("errors"):
            known = kind.endswith("Error") and kind in ("ReadError", "WriteError", "ModelError", "FormatError")
            self._report.fail(path, message if known or kind in ("WorkerDied", "Timeout") else f"{kind}: {message}")

    def warned(self, path: str, message: str) -> None:
        """An article was read, with a doubt."""
        if not self._quiet and self._may_tell("warnings"):
            self._report.warn(path, message)

    def gone(self, path: str) -> None:
        """An article with a record is no longer among the inputs."""
        if not self._quiet and self._may_tell("articles gone"):
            self._report.warn(path, "is no longer among the inputs; its record is kept, unless you --prune")

    def tell_stopped(self) -> None:
        """The run was interrupted."""
        if self._counts and not self._quiet:
            click.echo(
                f"claimx: stopped, {self._counts.seen:,} of {self._counts.articles:,} articles seen to;"
                " run the same line again to go on",
                err=True,
            )

    def _may_tell(self, what: str) -> bool:
        self._told[what] = self._told.get(what, 0) + 1
        if self._told[what] == MOST_LINES + 1:
            click.echo(f"claimx: more {what} are not shown", err=True)
        return self._told[what] <= MOST_LINES


def describe(counts: Counts) -> str:
    """How far a run is, in one line."""
    seconds = time.monotonic() - counts.started
    parts = [f"{counts.seen:,} of {counts.articles:,} articles"]
    if counts.done:
        parts += [f"{counts.words / max(seconds, 0.001):,.0f} words/s", f"{counts.claims:,} claims"]
    parts.append(f"{counts.failed:,} errors" if counts.failed != 1 else "1 error")
    worked = counts.size_seen - counts.size_current
    if worked > 0 and seconds > 1:
        parts.append(f"{_clock(seconds * max(0, counts.size - counts.size_seen) / worked)} left")
    return ", ".join(parts)


def tell_summary(summary: Summary) -> None:
    """What a run did and what its output holds, by level and by source."""
    counts = summary.counts
    parts = [f"{counts.done:,} done", f"{counts.current:,} up to date"]
    if summary.failed:
        parts.append(f"{summary.failed:,} failed, see {show_line(os.fspath(summary.errors or ''))}")
    if counts.repeated:
        parts.append(f"{counts.repeated:,} named twice")
    if counts.gone:
        parts.append(f"{counts.gone:,} gone")
    speed = f", {counts.words / max(summary.seconds, 0.001):,.0f} words/s" if counts.done else ""
    lines = [
        f"claimx: {counts.articles:,} articles: {', '.join(parts)} ({_clock(summary.seconds)}{speed})",
        f"claimx: {summary.records:,} records, {summary.words:,} words, {summary.claims:,} claims",
    ]
    if summary.levels:
        lines += _table(("level", "claims", "articles"), [(level, n, of) for level, n, of in summary.levels])
    if summary.sources:
        rows = [(f"{show_line(who)[:48]} ({level})", n, of) for who, level, n, of in summary.sources]
        lines += _table(("source", "claims", "articles"), rows)
    click.echo("\n".join(lines), err=True)


def _table(heading: tuple[str, str, str], rows: list[tuple[str, int, int]]) -> list[str]:
    cells = [heading, *((name, f"{claims:,}", f"{articles:,}") for name, claims, articles in rows)]
    width = max(len(name) for name, _, _ in cells)
    return [f"  {name:<{width}}  {claims:>10}  {articles:>10}" for name, claims, articles in cells]


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
