"""The choice among candidates by trained models: which cues attribute, with which content, and who is the source.

Reads the candidates and their descriptions, gives chosen ones with probabilities. Two candidates for one stretch exclude each
other; one inside another's words (a source quoted by a source) does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claimx.draft import Candidate
from claimx.syntax import Range

SAME = 0.5  # share of words, of those of either, from which two contents are one


@dataclass(slots=True)
class Scored:
    """A candidate with its probability, and its place among the candidates."""

    candidate: Candidate
    probability: float
    index: int


def overlap(one: Sequence[Range], other: Sequence[Range]) -> tuple[int, int, int]:
    """Tokens in both, in `one`, in `other`."""
    shared = 0
    for s, e in one:
        for t, f in other:
            shared += max(0, min(e, f) - max(s, t))
    return shared, sum(e - s for s, e in one), sum(f - t for t, f in other)


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
