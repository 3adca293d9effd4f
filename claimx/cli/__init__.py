"""The command line: a group whose commands are imported when they run, so that `claimx --help` answers at once."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence

import click

from claimx.cli.report import Report

# Name, where it is, and its line in `claimx --help`: help needs no import.
COMMANDS = {
    "extract": ("claimx.cli.extract:extract", "Extract the attributed claims of articles."),
    "batch": ("claimx.cli.batch:batch", "Extract from folders, archives and lists of articles, with many workers."),
    "schema": ("claimx.cli.schema:schema", "Print the JSON Schema of the records."),
    "info": ("claimx.cli.info:info", "Print version, pipeline, its scores and licence."),
}

INTERRUPTED = 130  # as shells report SIGINT
PIPE_CLOSED = 141  # and SIGPIPE


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (place, _) in COMMANDS.items() if importlib.util.find_spec(place.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and os.path.exists(args[0]) and args[0] not in COMMANDS:
            ctx.fail(f"{args[0]!r} is a file, not a command; try: claimx extract {args[0]}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader, `head` say, has what it wants
            close_stdout()
            return PIPE_CLOSED


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from claimx import __version__

        click.echo(f"claimx {__version__}")
        ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def cli() -> None:
    """Who said what, in Italian news.

    Reads articles (plain text, Markdown, HTML) and gives their claims: who answers for each, how well sourced it is, in
    which words of the article, and how certain.

    \b
    Examples:
      claimx extract article.txt                  a table on the terminal
      claimx extract article.txt -o article.yaml  the record in a file
      curl -s URL | claimx extract -f json        from a pipe
      claimx COMMAND -h                           what a command can do

    \b
    Exit codes:
      0    done; no claims found is a result too
      1    some input could not be read, or the output not be written
      2    wrong usage
      130  interrupted by Ctrl-C
      141  the reader of the output closed the pipe
    """


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command line, `sys.argv` by default, and exits."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; what goes wrong is told on stderr in one line."""
    given = sys.argv[1:] if args is None else args
    report = Report(debug="--debug" in given or bool(os.environ.get("CLAIMX_DEBUG")))
    try:
        code = cli.main(args, prog_name="claimx", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        return report.misuse(error)
    except click.ClickException as error:
        report.fail(None, error.format_message())
        return report.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        close_stdout()
        report.fail(None, f"the output cannot be written: {error.strerror or error}; make room, or give a file with -o")
        return report.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, and how to see more
        report.fail(None, error)
        return report.exit_code


def close_stdout() -> None:
    """Sends what standard output still holds nowhere, lest the interpreter complain about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
