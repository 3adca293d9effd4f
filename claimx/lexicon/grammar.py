"""Function words, by form, of `data/grammar.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from claimx.lexicon import load_data


@dataclass(frozen=True, slots=True)
class Grammar:
    """Sets of lower-case forms."""

    complementisers: frozenset[str]
    finite_che: frozenset[str]
    di: frozenset[str]
    a: frozenset[str]
    da: frozenset[str]
    per: frozenset[str]
    come: frozenset[str]
    back: frozenset[str]
    reflexive: frozenset[str]
    relative: frozenset[str]
    conjunctions: frozenset[str]
    nominal_endings: frozenset[str]
    question: frozenset[str]
    condition: frozenset[str]


@functools.cache
def load_grammar() -> Grammar:
    """The function words, read once."""
    return Grammar(**{name: frozenset(words) for name, words in load_data("grammar").items()})
