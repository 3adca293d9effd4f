"""`claimx extract`: articles in, records out, one after the other."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from claimx.cli import options as shared
from claimx.cli.report import Report
from claimx.cli.stdout import is_terminal, measure_width, open_stdout
from claimx.errors import ClaimxError, WriteError
from claimx.selection import Selection
from claimx.writers import FORMATS, SUFFIXES, WriteOptions, guess_format, load_writer
from claimx.writers.output import Output, open_output

if TYPE_CHECKING:
    from spacy.language import Language

    from claimx.model import Article
    from claimx.reading import Source

Result = TypeVar("Result")

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Request:
    """What to read, how, and which claims to give."""

    files: tuple[str, ...]
    encoding: str | None
    date: str | None
    id: str | None
    model: str | None
    selection: Selection


@click.command(short_help="Extract the attributed claims of articles.")
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True), metavar="[FILES]...")
@click.option(
    "-f",
    "--format",
    "format",
    type=click.Choice(list(FORMATS)),
    help="Output format.  [default: by the suffix of -o; table on a terminal, yaml in a pipe]",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help=f"Write to FILE, whole or not at all; format by suffix: {' '.join(SUFFIXES)} (.txt is a table).",
)
@shared.selection_options
@shared.date_option
@click.option("--id", metavar="ID", help="The document's id.  [default: the file's name without suffix]")
@click.option("--text", metavar="FILE", type=click.Path(), help="Write the text that offsets count in to FILE.")
@click.option("--explain", is_flag=True, help="Show for each claim which rule or model found it, and by what.")
@click.option("--lang", type=click.Choice(["it", "en"]), help="Language of the table's labels.  [default: by locale]")
@click.option("--excel", is_flag=True, help="CSV for an Italian spreadsheet: BOM, semicolons, decimal commas.")
@shared.encoding_option
@shared.model_option
@shared.report_options
def extract(files: tuple[str, ...], *, quiet: bool, debug: bool, **given: Any) -> int:
    """Extract the attributed claims of articles.

    FILES are plain text, Markdown or HTML (with the extra claimx[html]); "-", or no FILES and a pipe, is standard input.
    Several files give YAML documents in one stream, a JSON array, or JSONL lines, each as soon as it is there; one that
    cannot be read is told on stderr, and the others go on. Claims keep their numbers when some are left out.

    \b
    Examples:
      claimx extract article.txt
      claimx extract article.txt --attributed --level unnamed-sources
      claimx extract article.html -o article.yaml --text article.txt
      claimx extract *.txt -f jsonl | jq -r '.claims[] | select(.who) | .who'
      claimx extract *.txt --who dmitriev -f csv --excel -o dmitriev.csv
      pbpaste | claimx extract --date 2025-11-19 --explain

    \b
    Exit codes:
      0    done; no claims found is a result too
      1    some input could not be read, or the output not be written
      2    wrong usage
      130  interrupted by Ctrl-C: a file of -o is as it was before
    """
    files = files or _take_stdin()
    output, text = given.pop("output"), given.pop("text")
    output = None if output == "-" else output
    format = _choose_format(given.pop("format"), output, excel=given["excel"])
    _check_usage(files, output, text, given["id"])
    options = _take_write_options(given, many=len(files) > 1)
    request = Request(files, selection=shared.take_selection(given), **given)
    report = Report(quiet=quiet, debug=debug)
    with contextlib.nullcontext() if debug else _silent_libraries():
        return _run(request, report, format, options, output=output, text=text)


def _take_stdin() -> tuple[str, ...]:
    if sys.stdin is None or is_terminal(sys.stdin):
        raise click.UsageError("no FILES given, and nothing piped in", click.get_current_context())
    return (_STDIN,)


def _choose_format(format: str | None, output: str | None, *, excel: bool) -> str:
    by_suffix = guess_format(output) if output else None
    chosen = format or by_suffix or ("csv" if excel else None)
    if excel and chosen != "csv":
        raise click.UsageError(f"--excel is for csv, not for {chosen}", click.get_current_context())
    if output and not chosen:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(
            f"the suffix of {output!r} stands for no format: give -f, or one of {known}", click.get_current_context()
        )
    return chosen or ("table" if is_terminal(sys.stdout) else "yaml")


def _check_usage(files: tuple[str, ...], output: str | None, text: str | None, id: str | None) -> None:
    context = click.get_current_context()
    if files.count(_STDIN) > 1:
        raise click.UsageError("standard input (-) can be read only once", context)
    for option, value in (("--id", id), ("--text", text)):
        if value is not None and len(files) > 1:
            raise click.UsageError(f"{option} goes with one input only, not {len(files)}", context)
    if text == "-":
        raise click.UsageError("--text needs the name of a file", context)
    if output and text and _is_same(output, text):
        raise click.UsageError(f"-o and --text name the same file, {output!r}", context)
    for target in (output, text):
        if target and any(file != _STDIN and _is_same(file, target) for file in files):
            raise click.UsageError(f"{target!r} is an input; writing would destroy it", context)


def _is_same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other) or (
        os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)
    )


def _take_write_options(given: dict[str, Any], *, many: bool) -> WriteOptions:
    lang = given.pop("lang") or guess_lang()
    return WriteOptions(many=many, explain=given.pop("explain"), excel=given.pop("excel"), lang=lang)


def guess_lang() -> str:
    """The language of the table's labels by the locale: Italian, or else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "it" if value.lower().startswith("it") else "en"
    return "en"


@contextlib.contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keeps from stderr what spaCy, trafilatura and Python have to say to developers."""
    import logging
    import warnings

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _run(
    request: Request, report: Report, format: str, options: WriteOptions, *, output: str | None, text: str | None
) -> int:
    try:
        # Outputs are opened first: one that cannot be written is found before the pipeline is loaded.
        with _stopped_by_signals(), contextlib.ExitStack() as stack:
            target = stack.enter_context(open_output(output)) if output else None
            beside = stack.enter_context(open_output(text)) if text else None
            stream = target.stream if target else open_stdout()
            articles = _extract_all(request, report, beside)
            _write(articles, stream, format, replace(options, width=measure_width(stream)), output)
            for file in (target, beside):
                if file:
                    file.keep = report.done > 0
    except ClaimxError as error:
        report.fail(None, error)
    return report.exit_code


def _write(articles: Iterator[Article], stream: TextIO, format: str, options: WriteOptions, output: str | None) -> None:
    try:
        load_writer(format)(articles, stream, options)
    except OSError as error:
        if output is None:
            raise  # standard output is the concern of all commands
        raise WriteError(
            f"{output}: cannot be written: {error.strerror or error}; make room, or give another"
        ) from error


def _extract_all(request: Request, report: Report, beside: Output | None) -> Iterator[Article]:
    """The articles of the files that can be read, each as soon as it is done; the pipeline is loaded for the first."""
    nlp: Language | None = None
    for path in request.files:
        source = _attempt(report, path, partial(_read, request, path))
        if source is None:
            continue
        for warning in source.warnings:
            report.warn(path, warning)
        if nlp is None:
            with _nothing_collected():
                nlp = _load(request.model)
        article = _attempt(report, path, partial(_extract_one, nlp, source))
        if article is None:
            continue
        if beside:
            beside.stream.write(article.text)
        report.done += 1
        yield request.selection.apply(article)


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Spares the garbage collector what is loaded, hundreds of thousands of objects that stay: a tenth of a second."""
    import gc

    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def _load(model: str | None) -> Language:
    from claimx.extraction import load_engine  # whatever it lacks ends the run: no article would fare better
    from claimx.nlp import load_pipeline

    nlp = load_pipeline(model)
    load_engine()
    return nlp


def _read(request: Request, path: str) -> Source:
    from claimx.reading import read_file

    return read_file(path, encoding=request.encoding, date=request.date, id=request.id)


def _extract_one(nlp: Language, source: Source) -> Article:
    from claimx.extraction import extract_source

    return extract_source(nlp, source)


def _attempt(report: Report, path: str, step: Callable[[], Result]) -> Result | None:
    """What `step` gives for `path`; whatever fails is told, and is no reason to leave the other files undone."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - told by its kind, with a way to see where
        report.fail(path, error)
        return None


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Lets SIGTERM (of `timeout`, say) and SIGHUP end the run in order, with temporary files removed."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.signal(number, _stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: object) -> None:
    sys.exit(128 + number)
