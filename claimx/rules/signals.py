"""What the network sees of a cue, its contents and its sources, as numbers for the trained models, and a content by its light.

Reads `claimx.network.Signals`, which holds probabilities by token; gives rows of features with names. The likeness of a content to
what the network expects is the expected intersection over the expected union of their tokens: near 1 for *il piano è pronto* after
*ha detto che*, less for a stretch that stops short or runs on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from claimx.draft import Candidate, Cue, Mention
from claimx.network import REACH, Row, Signals
from claimx.syntax import Range, Tokens

CUE_SIGNALS = ("network cue", "network cue at head", "network bare", "network claim at head", "network claim around")
PAIR_SIGNALS = (
    "network likeness", "network inside", "network held", "network total", "network start", "network end", "network claim",
    "network likeness share",
)  # fmt: skip
SOURCE_SIGNALS = (
    "network source likeness", "network source inside", "network source held", "network source total", "network given",
    "network elided", "network nobody",
)  # fmt: skip
SURE = 0.5  # the probability from which a token is of a content that the network proposes
SEEN = 0.2  # the same of a start and an end
GAP = 3  # tokens of less than that between two that are: marks, a short phrase
PIECES = 2
BROKEN = 14  # tokens from a cue within which the mark stands that ends what broke a content off
AROUND = 8  # tokens to each side of a cue

Array = numpy.ndarray


class SignalDescriber:
    """Gives the signals' share of the rows of one article."""

    def __init__(self, signals: Signals, tokens: Tokens) -> None:
        self.signals = signals
        self.tokens = tokens

    def describe_cue(self, cue: Cue) -> list[float]:
        """The signals of a cue, in the order of CUE_SIGNALS."""
        signals, n = self.signals, self.tokens.n
        head = min(cue.head, n - 1)
        first, last = max(0, head - AROUND), min(n, head + AROUND)
        return [
            max(signals.cue[cue.first : cue.last], default=0.0),
            signals.cue[head],
            max(signals.bare[max(0, cue.first - 1) : cue.last + 3], default=0.0),
            float(signals.claim[head + 1] - signals.claim[head]),
            float(signals.claim[last] - signals.claim[first]) / (last - first),
        ]

    def anchor(self, cue: Cue, first: int) -> tuple[int, bool]:
        """The token whose row tells of a cue; of one that is no word, where the content begins, about token `first`."""
        if cue.kind == "layout":
            near = range(max(0, first - 1), min(self.tokens.n, first + 2))
            return max(near, key=self.signals.bare.__getitem__), True
        if cue.last <= cue.first:
            return min(cue.head, self.tokens.n - 1), False
        return max(range(cue.first, cue.last), key=self.signals.cue.__getitem__), False

    def look(self, cues: Sequence[Cue]) -> None:
        """Have the rows of many cues computed at once, which are asked for soon."""
        self.signals.rows([self.anchor(cue, cue.first) for cue in cues])

    def describe_contents(self, groups: Sequence[Sequence[Candidate]]) -> Array:
        """A row for each content in `groups`, one group a cue, in the order of PAIR_SIGNALS."""
        candidates = [candidate for group in groups for candidate in group]
        anchors = [self.anchor(candidate.cue, candidate.pieces[0][0]) for candidate in candidates]
        known = {anchor: k for k, anchor in enumerate(dict.fromkeys(anchors))}
        rows = self.signals.rows(list(known))
        of = numpy.array([known[anchor] for anchor in anchors])
        origin = numpy.array([row.first for row in rows])[of]
        counts = [len(candidate.pieces) for candidate in candidates]
        begins = numpy.cumsum([0, *counts[:-1]])
        starts, ends = numpy.array([piece for candidate in candidates for piece in candidate.pieces]).T
        first, last = starts[begins], ends[begins + numpy.array(counts) - 1]
        length = numpy.add.reduceat(ends - starts, begins)
        claim = numpy.add.reduceat(self.signals.claim[ends] - self.signals.claim[starts], begins)

        inside = numpy.stack([row.inside for row in rows])
        each = numpy.repeat(numpy.arange(len(candidates)), counts)
        low, high = (numpy.clip(at - origin[each], 0, 2 * REACH) for at in (starts, ends))
        mass = numpy.add.reduceat(inside[of[each], high] - inside[of[each], low], begins)
        total = inside[of, -1]
        likeness = mass / (length + total - mass)
        best = numpy.maximum.reduceat(likeness, numpy.cumsum([0, *[len(group) for group in groups[:-1]]]))
        best = numpy.repeat(best, [len(group) for group in groups])
        start = _near(numpy.stack([row.start for row in rows]), of, first - origin, (-1, 0, 1))
        end = _near(numpy.stack([row.end for row in rows]), of, last - origin, (-2, -1, 0))
        columns = (
            likeness, mass / length, mass / (total + 1e-6), total, start, end, claim / length, likeness / (best + 1e-6)
        )  # fmt: skip
        return numpy.stack(columns, axis=1)

    def describe_sources(self, cue: Cue, pieces: Sequence[Range], mentions: Sequence[Mention]) -> list[list[float]]:
        """The signals of a cue's mentions, in the order of SOURCE_SIGNALS."""
        row = self._row(cue, pieces[0][0])
        total = float(row.source[-1])
        described: list[list[float]] = []
        for mention in mentions:
            if mention.tokens is None:
                described.append([0.0, 0.0, 0.0, total, *row.status])
                continue
            start, end = mention.tokens
            mass = row.mass(row.source, start, end)
            length = end - start
            described.append([mass / (length + total - mass), mass / length, mass / (total + 1e-6), total, *row.status])
        return described

    def propose(self, cue: Cue) -> Iterator[tuple[str, tuple[Range, ...]]]:
        """The contents that the network itself would give a cue, each with the name of its kind: what it thinks inside, if it is
        sure of two tokens, and what lies between the likeliest start and end."""
        row = self._row(cue, cue.first)
        inside = [
            i for i in (numpy.flatnonzero(numpy.diff(row.inside) > SURE) + row.first).tolist() if 0 <= i < self.tokens.n
        ]
        yield "network", resumed(self.tokens, cue, self._gather(cue, inside))
        first, last = int(numpy.argmax(row.start)), int(numpy.argmax(row.end)) + 1
        if row.start[first] >= SEEN and row.end[last - 1] >= SEEN:
            first, last = max(0, first + row.first), min(self.tokens.n, last + row.first)
            if first < cue.first and cue.last < last:
                end = max((i + 1 for i in inside if first <= i < cue.first), default=first)
                start = min((i for i in inside if cue.last <= i < last), default=last)  # behind *ha detto il ministro*
                pieces = tuple(piece for piece in ((first, end), (start, last)) if piece[0] < piece[1])
                yield "network-ends", resumed(self.tokens, cue, pieces)
            elif first < last:
                yield "network-ends", ((first, last),)

    def propose_source(self, cue: Cue, pieces: Sequence[Range]) -> Range | None:
        """The mention that the network takes for the source of a content: the tokens about the likeliest one that it is sure of."""
        row = self._row(cue, pieces[0][0])
        source = numpy.diff(row.source)
        best = int(numpy.argmax(source))
        if source[best] < SURE:
            return None
        first = last = best
        while first > 0 and source[first - 1] >= SURE:
            first -= 1
        while last < len(source) and source[last] >= SURE:
            last += 1
        return max(0, first + row.first), min(self.tokens.n, last + row.first)

    def _gather(self, cue: Cue, inside: Sequence[int]) -> tuple[Range, ...]:
        """The tokens that the network is sure of, less the cue's own, as pieces."""
        pos = self.tokens.pos
        pieces: list[list[int]] = []
        for i in inside:
            if cue.first <= i < cue.last:
                continue
            if pieces and i - pieces[-1][1] <= GAP and not pieces[-1][1] <= cue.first < i:
                pieces[-1][1] = i + 1
            else:
                pieces.append([i, i + 1])
        for piece in pieces:
            while piece[0] < piece[1] and pos[piece[0]] in ("PUNCT", "SPACE"):
                piece[0] += 1
            while piece[1] > piece[0] and pos[piece[1] - 1] in ("PUNCT", "SPACE"):
                piece[1] -= 1
        kept = sorted((p for p in pieces if p[1] - p[0] > 1), key=lambda p: p[0] - p[1])[:PIECES]
        return tuple(sorted((s, e) for s, e in kept))

    def _row(self, cue: Cue, first: int) -> Row:
        return self.signals.rows([self.anchor(cue, first)])[0]


def resumed(tokens: Tokens, cue: Cue, pieces: tuple[Range, ...]) -> tuple[Range, ...]:
    """A content that a mark broke off goes on behind a mark: *la misura, scrive il quotidiano citando Rossi, | costa*."""
    pos = tokens.pos
    if len(pieces) != 2 or not pieces[0][1] <= cue.first < pieces[1][0] or pos[cue.first - 1] != "PUNCT":
        return pieces
    start, last = pieces[1]
    mark = next((i for i in range(cue.last, min(last, cue.last + BROKEN)) if pos[i] == "PUNCT"), None)
    return pieces if mark is None or mark < start else (pieces[0], (mark + 1, last))


def _near(values: Array, rows: Array, at: Array, offsets: Sequence[int]) -> Array:
    """The sum of values in each row at a place and about it; those out of reach are nothing."""
    width = values.shape[1]
    total = numpy.zeros(len(rows))
    for offset in offsets:
        place = at + offset
        total += numpy.where((place >= 0) & (place < width), values[rows, numpy.clip(place, 0, width - 1)], 0.0)
    return total
