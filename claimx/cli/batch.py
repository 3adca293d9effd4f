"""`claimx batch`."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator
from typing import Any

import click

from claimx.cli.options import encoding_option, model_option, report_options, selection_options, take_selection
from claimx.cli.report import Report

INTERRUPTED = 130  # as shells report SIGINT
TERMINATED = 143  # and SIGTERM, which SLURM sends before it kills


class Terminated(KeyboardInterrupt):
    """SIGTERM, taken as Ctrl-C is."""


@click.command(short_help="Extract from folders, archives and lists of articles, with many workers.")
@click.argument("inputs", nargs=-1, type=click.Path(path_type=str))
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(path_type=str),
    metavar="OUT",
    help="A folder (one record an article), or one file: .jsonl, .csv, .parquet, .sqlite.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["yaml", "json", "jsonl", "csv"]),
    help="Format of the records in a folder.  [default: yaml]",
)
@click.option(
    "--glob", "globs", multiple=True, metavar="GLOB", help="Which files of folders and archives, such as '2024/*.txt'."
)
@click.option("--files-from", type=click.File("rb"), metavar="FILE", help="A list of inputs, one a line; - is stdin.")
@click.option("-0", "--null", is_flag=True, help="The list's entries end in NUL, as find -print0 writes them.")
@click.option("--text-field", default="text", show_default=True, metavar="NAME", help="JSONL: the article's text.")
@click.option("--id-field", default="id", show_default=True, metavar="NAME", help="JSONL: its id.")
@click.option("--date-field", default="date", show_default=True, metavar="NAME", help="JSONL: its date.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Worker processes.  [default: all cores]")
@click.option(
    "--dask", metavar="ADDRESS", help="Work on the Dask cluster with this scheduler, such as tcp://host:8786."
)
@click.option("--force", is_flag=True, help="Do all articles anew.")
@click.option("--prune", is_flag=True, help="Drop the records of articles that are no longer among the inputs.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first error.")
@click.option(
    "--errors", type=click.Path(path_type=str), metavar="FILE", help="Errors file.  [default: OUT.errors.jsonl]"
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Give up on an article after so long for each 100 kB of it; 0 never.",
)
@click.option("--explain", is_flag=True, help="Say of each claim why it was found.")
@click.option("--excel", is_flag=True, help="CSV with BOM and semicolons.")
@selection_options
@model_option
@encoding_option
@report_options
def batch(inputs: tuple[str, ...], out: str, quiet: bool, debug: bool, **options: Any) -> int:
    """Extract the claims of many articles: files, folders, .zip, .gz, JSONL.

    Can be stopped at any moment and started again by the same line: it goes on where it was. Articles whose content,
    pipeline and claimx are those of their record are left as they are.

    \b
    Examples:
      claimx batch articoli -o claims.sqlite
      claimx batch articoli -o claims --glob '2024/**/*.html' -f json -j 4
      find . -name '*.txt' -print0 | claimx batch --files-from - -0 -o out.jsonl
      claimx batch rassegna.jsonl.gz --text-field body -o claims.parquet

    \b
    Exit codes:
      0    done
      1    some article failed (see the errors file), or OUT cannot be written
      2    wrong usage
      130  interrupted by Ctrl-C (143: by SIGTERM): the same line goes on
    """
    listed, null = options.pop("files_from"), options.pop("null")
    if not inputs and listed is None:
        raise click.UsageError("give an INPUT: a file, a folder, or --files-from a list", click.get_current_context())
    if null and listed is None:
        raise click.UsageError("-0 says how --files-from is written; give that too", click.get_current_context())
    from claimx.batch import BatchOptions, ChoiceError, run_batch
    from claimx.cli.progress import BatchProgress, tell_summary

    report = Report(quiet=quiet, debug=debug)
    batch_options = BatchOptions(out=out, selection=take_selection(options), **options)
    progress = BatchProgress(report, quiet=quiet)
    try:
        with _sigterm_as_ctrl_c(), progress:
            summary = run_batch(_inputs(inputs, listed, null), batch_options, progress)
    except ChoiceError as error:
        raise click.UsageError(str(error), click.get_current_context()) from error
    except KeyboardInterrupt as stop:
        progress.tell_stopped()
        return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
    if not quiet:
        tell_summary(summary)
    return 1 if summary.errors else 0


def _inputs(inputs: tuple[str, ...], listed: Any, null: bool) -> Iterable[str]:
    from claimx.batch.inputs import read_list

    def together() -> Iterator[str]:
        yield from inputs
        yield from read_list(listed, null=null)

    return inputs if listed is None else together()


@contextlib.contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated
