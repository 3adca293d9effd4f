"""Options that commands share, as decorators."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any, TypeVar

import click

from claimx.model import Level
from claimx.selection import Selection

Function = TypeVar("Function", bound=Callable[..., Any])


def model_option(function: Function) -> Function:
    """--model."""
    return click.option(
        "--model",
        metavar="NAME|FOLDER",
        help="Another Italian spaCy pipeline, installed or in a folder.  [default: it_claimx_news]",
    )(function)


def report_options(function: Function) -> Function:
    """-q and --debug."""
    function = click.option("--debug", is_flag=True, envvar="CLAIMX_DEBUG", help="Show where an error came from.")(
        function
    )
    return click.option("-q", "--quiet", is_flag=True, help="No warnings.")(function)


def encoding_option(function: Function) -> Function:
    """--encoding, checked."""
    return click.option(
        "--encoding",
        metavar="NAME",
        callback=_check_encoding,
        help="Encoding of the input, such as utf-8 or cp1252.  [default: found out]",
    )(function)


def date_option(function: Function) -> Function:
    """--date, as an ISO date."""
    return click.option(
        "--date",
        metavar="DATE",
        callback=_check_date,
        help="Publication date (2025-11-19), base for relative dates.  [default: the article's own]",
    )(function)


def selection_options(function: Function) -> Function:
    """--attributed, --level, --who, --min-confidence; `take_selection` makes a Selection of them."""
    for option in (
        click.option(
            "--min-confidence",
            type=click.FloatRange(0, 1),
            metavar="P",
            default=0.0,
            help="Only claims that are right with at least this probability, from 0 to 1.",
        ),
        click.option(
            "--who",
            multiple=True,
            metavar="NAME",
            help="Only claims by those whose name has NAME in it; case and accents do not count. May be repeated.",
        ),
        click.option(
            "--level",
            "levels",
            multiple=True,
            type=click.Choice([level.value for level in Level]),
            metavar="LEVEL",
            help=f"Only this level: {', '.join(level.value for level in Level)}. May be repeated.",
        ),
        click.option("--attributed", is_flag=True, help="Leave out what the article says in its own voice."),
    ):
        function = option(function)
    return function


def take_selection(options: dict[str, Any]) -> Selection:
    """The selection that `selection_options` left in `options`, which lose them."""
    return Selection(
        attributed=options.pop("attributed"),
        levels=frozenset(map(Level, options.pop("levels"))),
        who=options.pop("who"),
        min_confidence=options.pop("min_confidence"),
    )


def _check_encoding(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            "".encode(value)  # not codecs.lookup alone, which knows "hex" too
            codecs.lookup(value)
        except (LookupError, ValueError) as error:
            raise click.BadParameter(f"there is no text encoding {value!r}; try utf-8, utf-16 or cp1252") from error
    return value


def _check_date(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from claimx.errors import ReadError
    from claimx.reading import parse_date

    try:
        return parse_date(value)
    except ReadError as error:
        raise click.BadParameter(str(error)) from error
