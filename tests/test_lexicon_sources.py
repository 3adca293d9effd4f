"""The lexicon of sources: every list on its own examples, inflection, names, spellings."""

from __future__ import annotations

from typing import Any

import pytest

from claimx.lexicon import load_data
from claimx.lexicon.sources import Entry, key_of, load_sources, split_words

ROLES = load_data("roles")
SOURCES = load_data("sources")


def found(phrase: str) -> list[Entry]:
    """All that the lexicon finds in a phrase, word by word."""
    lexicon = load_sources()
    words = split_words(phrase)
    lower = [word.lower() for word in words]
    entries = (lexicon.match(words, lower, i) for i in range(len(words)))
    return [entry for entry in entries if entry is not None]


@pytest.mark.parametrize("family", ROLES["families"], ids=lambda family: family["name"])
def test_each_family_of_roles_on_its_examples(family: dict[str, Any]) -> None:
    for phrase in family["match"]:
        assert any(family["name"] in entry.families for entry in found(phrase)), phrase
    for phrase in family["not"]:
        assert not any(family["name"] in entry.families for entry in found(phrase)), phrase


@pytest.mark.parametrize("group", SOURCES["nouns"], ids=lambda group: group["kind"])
def test_each_kind_of_noun_on_its_examples(group: dict[str, Any]) -> None:
    for phrase in group["match"]:
        assert any(entry.kind == group["kind"] for entry in found(phrase)), phrase
    for phrase in group["not"]:
        assert not any(entry.kind == group["kind"] for entry in found(phrase)), phrase


@pytest.mark.parametrize(("name", "kind"), [("institutions", "institution"), ("media", "media")])
def test_names_on_their_examples(name: str, kind: str) -> None:
    data = load_data(name)
    for phrase in data["match"]:
        assert any(entry.name and entry.kind == kind for entry in found(phrase)), phrase
    for phrase in data["not"]:
        assert not any(entry.name and entry.kind == kind for entry in found(phrase)), phrase


@pytest.mark.parametrize(
    ("phrase", "lemma", "gender", "plural"),
    [
        ("sindache", "sindaco", "f", True),
        ("le direttrici", "direttore", "f", True),
        ("i pubblici ministeri", "pubblico ministero", "m", True),
        ("la prima cittadina", "primo cittadino", "f", False),
        ("il presidente del Consiglio", "presidente del consiglio", "", False),
        ("i medici", "medico", "m", True),
        ("il 35enne", "35enne", "", False),
    ],
)
def test_roles_are_inflected(phrase: str, lemma: str, gender: str, plural: bool) -> None:
    entry = found(phrase)[0]
    assert (entry.kind, entry.lemma, entry.gender, entry.plural) == ("role", lemma, gender, plural)


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("i carabinieri", "institution"),  # the plural of a role, yet a body
        ("vigili del fuoco", "institution"),
        ("le fonti", "unnamed-sources"),
        ("gli statunitensi", "role"),
        ("la sentenza", "document"),
        ("un comunicato", "voice"),
    ],
)
def test_kind_of_a_noun(phrase: str, kind: str) -> None:
    assert found(phrase)[0].kind == kind


def test_a_name_needs_its_capital_and_may_have_dots() -> None:
    assert any(entry.name and entry.kind == "media" for entry in found("la Stampa"))
    assert not any(entry.name for entry in found("la stampa"))
    assert found("O.M.S.")[0].lemma == found("Oms")[0].lemma
    assert [entry.kind for entry in found("Mosca")] == ["capital"]


def test_key_of_forgets_case_accents_and_dots() -> None:
    assert key_of("O.M.S.") == key_of("Oms") == "oms"
    assert key_of("Janukovyč") == key_of("JANUKOVYC")


def test_every_relative_family_exists() -> None:
    names = {family["name"] for family in ROLES["families"]}
    lexicon = load_sources()
    assert set(lexicon.relatives) <= names
    assert all(others <= names for others in lexicon.relatives.values())


def test_weights_are_numbers() -> None:
    weights = load_sources().weights
    assert set(weights) == {"elided", "role"}
    assert all(isinstance(value, (int, float)) for table in weights.values() for value in table.values())


def test_people_of_public_life_on_their_examples() -> None:
    data, people = load_data("people"), load_sources().people

    def called(surname: str, phrase: str) -> bool:
        lemmas = {entry.lemma for entry in found(phrase)}
        words = set(phrase.lower().split())
        return any(c.entry.lemma in lemmas and c.words & words for c in people[key_of(surname)])

    assert all(called(*pair) for pair in data["match"])
    assert not any(called(*pair) for pair in data["not"])


def test_every_phrase_of_the_people_begins_with_a_role() -> None:
    data, people = load_data("people"), load_sources().people
    assert [name for name, phrases in data["people"].items() if len(people[key_of(name)]) != len(phrases)] == []
