"""The choice among candidates by trained models: which cues attribute, with which content.

Reads candidates with probabilities; gives, for a second look at the likeliest, what their neighbours say of them, and then the
chosen ones. Two candidates for one stretch exclude each other; one inside another's words (a source quoted by a source) does
not: of *«Basta», dice Rossi* only one cue can have *Basta*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy

from claimx.draft import Candidate
from claimx.syntax import Range

Array = numpy.ndarray
SAME = 0.5  # share of words, of those of either, from which two contents are one
LOOKED_AT = 3  # contents of each cue that get a second look
LIKELY = 0.05  # the probability from which they do
TOGETHER = 128  # candidates that are compared with all others at once
FEW = 16  # of several pieces

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
    """Tokens in both, in `one`, in `other`; the pieces of each are in text order."""
    if len(one) == len(other) == 1:  # as nearly all are
        (s, e), (t, f) = one[0], other[0]
        return max(0, min(e, f) - max(s, t)), e - s, f - t
    shared = i = k = 0
    while i < len(one) and k < len(other):
        (s, e), (t, f) = one[i], other[k]
        shared += max(0, min(e, f) - max(s, t))
        if e <= f:
            i += 1
        else:
            k += 1
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


def describe_neighbours(groups: Sequence[Sequence[Scored]]) -> Array:
    """A row for each candidate of `groups`, in their order: its rank among its cue's, and the rivals of other cues."""
    if not groups:
        return numpy.empty((0, len(NEIGHBOUR_NAMES)))
    table = _Table(groups)
    cue, rank, probability, best = table.cue, table.rank, table.probability, table.best
    mates = [numpy.where(real, probability[at], 0.0) for at, real in table.mates()]
    total = sum(mates)
    next_best = numpy.where(rank == 0, mates[1] if len(mates) > 1 else 0.0, best[cue])
    support, rivals = _compare(table)
    near = numpy.concatenate(([0.0, 0.0], best, [0.0]))  # the best of the cues before and after
    mean = sum(best.tolist()) / len(best)
    return numpy.stack(
        (
            probability, best[cue], total, rank, probability - next_best, support, support / total, *rivals,
            near[cue + 1], near[cue], near[cue + 3], numpy.full(len(cue), mean),
        ), axis=1,
    )  # fmt: skip


class _Table:
    """The candidates of an article as columns, those of a cue side by side, the most probable first."""

    def __init__(self, groups: Sequence[Sequence[Scored]]) -> None:
        sizes = numpy.array([len(group) for group in groups])
        self.cue = numpy.repeat(numpy.arange(len(groups)), sizes)
        self.size = sizes[self.cue]  # of its cue's group
        self.begin = (numpy.cumsum(sizes) - sizes)[self.cue]
        self.rank = numpy.arange(len(self.cue)) - self.begin
        self.probability = numpy.array([item.probability for group in groups for item in group])
        self.best = self.probability[self.rank == 0]  # of each cue
        self.pieces = [item.candidate.pieces for group in groups for item in group]
        self.heads = [group[0].candidate.cue.head for group in groups]

    def mates(self) -> Iterator[tuple[Array, Array]]:
        """By rank, the candidate of that rank for the same cue as each, and whether there is one."""
        for rank in range(self.size.max()):
            yield numpy.minimum(self.begin + rank, len(self.begin) - 1), rank < self.size


def _compare(table: _Table) -> tuple[Array, Array]:
    """How probable its own cue's candidates for the same stretch are together; and, a line each, the best of other cues' for
    the same stretch, across its edge, around it, inside it, and the best of the cues inside it.
    """
    cue, probability, count = table.cue, table.probability, len(table.cue)
    overlaps = _Overlaps(table.pieces, table.heads)
    support, rivals = numpy.zeros(count), numpy.zeros((5, count))
    for low in range(0, count, TOGETHER):
        part = slice(low, min(low + TOGETHER, count))
        shared = overlaps.shared(part)
        shared, heads = shared[:count], shared[count:]
        mine, theirs = overlaps.length[part], overlaps.length[:, None]
        same = shared >= SAME * (mine + theirs - shared)
        for at, real in table.mates():
            alike = same[at[part], numpy.arange(len(mine))] & real[part]
            support[part] += numpy.where(alike, probability[at[part]], 0.0)
        met = (shared > 0) & (cue[:, None] != cue[part])
        same &= met
        met ^= same
        around = met & (shared == mine)
        met ^= around
        inside = met & (shared == theirs)
        met ^= inside  # those that cross
        for line, mask in enumerate((same, met, around, inside)):
            rivals[line, part] = (mask * probability[:, None]).max(axis=0)
        held = (heads > 0) & (numpy.arange(len(heads))[:, None] != cue[part])
        rivals[4, part] = (held * table.best[:, None]).max(axis=0)
    return support, rivals


class _Overlaps:
    """How many tokens each of some contents shares with each, and with single tokens; the latter come last."""

    def __init__(self, contents: Sequence[Sequence[Range]], tokens: Sequence[int]) -> None:
        counts = numpy.array([len(pieces) for pieces in contents])
        starts, ends = numpy.array([piece for pieces in contents for piece in pieces]).T
        singles = numpy.array(tokens)
        begin = numpy.cumsum(counts) - counts
        self.length = numpy.add.reduceat(ends - starts, begin)
        self._first = numpy.concatenate((starts[begin], singles))
        self._last = numpy.concatenate((ends[begin + counts - 1], singles + 1))
        self._broken = numpy.flatnonzero(counts > 1)  # contents of several pieces
        self._with_broken = numpy.empty((len(self._first), len(self._broken)), dtype=int)
        for low in range(0, len(self._broken), FEW):
            part = self._broken[low : low + FEW]
            # of each content, its tokens before each token
            before = numpy.zeros((self._last.max() + 1, len(part)), dtype=int)
            for column, i in enumerate(part.tolist()):
                for s, e in contents[i]:
                    before[s + 1 : e + 1, column] = 1
            numpy.cumsum(before, axis=0, out=before)
            self._with_broken[:, low : low + FEW] = numpy.concatenate(
                (numpy.add.reduceat(before[ends] - before[starts], begin), before[singles + 1] - before[singles])
            )

    def shared(self, part: slice) -> Array:
        """A line for each content and token, a column for each content in `part`."""
        shared: Array = numpy.minimum(self._last[:, None], self._last[part])
        shared -= numpy.maximum(self._first[:, None], self._first[part])
        numpy.maximum(shared, 0, out=shared)
        if len(self._broken):
            low, high = numpy.searchsorted(self._broken, (part.start, part.stop))
            shared[self._broken] = self._with_broken[part].T
            shared[:, self._broken[low:high] - part.start] = self._with_broken[:, low:high]
        return shared


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
    first, last = pieces[0][0], pieces[-1][1]
    for other in chosen:
        their_pieces = other.candidate.pieces
        if their_pieces[0][0] >= last or their_pieces[-1][1] <= first:
            continue
        shared, mine, theirs = overlap(pieces, their_pieces)
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
