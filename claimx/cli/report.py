"""What a command tells about its work, one line each on stderr, and the exit code that follows from it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from claimx.errors import ClaimxError
from claimx.visible import show_line, show_path

if TYPE_CHECKING:
    import click


class Report:
    """Errors and warnings of one run; the only owner of its exit code."""

    def __init__(self, *, quiet: bool = False, debug: bool = False) -> None:
        self.quiet = quiet
        self.debug = debug
        self.done = 0
        self.failures = 0

    @property
    def exit_code(self) -> int:
        """0 where nothing failed, or 1."""
        return 1 if self.failures else 0

    def fail(self, path: str | None, error: Exception | str) -> None:
        """Tells that `path`, or the whole run, failed."""
        self.failures += 1
        if isinstance(error, (ClaimxError, str)):
            self._tell(path, str(error))
        else:
            hint = "" if self.debug else "; CLAIMX_DEBUG=1 shows where"
            self._tell(path, f"internal error: {type(error).__name__}: {error}{hint}")
        if self.debug and isinstance(error, Exception):
            import traceback

            traceback.print_exception(type(error), error, error.__traceback__)

    def warn(self, path: str, message: str) -> None:
        """Tells something that is no failure."""
        if not self.quiet:
            self._tell(path, _without_name(message, show_path(path)), kind="warning: ")

    def misuse(self, error: click.UsageError) -> int:
        """Tells what is wrong with the command line, and where to read of it; returns the exit code."""
        if type(error).__name__ == "NoArgsIsHelpError":  # from click 8.2: its message is the whole help
            error.show()
            return error.exit_code
        command = error.ctx.command_path if error.ctx else "claimx"
        self._tell(None, f"{error.format_message().rstrip('.')}; see {command} --help")
        return error.exit_code

    def _tell(self, path: str | None, message: str, *, kind: str = "") -> None:
        parts = ["claimx", f"{kind}{show_line(message)}"]
        if path is not None:
            name = show_path(path)
            parts[1:] = [name, kind + show_line(_without_name(message, name))]
        # stderr escapes what its encoding lacks; a closed one is nobody's loss.
        if sys.stderr is not None:
            print(": ".join(parts), file=sys.stderr, flush=True)


def _without_name(message: str, name: str) -> str:
    """The message of an error that begins with the name of its file, without it: lines begin with it anyhow."""
    return message[len(name) :].lstrip(": ") if message.startswith((f"{name} ", f"{name}:")) else message
