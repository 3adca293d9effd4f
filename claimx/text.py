"""Characters and lines: normalisation that keeps every offset, and the cutting of a text into blocks.

The treebanks know only the straight apostrophe and quotation mark, so *l’accordo* and *“sì”* are misread unless the
parser sees *l'accordo* and *"sì"*. Each character is exchanged for exactly one, so `normalise(text)[a:b]` and
`text[a:b]` are the same stretch.

A block is what the parser reads at once: *Il piano di pace* over *Mosca ha detto di sì.* are a heading and a paragraph,
and must not become one sentence; *Mosca ha detto* over *di sì.* are one hard-wrapped paragraph, not two.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from claimx.draft import Block

_EXCHANGE = {
    **dict.fromkeys("’‘ʼ`´‛‹›′＇", "'"),
    **dict.fromkeys("“”„‟«»″＂❝❞", '"'),
    **dict.fromkeys("\u00a0\u202f\u2007\u2009\u200a\u2002\u2003\u3000\t\v\f", " "),
}
_TABLE = str.maketrans(_EXCHANGE)

LONGEST = 20_000  # characters in a block: the parser's memory grows with what it reads at once
TITLE = 250  # characters: no longer line is a title
HEADING = 120

_LINE = re.compile(r"[^\n\r\u2028\u2029\x85]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
# All spaces, and the characters that show nothing: a line of these alone is a blank line to any reader.
BLANK = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063"
    "\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_ENDS = re.compile(r"[.!?…][»”“\"'’›)\]\s]*(?:\[\d+\])?\Z")
_SENTENCE_END = re.compile(r"[.!?…][»”\"'’›)\]]*\s+(?=[^\Wa-zà-öø-ÿ_]|[«“„\"‹‘(])")
_CLOSERS = "»”“\"'’›)] \u00a0"
_CONTINUES = frozenset(",;.:)]!?»”%")  # no line of its own begins with these
_OPENS = frozenset("«“„\"'‘‹-–—―")

_BULLET = re.compile(r"(?:[•●▪◦‣·○■►▶✓➤*]|\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_DASH = re.compile(r"[-–]\s+(?=\S)")
_BYLINE = re.compile(r"(?:[^\W\d_]+\s+){1,4}?(?:[^\Wa-zà-öø-ÿ\d_][\w.'’-]*(?:\s+|\Z)){2,4}\Z")

_MANY = 8  # lines: a longer stretch shows by itself whether it is hard-wrapped
_WRAPPED = (
    0.4  # of the breaks fall in mid-sentence: four in five in wrapped prose, almost none where a line is a paragraph
)
_WIDTHS = (40, 200)  # characters: shorter lines are broken on purpose


def normalise(text: str) -> str:
    """The text with typographic marks and odd spaces exchanged, one character for one: same length, same offsets."""
    return text.translate(_TABLE)


def line_starts(text: str) -> list[int]:
    """The offset at which each line begins, as an editor counts lines; for `line_of`."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def line_of(starts: Sequence[int], offset: int) -> int:
    """The number of the line, from 1, that holds the character at `offset`; `starts` from `line_starts`."""
    return bisect_right(starts, offset)


def find_blocks(text: str, *, start: int = 0, titled: bool = True) -> list[Block]:
    """The blocks of `text` from `start` on, in order; together they hold every visible character exactly once.

    Blank lines end a block. So does a line break after a full stop or after a short line without one (a heading), and
    one before a list item; but a break where a hard-wrapped line was full does not. With `titled` the first block is a
    title if it looks like one. A speech dash begins a paragraph, a hyphen or bullet a list item.
    """
    runs = _find_runs(text, start)
    general = _find_width(text, runs)
    groups: list[_Group] = []
    for run in runs:
        own = (_find_width(text, [run]) if len(run) > _MANY else None) or general
        groups.extend(_split_run(text, run, own))
    titled = titled and bool(groups) and _is_title(text, groups[0], groups[1:])
    blocks: list[Block] = []
    for index, group in enumerate(groups):
        kind = "title" if titled and index == 0 else _kind(text, group, last=group is groups[-1])
        blocks.extend(_cut(text, group.start, group.end, kind))
    return blocks


def visible_span(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The stretch [start, end) without the blank characters at both ends; None where nothing shows."""
    shown = text[start:end].lstrip(BLANK)
    first = end - len(shown)
    last = first + len(shown.rstrip(BLANK))
    return (first, last) if first < last else None


class _Line(NamedTuple):
    start: int  # of what shows
    end: int
    indent: int


class _Width(NamedTuple):
    """The length of hard-wrapped lines."""

    usual: float
    longest: int


class _Group(NamedTuple):
    """Lines that are one block."""

    start: int
    end: int
    lines: int
    item: bool
    gap: bool  # a blank line after it


def _find_runs(text: str, start: int) -> list[list[_Line]]:
    """The lines that show something, in runs without a blank line between."""
    runs: list[list[_Line]] = []
    begun = False
    previous = start
    for match in _LINE.finditer(text, start):
        # One break ends a line, more leave blank ones between; \r\n is one.
        if match.start() - previous > (2 if text.startswith("\r\n", previous) else 1):
            begun = False
        previous = match.end()
        span = visible_span(text, *match.span())
        if span is None:
            begun = False
            continue
        line = _Line(*span, span[0] - match.start())
        if begun:
            runs[-1].append(line)
        else:
            runs.append([line])
        begun = True
    return runs


def _find_width(text: str, runs: Sequence[Sequence[_Line]]) -> _Width | None:
    """How long the lines are where they are hard-wrapped, otherwise None."""
    breaks = 0
    continued: list[int] = []
    for run in runs:
        for line, following in itertools.pairwise(run):
            if _is_item(text, following):
                continue
            breaks += 1
            if _is_continued(text, following) and not _has_end(text, line):
                continued.append(line.end - line.start)
    if not continued or len(continued) < breaks * _WRAPPED:
        return None
    width = _Width(median(continued), max(continued))
    return width if _WIDTHS[0] <= width.usual <= _WIDTHS[1] else None


def _split_run(text: str, run: Sequence[_Line], width: _Width | None) -> Iterator[_Group]:
    first = 0
    item = _is_item(text, run[0])
    for index in range(1, len(run)):
        if _is_break(text, run[index - 1], run[index], width=width, alone=index - first == 1, in_item=item):
            yield _Group(run[first].start, run[index - 1].end, index - first, item, False)
            first = index
            item = _is_item(text, run[index])
    yield _Group(run[first].start, run[-1].end, len(run) - first, item, True)


def _is_break(text: str, line: _Line, following: _Line, *, width: _Width | None, alone: bool, in_item: bool) -> bool:
    """Whether a block ends between two lines; `alone` where `line` began it.

    Yes: *I punti dell’accordo* / *Mosca ha detto di sì.*; no: *Mosca ha detto di voler* / *Kiev al tavolo.*, where the
    first line is as long as its neighbours.
    """
    ended = _has_end(text, line)
    continued = _is_continued(text, following)
    length = line.end - line.start
    word = text[following.start : min(following.end, following.start + 40)].split(None, 1)[0]
    # The next word had no room: the wrapping broke the line. After a full stop only what cannot be otherwise counts.
    full = width is not None and length + 1 + len(word) > (width.longest if ended else 0.9 * width.usual)
    if _is_item(text, following):
        return not (full and not ended and not in_item and text[line.end - 1] not in ":;")
    if continued and _is_byline(text, following) and not full:
        return True
    if width is None:
        return ended if continued else text[line.end - 1] != ","
    if following.indent > line.indent and not in_item and not continued:
        return True  # an indented first line
    if continued or full:
        return False
    return ended or text[line.end - 1] == ":" or alone or length < 0.75 * width.usual


def _kind(text: str, group: _Group, *, last: bool) -> str:
    if group.item:
        return "item"
    return "heading" if group.lines == 1 and not last and _is_heading(text, group) else "paragraph"


def _is_title(text: str, group: _Group, body: Sequence[_Group]) -> bool:
    """Whether the first block is a title: *Porto, raggiunto l’accordo*, but not *Secondo le fonti, l’accordo c’è.*

    With a full stop it is one only where it stands apart, is one sentence, and a paragraph twice as long follows.
    """
    length = group.end - group.start
    title = text[group.start : group.end]
    last = title.rstrip(_CLOSERS)[-1:]
    if not body or group.item or length > TITLE or group.lines > 3 or title[0] in "-–—―(":
        return False
    if last in ("", ",", ";", ":", "…"):
        return False
    if last != ".":
        return True
    longest = max(block.end - block.start for block in body)
    return group.gap and length <= HEADING and not _SENTENCE_END.search(title) and longest > 2 * length


def _is_heading(text: str, group: _Group) -> bool:
    """Whether a line is a heading: *I punti dell’accordo*, but not *«Abbiamo firmato»* nor *Ecco che cosa prevede:*."""
    if group.end - group.start > HEADING:
        return False
    line = text[group.start : group.end]
    last = line.rstrip(_CLOSERS)[-1:]
    if last in ("", *".,;:!?…") or line[0] in _OPENS or line[0].islower():
        return False
    return any(map(str.isalpha, line))


def _is_item(text: str, line: _Line) -> bool:
    """Whether a line begins a list item: *- turni di sei ore*, but not *- Sono stanco - disse* nor *– Sono stanco.*"""
    if _BULLET.match(text, line.start, line.end):
        return any(map(str.isalpha, text[line.start : min(line.end, line.start + 80)]))
    dash = _DASH.match(text, line.start, line.end)
    if not dash:
        return False
    mark = text[line.start]
    if text.find(f" {mark} ", dash.end(), line.end) >= 0:
        return False
    return mark == "-" or not _has_end(text, line)


def _is_continued(text: str, line: _Line) -> bool:
    """Whether a line goes on with the sentence of the line before: it begins in lower case, or with a closing mark."""
    first = text[line.start]
    return first.islower() or first in _CONTINUES


def _has_end(text: str, line: _Line) -> bool:
    """Whether a line ends as a sentence does; a note's number may follow the full stop."""
    return _ENDS.search(text, max(line.start, line.end - 8), line.end) is not None


def _is_byline(text: str, line: _Line) -> bool:
    """Whether a line names who wrote it: *di Lidia Marotti*, *dal nostro inviato Aldo Serra*."""
    return line.end - line.start <= 60 and _BYLINE.match(text, line.start, line.end) is not None


def _cut(text: str, start: int, end: int, kind: str) -> Iterator[Block]:
    """The block, or where it is too long its pieces: cut after a sentence, else at a line break, a space, anywhere."""
    while end - start > LONGEST:
        at = _find_cut(text, start + LONGEST // 2, start + LONGEST)
        span = visible_span(text, start, at)
        if span:
            yield Block(*span, kind)
        start = at
    span = visible_span(text, start, end)
    if span:
        yield Block(*span, kind)


def _find_cut(text: str, low: int, high: int) -> int:
    at = 0
    for match in _SENTENCE_END.finditer(text, low, high):
        at = match.end()
    at = at or max(text.rfind("\n", low, high), text.rfind(" ", low, high)) + 1
    if at:
        return at
    for match in re.finditer(r"\s", text[low:high]):
        at = low + match.end()
    return at or high
