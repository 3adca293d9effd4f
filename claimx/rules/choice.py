"""The choice among candidates by trained models: which cues attribute, with which content.

Reads candidates with probabilities; gives, for a second look at the likeliest, what their neighbours say of them, and then the
chosen ones. Two candidates for one stretch exclude each other; one inside another's words (a source quoted by a source) does
not: of *«Basta», dice Rossi* only one cue can have *Basta*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from claimx.draft import Candidate
from claimx.syntax import Range

SAME = 0.5  # share of words, of those of either, from which two contents are one
LOOKED_AT = 3  # contents of each cue that get a second look
LIKELY = 0.05  # the probability from which they do

NEIGHBOUR_NAMES = (
    "first probability", "cue best", "cue sum", "cue rank", "cue margin", "support", "support share", "rival for stretch",
    "crossing", "around it", "inside it", "cue inside it", "cue before", "second cue before", "cue after", "cues in article",
)  # fmt: skip


@dataclass(slots=True)
class Scored:
    """A candidate with its probability, and its place among the candidates."""

    candidate: Candidate
    probability: float
    index: int


def overlap(one: Sequence[Range], other: Sequence[Range]) -> tuple[int, int, int]:
    """Tokens in both, in `one`, in `other`."""
    if len(one) == len(other) == 1:  # as nearly all are
        (s, e), (t, f) = one[0], other[0]
        return max(0, min(e, f) - max(s, t)), e - s, f - t
    shared = 0
    for s, e in one:
        for t, f in other:
            shared += max(0, min(e, f) - max(s, t))
    return shared, sum(e - s for s, e in one), sum(f - t for t, f in other)


def likeliest(scored: Sequence[Scored]) -> list[list[Scored]]:
    """For each cue in text order, its candidates that get a second look, the most probable first."""
    by_cue: dict[int, list[Scored]] = defaultdict(list)
    for item in scored:
        if item.probability >= LIKELY:
            by_cue[id(item.candidate.cue)].append(item)
    groups = [sorted(group, key=lambda s: -s.probability)[:LOOKED_AT] for group in by_cue.values()]
    groups.sort(key=lambda group: (group[0].candidate.cue.first, group[0].candidate.cue.last))
    return groups


def describe_neighbours(groups: Sequence[Sequence[Scored]]) -> list[list[float]]:
    """A row for each candidate of `groups`, in their order: its rank among its cue's, and the rivals of other cues."""
    best = [group[0].probability for group in groups]
    mean = sum(best) / max(1, len(best))
    rivals = _Rivals(groups)
    rows: list[list[float]] = []
    for k, group in enumerate(groups):
        total = sum(item.probability for item in group)
        second = group[1].probability if len(group) > 1 else 0.0
        before = best[k - 1] if k else 0.0
        earlier = best[k - 2] if k > 1 else 0.0
        after = best[k + 1] if k + 1 < len(groups) else 0.0
        for rank, item in enumerate(group):
            margin = item.probability - (second if rank == 0 else best[k])
            support = sum(other.probability for other in group if _same(item, other))
            row = [item.probability, best[k], total, rank, margin, support, support / total]
            rows.append([*row, *rivals.of(item, k), before, earlier, after, mean])
    return rows


def _same(one: Scored, other: Scored) -> bool:
    shared, mine, theirs = overlap(one.candidate.pieces, other.candidate.pieces)
    return shared / (mine + theirs - shared) >= SAME


class _Rivals:
    """The candidates of an article by place, so that only those that may meet are compared."""

    def __init__(self, groups: Sequence[Sequence[Scored]]) -> None:
        self._by_first = sorted(
            ((item.candidate.pieces[0][0], k, item) for k, group in enumerate(groups) for item in group),
            key=lambda entry: entry[0],
        )
        self._firsts = [first for first, _, _ in self._by_first]
        ends = [item.candidate.pieces[-1][1] for _, _, item in self._by_first]
        self._reach = list(accumulate(ends, max))  # where the candidates so far end at most
        self._by_head = sorted((group[0].candidate.cue.head, k, group[0].probability) for k, group in enumerate(groups))
        self._heads = [head for head, _, _ in self._by_head]

    def of(self, item: Scored, own: int) -> list[float]:
        """The best of other cues for the same stretch, across its edge, around it, inside it; and the best cue inside it."""
        pieces = item.candidate.pieces
        first, last = pieces[0][0], pieces[-1][1]
        same = crossing = around = inside = cue_inside = 0.0
        for head, k, probability in self._by_head[bisect_left(self._heads, first) : bisect_left(self._heads, last)]:
            if k != own and probability > cue_inside and any(s <= head < e for s, e in pieces):
                cue_inside = probability
        for at in range(bisect_left(self._firsts, last) - 1, -1, -1):
            if self._reach[at] <= first:
                break
            _, k, other = self._by_first[at]
            if k == own:
                continue
            shared, mine, length = overlap(pieces, other.candidate.pieces)
            if not shared:
                continue
            if shared / (mine + length - shared) >= SAME:
                same = max(same, other.probability)
            elif shared == mine:
                around = max(around, other.probability)
            elif shared == length:
                inside = max(inside, other.probability)
            else:
                crossing = max(crossing, other.probability)
        return [same, crossing, around, inside, cue_inside]


def choose(scored: Sequence[Scored], *, threshold: float, nested: float) -> list[Scored]:
    """The most probable candidates that do not exclude one another, in text order.

    `nested` is the probability that one inside another's content must have.
    """
    chosen: list[Scored] = []
    heads: set[tuple[str, int]] = set()
    for item in sorted(scored, key=lambda s: (-s.probability, s.candidate.pieces)):
        if item.probability < threshold:
            break
        cue = item.candidate.cue
        key = ("layout", cue.first) if cue.kind == "layout" else ("cue", cue.head)
        if key in heads:
            continue
        if _excluded(item, chosen, nested):
            continue
        chosen.append(item)
        heads.add(key)
    chosen.sort(key=lambda s: (s.candidate.pieces[0][0], -s.candidate.pieces[-1][1]))
    return chosen


def _excluded(item: Scored, chosen: Sequence[Scored], nested: float) -> bool:
    pieces = item.candidate.pieces
    for other in chosen:
        shared, mine, theirs = overlap(pieces, other.candidate.pieces)
        if not shared:
            continue
        if shared / (mine + theirs - shared) >= SAME:
            return True
        if shared < mine and shared < theirs:
            return True  # they cross
        if shared == mine and item.probability < nested:
            return True
        if shared == theirs and mine > theirs and other.candidate.cue.kind == "layout":
            return True
    return False
