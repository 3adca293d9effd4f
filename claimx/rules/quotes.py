"""Quotations: stretches in quotation marks and after speech dashes, with nesting, of any typographic habit.

Reads the text as it stands (not normalised: the direction of a mark counts) and its blocks, gives `Quotation`s in text
order. *«Non è "finita"», ha detto* gives *«Non è "finita"»* and, one deeper, *"finita"*.

Each block is read afresh, so a stray mark spoils one block at most; within it, the spaces round a mark say whether it can
open or close, and only a mark that could do both is decided by what stands open. All look-ahead is bounded: linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from claimx.draft import Block, Quotation, Span
from claimx.lexicon.quotes import load_quotes

_MARK = re.compile(r"<<|>>|,,(?=\w)|''|’’|‘‘|``|´´|[«»“”„‟\"″＂❝❞‹›'‘’‚‛`´]")
_DASH = re.compile(r"[—–―]|-(?=\s)")
_SPACED_DASH = re.compile(r"(?<=[\s,.;:!?…])[—–―-](?=[\s,.;:]|$)")

_GUILLEMETS = frozenset(["«", "»", "<<", ">>"])
_OPENING = frozenset(["«", "<<", "„", ",,", "❝", "‹", "‚"])  # never close
_CLOSING = frozenset(["»", ">>", "❞", "›"])  # open only a paragraph that goes on
_LEANING = {"“": "open", "‟": "open", "‘‘": "open", "``": "open", "”": "close", "’’": "close"}
_BEFORE_OPENING = frozenset("([{/—–―-:'’‘«“„‹<=>*_")
_AFTER_CLOSING = frozenset(".,;:!?…)]}/—–―-»”’›<*_")
_APOSTROPHES = frozenset("'’‘`´‛‚")

_NESTING_REACH = 12  # marks looked ahead to tell a nested quotation from an unclosed one
_SINGLE_REACH = 400  # characters that a quotation in single marks may hold
_PARAGRAPHS_REACH = 15  # paragraphs that a quotation may run over with no mark of their own


@dataclass(slots=True)
class _Mark:
    start: int
    end: int
    family: str  # double | guillemet | angle | single
    can_open: bool
    can_close: bool


@dataclass(slots=True)
class _Open:
    mark: _Mark
    continues: bool = False


def find_quotations(text: str, blocks: Sequence[Block]) -> list[Quotation]:
    """All quotations of the text, in text order, outer before inner."""
    found: list[Quotation] = []
    carried: _Carried | None = None
    for index, block in enumerate(blocks):
        marks = _marks(text, block)
        here, stray = _paired(text, block, index, marks, carried)
        here.extend(_singles(text, block, index, marks))
        if not here and not marks:
            here = _dialogue(text, block, index)
        elif not here or here[0].start > block.start:
            here = here + [dash for dash in _dialogue(text, block, index) if not _overlaps(dash, here)]
        if carried is not None and stray is not None and carried.family == stray.family:
            if not any(_family(text[q.start : q.inner[0]]) == stray.family for q in here if q.start < stray.start):
                found.extend(_carried_over(text, blocks, carried, index, stray))
        here = _nested_in_order(text, here)
        found.extend(here)
        carried = _carry(text, carried, here, index, block, {mark.family for mark in marks})
    return _nested_in_order(text, found)


@dataclass(frozen=True, slots=True)
class _Carried:
    """An unclosed quotation that reached the end of block `block`, and may go on in the next."""

    family: str
    block: int


def _marks(text: str, block: Block) -> list[_Mark]:
    """The marks of a block that can be quotation marks, with what the characters round each allow."""
    marks = []
    for match in _MARK.finditer(text, block.start, block.end):
        mark = match.group()
        start, end = match.span()
        before = text[start - 1] if start > block.start else " "
        after = text[end] if end < block.end else " "
        if mark in _APOSTROPHES:
            marks.append(_single_mark(text, block, start, before, after))
            continue
        if mark in ("''", "’’", "‘‘", "``", "´´") and before.isalnum() and after.isalnum():
            continue  # dell''anno
        if mark == '"' and before.isdigit() and after.isdigit():
            continue  # 1'13"32
        family = _family(mark)
        can_open = mark in _OPENING or (mark not in _CLOSING and _may_open(mark, before, after))
        can_close = mark in _CLOSING or (mark not in _OPENING and _may_close(mark, before, after))
        if mark in _CLOSING and start == block.start and not after.isspace():
            can_open, can_close = (
                True,
                False,
            )  # » at the head of a paragraph: an old way to say that the quotation goes on
        marks.append(_Mark(start, end, family, can_open, can_close))
    return marks


def _family(mark: str) -> str:
    return "guillemet" if mark in _GUILLEMETS else "angle" if mark in "‹›" else "double"


def _single_mark(text: str, block: Block, start: int, before: str, after: str) -> _Mark:
    elided = before in _APOSTROPHES and start - 2 >= block.start and text[start - 2].isalpha()  # l''invasione'
    opens = (before.isspace() or before in '([{"«“”„/—–-' or elided) and (after.isalnum() or after in '"«“…')
    closes = not before.isspace() and not after.isalnum() and not opens
    return _Mark(start, start + 1, "single", opens, closes)


def _may_open(mark: str, before: str, after: str) -> bool:
    if after.isspace():  # «detto: " Siamo qui "»: only where a space stands before as well
        return before.isspace() or before == ":" or _LEANING.get(mark) == "open"
    if before.isspace() or before in _BEFORE_OPENING:
        return after not in ".,;)" or after == "." or _LEANING.get(mark) == "open"
    if _LEANING.get(mark) == "close":
        return False
    return after.isalnum()  # detto"Siamo qui": by what stands open


def _may_close(mark: str, before: str, after: str) -> bool:
    if before.isspace():
        return after.isspace() or after in _AFTER_CLOSING
    if before in "([{:" and after.isalnum():
        return False
    if before in _APOSTROPHES and after.isalnum():
        return False
    if after.isspace() or after in _AFTER_CLOSING or after in "\"'":
        return True
    return _LEANING.get(mark) != "open"


def _paired(
    text: str, block: Block, index: int, marks: list[_Mark], carried: _Carried | None
) -> tuple[list[Quotation], _Mark | None]:
    """The quotations in double marks of one block, and its first closing mark that has no opening one."""
    found: list[Quotation] = []
    stray: _Mark | None = None
    stack: list[_Open] = []
    doubles = [mark for mark in marks if mark.family != "single"]
    closers_left = {family: sum(m.can_close for m in doubles if m.family == family) for family in _families(doubles)}
    for at, mark in enumerate(doubles):
        closers_left[mark.family] -= mark.can_close
        tagged = bool(stack) and not mark.can_close and mark.family == "double" and _before_tag(text, mark, doubles, at)
        partner = _partner(stack, mark, closers_left) if mark.can_close or tagged else None
        if partner is not None and (tagged or not (mark.can_open and _opens_rather(text, mark, block))):
            for left in stack[partner + 1 :]:
                found.append(_unclosed(text, left, mark.start, index))
            opened = stack[partner]
            del stack[partner:]
            found.append(_closed(opened, mark, index))
        elif mark.can_open or (mark.can_close and not stack and _misplaced_opening(text, doubles, at)):
            same = [opened for opened in stack if opened.mark.family == mark.family]
            if same and (len(stack) >= _NESTING_REACH or not _nested(doubles, at)):
                cut = stack.index(same[0])
                found.extend(_unclosed(text, left, mark.start, index) for left in stack[cut:])
                del stack[cut:]
            goes_on = carried is not None and carried.family == mark.family and mark.start == block.start
            stack.append(_Open(mark, goes_on))
        elif mark.can_close and stray is None and not stack:
            stray = mark
    found.extend(_unclosed(text, left, block.end, index) for left in stack)
    return [quotation for quotation in found if quotation.inner[0] < quotation.inner[1]], stray


def _families(marks: list[_Mark]) -> set[str]:
    return {mark.family for mark in marks}


def _partner(stack: list[_Open], mark: _Mark, closers_left: dict[str, int]) -> int | None:
    """The place in the stack of the opening mark that `mark` closes: its own kind, or another that nothing else closes."""
    for place in range(len(stack) - 1, max(-1, len(stack) - 1 - _NESTING_REACH), -1):
        if stack[place].mark.family == mark.family:
            return place
    if stack and not closers_left.get(stack[-1].mark.family):
        return len(stack) - 1
    return None


def _opens_rather(text: str, mark: _Mark, block: Block) -> bool:
    """Whether a mark that could do both opens even though a quotation stands open: `(... "` before a word, after a space."""
    before = text[mark.start - 1] if mark.start > block.start else " "
    after = text[mark.end] if mark.end < block.end else " "
    return (before.isspace() or before in "([{") and after.isalnum()


def _before_tag(text: str, mark: _Mark, marks: list[_Mark], at: int) -> bool:
    """`"È un dramma "ha detto il sindaco`: a mark with the looks of an opening one, but what follows names the speaker."""
    if mark.end - mark.start > 1 or not text[mark.end : mark.end + 1].islower():
        return False
    return not _nested(marks, at) and bool(load_quotes().speech_tag.match(text, mark.end, mark.end + 40))


def _misplaced_opening(text: str, marks: list[_Mark], at: int) -> bool:
    """`ha detto" Siamo qui"`: a mark with the looks of a closing one, where nothing is open and the next one closes too."""
    mark = marks[at]
    if mark.family != "double" or at + 1 >= len(marks) or text[mark.start - 1 : mark.start].isdigit():
        return False
    after = marks[at + 1]
    return (
        text[mark.end : mark.end + 1] == " "
        and after.family == "double"
        and after.can_close
        and not after.can_open
        and text[mark.end : after.start].count(" ") > 1
    )


def _nested(marks: list[_Mark], at: int) -> bool:
    """Whether the mark `at` opens a quotation inside the one that is open: both are closed further on."""
    family, balance = marks[at].family, 2
    for mark in marks[at + 1 : at + 1 + _NESTING_REACH]:
        if mark.family != family:
            continue
        if mark.can_close:
            balance -= 1
            if not balance:
                return True
        elif mark.can_open:
            balance += 1
    return False


def _closed(opened: _Open, mark: _Mark, index: int) -> Quotation:
    start = opened.mark.start
    return Quotation(start, mark.end, (opened.mark.end, mark.start), True, index, opened.continues)


def _unclosed(text: str, opened: _Open, end: int, index: int) -> Quotation:
    stop = opened.mark.end + len(text[opened.mark.end : end].rstrip())
    inner = (opened.mark.end, stop)
    return Quotation(opened.mark.start, max(stop, opened.mark.end), inner, False, index, opened.continues)


def _singles(text: str, block: Block, index: int, marks: list[_Mark]) -> list[Quotation]:
    """Quotations in single marks: an opening one at the head of a word, and the first mark after it that ends none."""
    found: list[Quotation] = []
    truncated = load_quotes().truncated
    opening: _Mark | None = None
    between = 0  # double marks since: an odd number means that a border of another quotation was crossed
    for mark in marks:
        if mark.family != "single":
            between += 1
        elif mark.can_open:
            opening, between = mark, 0
        elif mark.can_close and opening is not None:
            if mark.start - opening.start > _SINGLE_REACH or between % 2:
                opening = None
            elif _last_word(text, opening.end, mark.start) not in truncated:
                found.append(Quotation(opening.start, mark.end, (opening.end, mark.start), True, index))
                opening = None
    return found


def _nested_in_order(text: str, found: list[Quotation]) -> list[Quotation]:
    """In text order, outer before inner, each with its depth and without spaces at the ends of its inner part."""
    found.sort(key=lambda quotation: (quotation.start, -quotation.end))
    out: list[Quotation] = []
    ends: list[int] = []
    for quotation in found:
        while ends and ends[-1] <= quotation.start:
            ends.pop()
        inner = _trimmed(text, *quotation.inner)
        if inner[0] < inner[1]:
            out.append(replace(quotation, inner=inner, depth=len(ends)))
            ends.append(quotation.end)
    return out


def _last_word(text: str, start: int, end: int) -> str:
    head = max(start, end - 20)
    return re.split(r"\W", text[head:end])[-1].casefold()


def _dialogue(text: str, block: Block, index: int) -> list[Quotation]:
    """The speech of a block that begins with a dash: *— Sono stanco — disse. — Vado a letto.* gives two quotations.

    An em dash needs no more than its place; shorter dashes and list items need a speaker's tag after the next dash.
    """
    opening = _DASH.match(text, block.start, block.end)
    if opening is None:
        return []
    dashes = [match.start() for match in _SPACED_DASH.finditer(text, opening.end(), block.end)]
    tag = load_quotes().speech_tag
    tagged = [dash for dash in dashes if tag.match(text, dash + 1, block.end)]
    if not tagged and (block.kind == "item" or opening.group() not in "—―"):
        return []
    found: list[Quotation] = []
    start: int | None = opening.start()
    for dash in dashes:
        if start is not None and dash in tagged:
            found.append(_spoken(text, start, dash, index))
            start = None
        elif start is None:
            start = dash
    if start is not None:
        found.append(_spoken(text, start, block.end, index))
    return [quotation for quotation in found if quotation.inner[0] < quotation.inner[1]]


def _spoken(text: str, start: int, end: int, index: int) -> Quotation:
    inner = _trimmed(text, start + 1, end)
    return Quotation(start, max(inner[1], start + 1), inner, True, index)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _overlaps(quotation: Quotation, others: list[Quotation]) -> bool:
    return any(other.start < quotation.end and quotation.start < other.end for other in others)


def _carry(
    text: str, carried: _Carried | None, here: list[Quotation], index: int, block: Block, families: set[str]
) -> _Carried | None:
    """What stands open after this block: a quotation of its own that nothing closed, or the one carried into it."""
    outer = [quotation for quotation in here if not quotation.depth]
    if outer and not outer[-1].closed and not text[outer[-1].end : block.end].strip():
        return _Carried(_family(text[outer[-1].start : outer[-1].inner[0]]), index)
    if (
        carried is not None
        and carried.family not in families
        and index - carried.block < _PARAGRAPHS_REACH
        and block.kind != "heading"
    ):
        return carried
    return None


def _carried_over(text: str, blocks: Sequence[Block], carried: _Carried, index: int, stray: _Mark) -> list[Quotation]:
    """The paragraphs that a quotation runs over with one mark at its head and one at its foot."""
    found = []
    for at in range(carried.block + 1, index):
        inner = _trimmed(text, blocks[at].start, blocks[at].end)
        if inner[0] < inner[1]:
            found.append(Quotation(*inner, inner, False, at, True))
    inner = _trimmed(text, blocks[index].start, stray.start)
    if inner[0] < inner[1]:
        found.append(Quotation(inner[0], stray.end, inner, True, index, True))
    return found
