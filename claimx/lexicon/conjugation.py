"""Lexicon: the inflected forms of an Italian verb, with mood, tense, person and number.

Reads `data/conjugation.yaml`; gives every form of a verb from its infinitive, and, for a form, its readings, so that a
cue is known by its form where the lemmatizer errs (*aggiunsero* -> aggiungere, remote past, third person plural) and
the reportive conditional is known by its ending (*sarebbe partito*).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any, NamedTuple

from claimx.errors import LexiconError
from claimx.lexicon import load_data

KNOWN = 50_000  # forms whose readings are kept: the words of all news would fill the memory of a long run
_PERSONS = ((1, "s"), (2, "s"), (3, "s"), (1, "p"), (2, "p"), (3, "p"))


class Reading(NamedTuple):
    """What a form may be: `mood` ind, sub, cond, imp, inf, ger or part; `tense` pres, impf, rem, fut or past."""

    lemma: str
    mood: str
    tense: str | None = None
    person: int | None = None
    number: str | None = None
    gender: str | None = None
    enclitic: str | None = None


@dataclass(frozen=True)
class _Verb:
    """A verb's parts: `before` is what stands before the irregular family's own stem, `data` the family or nothing."""

    lemma: str
    conjugation: str
    stem: str
    before: str
    data: Mapping[str, Any]


def conjugate(lemma: str) -> Iterator[tuple[str, Reading]]:
    """Each form of the verb with one reading; a form of two readings comes twice.

    *dire* gives *dico, disse, direbbe, detto, dicendo*; a word that is no infinitive raises LexiconError.
    """
    table = _table()
    verb = _take_apart(lemma, table)
    yield lemma, Reading(lemma, "inf")
    yield from _present(verb, table)
    yield from _past(verb, table)
    yield from _future(verb, table)
    yield from _nonfinite(verb, table)


@functools.cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = load_data("conjugation")
    for key in ("endings", "families", "imperfect", "future", "conditional", "enclitics", "auxiliaries"):
        if not isinstance(data, dict) or key not in data:
            raise LexiconError(f"conjugation.yaml has no {key!r}; reinstall claimx")
    return data


def _take_apart(lemma: str, table: Mapping[str, Any]) -> _Verb:
    family = _family(lemma)
    before = lemma[: len(lemma) - len(family["end"])] if family else ""
    if lemma.endswith(("are", "ere", "ire")):
        conjugation, stem = lemma[-3:], lemma[:-3]
    elif lemma.endswith("rre"):
        conjugation, stem = "ere", lemma[:-3]
    else:
        raise LexiconError(f"{lemma!r} is no infinitive; write the verb's base form in the lexicon")
    if conjugation == "ire" and not (lemma in table["no_isc_only"] or lemma.endswith(tuple(table["no_isc"]))):
        conjugation = "isc"
    return _Verb(lemma, conjugation, stem, before, family)


def _beginning(verb: _Verb) -> str:
    """What all forms of a verb begin with: *denunc* (denuncia, denuncerà), *d* (dico, detto), nothing for essere."""
    stems = [
        verb.before + stem
        for key, value in verb.data.items()
        if key not in ("end", "only")
        for stem in _alternatives(value)
    ]
    return commonprefix([*stems, verb.stem.removesuffix("i")])


def _family(lemma: str) -> Mapping[str, Any]:
    """The irregular family of a verb, that with the longest ending; nothing for a regular verb."""
    families = _families()
    for length in range(len(lemma), 0, -1):
        for entry in families.get(lemma[-length:], ()):
            if lemma in entry.get("only", (lemma,)):
                return entry
    return {}


@functools.cache
def _families() -> dict[str, list[Mapping[str, Any]]]:
    by_end: dict[str, list[Mapping[str, Any]]] = {}
    for entry in _table()["families"]:
        by_end.setdefault(entry["end"], []).append(entry)
    return by_end


def _join(stem: str, ending: str) -> list[str]:
    """Stem and ending of an -are verb as they are spelt: *cerc-hi, denunc-erà, studi, invi-i*."""
    if ending[0] in "ie":
        if stem.endswith(("c", "g")):
            return [f"{stem}h{ending}"]
        if stem.endswith(("ci", "gi")) and ending[0] == "e":
            return [stem[:-1] + ending]
        if stem.endswith("i") and ending[0] == "i":
            single = stem + ending[1:]
            return [single] if stem.endswith(("ci", "gi", "gli")) else [single, stem + ending]
    return [stem + ending]


def _regular(verb: _Verb, endings: Iterable[str | list[str] | None]) -> Iterator[tuple[int, str]]:
    for index, endings_of_person in enumerate(endings):
        for ending in _alternatives(endings_of_person or []):
            for form in _join(verb.stem, ending) if verb.conjugation == "are" else [verb.stem + ending]:
                yield index, form


def _alternatives(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _finite(lemma: str, mood: str, tense: str, forms: Iterable[tuple[int, str]]) -> Iterator[tuple[str, Reading]]:
    for index, form in forms:
        person, number = _PERSONS[index]
        yield form, Reading(lemma, mood, tense, person, number)


def _themes(verb: _Verb, table: Mapping[str, Any], key: str = "theme") -> list[str]:
    own = verb.data.get(key, verb.data.get("theme"))
    if own is not None:
        return [verb.before + theme for theme in _alternatives(own)]
    return [verb.stem + table["endings"][verb.conjugation]["theme"]]


def _present(verb: _Verb, table: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    lemma, data = verb.lemma, verb.data
    conjugations = [verb.conjugation]
    if lemma in table["both"]:
        conjugations = ["ire", "isc"]
    for conjugation in conjugations:
        endings = table["endings"][conjugation]
        present = list(_regular(verb, endings["present"]))
        subjunctive = list(_regular(verb, endings["subjunctive"]))
        if "pres" in data:
            present = [(i, verb.before + form) for i, form in enumerate(data["pres"])]
            first_plural = verb.before + data["pres"][3]
            singular, plural = (verb.before + form for form in data["subj"])
            subjunctive = [(0, singular), (1, singular), (2, singular), (3, first_plural)]
            subjunctive += [(4, first_plural.removesuffix("mo") + "te"), (5, plural)]
        yield from _finite(lemma, "ind", "pres", present)
        yield from _finite(lemma, "sub", "pres", subjunctive)
        second = present[1][1] if verb.conjugation != "are" or "pres" in data else verb.stem + "a"
        yield second, Reading(lemma, "imp", "pres", 2, "s")
        for index, form in present:
            if index in (3, 4):  # diciamolo, ditemi
                yield form, Reading(lemma, "imp", "pres", _PERSONS[index][0], "p")


def _past(verb: _Verb, table: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    lemma, data = verb.lemma, verb.data
    for theme in _themes(verb, table):
        forms = data.get("imperfect") or [theme + ending for ending in table["imperfect"]]
        yield from _finite(lemma, "ind", "impf", enumerate(forms))
    for theme in _themes(verb, table, "past_theme"):
        forms = data.get("past_subj") or [theme + ending for ending in table["imperfect_subjunctive"]]
        yield from _finite(lemma, "sub", "impf", enumerate(forms))
        if "remote" in data:
            yield from _finite(lemma, "ind", "rem", enumerate(data["remote"]))
        elif "rem" in data:
            for strong in _alternatives(data["rem"]):
                stems = (verb.before + strong, theme, verb.before + strong, theme, theme, verb.before + strong)
                forms = [stem + ending for stem, ending in zip(stems, table["strong_remote"], strict=True)]
                yield from _finite(lemma, "ind", "rem", enumerate(forms))
        else:
            yield from _finite(lemma, "ind", "rem", _regular(verb, table["endings"][verb.conjugation]["remote"]))
            if verb.conjugation == "ere":
                yield from _finite(lemma, "ind", "rem", _regular(verb, table["weak_remote_ere"]))


def _future(verb: _Verb, table: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    if "fut" in verb.data:
        stems = [verb.before + stem for stem in _alternatives(verb.data["fut"])]
    else:
        stems = [form for _, form in _regular(verb, [table["endings"][verb.conjugation]["future"]])]
    for stem in stems:
        yield from _finite(verb.lemma, "ind", "fut", enumerate(stem + ending for ending in table["future"]))
        yield from _finite(verb.lemma, "cond", "pres", enumerate(stem + ending for ending in table["conditional"]))


def _nonfinite(verb: _Verb, table: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    lemma = verb.lemma
    if verb.conjugation in ("ire", "isc") and "theme" not in verb.data:
        yield verb.stem + table["gerund_ire"], Reading(lemma, "ger", "pres")
    else:
        for theme in _themes(verb, table):
            yield theme + table["gerund"], Reading(lemma, "ger", "pres")
    own = verb.data.get("part")
    default = verb.stem + table["endings"][verb.conjugation]["participle"]
    stems = [default] if own is None else [verb.before + stem for stem in _alternatives(own)]
    for stem in stems:
        for ending, (gender, number) in table["participle"].items():
            yield stem + ending, Reading(lemma, "part", "past", None, number, gender)


class FormTable:
    """The readings of every form of the verbs given; enclitics are taken off where the form itself is unknown.

    A verb is conjugated when a form comes that begins as all of its forms do: an article's words call up a tenth of them.
    """

    def __init__(self, lemmas: Iterable[str]) -> None:
        table = _table()
        self._lemmas = tuple(dict.fromkeys(lemmas))
        self._forms: list[Mapping[str, Sequence[Reading]] | None] = [None] * len(self._lemmas)
        self._by_beginning: dict[str, list[int]] = {}
        for at, lemma in enumerate(self._lemmas):
            self._by_beginning.setdefault(_beginning(_take_apart(lemma, table)), []).append(at)
        self._longest = max(map(len, self._by_beginning), default=0)
        self._enclitics = sorted(table["enclitics"], key=len, reverse=True)
        self._endings = tuple(self._enclitics)
        self._known: dict[str, tuple[Reading, ...]] = {}

    def __len__(self) -> int:
        return len(set(self))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(form for at in range(len(self._lemmas)) for form in self._conjugated(at)))

    def readings(self, form: str) -> tuple[Reading, ...]:
        """What the lower-case form may be: *accusandolo* is the gerund of accusare with the enclitic *lo*."""
        known = self._known.get(form)
        if known is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            known = self._known[form] = self._read(form)
        return known

    def _read(self, form: str) -> tuple[Reading, ...]:
        direct = self._direct(form)
        if direct:
            return direct
        if form.endswith(self._endings):
            for enclitic in self._enclitics:
                if len(form) >= len(enclitic) + 3 and form.endswith(enclitic):
                    found = self._with_enclitic(form[: -len(enclitic)], enclitic)
                    if found:
                        return found
        return self._cut_short(form)

    def _direct(self, form: str) -> tuple[Reading, ...]:
        """The readings of a form without enclitic, verbs in the order given."""
        verbs: list[int] = []
        for length in range(min(self._longest, len(form)) + 1):
            verbs += self._by_beginning.get(form[:length], ())
        if len(verbs) > 1:
            verbs.sort()
        return tuple(reading for at in verbs for reading in self._conjugated(at).get(form, ()))

    def _conjugated(self, at: int) -> Mapping[str, Sequence[Reading]]:
        known = self._forms[at]
        if known is None:
            forms: dict[str, list[Reading]] = {}
            for form, reading in conjugate(self._lemmas[at]):
                readings = forms.setdefault(form, [])
                if reading not in readings:
                    readings.append(reading)
            known = self._forms[at] = forms
        return known

    def _cut_short(self, form: str) -> tuple[Reading, ...]:
        """Forms without their end: *poter dir* for dire, *dispor* for disporre, *continuera'* for continuerà."""
        if form.endswith("r"):
            full = [*self._direct(form + "e"), *self._direct(form + "re")]
            return tuple(reading for reading in full if reading.mood == "inf")
        accented = _table()["apostrophes"].get(form[-2:], ())
        return tuple(reading for end in accented for reading in self._direct(form[:-2] + end))

    def _with_enclitic(self, base: str, enclitic: str) -> tuple[Reading, ...]:
        candidates = [*self._direct(base), *self._direct(base + "e")]
        if base.endswith("r"):  # porlo, proporlo: porre loses its second r too
            candidates += self._direct(base + "re")
        moods = ("inf", "ger", "part", "imp")
        return tuple(
            Reading(r.lemma, r.mood, r.tense, r.person, r.number, r.gender, enclitic)
            for r in candidates
            if r.mood in moods and (r.mood != "inf" or base.endswith("r"))
        )


@functools.cache
def auxiliaries() -> FormTable:
    """The forms of the verbs that carry tense and mood for others: *avrebbe, sarebbero, viene, potrebbe*."""
    return FormTable(_table()["auxiliaries"])


def is_conditional(form: str) -> bool:
    """Whether the lower-case form is a third person of the conditional, of whatever verb: *partirebbe*; not *ebbe*."""
    of, but = _conditional_endings()
    return form.endswith(of) and not form.endswith(but)


@functools.cache
def _conditional_endings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    endings = _table()["conditional_endings"]
    return tuple(endings["of"]), tuple(endings["not"])
