"""What can be seen of a mention as the source of a claim, as numbers for the trained model that chooses among mentions.

Reads a cue's row and a mention, gives one row of features with names: how the mention was proposed, what kind of noun heads it,
where it stands, whether it agrees with the verb. *Il ministro* before *ha detto* speaks for itself; a mention inside the
content does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy

from claimx.draft import Cue, Mention, Sourced
from claimx.mentions import Index
from claimx.rules.evidence import CUE_NAMES, Describer
from claimx.syntax import Range

AS = (
    "subject", "subject-up", "subject-up2", "passive-subject", "passive-subject-up", "agent", "agent-up", "from",
    "oblique", "object", "of-noun", "possessive", "antecedent", "after", "after-mark", "before", "frame", "frame-comma",
    "colon-left", "colon-near", "subject-left", "layout-after", "layout-after-mark", "entity", "actor", "frame-inside",
    "colon-head", "elided", "unspecified",
)  # fmt: skip
HEADS = (
    "role",
    "unnamed-sources",
    "media",
    "document",
    "voice",
    "institution",
    "unnamed-group",
    "country",
    "capital",
    "place",
)
LEVELS = (
    "named-person",
    "institution",
    "document",
    "media",
    "unnamed-person",
    "unnamed-group",
    "unnamed-sources",
)
READ_AS = ("name", "role", "noun", "voice", "pronoun", "personal")
LABELS = (
    "nsubj", "nsubj:pass", "obl", "obl:agent", "obj", "iobj", "nmod", "ROOT", "conj", "appos", "parataxis", "flat", "acl",
    "advcl", "vocative", "dislocated",
)  # fmt: skip
ENTITIES = ("PER", "ORG", "LOC", "MISC")

MENTION_NAMES = (
    *(f"as {k}" for k in AS), *(f"head {h}" for h in HEADS), *(f"level {v}" for v in LEVELS),
    *(f"read as {v}" for v in READ_AS), "read score", "read definite", "read bound", "read number", "known noun",
    *(f"label {v}" for v in LABELS), "hangs on cue", "hangs above cue", "after di", "after a", "after da", "after per",
    "after preposition", "before comma", "after comma", "before cue verb", "verb between", *(f"entity {e}" for e in ENTITIES),
    "short", "wide", "kinds", "length", "capital", "pronoun", "proper", "plural", "agrees", "before cue", "after cue", "distance",
    "same sentence", "quoted", "between", "in title", "holds person", "name known", "content before", "content distance",
    "mentions", "punctuation between", "first in sentence", "comma inside", "conjoined", "has subject", "persons around",
    "verbs between", "content quoted", "content length",
)  # fmt: skip


class SourceDescriber:
    """Gives the rows of one article's mentions."""

    def __init__(self, describer: Describer, index: Index, read: Callable[[Index, int, int], Sourced]) -> None:
        self.describer = describer
        self.tokens = describer.tokens
        self.index = index
        self.read = read  # the stage that tells how a mention is sourced by its own words

    def describe(
        self, cue: Cue, cue_row: Sequence[float], pieces: Sequence[Range], mentions: Sequence[Mention]
    ) -> numpy.ndarray:
        """The rows of a cue's mentions, in their order; names in ROW_NAMES."""
        known = any(mention.kinds & {"subject", "agent", "frame", "of-noun"} for mention in mentions)
        first, last = pieces[0][0], pieces[-1][1]
        length = sum(e - s for s, e in pieces)
        quoted = sum(self.describer.sum_inside[e] - self.describer.sum_inside[s] for s, e in pieces) / length
        common = (float(known), quoted, float(length))
        described = [self._mention(cue, mention, first, last, len(mentions), common) for mention in mentions]
        rows = numpy.empty((len(mentions), len(cue_row) + len(described[0])), dtype=numpy.float32)
        rows[:, : len(cue_row)] = cue_row
        rows[:, len(cue_row) :] = described
        return rows

    def _mention(
        self, cue: Cue, mention: Mention, first: int, last: int, count: int, common: tuple[float, float, float]
    ) -> list[float]:
        tokens = self.tokens
        plain = {kind.removesuffix("-short").removesuffix("-wide") for kind in mention.kinds}
        row: list[float] = [float(kind in plain) for kind in AS]
        known, quoted, length = common
        if mention.tokens is None or mention.head is None:
            blank = [0.0] * (len(MENTION_NAMES) - len(row))
            sent = tokens.sentence(min(cue.head, tokens.n - 1))
            persons = self.describer.sum_person[sent[1]] - self.describer.sum_person[sent[0]]
            for name, value in (("mentions", count), ("has subject", known), ("persons around", persons),
                                ("content quoted", quoted), ("content length", length)):  # fmt: skip
                blank[MENTION_NAMES.index(name) - len(row)] = float(value)
            return row + blank
        start, end = mention.tokens
        head = mention.head
        sourced = self.read(self.index, start, end)
        entry = self.index.entries[sourced.head]
        kind = entry.kind if entry is not None else ""
        row += [float(kind == h) for h in HEADS]
        row += [float(sourced.level == v) for v in LEVELS]
        row += [float(sourced.kind == v) for v in READ_AS]
        row += [sourced.score, sourced.definite, sourced.bound, float(sourced.number == "p"), entry is not None]
        row += self._place(cue, start, end, head)
        labels = {tokens.entity[i] for i in range(start, end)}
        row += [float(e in labels) for e in ENTITIES]
        number = tokens.feature(cue.head, "Number") if cue.kind == "verb" else ""
        mine = tokens.feature(head, "Number")
        gap = max(start - cue.last, cue.first - end, 0)
        low, high = (end, cue.first) if end <= cue.first else (cue.last, start)
        between = range(low, max(low, high))
        sent = tokens.sentence(head)
        persons = self.describer.sum_person[sent[1]] - self.describer.sum_person[sent[0]]
        row += [
            any(k.endswith("-short") for k in mention.kinds), any(k.endswith("-wide") for k in mention.kinds), len(mention.kinds), end - start, tokens.title[start],
            tokens.pos[head] == "PRON", tokens.pos[head] == "PROPN", mine == "Plur",
            0.5 if not number or not mine else float(number == mine), end <= cue.first, start >= cue.last, gap,
            tokens.sent[head] == tokens.sent[min(cue.head, tokens.n - 1)], self.describer.inside[head],
            len(between), head < self.describer.title_end, "PER" in labels, entry is not None and entry.name,
            last <= start, min(abs(start - last), abs(first - end)), count,
            sum(tokens.pos[i] == "PUNCT" for i in between), start == sent[0],
            any(tokens.lower[i] == "," for i in range(start, end)), tokens.dep[head] == "conj", known, persons,
            sum(tokens.pos[i] == "VERB" for i in between), quoted, length,
        ]  # fmt: skip
        return row

    def _place(self, cue: Cue, start: int, end: int, head: int) -> list[float]:
        """How the mention hangs in the tree, and what stands at its edges: *sul marito* is no subject of *ha detto*."""
        tokens, grammar = self.tokens, self.describer.grammar
        before = tokens.lower[start - 1] if start else ""
        preposition = start > 0 and tokens.pos[start - 1] == "ADP"
        up = tokens.head[head]
        return [
            *(float(tokens.dep[head] == label) for label in LABELS),
            float(up == cue.head),
            float(any(i == up for i in tokens.ancestors(cue.head))),
            float(preposition and before in grammar.di),
            float(preposition and before in grammar.a),
            float(preposition and before in grammar.da),
            float(before in grammar.per),
            float(preposition),
            float(end < tokens.n and tokens.lower[end] == ","),
            float(before == ","),
            float(end == cue.first),
            float(any(tokens.pos[i] == "VERB" for i in range(min(end, cue.last), max(start, cue.first)))),
        ]


ROW_NAMES = (*CUE_NAMES, *MENTION_NAMES)
