"""ISDT's way of marking morphology, imposed on treebanks and silver that mark it otherwise, where that is certain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc, Token

VARY = ("Gender", "Number")
INFLECTED = ("NOUN", "ADJ")
VOWELS, ACCENTED = "aeiou", "àèéìòù"
LEAST, SHARE = 3, 0.025  # determiners of the rarer value, and their share, that tell an invariable noun from a slip
TYPES, RARELY = 5, 0.1  # forms with an ending, and the share of them below which a feature is not marked on it


class Habits:
    """ISDT's way of marking morphology, as its dev file and ParTUT show it: form and POS to the features they carry.

    The other treebanks differ: MarkIT leaves "che" and "l'" without features (15 in 100 tokens are marked as ISDT
    never marks them), PoSTWITA's clitics lack Clitic=Yes (8 in 100), VIT has "sia" in the indicative (3 in 100).
    """

    def __init__(self, docs: Iterable[Doc]) -> None:
        self.seen: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for doc in docs:
            for token in doc:
                self.seen[token.text.lower(), token.pos_][str(token.morph)] += 1

    def impose(self, doc: Doc) -> None:
        """Features that ISDT never gives to a form and POS it often has become those that it gives most often."""
        for token in doc:
            known = self.seen.get((token.text.lower(), token.pos_)) if token.pos_ else None
            if known and known.total() >= 4 and str(token.morph) not in known:
                token.set_morph(known.most_common(1)[0][0])


class Inflection:
    """Which nouns and adjectives ISDT marks for gender and number.

    It leaves out what the form does not tell: *la crisi*, *le crisi* have no Number, *il* and *la giornalista* no Gender. A form
    that ISDT has is as there; of another noun the determiners tell it, since they agree with it; else the ending does, as it does
    for the forms with the same ending in ISDT (*smog*, *viltà*).
    """

    def __init__(self, marked: Iterable[Doc], parsed: Iterable[Doc]) -> None:
        self.marked: dict[tuple[str, str], Counter[frozenset[str]]] = defaultdict(Counter)
        for doc in marked:
            for token in doc:
                if token.pos_ in INFLECTED:
                    found = frozenset(name for name in VARY if token.morph.get(name))
                    self.marked[token.pos_, token.text.lower()][found] += 1
        self.endings: dict[tuple[str, str], Counter[frozenset[str]]] = defaultdict(Counter)
        for (pos, form), found in self.marked.items():
            for ending in _endings(form):
                self.endings[pos, ending][found.most_common(1)[0][0]] += 1
        self.agreeing: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for doc in parsed:
            for token in doc:
                if _agrees(token):
                    self.agreeing[token.head.text.lower()].update(
                        (name, value) for name in VARY for value in token.morph.get(name)
                    )
        self.known: dict[tuple[str, str], frozenset[str]] = {}

    def impose(self, doc: Doc) -> None:
        """Take away the features that ISDT would not mark."""
        for token in doc:
            if token.pos_ in INFLECTED:
                key = token.pos_, token.text.lower()
                if key not in self.known:
                    self.known[key] = frozenset(self._unmarked(*key))
                features = token.morph.to_dict()
                if self.known[key] & features.keys():
                    token.set_morph({k: v for k, v in features.items() if k not in self.known[key]})

    def _unmarked(self, pos: str, form: str) -> Iterator[str]:
        if (pos, form) in self.marked:
            yield from (name for name in VARY if not any(name in found for found in self.marked[pos, form]))
            return
        if pos == "NOUN" and form in self.agreeing:
            seen = self.agreeing[form]
            both = [
                sorted((seen["Gender", "Fem"], seen["Gender", "Masc"])),
                sorted((seen["Number", "Sing"], seen["Number", "Plur"])),
            ]
            unmarked = [name for name, (few, many) in zip(VARY, both) if few >= max(LEAST, SHARE * (few + many))]
            if unmarked:
                yield from unmarked
                return
        for ending in _endings(form):
            found = self.endings.get((pos, ending))
            if found and found.total() >= TYPES:
                for name in VARY:
                    if sum(count for names, count in found.items() if name in names) <= RARELY * found.total():
                        yield name
                return


class Infinitives:
    """Whether an infinitive is ccomp or xcomp of its verb, as ISDT and its like have it; VIT says ccomp nearly always."""

    def __init__(self, docs: Iterable[Doc]) -> None:
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)
        for doc in docs:
            for token in doc:
                if token.dep_ in ("ccomp", "xcomp") and _is_infinitive(token):
                    self.seen[token.head.lemma_][token.dep_] += 1

    def impose(self, doc: Doc) -> None:
        """An infinitive without a subject is xcomp, unless its verb has ccomp more often: *fa sapere*."""
        for token in doc:
            own = any(child.dep_.startswith("nsubj") for child in token.children)
            if token.dep_ == "ccomp" and not own and _is_infinitive(token):
                seen = self.seen.get(token.head.lemma_, Counter())
                if seen["xcomp"] >= seen["ccomp"]:
                    token.dep_ = "xcomp"


def _is_infinitive(token: Token) -> bool:
    """Whether it is an infinitive, by itself and not by an auxiliary's: *aver detto* too, *ha da fare* not."""
    finite = any(
        child.dep_ in ("aux", "aux:pass", "cop") and child.morph.get("VerbForm") == ["Fin"] for child in token.children
    )
    return token.morph.get("VerbForm") == ["Inf"] and not finite


def _endings(form: str) -> Iterator[str]:
    """Endings from the longest to the shortest, the last being the kind of the last letter."""
    if len(form) > 2:
        yield from (form[-size:] for size in (5, 4, 3, 2) if len(form) > size)
        last = form[-1]
        yield "accented" if last in ACCENTED else "consonant" if last.isalpha() and last not in VOWELS else ""


def _agrees(token: Token) -> bool:
    """Whether it is an article or the like close before its noun."""
    near = token.i < token.head.i <= token.i + 2
    return (
        near
        and token.head.pos_ == "NOUN"
        and token.pos_ in ("DET", "ADP")
        and token.dep_ in ("det", "case", "det:poss")
    )
