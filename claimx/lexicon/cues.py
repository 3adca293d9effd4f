"""Lexicon: the verbs, nouns and frames that attribute, and their matchers.

Reads `data/cue_verbs.yaml`, `cue_nouns.yaml`, `cue_frames.yaml`; gives a `CueLexicon` whose matchers pass once over the
lower-case words of a text. *Secondo quanto riferito dall'agenzia, il ministro ha fatto sapere che ...*: the frame
*Secondo quanto riferito dall'* (source after) and the multiword verb *fatto sapere*.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from claimx.lexicon import load_data
from claimx.lexicon.conjugation import KNOWN, FormTable, Reading, auxiliaries
from claimx.lexicon.cue_entries import (
    FrameCue,
    NounCue,
    RelayCue,
    VerbCue,
    read_frame,
    read_noun,
    read_relay,
    read_row,
    read_verb,
)
from claimx.lexicon.patterns import VerbSlots, read_groups, split_words

__all__ = [
    "CueLexicon",
    "FrameCue",
    "FrameMatch",
    "MultiwordMatch",
    "NounCue",
    "RelayCue",
    "RelayMatch",
    "VerbCue",
    "load_cues",
]

GAP = 3  # clitics, adverbs and auxiliaries that may stand between two words of a multiword verb
_C = TypeVar("_C", FrameCue, RelayCue)
_Index = dict[str, list[tuple[_C, frozenset[str] | None]]]


@dataclass(frozen=True)
class FrameMatch:
    """Words [start, end) that are a frame."""

    start: int
    end: int
    frame: FrameCue


@dataclass(frozen=True)
class RelayMatch:
    """Words [start, end) that say through whom: *ai microfoni di*."""

    start: int
    end: int
    relay: RelayCue


@dataclass(frozen=True)
class MultiwordMatch:
    """Words [start, end) from the first word of a multiword verb to its last; auxiliaries before it are not in it."""

    start: int
    end: int
    cue: VerbCue


@dataclass(frozen=True, slots=True)
class _Seconds:
    """Multiword verbs that begin alike, by their second word: without its last letter, or by its lemma where it is the verb."""

    stems: dict[str, list[VerbCue]] = field(default_factory=dict)
    verbs: dict[str, list[VerbCue]] = field(default_factory=dict)


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
        self._lemmas: dict[str, tuple[str, ...]] = {}
        groups = read_groups(frames)
        self._slot_verbs = frozenset(frames["slot_verbs"])
        self._reflexive_clitics = frozenset(frames["reflexives"])
        self._gap = frozenset(w[0] for name in ("clitic", "adverb") for w in groups[name])
        self._slots = VerbSlots(self._frame_moods, auxiliaries(), self._gap, frames["adverb_ending"])
        prepositions = frames["prepositions"]
        self.frames = tuple(read_frame(entry, groups, prepositions) for entry in frames["frames"])
        self.relays = tuple(read_relay(entry, groups, prepositions) for entry in frames["relays"])
        self.continuations = tuple(split_words(entry["words"]) for entry in frames["continuations"])
        self._frames_by_first = _by_first_word(self.frames)
        self._relays_by_first = _by_first_word(self.relays)
        self._multi_by_first = self._index_multiwords()
        self._multi_of_form: dict[str, tuple[_Seconds, ...]] = {}
        self._continuations_by_first: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.continuations, key=len, reverse=True):
            self._continuations_by_first.setdefault(words[0], []).append(words)

    # ---- words ----

    def readings(self, form: str) -> tuple[Reading, ...]:
        """What a lower-case form may be: *accusandolo* is a gerund of accusare with the enclitic lo."""
        known = self._readings.get(form)
        if known is None:
            if len(self._readings) >= KNOWN:
                self._readings.clear()
            known = self._readings[form] = tuple(sorted(self.forms.readings(form), key=_rank))
        return known

    def lemmas_of(self, form: str) -> tuple[str, ...]:
        """The lemmas of cue verbs that have this lower-case form."""
        known = self._lemmas.get(form)
        if known is None:
            if len(self._lemmas) >= KNOWN:
                self._lemmas.clear()
            found = (reading.lemma for reading in self.readings(form))
            known = self._lemmas[form] = tuple(dict.fromkeys(lemma for lemma in found if lemma in self._cue_lemmas))
        return known

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
        return [FrameMatch(*match) for match in self._match_patterns(tokens, self._frames_by_first)]

    def match_relays(self, tokens: Sequence[str]) -> list[RelayMatch]:
        """The words that say through whom (*ai microfoni di*), leftmost and longest first, none overlapping."""
        return [RelayMatch(*match) for match in self._match_patterns(tokens, self._relays_by_first)]

    def match_multiwords(self, tokens: Sequence[str]) -> list[MultiwordMatch]:
        """The multiword verbs in the words of a text; of two that start together the longer."""
        words = list(map(str.lower, tokens))
        known = self._multi_of_form
        found: list[MultiwordMatch] = []
        for start, word in enumerate(words):
            begun = known[word] if word in known else self._begun_by(word)
            if not begun:
                continue
            best: VerbCue | None = None
            best_end = found[-1].end if found else start
            for cue in self._multiword_candidates(begun, words[start + 1 : start + 2 + GAP]):
                end = self.matches_multiword(cue, words, start)
                if end is not None and end > best_end:
                    best, best_end = cue, end
            if best is not None:
                found.append(MultiwordMatch(start, best_end, best))
        return found

    def match_continuation(self, tokens: Sequence[str], start: int) -> int | None:
        """The end of a continuation that stands at `start` (*e ancora*, before a new quotation), or None."""
        for words in self._continuations_by_first.get(tokens[start].lower(), ()) if start < len(tokens) else ():
            end = start + len(words)
            if tuple(token.lower() for token in tokens[start:end]) == words:
                return end
        return None

    def matches_pattern(self, cue: FrameCue | RelayCue, words: Sequence[str], start: int) -> int | None:
        """The end of this frame or relay where it stands at `start` in lower-case words, or None."""
        return cue.pattern.match(words, start, self._slots)

    # ---- parts ----

    def _match_patterns(self, tokens: Sequence[str], index: _Index[_C]) -> Iterator[tuple[int, int, _C]]:
        words = list(map(str.lower, tokens))
        free = 0
        for start, word in enumerate(words):
            if start < free or word not in index:
                continue
            best: _C | None = None
            best_end = start
            second = words[start + 1] if start + 1 < len(words) else ""
            for cue, seconds in index[word]:
                if seconds is not None and second not in seconds:
                    continue
                end = cue.pattern.match(words, start, self._slots)
                if end is not None and end > best_end:
                    best, best_end = cue, end
            if best is not None:
                yield start, best_end, best
                free = best_end

    def _index_multiwords(self) -> dict[str, _Seconds]:
        """By the first word, then by the second: essere alone begins sixty."""
        index: dict[str, _Seconds] = {}
        for cue in self.multiwords:
            seconds = index.setdefault(cue.words[0], _Seconds())
            if cue.words[1] == cue.base:
                seconds.verbs.setdefault(cue.base, []).append(cue)
            else:
                seconds.stems.setdefault(cue.words[1][:-1], []).append(cue)
        return index

    def _begun_by(self, word: str) -> tuple[_Seconds, ...]:
        """The multiword verbs that may begin with this form, by their second words."""
        if len(self._multi_of_form) >= KNOWN:
            self._multi_of_form.clear()
        keys = dict.fromkeys([word, *(reading.lemma for reading in self.readings(word))])
        begun = tuple(self._multi_by_first[key] for key in keys if key in self._multi_by_first)
        self._multi_of_form[word] = begun
        return begun

    def _multiword_candidates(self, begun: Sequence[_Seconds], following: Sequence[str]) -> Iterator[VerbCue]:
        """Those that the words following may go on with."""
        for seconds in begun:
            for word in following:
                if word[:-1] in seconds.stems:
                    yield from seconds.stems[word[:-1]]
            if seconds.verbs:
                for lemma in dict.fromkeys(reading.lemma for word in following for reading in self.readings(word)):
                    yield from seconds.verbs.get(lemma, ())

    def matches_multiword(self, cue: VerbCue, words: Sequence[str], start: int) -> int | None:
        """The end of this multiword verb where it stands at `start` in lower-case words, or None."""
        at = start
        for index, wanted in enumerate(cue.words):
            if index:
                at = self._skip_gap(cue, wanted, words, at)
            if at >= len(words) or not self._is_word(cue, wanted, words, at):
                return None
            at += 1
        return at

    def _skip_gap(self, cue: VerbCue, wanted: str, words: Sequence[str], at: int) -> int:
        for _ in range(GAP):
            if at >= len(words) or self._is_word(cue, wanted, words, at):
                break
            if not (
                words[at] in self._gap
                or words[at].endswith(self._slots.adverb_ending)
                or auxiliaries().readings(words[at])
            ):
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

    @staticmethod
    def _fits_slot(cue: VerbCue) -> bool:
        return cue.strength in ("strong", "clause") and bool(cue.takes & {"che", "quote"})

    def _frame_moods(self, form: str) -> frozenset[str]:
        """The moods in which the form is a verb that a frame may hold (*come riferisce X*; not *come va*)."""
        moods = set()
        for reading in self.readings(form):
            cue = self.verbs.get(reading.lemma)
            if cue is None or not (self._fits_slot(cue) or reading.lemma in self._slot_verbs):
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
        [read_verb(read_row(row, "agree")) for row in verbs["verbs"]],
        [read_verb(read_row(row, "agree"), reflexive=True) for row in verbs["reflexive"]],
        [read_verb(read_row(row, "agree"), multiword=True) for row in verbs["multiword"]],
        [read_noun(read_row(row, "forms")) for row in nouns["nouns"]],
        frames,
    )


def _by_first_word(cues: Iterable[_C]) -> _Index[_C]:
    """The cues by the words they may begin with; of two that end together the one without a verb slot comes first.

    With each go the words that may come second, or None where that cannot be told.
    """
    index: _Index[_C] = {}
    for cue in sorted(cues, key=lambda cue: cue.pattern.has_slot):
        for word in cue.pattern.first_words():
            index.setdefault(word, []).append((cue, cue.pattern.second_words(word)))
    return index
