"""Who can be a source: nouns of roles, bodies, media, documents; names of institutions, outlets, places and people.

Read from data/roles.yaml, sources.yaml, institutions.yaml, media.yaml, places.yaml, demonyms.yaml, names.yaml and
inflection.yaml. Everything that stands in running text is found by `SourceLexicon.match`, one look-up a word:
*pubblico ministero* and *pubblici ministeri* give the noun `pubblico ministero`, kind `role`, with number and gender.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claimx.errors import LexiconError
from claimx.lexicon import load_data

_WORD = re.compile(r"[^\s'-]+'?|'[^\s'-]+|-")


@dataclass(frozen=True, slots=True)
class Entry:
    """A noun or name that can head or name a source.

    kind: role, or a noun's sourcing level (unnamed-sources, media, document, voice, institution, unnamed-group); for names
    (`name` true) institution, media, country, capital or place.
    """

    lemma: str
    kind: str
    length: int  # in tokens
    gender: str = ""  # m, f or unknown
    plural: bool = False
    families: frozenset[str] = frozenset()
    name: bool = False
    cased: tuple[str, ...] = ()  # the words with their capitals, for names


@dataclass(frozen=True, slots=True)
class Called:
    """What somebody of public life is called: the noun, and the other words in lower case (*presidente*: *russo*)."""

    entry: Entry
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class SourceLexicon:
    """All that is known about sources, ready for look-up by lower-case word."""

    nouns: Mapping[str, Sequence[Entry]]  # first word -> entries, longest first
    names: Mapping[str, Sequence[Entry]]
    first_words: frozenset[str]  # of nouns and names
    relatives: Mapping[str, frozenset[str]]  # family -> families whose members its words may stand for
    given: Mapping[str, str]  # given name -> m or f
    pronouns: Mapping[str, str]  # pronoun -> level or personal
    acronyms: Mapping[str, frozenset[str]]  # acronym -> keys of its full names
    heads: frozenset[str]
    tails: frozenset[str]
    domains: tuple[str, ...]
    titles: frozenset[str]
    modifiers: frozenset[str]
    definite: frozenset[str]
    indefinite: frozenset[str]
    masculine: frozenset[str]
    feminine: frozenset[str]
    plural: frozenset[str]
    possessive: frozenset[str]
    prepositions: frozenset[str]
    genitive: frozenset[str]
    latter: frozenset[str]
    generic_bodies: frozenset[str]
    eponyms: frozenset[str]
    epicene: frozenset[str]
    fixed_gender: frozenset[str]
    free_relatives: frozenset[str]
    partisans: tuple[str, ...]
    numerals: Mapping[str, int]
    role_prepositions: frozenset[str]
    articles: frozenset[str]
    conjunctions: frozenset[str]
    particles: frozenset[str]
    foreign_particles: frozenset[str]
    agentive: tuple[str, ...]  # endings of nouns for persons
    abstract: tuple[str, ...]  # endings of nouns that are no persons'
    partitives: frozenset[str]
    people: Mapping[str, tuple[Called, ...]]  # surname, as a key -> what its bearer is called
    fractions: frozenset[str]
    own_pages: frozenset[str]
    ages: tuple[str, str]  # suffixes of 35enne, 35enni
    weights: Mapping[str, dict[str, float]] = field(default_factory=dict)  # of claimx/referents.py

    def match(self, words: Sequence[str], lower: Sequence[str], at: int, *, names: bool = True) -> Entry | None:
        """The longest noun or name that begins at word `at`; a name needs its capitals."""
        best: Entry | None = None
        first = lower[at]
        for entry in self.names.get(first, ()) if names else ():
            if entry.cased[0] == words[at] and entry.cased == tuple(words[at : at + entry.length]):
                best = entry
                break
        for entry in self.nouns.get(first, ()):
            if best is not None and entry.length <= best.length:
                break
            if entry.length == 1 or entry.cased == tuple(lower[at : at + entry.length]):
                return entry
        return best or self._age(first)

    def may_begin(self, word: str) -> bool:
        """Whether a noun or name may begin with this lower-case word: four of five words of a text begin none."""
        return word in self.first_words or word.endswith(self.ages)

    def _age(self, word: str) -> Entry | None:
        if not word.endswith(self.ages):
            return None
        for suffix, plural in zip(self.ages, (False, True)):
            if word.endswith(suffix) and (word[:1].isdigit() or word == suffix or len(word) > 7):
                return Entry(word, "role", 1, "", plural, frozenset(["anyone"]))
        return None


def split_words(phrase: str) -> list[str]:
    """The words of a phrase as the pipeline's tokeniser cuts them: *capo dell'ufficio* -> capo, dell', ufficio."""
    return _WORD.findall(phrase)


@functools.lru_cache(maxsize=8192)
def key_of(name: str) -> str:
    """A name without case, accents and dots, for comparison: *O.M.S.* and *Oms* are the same."""
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c != ".")


def _people(nouns: Mapping[str, Sequence[Entry]], inflection: Any) -> dict[str, tuple[Called, ...]]:
    """The people of public life by key of surname."""
    function = set(inflection["function"])
    people = {}
    for surname, phrases in load_data("people")["people"].items():
        called = []
        for phrase in phrases:
            words = [word.lower() for word in split_words(phrase)]
            fits = (e for e in nouns.get(words[0], ()) if e.kind == "role" and e.cased == tuple(words[: e.length]))
            entry = next(fits, None)
            if entry is not None:
                called.append(Called(entry, frozenset(words[entry.length :]) - function))
        people[key_of(surname)] = tuple(called)
    return people


@functools.cache
def load_sources() -> SourceLexicon:
    """The lexicon of sources; raises LexiconError where a file does not hold what it should."""
    try:
        return _build()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise LexiconError(f"a lexicon of sources is not as it should be: {error!r}; reinstall claimx") from error


def _build() -> SourceLexicon:
    data, roles, inflection = load_data("sources"), load_data("roles"), load_data("inflection")
    nouns: dict[str, dict[tuple[str, ...], Entry]] = {}
    things = [
        list(_thing_entries(word.lstrip("|"), group["kind"], inflection))
        for group in data["nouns"]
        for word in group["words"]
    ]
    for forms in things:  # as listed: *carabinieri* is a body, though the plural of a role
        _add(nouns, forms[0])
    for entry in _role_entries(roles, inflection):
        _add(nouns, entry)
    for forms in things:
        for entry in forms[1:]:
            _add(nouns, entry)
    for word in load_data("demonyms")["words"]:
        for entry in _inflected(word, inflection, frozenset(["people"])):
            _add(nouns, entry)
    pronouns = {word: kind for kind, words in data["pronouns"].items() for word in words}
    sets = {name: frozenset(words) for name, words in data["determiners"].items()}
    for name in _SETS:
        sets[name] = frozenset(data[name])
    institutions, names = load_data("institutions"), load_data("names")
    known = {first: _longest(entries.values()) for first, entries in nouns.items()}
    named = _names(institutions)
    return SourceLexicon(
        nouns=known,
        names=named,
        first_words=frozenset([*known, *named]),
        relatives={family: frozenset(others) for family, others in roles["kin_families"].items()},
        given={name.casefold(): gender for gender in ("m", "f") for name in names[_GENDERS[gender]]},
        pronouns=pronouns,
        acronyms={key_of(short): frozenset(map(key_of, full)) for short, full in institutions["pairs"].items()},
        heads=frozenset(institutions["heads"]),
        tails=frozenset(institutions["tails"]),
        domains=tuple(load_data("media")["domains"]),
        titles=frozenset(roles["titles"]),
        modifiers=frozenset(roles["modifiers"]),
        fixed_gender=frozenset(roles["fixed_gender"]),
        epicene=frozenset(roles["epicene"]),
        partisans=tuple(data["partisans"]),
        numerals=data["numerals"],
        agentive=tuple(inflection["agentive"]),
        people=_people(known, inflection),
        abstract=tuple(data["abstract"]),
        ages=(roles["age_suffix"], roles["age_plural"]),
        weights=load_data("resolution"),
        **sets,
    )


_SETS = (
    "prepositions",
    "genitive",
    "role_prepositions",
    "latter",
    "generic_bodies",
    "eponyms",
    "free_relatives",
    "articles",
    "conjunctions",
    "particles",
    "foreign_particles",
    "partitives",
    "fractions",
    "own_pages",
)
_GENDERS = {"m": "masculine", "f": "feminine"}


def _add(nouns: dict[str, dict[tuple[str, ...], Entry]], entry: Entry) -> None:
    """Add a noun; the first kind stays, families of roles are joined."""
    found = nouns.setdefault(entry.cased[0], {})
    old = found.get(entry.cased)
    if old is None:
        found[entry.cased] = entry
    elif old.kind == entry.kind == "role":
        gender = old.gender if old.gender == entry.gender else ""
        families = old.families | entry.families
        found[entry.cased] = Entry(old.lemma, "role", old.length, gender, old.plural, families, cased=old.cased)


def _longest(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: -entry.length))


def _role_entries(roles: Any, inflection: Any) -> Iterator[Entry]:
    for family in roles["families"]:
        for word in family["words"]:
            yield from _inflected(word.lower(), inflection, frozenset([family["name"]]))


def _inflected(word: str, inflection: Any, families: frozenset[str]) -> Iterator[Entry]:
    """The forms of a noun for persons: *sindaco*, *sindaca*, *sindaci*, *sindache*; *masculine|feminine* as given."""
    masculine, bar, feminine = word.partition("|")
    function = set(inflection["function"])
    lemma = masculine or feminine
    forms: dict[tuple[str, ...], tuple[str, bool]] = {}
    if masculine:
        words = split_words(masculine)
        ending = next((row for row in inflection["persons"] if words[0].endswith(row[0])), None)
        forms[tuple(words)] = ("m" if ending and ending[2] != ending[0] else "", False)
        if ending:
            for plural in ending[1]:
                shape = _bend(words, function, inflection["persons"], 1, plural)
                forms.setdefault(shape, ("m" if ending[2] != ending[0] else "", True))
            if not bar:
                forms.setdefault(_bend(words, function, inflection["persons"], 2, None), ("f", False))
                forms.setdefault(_bend(words, function, inflection["persons"], 3, None), ("f", True))
    if feminine:
        words = split_words(feminine)
        forms.setdefault(tuple(words), ("f", False))
        for ending, plurals in inflection["feminines"]:
            if words[0].endswith(ending):
                for plural in plurals:
                    forms.setdefault((words[0][: len(words[0]) - len(ending)] + plural, *words[1:]), ("f", True))
                break
    for shape, (gender, plural) in forms.items():
        yield Entry(lemma, "role", len(shape), gender, plural, families, cased=shape)


def _bend(
    words: Sequence[str], function: set[str], endings: Sequence[Any], column: int, choice: str | None
) -> tuple[str, ...]:
    """The words of a compound in another form, up to the first preposition: *primo cittadino* -> *primi cittadini*."""
    out: list[str] = []
    for at, word in enumerate(words):
        if word in function:
            return (*out, *words[at:])
        row = next((row for row in endings if word.endswith(row[0])), None)
        if row is None:
            out.append(word)
            continue
        new = row[column] if column > 1 else (choice if at == 0 and choice is not None else row[1][0])
        out.append(word[: len(word) - len(row[0])] + new)
    return tuple(out)


def _thing_entries(word: str, kind: str, inflection: Any) -> Iterator[Entry]:
    """The forms of a noun for things and bodies, with the gender that its ending tells."""
    words = split_words(word.lower())
    row = next((row for row in inflection["things"] if words[0].endswith(row[0])), None)
    gender = row[2] if row and row[2] != "c" else ""
    yield Entry(word, kind, len(words), gender, False, cased=tuple(words))
    if row:
        function = set(inflection["function"])
        for plural in row[1]:
            shape = _bend(words, function, inflection["things"], 1, plural)
            yield Entry(word, kind, len(shape), gender, True, cased=shape)


def _names(institutions: Any) -> dict[str, tuple[Entry, ...]]:
    """Names by first word in lower case; each also with a capital first letter where it is an acronym."""
    found: dict[str, dict[tuple[str, ...], Entry]] = {}
    places = load_data("places")
    lists = [
        ("media", load_data("media")["names"].values()),
        ("institution", institutions["names"].values()),
        ("country", [places["countries"]]),
        ("capital", [places["capitals"]]),
        ("place", [places["others"]]),
    ]
    for kind, groups in lists:
        for group in groups:
            for name in group:
                for words in _spellings(name):
                    if words:
                        entry = Entry(name, kind, len(words), name=True, cased=words)
                        found.setdefault(words[0].lower(), {}).setdefault(words, entry)
    return {first: _longest(entries.values()) for first, entries in found.items()}


def _spellings(name: str) -> Iterator[tuple[str, ...]]:
    """*Ansa*: Ansa, ANSA; *ANSA*: ANSA, Ansa; others as they are."""
    words = tuple(split_words(name))
    yield words
    if len(words) == 1 and len(name) <= 6 and name.isalpha():
        yield (name.capitalize(),)
        if len(name) <= 4 and sum(c in "aeiouAEIOU" for c in name) <= 2:
            yield (name.upper(),)
            yield (".".join(name.upper()) + ".",)
