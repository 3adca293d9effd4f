"""What can be seen of a mention as the source of a claim, as numbers for the trained model that chooses among mentions.

Reads a cue's row and a mention, gives one row of features with names: how the mention was proposed, what kind of noun heads it,
where it stands, whether it agrees with the verb. *Il ministro* before *ha detto* speaks for itself; a mention inside the
content does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy

from claimx.draft import Cue, Mention, Sourced
from claimx.mentions import Index
from claimx.rules.evidence import Describer
from claimx.rules.stretches import POS_NUMBER, Array, side_by_side
from claimx.syntax import Range

AS = (
    "subject", "subject-up", "subject-up2", "passive-subject", "passive-subject-up", "agent", "agent-up", "from",
    "oblique", "object", "of-noun", "possessive", "antecedent", "after", "after-mark", "before", "frame", "frame-comma",
    "colon-left", "colon-near", "subject-left", "layout-after", "layout-after-mark", "entity", "actor", "frame-inside",
    "colon-head", "network", "elided", "unspecified",
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
HEAD_NUMBER, LEVEL_NUMBER, READ_NUMBER, LABEL_NUMBER = (
    {value: i for i, value in enumerate(values)} for values in (HEADS, LEVELS, READ_AS, LABELS)
)
HEAD_ROWS, LEVEL_ROWS, READ_ROWS, LABEL_ROWS = (
    numpy.eye(len(values) + 1, len(values)) for values in (HEADS, LEVELS, READ_AS, LABELS)
)  # the last row, of zeros, is for all others

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


KNOWN = len(AS)  # from here on stands what only a mention in the text has
PERSONS = MENTION_NAMES.index("persons around")
TOLD = frozenset(("subject", "agent", "frame", "of-noun"))  # where a cue has such a mention, its source is said


class SourceDescriber:
    """Gives the rows of one article's mentions."""

    def __init__(self, describer: Describer, index: Index, read: Callable[[Index, int, int], Sourced]) -> None:
        self.describer = describer
        self.tokens = describer.tokens
        self.index = index
        self.read = read  # the stage that tells how a mention is sourced by its own words
        self._words: dict[Range, tuple[float, ...]] = {}

    def describe(
        self,
        cues: Sequence[Cue],
        cue_rows: Sequence[Array],
        contents: Sequence[Sequence[Range]],
        mentions: Sequence[Sequence[Mention]],
    ) -> Array:
        """A row for each mention that each cue with its content may have, in their order: the cue's, and by MENTION_NAMES."""
        every = [mention for mine in mentions for mention in mine]
        of = numpy.repeat(numpy.arange(len(cues)), [len(mine) for mine in mentions])  # a mention's cue
        rows = numpy.zeros((len(every), len(MENTION_NAMES)), dtype=numpy.float32)
        proposed = numpy.array([_proposed(frozenset(mention.kinds)) for mention in every])
        rows[:, :KNOWN] = proposed[:, :KNOWN]
        rows[:, PERSONS] = self._persons(numpy.array([cue.head for cue in cues]))[of]
        known = [i for i, mention in enumerate(every) if mention.tokens is not None]
        if known:
            mine = [every[i] for i in known]
            rows[known, KNOWN:] = self._known(mine, proposed[known, KNOWN:], cues, contents, of[known])
        inside = self.describer.sum_inside
        length = numpy.array([sum(e - s for s, e in pieces) for pieces in contents])
        quoted = numpy.array([sum(inside[e] - inside[s] for s, e in pieces) for pieces in contents])
        for name, values in (
            ("mentions", numpy.array([len(mine) for mine in mentions])),
            ("has subject", numpy.array([any(mention.kinds & TOLD for mention in mine) for mine in mentions])),
            ("content quoted", quoted / length),
            ("content length", length),
        ):
            rows[:, MENTION_NAMES.index(name)] = values[of]
        return numpy.concatenate((numpy.array(cue_rows)[of], rows), axis=1)

    def _persons(self, places: Array) -> Array:
        """How many tokens of people's names are in the sentences of tokens."""
        stretches = self.describer.stretches
        sent = stretches.sent[places]
        persons: Array = (
            stretches.sum_person[stretches.sent_last[sent]] - stretches.sum_person[stretches.sent_first[sent]]
        )
        return persons

    def _known(
        self,
        mentions: Sequence[Mention],
        proposed: Array,
        cues: Sequence[Cue],
        contents: Sequence[Sequence[Range]],
        of: Array,
    ) -> Array:
        """What there is to say of mentions in the text, from "head role" on; zero for what is their cue's."""
        tokens, stretches = self.tokens, self.describer.stretches
        start, end, head = numpy.array([(*(mention.tokens or ()), mention.head) for mention in mentions]).T
        cue_first, cue_last, cue_head = numpy.array([(cue.first, cue.last, cue.head) for cue in cues]).T[:, of]
        first, last = numpy.array([(pieces[0][0], pieces[-1][1]) for pieces in contents]).T[:, of]
        pos, word, sum_verb, sum_mark = stretches.pos, stretches.word, stretches.sum_verb, stretches.sum_mark
        words = numpy.array([self._of_words(*(mention.tokens or (0, 0))) for mention in mentions]).T
        kind, level, read_as = words[:3].astype(int)
        labels, comma, name = words[8:12], words[12], words[13]
        before, after = end <= cue_first, start >= cue_last
        low = numpy.where(before, end, cue_last)
        high = numpy.maximum(low, numpy.where(before, cue_first, start))
        left, right = numpy.minimum(end, cue_last), numpy.maximum(start, cue_first)
        adposition, up = pos[start - 1] == POS_NUMBER["ADP"], numpy.array(tokens.head)[head]
        above = [set(tokens.ancestors(cue.head)) for cue in cues]
        label = numpy.array([LABEL_NUMBER.get(tokens.dep[i], -1) for i in head.tolist()])
        number = numpy.array([tokens.feature(i, "Number") for i in head.tolist()])
        asked = numpy.array([tokens.feature(cue.head, "Number") if cue.kind == "verb" else "" for cue in cues])[of]
        zero = numpy.zeros(len(mentions))
        return side_by_side([
            HEAD_ROWS[kind].T, LEVEL_ROWS[level].T, READ_ROWS[read_as].T, words[3:8],
            LABEL_ROWS[label].T, up == cue_head, numpy.array([i in above[k] for i, k in zip(up.tolist(), of.tolist())]),
            adposition & word["di"][start - 1], adposition & word["a"][start - 1], adposition & word["da"][start - 1],
            word["per"][start - 1], adposition, word[","][end], word[","][start - 1], end == cue_first,
            sum_verb[right] - sum_verb[left] > 0, labels,
            proposed.T, end - start, stretches.title[start], pos[head] == POS_NUMBER["PRON"],
            pos[head] == POS_NUMBER["PROPN"], number == "Plur",
            numpy.where((asked == "") | (number == ""), 0.5, number == asked), before, after,
            numpy.maximum(numpy.maximum(start - cue_last, cue_first - end), 0),
            stretches.sent[head] == stretches.sent[cue_head], stretches.inside[head], high - low,
            head < self.describer.title_end, labels[0], name, last <= start,
            numpy.minimum(abs(start - last), abs(first - end)), zero, sum_mark[high] - sum_mark[low],
            start == stretches.sent_first[stretches.sent[head]], comma, label == LABEL_NUMBER["conj"], zero,
            self._persons(head), sum_verb[high] - sum_verb[low], zero, zero,
        ])  # fmt: skip

    def _of_words(self, start: int, end: int) -> tuple[float, ...]:
        """What a mention tells by its own words: numbers of head, level and kind, "read score" to "known noun", entities, and
        whether it holds a comma or is a name of the lexicon.
        """
        told = self._words.get((start, end))
        if told is None:
            tokens = self.tokens
            sourced = self.read(self.index, start, end)
            entry = self.index.entries[sourced.head]
            labels = tokens.entity[start:end]
            told = self._words[start, end] = (
                HEAD_NUMBER.get(entry.kind, -1) if entry is not None else -1,
                LEVEL_NUMBER.get(sourced.level, -1), READ_NUMBER.get(sourced.kind, -1),
                sourced.score, sourced.definite, sourced.bound, sourced.number == "p", entry is not None,
                *(label in labels for label in ENTITIES), "," in tokens.lower[start:end],
                entry is not None and entry.name,
            )  # fmt: skip
        return told


@functools.lru_cache(maxsize=4096)
def _proposed(kinds: frozenset[str]) -> Array:
    """How a mention was proposed, "as subject" to "as unspecified"; then whether cut short, whether wide, in how many ways."""
    plain = {kind.removesuffix("-short").removesuffix("-wide") for kind in kinds}
    ways = (any(kind.endswith(end) for kind in kinds) for end in ("-short", "-wide"))
    return numpy.array([*(kind in plain for kind in AS), *ways, len(kinds)], dtype=numpy.float32)
