"""What reading gives: a text with its title, date and blocks."""

from __future__ import annotations

from dataclasses import dataclass

from claimx.draft import Block, Span


@dataclass(frozen=True, slots=True)
class Source:
    """An article as read. All offsets count in `text`; for Markdown and HTML that is the text without its markup."""

    text: str
    id: str
    path: str  # as given; "-" for standard input and for a text given as such
    title: str | None
    title_span: Span | None
    date: str | None  # ISO
    blocks: tuple[Block, ...]
    sha256: str  # of the bytes read
    warnings: tuple[str, ...] = ()  # each one line, without the path


@dataclass(frozen=True, slots=True)
class Page:
    """What one format's reader makes of a file's characters."""

    text: str
    blocks: tuple[Block, ...]
    date: str | None = None  # as the file's metadata give it
    warnings: tuple[str, ...] = ()
