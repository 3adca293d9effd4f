"""What can be seen of a cue, and of a cue with a content, as numbers for the trained models.

Each `describe_*` gives one row of features with names; the models in models/claimx_attribution were trained on just these rows,
so a change here means training them again.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import accumulate

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
from claimx.syntax import Range, Tokens

__all__ = ["CUE_NAMES", "PAIR_NAMES", "Describer"]

SPEAKERS = frozenset(("role", "institution", "media", "document", "voice", "unnamed-group", "unnamed-sources"))
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
        finite = [int(f.get("VerbForm") == "Fin") for f in tokens.features]
        conditional = [int(f.get("Mood") == "Cnd") for f in tokens.features]
        person = [int(label == "PER") for label in tokens.entity]
        self.sum_inside = [0, *accumulate(self.inside)]
        self.sum_finite = [0, *accumulate(finite)]
        self.sum_conditional = [0, *accumulate(conditional)]
        self.sum_person = [0, *accumulate(person)]
        self.sum_verb = [0, *accumulate(int(p == "VERB") for p in tokens.pos)]
        self.sum_mark = [0, *accumulate(int(p == "PUNCT") for p in tokens.pos)]
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
        distance = 30
        for first, last in self.quoted:
            distance = min(distance, abs(first - cue.last), abs(cue.first - last))
        punctuated = cue.first > 0 and tokens.pos[cue.first - 1] == "PUNCT"
        row: list[float] = []
        row += [float(cue.kind == k) for k in KINDS]
        row += [float(cue.strength == s) for s in STRENGTHS]
        row += [float(cue.group == g) for g in GROUPS]
        row += [float(t in cue.takes) for t in TAKES]
        row += [float(tokens.dep[head] == d) for d in DEPS]
        row += [float(mood == m) for m in MOODS]
        row += [float(tense == t) for t in TENSES]
        row += [float(form == f) for f in FORMS]
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
        row += [float(actor == a) for a in ACTORS]
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
            *(float(after == p) for p in FIRST_POS),
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

    def describe_pair(
        self, candidate: Candidate, top: int, *, probability: float, longest: int, count: int
    ) -> list[float]:
        """The row of a content for its cue, in the order of PAIR_NAMES."""
        tokens, grammar, cue = self.tokens, self.grammar, candidate.cue
        pieces = candidate.pieces
        first, last = pieces[0][0], pieces[-1][1]
        head = min(cue.head, tokens.n - 1)
        sent_first, sent_last = tokens.sentence(head)
        length = sum(e - s for s, e in pieces)
        quoted = sum(self.sum_inside[e] - self.sum_inside[s] for s, e in pieces)
        finite = sum(self.sum_finite[e] - self.sum_finite[s] for s, e in pieces)
        conditional = sum(self.sum_conditional[e] - self.sum_conditional[s] for s, e in pieces)
        persons = sum(self.sum_person[e] - self.sum_person[s] for s, e in pieces)
        before = tokens.lower[first - 1] if first > 0 else ""
        after = tokens.lower[last] if last < tokens.n else ""
        before_pos = tokens.pos[first - 1] if first > 0 else ""
        after_pos = tokens.pos[last] if last < tokens.n else ""
        holds_cue = any(s <= cue.head < e for s, e in pieces)
        holds_subject = any(
            "subj" in tokens.dep[c] and any(s <= c < e for s, e in pieces) for c in tokens.children[head]
        )
        distance = max(0, first - cue.last, cue.first - last) if len(pieces) == 1 else 0
        one = any(abs(first - s) <= 1 and abs(last - e) <= 1 for s, e in self.quoted)
        row: list[float] = [float(k in candidate.kinds) for k in CONTENTS]
        row += [float(tokens.pos[first] == p) for p in FIRST_POS]
        row += [
            len(candidate.kinds), len(pieces), length, quoted / length, self.inside[first], self.inside[last - 1], one,
            last <= cue.first, first >= cue.last, distance, finite, conditional,
            tokens.feature(first, "VerbForm") == "Inf", first < sent_first or last > sent_last,
            length / max(1, sent_last - sent_first), length / max(1, longest), 0.0, holds_subject, holds_cue,
            tokens.title[first], before == ":", before_pos == "PUNCT", before in grammar.finite_che, before in grammar.di,
            after_pos == "PUNCT", after == ",", after == ".", tokens.sent[last - 1] - tokens.sent[first], 0.0,
            tokens.lower[first] in grammar.finite_che, 1.0, probability, count, persons, pieces[0][1] - pieces[0][0],
            first == tokens.sentence(first)[0], last >= tokens.sentence(last - 1)[1] - 1, 0.0, 0.0,
        ]  # fmt: skip
        fits = [float(take in cue.takes and not candidate.kinds.isdisjoint(kinds)) for take, kinds in FITS.items()]
        row += [*fits, max(fits)]
        row += self._boundary(pieces, top)
        low, high = (last, cue.first) if last <= cue.first else (cue.last, max(cue.last, first))
        low, high = min(low, high), max(low, high)
        row += [
            float(self.sum_verb[high] - self.sum_verb[low]), float(self.sum_mark[high] - self.sum_mark[low]), -1.0, 0.0, -1.0, 0.0,
        ]  # fmt: skip
        return row

    def content_head(self, pieces: Sequence[Range]) -> int:
        """The first token of a content whose head stands outside it."""
        head, pos = self.tokens.head, self.tokens.pos
        first, last = pieces[0][0], pieces[-1][1]
        for s, e in pieces:
            for i in range(s, e):
                if (head[i] < first or head[i] >= last or head[i] == i) and pos[i] != "PUNCT":
                    return i
        return first

    def content_keys(self, candidate: Candidate, top: int) -> tuple[str, ...]:
        """The names of what training may know of a content: the cue with this kind of content, and a phrase's head."""
        cue = candidate.cue
        group = GROUPS_OF_CONTENT[min(GROUP_OF.get(kind, len(GROUPS_OF_CONTENT) - 1) for kind in candidate.kinds)]
        name = f"content {cue.kind} {cue.lemma} {group}"
        return (name, f"head {self.tokens.lemma[top]}") if group in PHRASES else (name,)

    def _boundary(self, pieces: Sequence[Range], top: int) -> list[float]:
        """What stands after the content, which arcs cross its edges, and what heads it."""
        tokens, grammar = self.tokens, self.grammar
        first, last = pieces[0][0], pieces[-1][1]
        after = last
        while after < tokens.n - 1 and tokens.pos[after] in ("PUNCT", "SPACE"):
            after += 1
        after = min(after, tokens.n - 1)
        same = tokens.sent[after] == tokens.sent[last - 1]
        out = 0
        for s, e in pieces:
            for i in range(s, e):
                up = tokens.head[i]
                if (up < first or up >= last or up == i) and tokens.pos[i] != "PUNCT":
                    out += 1
        into = 0
        sent_first, sent_last = tokens.sentence(last - 1)
        for i in range(last, min(sent_last, last + 25)):
            if first <= tokens.head[i] < last and tokens.pos[i] != "PUNCT":
                into += 1
        for i in range(max(sent_first, first - 25), first):
            if first <= tokens.head[i] < last and tokens.pos[i] != "PUNCT":
                into += 1
        word = tokens.lower[top]
        between = range(pieces[0][1], pieces[-1][0]) if len(pieces) > 1 else range(0)
        return [
            *(float(same and tokens.pos[after] == p) for p in FIRST_POS),
            float(same and tokens.feature(after, "VerbForm") == "Ger"),
            float(same and tokens.lower[after] in grammar.relative),
            float(same and tokens.lower[after] in grammar.conjunctions),
            float(same),
            float(out),
            float(into),
            float(tokens.pos[top] == "NOUN" and any(word.endswith(x) for x in grammar.nominal_endings)),
            float(tokens.entity[top] != ""),
            float(tokens.lemma[top] in self.nouns),
            float(tokens.pos[top] in ("VERB", "AUX")),
            float(tokens.entity[top] == "PER"),
            float(top - first),
            float(tokens.pos[first] in ("VERB", "AUX")),
            float(len(between)),
            float(sum(tokens.pos[i] == "VERB" for i in between)),
            *self._inside(pieces),
        ]

    def _inside(self, pieces: Sequence[Range]) -> list[float]:
        """Marks and verbs inside the content that speak against its being one: stops, brackets and quotations cut open."""
        tokens = self.tokens
        commas = stops = brackets = roots = subjects = 0
        for s, e in pieces:
            for i in range(s, e):
                pos = tokens.pos[i]
                if pos == "PUNCT" and not self.inside[i]:
                    word = tokens.lower[i]
                    commas += word == ","
                    stops += word in (";", ":")
                    brackets += (word == "(") - (word == ")")
                elif tokens.head[i] == i:
                    roots += 1
                elif tokens.dep[i].startswith("nsubj"):
                    subjects += 1
        first, last = pieces[0][0], pieces[-1][1]
        cut = sum((q < first - 1 < e - 2) or (q < last < e - 1) for q, e in self.quoted if e > first and q < last)
        return [float(x) for x in (commas, stops, brackets, cut, roots, subjects)]
