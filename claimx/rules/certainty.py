"""Certainty: whether the source asserts, hedges, denies or intends the content.

Reads the parse and a draft whose cue and content are known, gives `Certainty` and the rule that decided: *nega di aver rubato* is
denied, *chiede che si voti* intended, *teme che* or *sarebbe partito* hedged, *ha detto che* asserted.

The cue's group decides first (a denial, a request, a fear), then the mood of the cue, then the content's own main clause. In a
direct quotation the words quoted count, not what a denying cue makes of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from claimx.draft import Draft
from claimx.lexicon.certainty import CertaintyLexicon
from claimx.lexicon.conjugation import is_conditional
from claimx.model import Certainty, Mode
from claimx.syntax import Tokens

Verdict = tuple[Certainty, str]
_VAGUE = frozenset(["propose", "urge", "announce"])  # avanzare, rivolgere, lanciare: the noun beside them says what
_WILL = frozenset(["order", "urge", "propose", "promise", "threaten", "wish"])
_HEAD = 4  # tokens at the head of a content that count as its first words
_CONDITION = 6  # tokens from *se* on where its verb may stand
_VERB_REACH = 3  # tokens before a verb whose subject is elided: *in caso contrario | chiederà*


def judge_certainty(
    tokens: Tokens, draft: Draft, *, lexicon: CertaintyLexicon, mode: Mode | None = None, document: bool = False
) -> Verdict:
    """The certainty of a draft and its evidence; `document` says that the source is a law, ruling, report or plan."""
    cue = _Cue(tokens, draft, lexicon)
    content = _Content(tokens, draft, lexicon)
    direct = mode is Mode.DIRECT
    if draft.kind == "conditional":
        return Certainty.HEDGED, "certainty:reportive conditional"
    if not direct or content.embedded:
        verdict = _denied(cue)
        if verdict:
            return verdict
    question = content.question or (not direct and content.asks)
    if "ask" in cue.groups and not question and not (cue.reflexive and direct):
        return Certainty.INTENDED, "certainty:cue asks"
    if cue.groups & _WILL and not content.question:
        return Certainty.INTENDED, "certainty:cue of will"
    if cue.conditional:
        return Certainty.HEDGED, "certainty:cue in the conditional"
    if "rule" in cue.groups and document:
        return Certainty.INTENDED, "certainty:laid down"
    if cue.groups & {"fear", "seem"}:
        return Certainty.HEDGED, "certainty:cue of doubt"
    if cue.groups & {"announce", "assure"} and content.announces:
        return Certainty.INTENDED, "certainty:announced act"
    if "warn" in cue.groups and content.embedded and content.announces:
        return Certainty.INTENDED, "certainty:warned to do"
    if "assure" in cue.groups and content.noun and not direct:
        return Certainty.INTENDED, "certainty:assured"
    return _direct(content) if direct else _indirect(content)


def _denied(cue: _Cue) -> Verdict | None:
    """*nega, smentisce, esclude; non condivide*; with a negation *non nega* asserts and *non esclude* hedges."""
    if "deny" in cue.groups and not ("accuse" in cue.groups and cue.passive):  # gli è contestato: a charge
        return (
            (Certainty.ASSERTED, "certainty:negated denial") if cue.negated else (Certainty.DENIED, "certainty:denial")
        )
    if "exclude" in cue.groups:
        return (
            (Certainty.HEDGED, "certainty:not ruled out") if cue.negated else (Certainty.DENIED, "certainty:ruled out")
        )
    if cue.negated and "agree" in cue.groups:
        return Certainty.DENIED, "certainty:negated opinion"
    if cue.negated and "doubtful" in cue.groups:
        return Certainty.HEDGED, "certainty:negated conviction"
    return None


def _direct(content: _Content) -> Verdict:
    if content.calls and not content.question:
        return Certainty.INTENDED, "certainty:call"
    if content.wishes:
        return Certainty.INTENDED, "certainty:wish"
    if content.conditional and not content.hypothetical:
        return Certainty.HEDGED, "certainty:conditional"
    if content.doubt_adverb:
        return Certainty.HEDGED, "certainty:word of doubt"
    return Certainty.ASSERTED, "certainty:nothing marks it"


def _indirect(content: _Content) -> Verdict:
    if content.infinitive and content.wishes:
        return Certainty.INTENDED, "certainty:wish"
    if content.will_noun:
        return Certainty.INTENDED, "certainty:noun of will"
    if content.own_future:
        return Certainty.INTENDED, "certainty:own future act"
    if content.conditional and not content.hypothetical:
        return Certainty.HEDGED, "certainty:conditional"
    if content.doubt_adverb or content.seems or content.doubt_noun:
        return Certainty.HEDGED, "certainty:word of doubt"
    return Certainty.ASSERTED, "certainty:nothing marks it"


class _Cue:
    """What a cue says by its group, mood, voice and polarity."""

    def __init__(self, tokens: Tokens, draft: Draft, lexicon: CertaintyLexicon) -> None:
        self.groups: frozenset[str] = frozenset()
        self.negated = self.passive = self.conditional = self.reflexive = False
        if draft.cue is None or draft.head is None:
            return
        head = draft.head
        first, last = tokens.cover(*draft.cue)
        self.groups = _groups(tokens, draft, head, range(first, last), lexicon)
        mood = tokens.feature(head, "Mood")
        for i in range(first, last):
            if tokens.pos[i] == "AUX":
                mood = tokens.features[i].get("Mood", mood)
                self.passive |= tokens.dep[i] == "aux:pass"
        self.conditional = mood == "Cnd" or _is_conditional(tokens, head)
        self.negated = any(tokens.lower[i] in lexicon.negations for i in range(max(0, first - 2), last))
        self.reflexive = (draft.lemma or "").endswith("si") or any(
            tokens.lower[i] in lexicon.reflexive for i in range(max(0, first - 1), head)
        )


def _groups(tokens: Tokens, draft: Draft, head: int, cue: range, lexicon: CertaintyLexicon) -> frozenset[str]:
    """The groups of the cue's head, or those of its nouns where the head says little: *avanzare l'ipotesi*."""
    own = lexicon.group.get(draft.lemma or "")
    if own is None:
        own = lexicon.groups_of(tokens.lower[head], tokens.lemma[head], tokens.pos[head])
    if own - _VAGUE:
        return own
    others: set[str] = set()
    for i in cue:
        if tokens.pos[i] == "NOUN" or (tokens.pos[i] == "VERB" and i != head and tokens.head[i] == head):
            others |= lexicon.groups_of(tokens.lower[i], tokens.lemma[i], tokens.pos[i])
    return frozenset(others) or own


class _Content:
    """What a content says of itself: mood of its main clause, words of doubt, calls, wishes; one pass over its tokens."""

    def __init__(self, tokens: Tokens, draft: Draft, lexicon: CertaintyLexicon) -> None:
        ranges = [tokens.cover(*span) for span in draft.content]
        indices = [i for first, last in ranges for i in range(first, last) if tokens.pos[i] != "SPACE"]
        self.embedded = False  # an infinitive: part of another's sentence, even where that one is quoted
        self.question = self.asks = self.calls = self.wishes = self.announces = self.noun = self.infinitive = False
        self.conditional = self.hypothetical = self.will_noun = self.own_future = False
        self.doubt_adverb = self.doubt_noun = self.seems = False
        if not indices:
            return
        self._marks(tokens, indices, lexicon)
        main = _main(tokens, indices)
        clause = [main, *(c for c in tokens.children[main] if tokens.dep[c].startswith(("aux", "cop")))]
        finite = next((i for i in indices if "Mood" in tokens.features[i]), -1)
        self.noun = tokens.pos[main] == "NOUN"
        self.calls = _calls(tokens, indices, lexicon)
        self.hypothetical = _hypothetical(tokens, indices, clause, lexicon)
        self._verbs(tokens, indices, clause, finite, lexicon)
        self._doubts(tokens, indices, main, clause, lexicon)

    def _marks(self, tokens: Tokens, indices: Sequence[int], lexicon: CertaintyLexicon) -> None:
        first, last = indices[0], indices[-1]
        before = tokens.lower[first - 1] if first else ""
        after = tokens.lower[last + 1] if last + 1 < tokens.n else ""
        self.question = "?" in (after, tokens.lower[last])
        self.asks = before in lexicon.hypotheses or tokens.lower[first] in lexicon.question_words

    def _verbs(
        self, tokens: Tokens, indices: Sequence[int], clause: Sequence[int], finite: int, lexicon: CertaintyLexicon
    ) -> None:
        main = clause[0]
        conditional = [i for i in (*clause, finite) if i >= 0 and _is_conditional(tokens, i)]
        self.conditional = any(tokens.feature(i, "Person") != "1" for i in conditional)
        future = next((i for i in (*clause, finite) if i >= 0 and tokens.feature(i, "Tense") == "Fut"), -1)
        heading = [i for i in indices[:_VERB_REACH] if tokens.feature(i, "VerbForm") == "Inf"]
        self.infinitive = bool(heading) or tokens.feature(main, "VerbForm") == "Inf"
        perfect = bool(heading) and tokens.lemma[heading[0]] in lexicon.perfect
        self.embedded = bool(heading) and heading[0] - indices[0] < 2
        self.announces = (future >= 0 or self.embedded) and not perfect
        self.wishes = any(i >= 0 and tokens.lemma[i] in lexicon.wishes for i in (*clause, finite))
        self.own_future = _own_future(tokens, indices, main, future, lexicon)
        noun = next((i for i in indices[: _HEAD + 2] if tokens.pos[i] == "NOUN"), -1)
        if noun >= 0 and noun == main:
            groups = lexicon.groups_of(tokens.lower[noun], tokens.lemma[noun], "NOUN")
            follows = any(tokens.feature(i, "VerbForm") == "Inf" for i in range(noun + 1, min(noun + 4, tokens.n)))
            self.will_noun = "wish" in groups and follows
            self.doubt_noun = "fear" in groups or "seem" in groups

    def _doubts(
        self, tokens: Tokens, indices: Sequence[int], main: int, clause: Sequence[int], lexicon: CertaintyLexicon
    ) -> None:
        words = {tokens.lower[c] for c in tokens.children[main]}
        head = {tokens.lower[i] for i in indices[:_HEAD]}
        self.doubt_adverb = bool((words | head) & lexicon.doubt_clause)
        self.seems = any(tokens.lemma[i] in lexicon.seems for i in clause)
        self.doubt_noun |= tokens.lower[main] in lexicon.doubt_noun or bool(head & lexicon.doubt_noun)
        self.doubt_noun |= self.noun and bool(words & lexicon.doubt_noun)


def _is_conditional(tokens: Tokens, i: int) -> bool:
    return tokens.feature(i, "Mood") == "Cnd" or is_conditional(tokens.lower[i])


def _main(tokens: Tokens, indices: Sequence[int]) -> int:
    """The token that heads the content: its head stands outside; a verb or predicate rather than another, the first of them."""
    inside = set(indices)
    heads = [i for i in indices if tokens.head[i] == i or tokens.head[i] not in inside]
    heads = [i for i in heads if tokens.pos[i] != "PUNCT"] or heads
    verbs = [i for i in heads if tokens.pos[i] == "VERB" or any(tokens.dep[c] == "cop" for c in tokens.children[i])]
    return (verbs or heads)[0]


def _hypothetical(tokens: Tokens, indices: Sequence[int], clause: Sequence[int], lexicon: CertaintyLexicon) -> bool:
    """The conditional of a condition or of the future in the past, not of hearsay: *se fosse rimasto, sarebbe; avrebbe dovuto*."""
    past = any(_is_conditional(tokens, i) and tokens.lemma[i] in lexicon.perfect for i in clause)
    if past and any(tokens.lemma[i] in lexicon.must for i in clause):
        return True
    return any(
        tokens.feature(i, "Mood") == "Sub" and tokens.feature(i, "Tense") == "Imp"
        for place, start in enumerate(indices)
        if tokens.lower[start] in lexicon.hypotheses
        for i in indices[place : place + _CONDITION]
    )


def _own_future(tokens: Tokens, indices: Sequence[int], main: int, verb: int, lexicon: CertaintyLexicon) -> bool:
    """*ha detto che rispetterà il voto*: a third person of the future, first in its clause, whose subject is the source."""
    if verb < 0 or tokens.feature(verb, "Person") != "3" or verb - indices[0] > _VERB_REACH:
        return False
    if verb > 0 and tokens.lower[verb - 1] in lexicon.reflexive:
        return False
    return not any("subj" in tokens.dep[c] or tokens.dep[c] == "aux:pass" for c in tokens.children[main])


def _calls(tokens: Tokens, indices: Sequence[int], lexicon: CertaintyLexicon) -> bool:
    """*Ascoltate gli allarmi; Teo, basta*: a second person or a call at the head of a sentence, or after a name and a comma."""
    heading = True
    for place, i in enumerate(indices[:12]):
        lower = tokens.lower[i]
        if heading and lower in lexicon.exhortations:
            return True
        if heading and tokens.pos[i] == "VERB" and tokens.lemma[i] not in lexicon.modals:
            features = tokens.features[i]
            if features.get("Mood") == "Imp":
                return True
            if features.get("Person") == "2" and features.get("Tense") in (None, "Pres"):
                return True
        if tokens.pos[i] == "PUNCT":
            heading = lower in ".!…" or place < _VERB_REACH
        else:
            heading = heading and lower in lexicon.negations
    return False
