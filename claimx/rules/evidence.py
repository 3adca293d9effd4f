"""What can be seen of a cue, and of a cue with a content, as numbers for the trained models.

Each `describe_*` gives one row of features with names; the models in models/claimx_attribution were trained on just these rows,
so a change here means training them again.
"""

from __future__ import annotations

import functools
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
from claimx.rules.stretches import POS_NUMBER, POS_ROWS, Array, Stretches, Table, flags, side_by_side, sums
from claimx.syntax import Range, Tokens

__all__ = ["CUE_NAMES", "PAIR_NAMES", "Describer"]

SPEAKERS = frozenset(("role", "institution", "media", "document", "voice", "unnamed-group", "unnamed-sources"))
CONTENT_AT = {kind: i for i, kind in enumerate(CONTENTS)}
# the kinds of content (lines) that each take of a cue (columns) stands for
FIT_KINDS = numpy.array([[kind in kinds for kinds in FITS.values()] for kind in CONTENTS], dtype=numpy.float32)
DEP_NUMBER, MOOD_NUMBER, TENSE_NUMBER, FORM_NUMBER, ACTOR_NUMBER = (
    {value: i for i, value in enumerate(values)} for values in (DEPS, MOODS, TENSES, FORMS, ACTORS)
)
DEP_ROWS, MOOD_ROWS, TENSE_ROWS, FORM_ROWS, ACTOR_ROWS = (
    numpy.eye(len(values) + 1, len(values)) for values in (DEPS, MOODS, TENSES, FORMS, ACTORS)
)  # the last row, of zeros, is for all others
PERSON_NUMBER = {"1": 1, "2": 2}
ROLES = {
    "auxiliary": ("aux", "cop"), "subject": ("nsubj", "csubj"), "agent": ("obl:agent",), "object": ("obj",),
    "clause": ("ccomp",), "infinitive": ("xcomp", "advcl"), "determiner": ("det",),
}  # fmt: skip
FAR = 30  # tokens: a quotation farther off is as good as none
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
        self._entries: dict[int, Entry | None] = {}
        inside = [0] * tokens.n
        for first, last in quoted:
            inside[first:last] = [1] * (last - first)
        self.heading = numpy.zeros(tokens.n)
        for first, last in headings:
            self.heading[first:last] = 1
        self.stretches = Stretches(tokens, quoted, inside, grammar, nouns)
        self.sum_inside: list[int] = self.stretches.sum_inside.tolist()

    def entry(self, i: int) -> Entry | None:
        """What the lexicon knows of the noun or name at token `i`."""
        if i not in self._entries:
            lower = self.tokens.lower
            known = self.lexicon.may_begin(lower[i])
            self._entries[i] = self.lexicon.match(self.tokens.words, lower, i) if known else None
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

    def describe_cues(self, cues: Sequence[Cue]) -> Array:
        """A row for each cue by itself, in the order of CUE_NAMES; there must be one at least."""
        tokens, stretches = self.tokens, self.stretches
        first, last, head = numpy.array([(cue.first, cue.last, cue.head) for cue in cues]).T
        heads, sent = head.tolist(), stretches.sent[head]
        begin, end = stretches.sent_first[sent], stretches.sent_last[sent]
        governed = [self._governed(i) for i in heads]
        mood, tense, form, person, plural, auxiliaries, *others, modal, subject, agent = numpy.array(governed).T
        passive, negated, clitic, reflexive, *clauses = others
        has, label = subject >= 0, numpy.array([tokens.entity[i] if i >= 0 else "" for i in subject.tolist()])
        dep = [DEP_NUMBER.get(tokens.dep[i], -1) for i in heads]
        actor = [ACTOR_NUMBER.get(self._actor(cue, *known[-2:]), -1) for cue, known in zip(cues, governed)]
        persons, conditionals, zero = stretches.sum_person, stretches.sum_conditional, numpy.zeros(len(cues))
        return side_by_side([
            numpy.array([_told(cue.kind, cue.strength, cue.group, cue.takes) for cue in cues]).T,
            DEP_ROWS[dep].T, MOOD_ROWS[mood].T, TENSE_ROWS[tense].T, FORM_ROWS[form].T,
            zero - 1, zero, numpy.array([cue.unspecified for cue in cues]), person == 1, person == 2, plural, auxiliaries,
            passive, negated, clitic, reflexive, stretches.inside[head], has, has & (subject < head),
            stretches.pos[subject] == POS_NUMBER["PRON"], label == "PER", label == "ORG", label == "LOC",
            stretches.title[subject], agent >= 0, (first - begin) / numpy.maximum(1, end - begin), end - begin,
            *self._beside(first, last, sent, begin, end), first == begin, head < self.title_end, self.heading[head],
            numpy.array([tokens.lower[i] == tokens.lemma[i] for i in heads]), *clauses,
            persons[end] - persons[begin], conditionals[end] - conditionals[begin], zero, last >= end - 1,
            numpy.minimum(_nearest(self.quoted, 0, last), _nearest(self.quoted, 1, first)), ACTOR_ROWS[actor].T,
            zero + len(self.quoted), first / tokens.n, *self._around(first, last, begin, end), modal,
            stretches.verb[stretches.head[head]], stretches.sum_finite[end] - stretches.sum_finite[begin],
            (stretches.sum_inside[end] - stretches.sum_inside[begin]) / numpy.maximum(1, end - begin),
        ])  # fmt: skip

    def _governed(self, head: int) -> tuple[int, ...]:
        """What a cue's head and the words that hang on it tell: numbers of mood, tense and form, person, whether plural, how
        many auxiliaries, "passive" to "reflexive", "object" to "determined", "modal"; then its subject and agent, or -1.
        """
        tokens = self.tokens
        own = tokens.features[head]
        mood, tense = own.get("Mood", ""), own.get("Tense", "")
        form, person = own.get("VerbForm", ""), own.get("Person", "")
        auxiliaries = passive = negated = clitic = reflexive = obj = clause = infinitive = determined = modal = 0
        subject = agent = -1
        for c in tokens.children[head]:
            features, role = tokens.features[c], _role(tokens.dep[c])
            if role == "auxiliary":
                auxiliaries += 1
                passive |= tokens.dep[c] == "aux:pass"
                mood, tense = features.get("Mood", mood), features.get("Tense", tense)
                form, person = features.get("VerbForm", form), features.get("Person", person)
            elif role == "subject":
                subject = c if subject < 0 else subject
            elif role == "agent":
                agent = c
            elif role == "object":
                obj = 1
            elif role == "clause":
                clause = 1
            elif role == "infinitive":
                infinitive = 1
            elif role == "determiner":
                determined = 1
            if features:
                negated |= features.get("PronType") == "Neg" and tokens.pos[c] == "ADV"
                modal |= features.get("VerbType") == "Mod"
                if "Clitic" in features:
                    clitic = 1
                    reflexive |= tokens.lower[c] in self.grammar.reflexive
        return (
            MOOD_NUMBER.get(mood, -1), TENSE_NUMBER.get(tense, -1), FORM_NUMBER.get(form, -1),
            PERSON_NUMBER.get(person, 0), own.get("Number") == "Plur", auxiliaries, passive, negated, clitic, reflexive,
            obj, clause, infinitive, determined, modal, subject, agent,
        )  # fmt: skip

    def _beside(self, first: Array, last: Array, sent: Array, begin: Array, end: Array) -> list[Array]:
        """Quotations and colons in the sentences of cues, and the marks and words at their edges: to "di near"."""
        stretches, word = self.stretches, self.stretches.word
        che, di = stretches.sum_word["che"], stretches.sum_word["di"]
        starts, ends = numpy.array(self.quoted, dtype=int).reshape(-1, 2).T
        starting, ending = (flags(self.tokens.n + 1, places) for places in (starts, ends))
        quotations = numpy.bincount(stretches.sent[starts], minlength=len(self.tokens.sents))
        colons = flags(len(self.tokens.sents), stretches.sent[:-1][word[":"][:-1]])
        marked, goes_on, near = stretches.mark[first - 1], last < end, numpy.minimum(end, last + NEAR)
        return [
            quotations[sent], colons[sent], goes_on & word[":"][last], (first > begin) & word[","][first - 1], marked,
            ending[first] | (marked & ending[first - 1]), goes_on & word[","][last], starting[last] | starting[last + 1],
            che[near] > che[last], di[near] > di[last],
        ]  # fmt: skip

    def _around(self, first: Array, last: Array, begin: Array, end: Array) -> list[Array]:
        """What stands right before and after cues, and whether their sentences ask or suppose: to "condition before"."""
        stretches, word, persons = self.stretches, self.stretches.word, self.stretches.sum_person
        nouns = numpy.flatnonzero((stretches.pos == POS_NUMBER["NOUN"]) | (stretches.pos == POS_NUMBER["PROPN"]))
        actors = sums(flags(self.tokens.n, [i for i in nouns.tolist() if self._acts(i)]))
        high, low = numpy.minimum(end, last + NEAR), numpy.minimum(numpy.maximum(begin, first - 2 * NEAR), first)
        place = numpy.arange(self.tokens.n + 1)
        closes = ~stretches.skipped | word["question"]
        close = numpy.maximum(numpy.maximum.accumulate(numpy.where(closes, place, -1))[end - 1], begin)
        condition = stretches.sum_word["condition"]
        return [
            POS_ROWS[numpy.where(last < end, stretches.pos[last], -1)].T, persons[high] > persons[numpy.minimum(high, last)],
            actors[high] > actors[last], persons[first] > persons[low], actors[first] > actors[low],
            word["question"][close], condition[first] > condition[begin],
        ]  # fmt: skip

    def _acts(self, i: int) -> bool:
        """Whether the noun at `i` is of those who may speak: a role, a body, a medium."""
        entry = self.entry(i)
        return entry is not None and entry.kind in SPEAKERS

    def describe_pairs(
        self, groups: Sequence[Sequence[Candidate]], probabilities: Sequence[float]
    ) -> tuple[Array, list[int]]:
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
        return side_by_side([
            kinds.T, POS_ROWS[self.stretches.pos[first]].T,
            numpy.array([len(candidate.kinds) for group in groups for candidate in group]), table.counts, length,
            *table.quotes, last <= cue_first, first >= cue_last, numpy.where(table.counts == 1, distance, 0), *table.verbs,
            (first < sent_first) | (last > sent_last), length / numpy.maximum(1, sent_last - sent_first),
            length / numpy.maximum(1, longest), zero, self._hold_subjects(table, heads, of),
            table.total((table.starts <= cue_at) & (cue_at < table.ends)) > 0, *table.edges,
            numpy.array(probabilities)[of], numpy.array([len(group) for group in groups])[of], *table.sentences,
            fits.T, fits.max(axis=1), *table.boundary, sum_verb[high] - sum_verb[low], sum_mark[high] - sum_mark[low],
            zero - 1, zero, zero - 1, zero,
        ]), table.top.tolist()  # fmt: skip

    @staticmethod
    def _between(first: Array, last: Array, cue_first: Array, cue_last: Array) -> tuple[Array, Array]:
        """The tokens between a cue and its content."""
        before = last <= cue_first
        low = numpy.where(before, last, cue_last)
        high = numpy.where(before, cue_first, numpy.maximum(cue_last, first))
        return numpy.minimum(low, high), numpy.maximum(low, high)

    @staticmethod
    def _kinds(kinds: Sequence[set[str]], cues: Sequence[Cue], of: Array) -> tuple[Array, Array]:
        """How each content was proposed, and whether that is what its cue takes."""
        width = len(CONTENTS) + 1  # the last is for kinds that have no column
        starts = range(0, len(kinds) * width, width)
        known = numpy.zeros((len(kinds), width), dtype=numpy.float32)
        places = [start + CONTENT_AT.get(kind, len(CONTENTS)) for start, mine in zip(starts, kinds) for kind in mine]
        known.ravel()[places] = 1.0
        takes = numpy.array([_fitting(cue.takes) for cue in cues])
        return known[:, :-1], (known[:, :-1] @ FIT_KINDS > 0) & takes[of]

    def _hold_subjects(self, table: Table, heads: Sequence[int], of: Array) -> Array:
        """Whether each content holds a subject of its cue."""
        tokens = self.tokens
        subjects = [[c for c in tokens.children[head] if "subj" in tokens.dep[c]] for head in heads]
        held = numpy.zeros(len(of), dtype=bool)
        for k in range(max(map(len, subjects))):
            places = numpy.array([mine[k] if k < len(mine) else -1 for mine in subjects])[of]
            at = numpy.repeat(places, table.counts)
            held |= table.total((table.starts <= at) & (at < table.ends)) > 0
        return held

    def content_keys(self, candidate: Candidate, top: int) -> tuple[str, ...]:
        """The names of what training may know of a content: the cue with this kind of content, and a phrase's head."""
        cue = candidate.cue
        group = GROUPS_OF_CONTENT[min(GROUP_OF.get(kind, len(GROUPS_OF_CONTENT) - 1) for kind in candidate.kinds)]
        name = f"content {cue.kind} {cue.lemma} {group}"
        return (name, f"head {self.tokens.lemma[top]}") if group in PHRASES else (name,)


@functools.lru_cache(maxsize=4096)
def _told(kind: str, strength: str, group: str, takes: frozenset[str]) -> Array:
    """What the lexicon tells of a cue, "kind verb" to "takes back"."""
    one = [
        value == told for values, told in ((KINDS, kind), (STRENGTHS, strength), (GROUPS, group)) for value in values
    ]
    return numpy.array([*one, *(take in takes for take in TAKES)], dtype=numpy.float32)


@functools.lru_cache(maxsize=4096)
def _fitting(takes: frozenset[str]) -> tuple[bool, ...]:
    """Which of the FITS a cue takes."""
    return tuple(take in takes for take in FITS)


@functools.lru_cache(maxsize=4096)
def _role(label: str) -> str:
    """What a word with this label is to the one that it hangs on, as far as that tells of a cue."""
    return next((role for role, starts in ROLES.items() if label.startswith(starts)), "")


def _nearest(quoted: Sequence[Range], edge: int, places: Array) -> Array:
    """How far the nearest beginning (`edge` 0) or end (1) of a quotation is from each place; FAR at most."""
    others = numpy.array([-FAR, *(ends[edge] for ends in quoted)])
    at = numpy.searchsorted(others, places)
    near = numpy.minimum(abs(others[at - 1] - places), abs(others[numpy.minimum(at, len(quoted))] - places))
    capped: Array = numpy.minimum(near, FAR)
    return capped
