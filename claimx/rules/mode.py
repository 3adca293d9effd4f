"""Mode: how much of a claim's content stands in quotation marks or after a speech dash.

Reads the content's spans and the quotations of the text, gives `Mode`. *Il piano è "inutile", ha detto* is mixed, *«Il piano è
inutile», ha detto* direct, *ha detto che il piano è inutile* indirect. A name in quotation marks (*il film "La grande
sete"*) quotes nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from claimx.draft import Quotation, Span
from claimx.model import Mode

_WORD = re.compile(r"[^\W_]+")
_NAME_WORDS = 6  # a longer quotation is no name, however many capitals it has


def judge_mode(text: str, content: Sequence[Span], quotations: Sequence[Quotation]) -> Mode:
    """The share of the content's words that stand in quotation marks, as a mode."""
    if not content:
        return Mode.INDIRECT
    first, last = content[0][0], content[-1][1]
    # quotations are sorted by start: those that begin after the content cannot count
    near = [
        quotation
        for quotation in quotations[: bisect_left(quotations, last, key=lambda quotation: quotation.start)]
        if quotation.inner[1] > first and (quotation.closed or quotation.continues or _begins(quotation, first))
    ]
    spoken = [q.inner for q in near if not _is_name(text, q, content)]
    words = quoted = 0
    for start, end in content:
        for match in _WORD.finditer(text, start, end):
            words += 1
            at = match.start()
            quoted += any(inner[0] <= at < inner[1] for inner in spoken)
    if not quoted:
        return Mode.INDIRECT
    return Mode.DIRECT if quoted == words else Mode.MIXED


def _begins(quotation: Quotation, first: int) -> bool:
    return abs(first - quotation.inner[0]) <= 2


def _is_name(text: str, quotation: Quotation, content: Sequence[Span]) -> bool:
    """Whether the marks hold a title or a name within the content: few words, most of them with a capital."""
    start, end = quotation.inner
    if quotation.depth or any(start <= span[0] and span[1] <= end for span in content):
        return False
    words = [match.group() for match in _WORD.finditer(text, start, end)]
    if not words or len(words) > _NAME_WORDS:
        return False
    capitals = sum(not word[0].islower() for word in words if len(word) > 3 or len(words) == 1)
    long = sum(len(word) > 3 for word in words) or 1
    return not words[0][0].islower() and capitals * 2 > long
