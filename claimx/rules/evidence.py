"""What can be seen of a cue, and of a cue with a content, as numbers for the trained models.

Each `describe_*` gives one row of features with names; the models in models/claimx_attribution were trained on just these rows,
so a change here means training them again.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Container, Sequence

import numpy

from claimx.draft import Candidate, Cue
from claimx.lexicon.grammar import Grammar
from claimx.lexicon.sources import Entry, SourceLexicon
from claimx.rules.feature_names import (
    ACTORS,
    CONTENTS,
    CUE_NAMES,
    DEPS,
    FIRST_POS,
    FITS,
    FORMS,
    GROUP_OF,
    GROUPS,
    GROUPS_OF_CONTENT,
    KINDS,
    MOODS,
    PAIR_NAMES,
    PHRASES,
    STRENGTHS,
    TAKES,
    TENSES,
)
from claimx.rules.stretches import POS_ROWS, Stretches
from claimx.syntax import Range, Tokens

__all__ = ["CUE_NAMES", "PAIR_NAMES", "Describer"]

SPEAKERS = frozenset(("role", "institution", "media", "document", "voice", "unnamed-group", "unnamed-sources"))
CONTENT_AT = {kind: i for i, kind in enumerate(CONTENTS)}
# the kinds of content (lines) that each take of a cue (columns) stands for
FIT_KINDS = numpy.array([[kind in kinds for kinds in FITS.values()] for kind in CONTENTS], dtype=numpy.float32)
NEAR = 4  # tokens after a cue where its subject may stand; twice as many before it


class Describer:
    """Gives the rows of one article's cues and candidates."""

    def __init__(
        self,
        tokens: Tokens,
        quoted: Sequence[Range],
        grammar: Grammar,
        lexicon: SourceLexicon,
        nouns: Container[str],
        *,
        title_end: int = 0,
        headings: Sequence[Range] = (),
    ) -> None:
        self.tokens = tokens
        self.quoted = quoted
        self.grammar = grammar
        self.title_end = title_end
        self.lexicon = lexicon
        self.nouns = nouns
        self._entries: dict[int, Entry | None] = {}
        n = tokens.n
        self.inside = [0] * n
        for first, last in quoted:
            self.inside[first:last] = [1] * (last - first)
        self.heading = [0] * n
        for first, last in headings:
            self.heading[first:last] = [1] * (last - first)
        self.stretches = stretches = Stretches(tokens, quoted, self.inside, grammar, nouns)
        self.sum_inside: list[int] = stretches.sum_inside.tolist()
        self.sum_finite: list[int] = stretches.sum_finite.tolist()
        self.sum_conditional: list[int] = stretches.sum_conditional.tolist()
        self.sum_person: list[int] = stretches.sum_person.tolist()
        self._firsts, self._lasts = [first for first, _ in quoted], [last for _, last in quoted]
        self.opens = {first for first, _ in quoted}
        self.closes = {last for _, last in quoted}
        self.quotations_in = [0] * len(tokens.sents)
        for first, _ in quoted:
            self.quotations_in[tokens.sent[first]] += 1
        self.colon_in = [0] * len(tokens.sents)
        for i, word in enumerate(tokens.lower):
            if word == ":":
                self.colon_in[tokens.sent[i]] = 1

    def entry(self, i: int) -> Entry | None:
        """What the lexicon knows of the noun or name at token `i`."""
        if i not in self._entries:
            self._entries[i] = self.lexicon.match(self.tokens.words, self.tokens.lower, i)
        return self._entries[i]

    def _actor(self, cue: Cue, subject: int, agent: int) -> str:
        """What kind of thing might answer for the cue: its subject or agent, what a frame names, a noun's complement."""
        tokens = self.tokens
        actor = subject if subject >= 0 else agent
        if cue.kind == "frame":
            actor = cue.last
            while actor < tokens.n - 1 and tokens.pos[actor] in ("DET", "ADJ", "NUM", "ADP"):
                actor += 1
        elif cue.kind == "noun":
            actor = next((c for c in tokens.children[cue.head] if tokens.dep[c] == "nmod"), -1)
        if actor < 0 or actor >= tokens.n:
            return "none"
        if tokens.pos[actor] == "PRON":
            return "pronoun"
        label = tokens.entity[actor]
        if label == "PER":
            return label
        entry = self.entry(actor)
        if entry is not None:
            return entry.kind
        return label if label in ACTORS else "other"

    def describe_cue(self, cue: Cue) -> list[float]:
        """The row of a cue by itself, in the order of CUE_NAMES."""
        tokens, grammar = self.tokens, self.grammar
        head = min(cue.head, tokens.n - 1)
        feats = tokens.features[head]
        lower = tokens.lower
        sent_first, sent_last = tokens.sentence(head)
        auxiliaries = passive = negated = clitic = reflexive = obj = clause = infinitive = determined = 0
        subject = agent = -1
        mood, tense = feats.get("Mood", ""), feats.get("Tense", "")
        person, number, form = feats.get("Person", ""), feats.get("Number", ""), feats.get("VerbForm", "")
        for c in tokens.children[head]:
            dep = tokens.dep[c]
            if dep.startswith("aux") or dep == "cop":
                auxiliaries += 1
                passive |= dep == "aux:pass"
                inner = tokens.features[c]
                mood, tense = inner.get("Mood", mood), inner.get("Tense", tense)
                person, form = inner.get("Person", person), inner.get("VerbForm", form)
            elif dep.startswith(("nsubj", "csubj")) and subject < 0 and dep[1] == "s":
                subject = c
            elif dep.startswith("obl:agent"):
                agent = c
            elif dep.startswith("obj"):
                obj = 1
            elif dep.startswith("ccomp"):
                clause = 1
            elif dep.startswith(("xcomp", "advcl")):
                infinitive = 1
            elif dep.startswith("det"):
                determined = 1
            if tokens.feature(c, "PronType") == "Neg" and tokens.pos[c] == "ADV":
                negated = 1
            if "Clitic" in tokens.features[c]:
                clitic = 1
                reflexive |= lower[c] in grammar.reflexive
        before = lower[cue.first - 1] if cue.first > sent_first else ""
        after = lower[cue.last] if cue.last < sent_last else ""
        near = lower[cue.last : min(sent_last, cue.last + 4)]
        distance = min(30, _nearest(self._firsts, cue.last), _nearest(self._lasts, cue.first))
        punctuated = cue.first > 0 and tokens.pos[cue.first - 1] == "PUNCT"
        row: list[float] = [
            *_told(cue.kind, cue.strength, cue.group, cue.takes), *_one_of(DEPS, tokens.dep[head]), *_one_of(MOODS, mood),
            *_one_of(TENSES, tense), *_one_of(FORMS, form),
        ]  # fmt: skip
        has = subject >= 0
        row += [
            -1.0, 0.0, cue.unspecified, person == "1", person == "2", number == "Plur", auxiliaries, passive, negated,
            clitic, reflexive, self.inside[head], has, has and subject < head, has and tokens.pos[subject] == "PRON",
            has and tokens.entity[subject] == "PER", has and tokens.entity[subject] == "ORG",
            has and tokens.entity[subject] == "LOC", has and tokens.title[subject], agent >= 0,
            (cue.first - sent_first) / max(1, sent_last - sent_first), sent_last - sent_first,
            self.quotations_in[tokens.sent[head]], self.colon_in[tokens.sent[head]], after == ":", before == ",", punctuated,
            cue.first in self.closes or (punctuated and cue.first - 1 in self.closes), after == ",",
            cue.last in self.opens or cue.last + 1 in self.opens, any(w in grammar.finite_che for w in near),
            any(w in grammar.di for w in near), cue.first == sent_first, head < self.title_end, self.heading[head],
            tokens.lower[head] == tokens.lemma[head], obj, clause, infinitive, determined,
            self.sum_person[sent_last] - self.sum_person[sent_first],
            self.sum_conditional[sent_last] - self.sum_conditional[sent_first], 0.0, cue.last >= sent_last - 1, distance,
        ]  # fmt: skip
        actor = self._actor(cue, subject, agent)
        row += _one_of(ACTORS, actor)
        row += [len(self.quoted), cue.first / max(1, tokens.n)]
        row += self._around(cue, head, sent_first, sent_last)
        return row

    def _around(self, cue: Cue, head: int, sent_first: int, sent_last: int) -> list[float]:
        """What stands right before and after the cue, and whether its sentence asks or supposes."""
        tokens = self.tokens
        end = min(sent_last, cue.last + NEAR)
        begin = max(sent_first, cue.first - 2 * NEAR)
        after = tokens.pos[cue.last] if cue.last < sent_last else ""
        close = sent_last - 1
        while (
            close > sent_first
            and tokens.pos[close] in ("SPACE", "PUNCT")
            and tokens.lower[close] not in self.grammar.question
        ):
            close -= 1
        up = tokens.head[head]
        return [
            *_one_of(FIRST_POS, after),
            float(self.sum_person[end] > self.sum_person[min(end, cue.last)]),
            float(any(self._acts(i) for i in range(cue.last, end))),
            float(self.sum_person[cue.first] > self.sum_person[min(begin, cue.first)]),
            float(any(self._acts(i) for i in range(begin, cue.first))),
            float(tokens.lower[close] in self.grammar.question),
            float(any(tokens.lower[i] in self.grammar.condition for i in range(sent_first, cue.first))),
            float(any(tokens.feature(c, "VerbType") == "Mod" for c in tokens.children[head])),
            float(up != head and tokens.pos[up] == "VERB"),
            float(self.sum_finite[sent_last] - self.sum_finite[sent_first]),
            (self.sum_inside[sent_last] - self.sum_inside[sent_first]) / max(1, sent_last - sent_first),
        ]

    def _acts(self, i: int) -> bool:
        """Whether the noun at `i` is of those who may speak: a role, a body, a medium."""
        if self.tokens.pos[i] not in ("NOUN", "PROPN"):
            return False
        entry = self.entry(i)
        return entry is not None and entry.kind in SPEAKERS

    def describe_pairs(
        self, groups: Sequence[Sequence[Candidate]], probabilities: Sequence[float]
    ) -> tuple[numpy.ndarray, list[int]]:
        """A row for each content in `groups`, one group a cue, in the order of PAIR_NAMES; and the contents' heads."""
        table = self.stretches.describe([candidate.pieces for group in groups for candidate in group])
        of = numpy.repeat(numpy.arange(len(groups)), [len(group) for group in groups])  # a content's cue
        cues = [group[0].cue for group in groups]
        heads = [min(cue.head, self.tokens.n - 1) for cue in cues]
        cue_first, cue_last, cue_head = numpy.array([(cue.first, cue.last, cue.head) for cue in cues]).T[:, of]
        sent_first, sent_last = numpy.array([self.tokens.sentence(head) for head in heads]).T[:, of]
        first, last, length = table.first, table.last, table.length
        kinds, fits = self._kinds([candidate.kinds for group in groups for candidate in group], cues, of)
        distance = numpy.maximum(0, numpy.maximum(first - cue_last, cue_first - last))
        longest = numpy.maximum.reduceat(length, numpy.searchsorted(of, numpy.arange(len(groups))))[of]
        cue_at = numpy.repeat(cue_head, table.counts)  # the cue of each piece
        low, high = self._between(first, last, cue_first, cue_last)
        sum_verb, sum_mark = self.stretches.sum_verb, self.stretches.sum_mark
        zero = numpy.zeros(len(of))
        columns: list[numpy.ndarray] = [
            *kinds.T, *POS_ROWS[self.stretches.pos[first]].T,
            numpy.array([len(candidate.kinds) for group in groups for candidate in group]), table.counts, length,
            *table.quotes, last <= cue_first, first >= cue_last, numpy.where(table.counts == 1, distance, 0), *table.verbs,
            (first < sent_first) | (last > sent_last), length / numpy.maximum(1, sent_last - sent_first),
            length / numpy.maximum(1, longest), zero, self._hold_subjects(groups, heads),
            table.total((table.starts <= cue_at) & (cue_at < table.ends)) > 0, *table.edges,
            numpy.array(probabilities)[of], numpy.array([len(group) for group in groups])[of], *table.sentences,
            *fits.T, fits.max(axis=1), *table.boundary, sum_verb[high] - sum_verb[low], sum_mark[high] - sum_mark[low],
            zero - 1, zero, zero - 1, zero,
        ]  # fmt: skip
        rows = numpy.empty((len(of), len(columns)), dtype=numpy.float32)
        for column, values in enumerate(columns):
            rows[:, column] = values
        return rows, table.top.tolist()

    @staticmethod
    def _between(
        first: numpy.ndarray, last: numpy.ndarray, cue_first: numpy.ndarray, cue_last: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The tokens between a cue and its content."""
        before = last <= cue_first
        low = numpy.where(before, last, cue_last)
        high = numpy.where(before, cue_first, numpy.maximum(cue_last, first))
        return numpy.minimum(low, high), numpy.maximum(low, high)

    @staticmethod
    def _kinds(
        kinds: Sequence[set[str]], cues: Sequence[Cue], of: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """How each content was proposed, and whether that is what its cue takes."""
        places = [(i, CONTENT_AT[kind]) for i, mine in enumerate(kinds) for kind in mine if kind in CONTENT_AT]
        known = numpy.zeros((len(kinds), len(CONTENTS)), dtype=numpy.float32)
        if places:
            known[tuple(numpy.array(places).T)] = 1.0
        takes = numpy.array([[take in cue.takes for take in FITS] for cue in cues])
        return known, (known @ FIT_KINDS > 0) & takes[of]

    def _hold_subjects(self, groups: Sequence[Sequence[Candidate]], heads: Sequence[int]) -> numpy.ndarray:
        """Whether each content holds a subject of its cue."""
        tokens = self.tokens
        found: list[bool] = []
        for group, head in zip(groups, heads):
            subjects = [c for c in tokens.children[head] if "subj" in tokens.dep[c]]
            if subjects:
                found += [any(s <= c < e for c in subjects for s, e in candidate.pieces) for candidate in group]
            else:
                found += [False] * len(group)
        return numpy.array(found)

    def content_keys(self, candidate: Candidate, top: int) -> tuple[str, ...]:
        """The names of what training may know of a content: the cue with this kind of content, and a phrase's head."""
        cue = candidate.cue
        group = GROUPS_OF_CONTENT[min(GROUP_OF.get(kind, len(GROUPS_OF_CONTENT) - 1) for kind in candidate.kinds)]
        name = f"content {cue.kind} {cue.lemma} {group}"
        return (name, f"head {self.tokens.lemma[top]}") if group in PHRASES else (name,)


@functools.lru_cache(maxsize=4096)
def _one_of(values: tuple[str, ...], value: str) -> tuple[float, ...]:
    """1 at the place of `value`."""
    return tuple(float(value == v) for v in values)


@functools.lru_cache(maxsize=4096)
def _told(kind: str, strength: str, group: str, takes: frozenset[str]) -> tuple[float, ...]:
    """What the lexicon tells of a cue, "kind verb" to "takes back"."""
    one = (*_one_of(KINDS, kind), *_one_of(STRENGTHS, strength), *_one_of(GROUPS, group))
    return (*one, *(float(take in takes) for take in TAKES))


def _nearest(places: Sequence[int], place: int) -> int:
    """How far the nearest of `places`, in order, is from `place`."""
    at = bisect_left(places, place)
    return min((abs(other - place) for other in places[max(0, at - 1) : at + 1]), default=30)
