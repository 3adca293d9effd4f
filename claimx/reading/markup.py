"""The text of a page without its markup, put together block by block: for the readers of Markdown and of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from claimx.draft import Block
from claimx.text import find_blocks, visible_span

_GAP = "\n\n"
BREAK = "\u2028"  # a line break that the page shows, as it is given to `add`; the source's own are spaces
_SPACES = re.compile(r"[ \t\r\n\u2028]+")
_NEARBY = 6  # blocks, from the beginning, among which the title may stand already


class PageBuilder:
    """Collects blocks; `build` gives the text in which a blank line parts them, and the blocks in it."""

    def __init__(self) -> None:
        self._blocks: list[tuple[str, str]] = []

    def add(self, text: str, kind: str = "paragraph") -> None:
        """Add a block if it shows; the source's spaces and line ends are one space, `BREAK` is a line end."""
        text = _SPACES.sub(lambda match: "\n" if BREAK in match[0] else " ", text)
        span = visible_span(text, 0, len(text))
        if span:
            self._blocks.append((text[slice(*span)], kind))

    def add_row(self, cells: Iterable[str]) -> None:
        """Add a table's row, a tab between its cells."""
        row = "\t".join(_SPACES.sub(" ", cell).strip() for cell in cells)
        if visible_span(row, 0, len(row)):
            self._blocks.append((row.strip(), "paragraph"))

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def set_title(self, title: str | None) -> None:
        """Make the block that holds the title the title; put the title first where none does.

        A site's name after it (*Il porto riapre | La Gazzetta del Molo*) goes where the page's own heading shows it.
        """
        key = _key(title or "")
        if not title or not key:
            return
        for index, (text, kind) in enumerate(self._blocks[:_NEARBY]):
            own = _key(text)
            if own == key or (kind == "heading" and index == 0 and len(own) > 8 and key.startswith(own)):
                self._blocks[index] = (text, "title")
                return
        self._blocks.insert(0, (" ".join(title.split()), "title"))

    def build(self) -> tuple[str, tuple[Block, ...]]:
        """The text, and its blocks; the first is a title if it looks like one and no title was set."""
        titled = any(kind == "title" for _, kind in self._blocks)
        text = _GAP.join(block for block, _ in self._blocks)
        blocks: list[Block] = []
        at = 0
        for block, kind in self._blocks:
            for part in find_blocks(block, titled=False):
                known = part.kind if kind == "paragraph" and part.kind == "item" else kind
                blocks.append(Block(at + part.start, at + part.end, known))
            at += len(block) + len(_GAP)
        if blocks and not titled:
            blocks[0] = _titled(text, blocks[0])
        return text, tuple(blocks)


def _titled(text: str, first: Block) -> Block:
    """The first block, as a title where it looks like one."""
    if first.kind == "heading":
        return Block(first.start, first.end, "title")
    found = find_blocks(text)
    return found[0] if found[0] == Block(first.start, first.end, "title") else first


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
