"""Lexicon: the verbs, nouns and frames that attribute, and their matchers.

Reads `data/cue_verbs.yaml`, `cue_nouns.yaml`, `cue_frames.yaml`; gives a `CueLexicon` whose matchers pass once over the
lower-case words of a text. *Secondo quanto riferito dall'agenzia, il ministro ha fatto sapere che ...*: the frame
*Secondo quanto riferito dall'* (source after) and the multiword verb *ha fatto sapere* from *fatto* on.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claimx.errors import LexiconError
from claimx.lexicon import load_data
from claimx.lexicon.conjugation import FormTable, Reading, auxiliaries
from claimx.lexicon.patterns import Pattern, VerbSlots, compile_pattern, read_groups, split_words

CLASSES = frozenset(
    "say write announce confirm admit deny accuse criticise praise ask order laydown propose promise threaten warn think"
    " guess fear hope predict find show judge recall express react relay hearsay".split()
)
TAKES = frozenset("che se di a-inf inf quote np small np-di".split())
STRENGTHS = frozenset("strong clause quote weak".split())
CERTAINTIES = frozenset("asserted hedged denied intended".split())
SOURCES = frozenset("after before inside either none".split())


@dataclass(frozen=True)
class VerbCue:
    """A verb that attributes; `words` is not empty for a multiword verb, `base` is the verb to look for in the text."""

    lemma: str
    cue_class: str
    takes: frozenset[str]
    strength: str
    certainty: str
    base: str
    reflexive: bool = False
    words: tuple[str, ...] = ()
    agree: bool = False
    yes: str | None = None
    no: str | None = None


@dataclass(frozen=True)
class NounCue:
    """A noun that attributes (*l'accusa di aver ...*), with its forms."""

    lemma: str
    cue_class: str
    takes: frozenset[str]
    strength: str
    certainty: str
    forms: tuple[str, ...]
    yes: str | None = None
    no: str | None = None


@dataclass(frozen=True)
class FrameCue:
    """A frame such as *a detta di*: where its source stands, and whether it is hearsay with nobody named."""

    words: str
    source: str
    cue_class: str
    certainty: str = "asserted"
    unspecified: bool = False
    risky: bool = False
    back: bool = False
    yes: str | None = None
    no: str | None = None
    pattern: Pattern = field(default_factory=Pattern, repr=False, compare=False)


@dataclass(frozen=True)
class FrameMatch:
    """Words [start, end) that are a frame."""

    start: int
    end: int
    frame: FrameCue


@dataclass(frozen=True)
class MultiwordMatch:
    """Words [start, end) from the first word of a multiword verb to its last; auxiliaries before it are not in it."""

    start: int
    end: int
    cue: VerbCue


class CueLexicon:
    """All cues: dicts by lemma, the forms of the verbs and nouns, and matchers over the words of a text."""

    def __init__(
        self,
        verbs: Iterable[VerbCue],
        reflexives: Iterable[VerbCue],
        multiwords: Iterable[VerbCue],
        nouns: Iterable[NounCue],
        frames: Mapping[str, Any],
    ) -> None:
        self.verbs: dict[str, VerbCue] = {cue.lemma: cue for cue in verbs}
        self.reflexives: dict[str, VerbCue] = {cue.base: cue for cue in reflexives}
        self.multiwords: tuple[VerbCue, ...] = tuple(multiwords)
        self.nouns: dict[str, NounCue] = {cue.lemma: cue for cue in nouns}
        self._cue_lemmas = {**dict.fromkeys(self.verbs), **dict.fromkeys(self.reflexives)}
        others = [cue.base for cue in self.multiwords]
        self.forms = FormTable(dict.fromkeys([*self._cue_lemmas, *others]))
        self._noun_forms = {form: cue for cue in self.nouns.values() for form in cue.forms}
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._groups = read_groups(frames)
        self._reflexive_clitics = frozenset(frames["reflexives"])
        self._gap = frozenset(w[0] for name in ("clitic", "adverb") for w in self._groups[name] if len(w) == 1)
        self._slots = VerbSlots(self._frame_moods, auxiliaries(), self._gap)
        self.frames: tuple[FrameCue, ...] = tuple(
            _read_frame(entry, self._groups, frames["prepositions"]) for entry in frames["frames"]
        )
        self.continuations: tuple[tuple[str, ...], ...] = tuple(split_words(e["words"]) for e in frames["continuations"])
        self._frames_by_first: dict[str, list[FrameCue]] = {}
        for frame in self.frames:
            for word in frame.pattern.first_words():
                self._frames_by_first.setdefault(word, []).append(frame)
        self._multi_by_first = self._index_multiwords()
        self._continuations_by_first: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.continuations, key=len, reverse=True):
            self._continuations_by_first.setdefault(words[0], []).append(words)

    # ---- words ----

    def readings(self, form: str) -> tuple[Reading, ...]:
        """What a lower-case form may be, of the verbs in the lexicon: *accusandolo* -> accusare, gerund, enclitic lo."""
        known = self._readings.get(form)
        if known is None:
            known = self._readings[form] = tuple(sorted(self.forms.readings(form), key=_rank))
        return known

    def lemmas_of(self, form: str) -> tuple[str, ...]:
        """The lemmas of cue verbs that have this lower-case form."""
        return tuple(dict.fromkeys(r.lemma for r in self.readings(form) if r.lemma in self._cue_lemmas))

    def lemma_of(self, form: str) -> str | None:
        """The cue verb that has this lower-case form, the commoner if two have it; None if none has."""
        lemmas = self.lemmas_of(form)
        return lemmas[0] if lemmas else None

    def noun_of(self, form: str) -> NounCue | None:
        """The cue noun that has this lower-case form: *accuse* -> accusa."""
        return self._noun_forms.get(form)

    # ---- one pass over a text ----

    def match_frames(self, tokens: Sequence[str]) -> list[FrameMatch]:
        """The frames in the words of a text, leftmost and longest first, none overlapping."""
        words = [token.lower() for token in tokens]
        found: list[FrameMatch] = []
        free = 0
        for start, word in enumerate(words):
            if start < free:
                continue
            best: FrameMatch | None = None
            for frame in self._frames_by_first.get(word, ()):
                end = frame.pattern.match(words, start, self._slots)
                if end is not None and (best is None or end > best.end):
                    best = FrameMatch(start, end, frame)
            if best is not None:
                found.append(best)
                free = best.end
        return found

    def match_multiwords(self, tokens: Sequence[str]) -> list[MultiwordMatch]:
        """The multiword verbs in the words of a text; of two that start together the longer."""
        words = [token.lower() for token in tokens]
        found: list[MultiwordMatch] = []
        for start, word in enumerate(words):
            best: MultiwordMatch | None = None
            for cue in self._multiword_candidates(word):
                end = self._match_multiword(cue, words, start)
                if end is not None and (best is None or end > best.end):
                    best = MultiwordMatch(start, end, cue)
            if best is not None and not (found and found[-1].end >= best.end):
                found.append(best)
        return found

    def match_continuation(self, tokens: Sequence[str], start: int) -> int | None:
        """The end of a continuation that stands at `start` (*e ancora*, before a new quotation), or None."""
        for words in self._continuations_by_first.get(tokens[start].lower(), ()) if start < len(tokens) else ():
            end = start + len(words)
            if tuple(token.lower() for token in tokens[start:end]) == words:
                return end
        return None

    # ---- parts ----

    def _index_multiwords(self) -> dict[str, list[VerbCue]]:
        index: dict[str, list[VerbCue]] = {}
        for cue in self.multiwords:
            index.setdefault(cue.words[0], []).append(cue)
        return index

    def _multiword_candidates(self, word: str) -> Iterable[VerbCue]:
        keys = dict.fromkeys([word, *(reading.lemma for reading in self.readings(word))])
        return [cue for key in keys for cue in self._multi_by_first.get(key, ())]

    def _match_multiword(self, cue: VerbCue, words: Sequence[str], start: int) -> int | None:
        at = start
        for index, wanted in enumerate(cue.words):
            if index:
                at = self._skip_gap(cue, wanted, words, at)
            if at >= len(words) or not self._is_word(cue, wanted, words, at):
                return None
            at += 1
        return at

    def _skip_gap(self, cue: VerbCue, wanted: str, words: Sequence[str], at: int) -> int:
        for _ in range(3):
            if at >= len(words) or self._is_word(cue, wanted, words, at):
                break
            if not (words[at] in self._gap or words[at].endswith("mente") or auxiliaries().readings(words[at])):
                break
            at += 1
        return at

    def _is_word(self, cue: VerbCue, wanted: str, words: Sequence[str], at: int) -> bool:
        word = words[at]
        if wanted == cue.base:
            readings = [r for r in self.readings(word) if r.lemma == wanted]
            if cue.reflexive and not any(r.enclitic in self._reflexive_clitics for r in readings):
                return bool(readings) and any(w in self._reflexive_clitics for w in words[max(0, at - 3) : at])
            return bool(readings)
        if word == wanted:
            return True
        if cue.agree and len(wanted) > 3:
            return word[:-1] == wanted[:-1] and word[-1] in "oaie"
        return False

    def _frame_moods(self, form: str) -> frozenset[str]:
        """The moods in which the form is a verb that a frame may hold (*come riferisce X*; not *come va*)."""
        moods = set()
        for reading in self.readings(form):
            cue = self.verbs.get(reading.lemma)
            if cue is None or cue.strength in ("quote", "weak") or not cue.takes & {"che", "quote"}:
                continue
            if reading.mood in ("ind", "cond", "sub"):
                if reading.person == 3:
                    moods.add("finite")
            elif reading.enclitic is None:
                moods.add(reading.mood)
        return frozenset(moods)


def _rank(reading: Reading) -> int:
    """News speaks in the third person and in participles: *detto* is dire before it is dettare."""
    return 0 if reading.person == 3 or reading.mood in ("part", "ger", "inf") else 1


@functools.cache
def load_cues() -> CueLexicon:
    """The cues of `claimx/data`, read and checked once; raises LexiconError naming the entry that is wrong."""
    verbs, nouns, frames = load_data("cue_verbs"), load_data("cue_nouns"), load_data("cue_frames")
    return CueLexicon(
        [_read_verb(entry) for entry in verbs["verbs"]],
        [_read_verb(entry, reflexive=True) for entry in verbs["reflexive"]],
        [_read_verb(entry, multiword=True) for entry in verbs["multiword"]],
        [_read_noun(entry) for entry in nouns["nouns"]],
        frames,
    )


def _check(entry: Any, required: Mapping[str, frozenset[str] | None], optional: Iterable[str]) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise LexiconError(f"cue {entry!r} is no mapping; write {{lemma: ..., class: ...}}")
    for key, allowed in required.items():
        values = entry.get(key)
        if values is None:
            raise LexiconError(f"cue {entry} has no {key!r}; add it")
        for value in values if isinstance(values, list) else [values]:
            if allowed is not None and value not in allowed:
                raise LexiconError(f"cue {entry}: {key} {value!r} is not one of {', '.join(sorted(allowed))}")
    unknown = set(entry) - set(required) - set(optional)
    if unknown:
        raise LexiconError(f"cue {entry} has unknown keys {', '.join(sorted(unknown))}; take them out")
    return entry


_LEMMA_KEYS: Mapping[str, frozenset[str] | None] = {
    "lemma": None,
    "class": CLASSES,
    "takes": TAKES,
    "strength": STRENGTHS,
    "certainty": CERTAINTIES,
}


def _read_verb(raw: Any, *, reflexive: bool = False, multiword: bool = False) -> VerbCue:
    entry = _check(raw, _LEMMA_KEYS, ("words", "agree", "yes", "no"))
    lemma = str(entry["lemma"])
    words = split_words(entry.get("words", lemma)) if multiword else (lemma,)
    infinitives = [w for w in words if w.endswith(("are", "ere", "ire", "rre", "arsi", "ersi", "irsi", "orsi", "ursi"))]
    if not infinitives:
        raise LexiconError(f"cue {entry}: no infinitive in {lemma!r}; write the verb's base form")
    verb = infinitives[0]
    base = _without_si(verb)
    return VerbCue(
        lemma=lemma,
        cue_class=entry["class"],
        takes=frozenset(entry["takes"]),
        strength=entry["strength"],
        certainty=entry["certainty"],
        base=base,
        reflexive=reflexive or base != verb,
        words=tuple(base if w == verb else w for w in words) if multiword else (),
        agree=bool(entry.get("agree", False)),
        yes=entry.get("yes"),
        no=entry.get("no"),
    )


def _without_si(verb: str) -> str:
    if not verb.endswith("si"):
        return verb
    stem = verb.removesuffix("si")
    return stem + ("re" if stem.endswith(("or", "ur")) else "e")


def _read_noun(raw: Any) -> NounCue:
    entry = _check(raw, _LEMMA_KEYS, ("forms", "yes", "no"))
    lemma = str(entry["lemma"])
    return NounCue(
        lemma=lemma,
        cue_class=entry["class"],
        takes=frozenset(entry["takes"]),
        strength=entry["strength"],
        certainty=entry["certainty"],
        forms=(lemma, *(entry["forms"] if "forms" in entry else _plurals(lemma))),
        yes=entry.get("yes"),
        no=entry.get("no"),
    )


def _plurals(noun: str) -> tuple[str, ...]:
    """The regular plurals of a noun: *accusa, accuse; critica, critiche; annuncio, annunci; tesi* has none of its own."""
    stem = noun[:-1]
    if noun.endswith(("ca", "ga")):
        return (stem + "he",)
    if noun.endswith(("cia", "gia")):
        return (noun[:-2] + "e", stem + "e")
    if noun.endswith("a"):
        return (stem + "e",)
    if noun.endswith("io"):
        return (stem,)
    if noun.endswith(("co", "go")):
        return (stem + "hi", stem + "i")
    if noun.endswith(("o", "e")):
        return (stem + "i",)
    return ()


def _read_frame(raw: Any, groups: Mapping[str, Any], prepositions: Mapping[str, Any]) -> FrameCue:
    required = {"words": None, "source": SOURCES, "class": CLASSES}
    optional = ("certainty", "unspecified", "risky", "back", "after_not", "before_not", "yes", "no")
    entry = _check(raw, required, optional)
    if entry.get("certainty", "asserted") not in CERTAINTIES:
        raise LexiconError(f"cue {entry}: certainty is not one of {', '.join(sorted(CERTAINTIES))}")
    return FrameCue(
        words=entry["words"],
        source=entry["source"],
        cue_class=entry["class"],
        certainty=entry.get("certainty", "asserted"),
        unspecified=bool(entry.get("unspecified", False)),
        risky=bool(entry.get("risky", False)),
        back=bool(entry.get("back", False)),
        yes=entry.get("yes"),
        no=entry.get("no"),
        pattern=compile_pattern(
            entry["words"], groups, prepositions, entry.get("after_not", ()), entry.get("before_not", ())
        ),
    )
