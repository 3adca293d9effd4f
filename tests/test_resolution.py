"""Who is meant: surnames, roles, pronouns, elided subjects, bodies, and what stays as it stands."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.draft import Block, Draft, Resolution
from claimx.lexicon.sources import load_sources
from claimx.mentions import index_mentions
from claimx.nlp import parse
from claimx.rules.resolution import resolve_sources
from claimx.rules.sourcing import read_source
from claimx.syntax import Tokens

pytestmark = pytest.mark.model


def resolve(nlp: Language, text: str, drafts: list[tuple[str, str | None, str]]) -> list[Resolution]:
    """The resolutions of drafts given as cue, source (None: elided), content; each looked for after the one before."""
    doc = parse(nlp, text, [Block(0, len(text), "paragraph")])
    tokens = Tokens(doc)
    made = []
    at = 0
    for cue, source, content in drafts:
        cue_at = text.index(cue, at)
        source_at = text.index(source, at) if source else None
        content_at = text.index(content, at)
        made.append(
            Draft(
                kind="verb",
                content=((content_at, content_at + len(content)),),
                cue=(cue_at, cue_at + len(cue)),
                source=(source_at, source_at + len(source)) if source and source_at is not None else None,
                head=tokens.cover(cue_at, cue_at + len(cue))[1] - 1,
            )
        )
        at = max(cue_at + len(cue), content_at + len(content), (source_at or 0) + len(source or ""))
    index = index_mentions(tokens, text, load_sources())
    return resolve_sources(index, made, blocks=[Block(0, len(text), "paragraph")], read=read_source)


def test_a_surname_is_the_full_name_with_its_role(nlp: Language) -> None:
    text = "Kirill Dmitriev, capo del fondo sovrano russo, è a Miami. Dmitriev ha detto che il piano è pronto."
    found = resolve(
        nlp, text, [("a Miami", "Kirill Dmitriev", "Miami"), ("ha detto", "Dmitriev", "il piano è pronto")]
    )[1]
    assert found.who == "Kirill Dmitriev"
    assert found.role == "capo del fondo sovrano russo"
    assert found.level == "named-person"


def test_a_role_is_the_person_who_has_it(nlp: Language) -> None:
    text = (
        "Il ministro della Salute Paola Neri ha visitato l'ospedale con il sindaco Luca Gatti. "
        "Il sindaco ha promesso nuovi fondi. La ministra ha spiegato che servono medici."
    )
    mayor, minister = resolve(
        nlp, text, [("ha promesso", "Il sindaco", "nuovi fondi"), ("ha spiegato", "La ministra", "servono medici")]
    )
    assert (mayor.who, mayor.level) == ("Luca Gatti", "named-person")
    assert (minister.who, minister.level) == ("Paola Neri", "named-person")


def test_a_role_with_a_complement_of_its_own_stays_unnamed(nlp: Language) -> None:
    text = "Il presidente Carlo Bassi è a Roma. Il vicesindaco di Berzo ha detto che la strada è chiusa."
    (found,) = resolve(nlp, text, [("ha detto", "Il vicesindaco di Berzo", "la strada è chiusa")])
    assert (found.who, found.level) == ("Il vicesindaco di Berzo", "unnamed-person")


def test_the_one_defended_is_not_his_lawyer(nlp: Language) -> None:
    text = "Marco Bruni è stato arrestato ieri. Il legale di Bruni ha detto che farà ricorso."
    (found,) = resolve(nlp, text, [("ha detto", "Il legale di Bruni", "farà ricorso")])
    assert found.who != "Marco Bruni"
    assert found.level == "unnamed-person"


def test_an_elided_subject_goes_on_with_who_spoke(nlp: Language) -> None:
    text = "Anna Corti ha detto che i conti sono in ordine. Ha poi aggiunto che il bilancio sarà approvato."
    first, second = resolve(
        nlp,
        text,
        [("ha detto", "Anna Corti", "i conti sono in ordine"), ("Ha poi aggiunto", None, "il bilancio sarà approvato")],
    )
    assert first.who == second.who == "Anna Corti"
    assert second.level == "named-person"
    assert 0 < second.score <= 1 and second.evidence


def test_the_fuller_mention_stands_for_the_shorter(nlp: Language) -> None:
    text = "Fonti statunitensi e russe parlano di un accordo. Le fonti dicono che manca poco."
    _, found = resolve(
        nlp, text, [("parlano", "Fonti statunitensi e russe", "un accordo"), ("dicono", "Le fonti", "manca poco")]
    )
    assert (found.who, found.level) == ("Fonti statunitensi e russe", "unnamed-sources")


def test_the_company_is_the_one_named(nlp: Language) -> None:
    text = "La società Zeltron ha chiuso lo stabilimento. La società ha spiegato che i costi sono alti."
    found = resolve(
        nlp,
        text,
        [("ha chiuso", "La società Zeltron", "lo stabilimento"), ("ha spiegato", "La società", "i costi sono alti")],
    )[1]
    assert (found.who, found.level) == ("Zeltron", "institution")


def test_a_list_keeps_its_names_and_the_first_ones_level(nlp: Language) -> None:
    text = "Adusbef e Codacons hanno detto che il rinvio è un danno."
    (found,) = resolve(nlp, text, [("hanno detto", "Adusbef e Codacons", "il rinvio è un danno")])
    assert (found.who, found.level) == ("Adusbef e Codacons", "institution")


def test_an_acronym_is_its_full_name(nlp: Language) -> None:
    text = "L'Organizzazione mondiale della sanità è prudente. L'Oms ha detto che il virus circola."
    (found,) = resolve(nlp, text, [("ha detto", "L'Oms", "il virus circola")])
    assert (found.who, found.level) == ("Organizzazione mondiale della sanità", "institution")


def test_hearsay_is_nobody(nlp: Language) -> None:
    text = "Si dice che il piano sia pronto."
    doc = parse(nlp, text, [Block(0, len(text))])
    index = index_mentions(Tokens(doc), text, load_sources())
    draft = Draft("hearsay", ((12, len(text) - 1),), cue=(0, 7), head=1, unspecified=True)
    (found,) = resolve_sources(index, [draft], blocks=[Block(0, len(text))], read=read_source)
    assert (found.who, found.level) == (None, "unspecified")


def test_a_mention_is_the_article_s_own_words(nlp: Language) -> None:
    text = "L’assessora Giulia Conti ha detto: «Si parte». «Siamo pronti», ha aggiunto Conti."
    for found in resolve(
        nlp, text, [("ha detto", "L’assessora Giulia Conti", "Si parte"), ("ha aggiunto", "Conti.", "Siamo pronti")]
    ):
        assert found.mention is not None
        assert text[slice(*found.mention)] == found.who == "Giulia Conti"


def test_a_person_of_public_life_is_called_by_the_office(nlp: Language) -> None:
    text = "Putin ha parlato a lungo con Anna Corti. Il presidente russo ha detto che la tregua è vicina."
    (found,) = resolve(nlp, text, [("ha detto", "Il presidente russo", "la tregua è vicina")])
    assert (found.who, found.level) == ("Putin", "named-person")


def test_another_country_s_president_is_not_meant(nlp: Language) -> None:
    text = "Putin ha parlato a lungo con Anna Corti. Il presidente francese ha detto che la tregua è vicina."
    (found,) = resolve(nlp, text, [("ha detto", "Il presidente francese", "la tregua è vicina")])
    assert found.who != "Putin"
