"""Standard output as the payload needs it: UTF-8 and untouched line ends, unless a terminal is told otherwise."""

from __future__ import annotations

import io
import os
import shutil
import sys
from typing import TextIO

from claimx.errors import WriteError

FILE_WIDTH = 100  # columns of a table that goes to no terminal


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at the other end."""
    return stream is not None and not stream.closed and stream.isatty()


def open_stdout() -> TextIO:
    """Standard output, ready for any text; raises WriteError where it is closed."""
    stream = sys.stdout
    if stream is None or stream.closed:
        raise WriteError("standard output is closed; give a file with -o")
    if isinstance(stream, io.TextIOWrapper):
        if stream.isatty():
            stream.reconfigure(errors="replace")  # a terminal's own encoding may lack a character
        else:
            stream.reconfigure(encoding="utf-8", newline="")
    return stream


def measure_width(stream: TextIO) -> int:
    """Columns of the terminal (or of COLUMNS), or what suits a file."""
    if is_terminal(stream):
        return shutil.get_terminal_size().columns
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() else FILE_WIDTH
