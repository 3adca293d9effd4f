"""Lexicon: the entries of the cue files, checked and typed.

Reads single entries of `data/cue_verbs.yaml`, `cue_nouns.yaml`, `cue_frames.yaml`; gives frozen dataclasses, or a
LexiconError that shows the entry and says what it lacks. *L'accusa di aver ...*: the noun cue `accusa`, class accuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from claimx.errors import LexiconError
from claimx.lexicon.patterns import Pattern, compile_pattern, split_words

Groups = Mapping[str, tuple[tuple[str, ...], ...]]
Prepositions = Mapping[str, Iterable[str]]

CLASSES = frozenset(
    ["say", "write", "announce", "confirm", "admit", "deny", "accuse", "criticise", "praise", "ask", "order", "laydown"]
    + ["propose", "promise", "threaten", "warn", "think", "guess", "fear", "hope", "predict", "find", "show", "judge"]
    + ["recall", "express", "react", "relay", "hearsay"]
)
TAKES = frozenset(("che", "se", "di", "a-inf", "inf", "quote", "np", "small", "np-di"))
STRENGTHS = frozenset(("strong", "clause", "quote", "weak"))
CERTAINTIES = frozenset(("asserted", "hedged", "denied", "intended"))
SOURCES = frozenset(("after", "before", "inside", "either", "none"))
RELAYS = frozenset(("to", "via", "source"))


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


@dataclass(frozen=True)
class NounCue:
    """A noun that attributes (*l'accusa di aver ...*), with its forms."""

    lemma: str
    cue_class: str
    takes: frozenset[str]
    strength: str
    certainty: str
    forms: tuple[str, ...]


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
    hit: str | None = None
    miss: str | None = None
    pattern: Pattern = field(default_factory=Pattern, repr=False, compare=False)


@dataclass(frozen=True)
class RelayCue:
    """Words that tell through whom a content went; what stands behind them is `to`, `via` or the `source`."""

    words: str
    gives: str
    risky: bool = False
    hit: str | None = None
    miss: str | None = None
    pattern: Pattern = field(default_factory=Pattern, repr=False, compare=False)


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
        raise LexiconError(f"cue {entry} has unknown keys {', '.join(sorted(map(str, unknown)))}; take them out")
    return entry


_LEMMA_KEYS: Mapping[str, frozenset[str] | None] = {
    "lemma": None,
    "class": CLASSES,
    "takes": TAKES,
    "strength": STRENGTHS,
    "certainty": CERTAINTIES,
}


_COLUMNS = tuple(_LEMMA_KEYS)


def read_row(row: str, last: str) -> dict[str, Any]:
    """The entry that a line of a table is: *accusare | accuse | di quote | strong | asserted*; `last` names a sixth column."""
    columns = [column.strip() for column in row.split("|")]
    entry: dict[str, Any] = dict(zip((*_COLUMNS, last), columns))
    if len(columns) not in (len(_COLUMNS), len(_COLUMNS) + 1):
        raise LexiconError(f"cue {row!r} has {len(columns)} columns; write {' | '.join(_COLUMNS)}")
    for name in ("takes", "forms"):
        if name in entry:
            entry[name] = entry[name].split()
    if entry.get("agree", "agree") != "agree":
        raise LexiconError(f"cue {row!r}: its last column is {entry['agree']!r}; write agree, or nothing")
    return entry


def read_verb(raw: Any, *, reflexive: bool = False, multiword: bool = False) -> VerbCue:
    """A verb; of a multiword verb the first infinitive is the one that is inflected."""
    entry = _check(raw, _LEMMA_KEYS, ("words", "agree"))
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
    )


def _without_si(verb: str) -> str:
    if not verb.endswith("si"):
        return verb
    stem = verb.removesuffix("si")
    return stem + ("re" if stem.endswith(("or", "ur")) else "e")


def read_noun(raw: Any) -> NounCue:
    """A noun with its plural."""
    entry = _check(raw, _LEMMA_KEYS, ("forms",))
    lemma = str(entry["lemma"])
    return NounCue(
        lemma=lemma,
        cue_class=entry["class"],
        takes=frozenset(entry["takes"]),
        strength=entry["strength"],
        certainty=entry["certainty"],
        forms=(lemma, *(entry["forms"] if "forms" in entry else _plurals(lemma))),
    )


def _plurals(noun: str) -> tuple[str, ...]:
    """The regular plurals of a noun: *accusa, accuse; critica, critiche; annuncio, annunci*; *tesi* has no other."""
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


def read_frame(raw: Any, groups: Groups, prepositions: Prepositions) -> FrameCue:
    """A frame, its pattern compiled."""
    required = {"words": None, "source": SOURCES, "class": CLASSES}
    optional = ("certainty", "unspecified", "risky", "back", "initial", "after_not", "before_not", "hit", "miss")
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
        hit=entry.get("hit"),
        miss=entry.get("miss"),
        pattern=_compile(entry, groups, prepositions),
    )


def read_relay(raw: Any, groups: Groups, prepositions: Prepositions) -> RelayCue:
    """Words of relay, their pattern compiled."""
    entry = _check(
        raw, {"words": None, "gives": RELAYS}, ("risky", "initial", "after_not", "before_not", "hit", "miss")
    )
    return RelayCue(
        words=entry["words"],
        gives=entry["gives"],
        risky=bool(entry.get("risky", False)),
        hit=entry.get("hit"),
        miss=entry.get("miss"),
        pattern=_compile(entry, groups, prepositions),
    )


def _compile(entry: Mapping[str, Any], groups: Groups, prepositions: Prepositions) -> Pattern:
    openers = [words[0] for words in groups["openers"]] if entry.get("initial") else None
    return compile_pattern(
        entry["words"],
        groups,
        prepositions,
        after_not=entry.get("after_not", ()),
        before_not=entry.get("before_not", ()),
        openers=openers,
    )
