"""Output files written whole or not at all.

The text goes to a temporary file in the same folder, which takes the target's place only at the end: whoever reads the
target sees the old text or the new one, never a half.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from claimx.errors import WriteError


@dataclass(slots=True)
class Output:
    """An output file being written; what is written counts only if `keep` is set when it is closed."""

    path: str
    stream: TextIO
    keep: bool = False


@contextlib.contextmanager
def open_output(path: str) -> Iterator[Output]:
    """An output at `path`, UTF-8, line ends as written; raises WriteError at once where it cannot be written.

    A link stays a link: its target is replaced. A new file gets the usual permissions, an old one keeps its own.
    Devices and named pipes are written directly.
    """
    target = os.path.realpath(path)
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        raise WriteError(_explain(path, error)) from error
    if path.endswith(("/", os.sep)) or (mode is not None and stat.S_ISDIR(mode)):
        raise WriteError(f"{path}: is a folder; give the name of a file in it")
    if mode is not None and not stat.S_ISREG(mode):
        yield from _write_through(path)
    else:
        yield from _write_beside(path, target, mode)


def _write_through(path: str) -> Iterator[Output]:
    with _writing(path):
        stream = open(path, "w", encoding="utf-8", newline="")  # noqa: SIM115 - closed below
    with stream:
        yield Output(path, stream)
        with _writing(path):
            stream.flush()


def _write_beside(path: str, target: str, mode: int | None) -> Iterator[Output]:
    if mode is not None and not os.access(target, os.W_OK):
        raise WriteError(f"{path}: is write-protected; give another name, or change its permissions")
    beside = os.path.join(os.path.dirname(target), f".claimx-{secrets.token_hex(6)}.tmp")
    with _writing(path):
        # Not tempfile: its files are for the owner alone, whatever the umask says.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            output = Output(path, stream)
            yield output
            if output.keep:
                with _writing(path):
                    stream.flush()
                    os.fsync(descriptor)
        if output.keep:
            with _writing(path):
                if mode is not None:
                    os.chmod(beside, stat.S_IMODE(mode))
                os.replace(beside, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(_explain(path, error)) from error


def _explain(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path}: its folder does not exist; make it first (mkdir -p)"
    if isinstance(error, NotADirectoryError):
        return f"{path}: a part of the path is a file, not a folder; give another path"
    if isinstance(error, PermissionError):
        return f"{path}: no permission to write there; give another folder with -o"
    return f"{path}: cannot be written: {error.strerror or error}; give another path, or make room"
