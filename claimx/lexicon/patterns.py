"""Lexicon: patterns of words, compiled from a line such as `stando a {early?} {account}`.

Reads a pattern, its groups of words and its prepositions; gives a `Pattern` that says where it ends in a list of words.
A pattern is tried only where one of its first words stands, so that a text is read once. *Stando alle prime indagini*
fits the line above, *stando alla finestra* does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from claimx.errors import LexiconError
from claimx.lexicon.conjugation import FormTable

Words = tuple[str, ...]

_PLACE = re.compile(r"^\{(\w+)([?*]?)\}$")
_VERB_SLOTS = ("finite", "participle")


def split_words(text: str) -> Words:
    """The words as the tokenizer cuts them: an apostrophe ends its word (*un'intervista* -> un', intervista)."""
    return tuple(re.findall(r"[^\s']+'?|'", text))


def read_groups(data: Mapping[str, Any]) -> dict[str, tuple[Words, ...]]:
    """The groups of a pattern file: for each name its alternatives, each a tuple of words."""
    return {name: tuple(split_words(str(entry)) for entry in entries) for name, entries in data["groups"].items()}


@dataclass(frozen=True)
class VerbSlots:
    """How `{finite}` and `{participle}` are matched: the moods of a cue verb's form, auxiliaries, words between."""

    moods: Callable[[str], frozenset[str]]
    auxiliaries: FormTable
    between: frozenset[str]
    adverb_ending: str

    def match(self, slot: str, words: Sequence[str], start: int) -> int | None:
        """The end of a verb group at `start`: *ha poi riferito*, *si apprende*; `participle` is *(stato) riferito*."""
        seen_auxiliary = slot == "participle"
        for at in range(start, min(start + 6, len(words))):
            word = words[at]
            moods = self.moods(word)
            wanted = {"part"} if slot == "participle" else {"part", "inf"} if seen_auxiliary else {"finite"}
            auxiliary = self._is_auxiliary(word)
            if moods & wanted and not (auxiliary and slot == "finite"):
                return at + 1
            if auxiliary:
                seen_auxiliary = True
            elif word not in self.between and not word.endswith(self.adverb_ending):
                return None
        return None

    def _is_auxiliary(self, word: str) -> bool:
        return any(r.enclitic is None and r.person in (None, 3) for r in self.auxiliaries.readings(word))


@dataclass(frozen=True)
class _Element:
    """One place of a pattern: its alternatives, or a verb slot; optional, or any number of times."""

    alternatives: frozenset[Words] = frozenset()
    slot: str | None = None
    optional: bool = False
    repeated: bool = False

    @cached_property
    def longer(self) -> tuple[Words, ...]:
        """The alternatives of several words."""
        return tuple(a for a in self.alternatives if len(a) > 1)


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern.

    `after_not` are words that must not stand before it, `before_not` behind it; one with `openers` counts only at the
    start, behind punctuation or behind one of them.
    """

    elements: tuple[_Element, ...] = ()
    after_not: frozenset[str] = frozenset()
    before_not: frozenset[str] = frozenset()
    openers: frozenset[str] | None = None

    @property
    def has_slot(self) -> bool:
        """Whether a verb slot makes it wider than its words say."""
        return any(element.slot for element in self.elements)

    def first_words(self) -> set[str]:
        """The words that a match may begin with."""
        firsts: set[str] = set()
        for element in self.elements:
            firsts |= {words[0] for words in element.alternatives}
            if not element.optional:
                break
        return firsts

    def second_words(self, first: str) -> frozenset[str] | None:
        """The words that a match may have second where it begins with `first`; None where any may, or it may be its only one."""
        seconds: set[str] = set()
        for at, element in enumerate(self.elements):
            if element.slot is not None:
                return None
            starting = [words for words in element.alternatives if words[0] == first]
            seconds.update(words[1] for words in starting if len(words) > 1)
            if any(len(words) == 1 for words in starting):
                following = self.elements[at if element.repeated else at + 1 :]
                if all(other.optional for other in following) or any(other.slot for other in _opening(following)):
                    return None
                seconds.update(words[0] for other in _opening(following) for words in other.alternatives)
            if not element.optional:
                break
        return frozenset(seconds)

    def match(self, words: Sequence[str], start: int, slots: VerbSlots) -> int | None:
        """The end of the longest match that begins at `start`, or None."""
        if start and not self._may_begin(words[start - 1]):
            return None
        ends = [end for end in self._ends(words, start, 0, slots) if end > start and self._may_end(words, end)]
        return max(ends, default=None)

    def _may_begin(self, before: str) -> bool:
        if self.openers is not None and before[:1].isalnum() and before not in self.openers:
            return False
        return before not in self.after_not

    def _may_end(self, words: Sequence[str], end: int) -> bool:
        return end >= len(words) or words[end] not in self.before_not

    def _ends(self, words: Sequence[str], at: int, index: int, slots: VerbSlots) -> list[int]:
        if index == len(self.elements):
            return [at]
        element = self.elements[index]
        ends: list[int] = []
        if element.optional:
            ends += self._ends(words, at, index + 1, slots)
        for end in self._element_ends(element, words, at, slots):
            if element.repeated:
                ends += self._ends(words, end, index, slots)
            ends += self._ends(words, end, index + 1, slots)
        return ends

    @staticmethod
    def _element_ends(element: _Element, words: Sequence[str], at: int, slots: VerbSlots) -> list[int]:
        if element.slot is not None:
            end = slots.match(element.slot, words, at)
            return [] if end is None else [end]
        ends = [at + 1] if at < len(words) and (words[at],) in element.alternatives else []
        return ends + [at + len(a) for a in element.longer if tuple(words[at : at + len(a)]) == a]


def _opening(elements: Sequence[_Element]) -> Iterator[_Element]:
    """The elements that may come first."""
    for element in elements:
        yield element
        if not element.optional:
            return


def compile_pattern(
    text: str,
    groups: Mapping[str, tuple[Words, ...]],
    prepositions: Mapping[str, Iterable[str]],
    *,
    after_not: Iterable[str] = (),
    before_not: Iterable[str] = (),
    openers: Iterable[str] | None = None,
) -> Pattern:
    """A pattern from its line; a group that is not there raises LexiconError."""
    elements: list[_Element] = []
    for part in text.split():
        place = _PLACE.match(part)
        if place is None:
            for word in split_words(part):
                forms = prepositions.get(word, (word,)) if elements else (word,)
                elements.append(_Element(frozenset((form,) for form in forms)))
        elif place[1] in _VERB_SLOTS:
            elements.append(_Element(slot=place[1], optional=bool(place[2])))
        elif place[1] in groups:
            elements.append(_Element(frozenset(groups[place[1]]), None, bool(place[2]), place[2] == "*"))
        else:
            raise LexiconError(f"pattern {text!r}: there is no group {place[1]!r}; add it to the file's groups")
    if not elements or elements[0].slot is not None:
        raise LexiconError(f"pattern {text!r} must begin with a word or a group; add one")
    allowed = None if openers is None else frozenset(openers)
    return Pattern(tuple(elements), frozenset(after_not), frozenset(before_not), allowed)
