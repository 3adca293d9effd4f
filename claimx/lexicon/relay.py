"""The phrases of `data/relay.yaml`: who passes a claim on, and to whom or through which outlet it was said."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimx.errors import LexiconError
from claimx.lexicon import load_data


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by first word; each is a sequence of sets of forms. After it the name stands within `gap` words."""

    by_first: Mapping[str, Sequence[Sequence[frozenset[str]]]]
    gap: int

    def match(self, lower: Sequence[str], at: int, end: int) -> int | None:
        """The end of the longest phrase that begins at word `at`, or None."""
        best: int | None = None
        for slots in self.by_first.get(lower[at], ()):
            last = at + len(slots)
            if last > end or (best is not None and last <= best):
                continue
            if all(word in slot for word, slot in zip(lower[at:last], slots)):
                best = last
        return best


@dataclass(frozen=True, slots=True)
class RelayLexicon:
    """All that `rules/relay.py` knows of words."""

    through: Phrases
    platform: Phrases
    mouthpiece: Phrases
    platforms: Mapping[str, Sequence[tuple[str, ...]]]  # first word -> names as words
    to: frozenset[str]
    by: frozenset[str]
    of: frozenset[str]
    articles: frozenset[str]
    citing: frozenset[str]
    relaying: frozenset[str]
    spoken_to: frozenset[str]
    addressed: frozenset[str]
    forms: frozenset[str]  # that begin a phrase, or tell of a relay by themselves
    lemmas: frozenset[str]


@functools.cache
def load_relay() -> RelayLexicon:
    """The content of `data/relay.yaml`."""
    data = load_data("relay")
    try:
        forms = {name: frozenset(words) for name, words in data["prepositions"].items()}
        names: dict[str, list[tuple[str, ...]]] = {}
        for name in data["platforms"]["names"]:
            words = tuple(name.split())
            names.setdefault(words[0], []).append(words)
        through, platform, mouthpiece = (_phrases(data[name], forms) for name in ("through", "platforms", "mouthpiece"))
        return RelayLexicon(
            through=through,
            platform=platform,
            mouthpiece=mouthpiece,
            platforms={first: sorted(found, key=len, reverse=True) for first, found in names.items()},
            to=forms["a"],
            by=forms["da"],
            of=forms["di"],
            articles=forms["art"],
            forms=forms["a"].union(data["relaying"], through.by_first, platform.by_first, mouthpiece.by_first),
            lemmas=frozenset([*data["citing"], *data["relaying"]]),
            **{name: frozenset(data[name]) for name in ("citing", "relaying", "spoken_to", "addressed")},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LexiconError(f"relay.yaml does not hold what it should: {error!r}; reinstall claimx") from error


def _phrases(entry: Mapping[str, object], forms: Mapping[str, frozenset[str]]) -> Phrases:
    phrases, gap = entry["phrases"], entry["gap"]
    if not isinstance(phrases, list) or not isinstance(gap, int):
        raise TypeError("phrases and gap")
    by_first: dict[str, list[list[frozenset[str]]]] = {}
    for phrase in phrases:
        words = phrase.split()
        slots = [forms[word[1:-1]] if word.startswith("{") else frozenset([word]) for word in words]
        for first in slots[0]:
            by_first.setdefault(first, []).append(slots)
    return Phrases(by_first, gap)
