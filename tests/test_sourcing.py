"""How a mention is sourced by its own words: level, name, number, definiteness."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.draft import Block, Sourced
from claimx.lexicon.sources import load_sources
from claimx.mentions import Index, index_mentions
from claimx.nlp import parse
from claimx.rules.sourcing import read_source
from claimx.syntax import Tokens

pytestmark = pytest.mark.model


def indexed(nlp: Language, text: str) -> Index:
    doc = parse(nlp, text, [Block(0, len(text), "paragraph")])
    return index_mentions(Tokens(doc), text, load_sources())


def read(nlp: Language, text: str, mention: str) -> tuple[Index, Sourced]:
    index = indexed(nlp, text)
    start = text.index(mention)
    first, last = index.tokens.cover(start, start + len(mention))
    return index, read_source(index, first, last)


CASES = [
    # mention, the rest of its sentence, level
    ("Un alto funzionario russo", " ha detto che la tregua è vicina.", "unnamed-person"),
    ("Gli inquirenti", " ritengono che i colpevoli siano tre.", "unnamed-group"),
    ("Alcuni analisti", " prevedono un rialzo dei tassi.", "unnamed-group"),
    ("Fonti vicine alla trattativa", " riferiscono che manca poco.", "unnamed-sources"),
    ("Il ministro degli Esteri Marco Belli", " ha smentito la notizia.", "named-person"),
    ("Anna Corti, portavoce della Caritas,", " ha chiesto aiuti.", "named-person"),
    ("Il portavoce di Marco Belli", " ha smentito la notizia.", "unnamed-person"),
    ("La portavoce della Commissione Pia Conti", " ha risposto di no.", "named-person"),
    ("I giudici di piazza Cavour", " hanno scritto che il ricorso è nullo.", "unnamed-group"),
    ("La procura di Bari", " sostiene che i bilanci erano falsi.", "institution"),
    ("Mosca", " nega ogni addebito.", "institution"),
    ("Palazzo Chigi", " precisa che il decreto è pronto.", "institution"),
    ("I carabinieri", " spiegano che l'auto era rubata.", "institution"),
    ("La società di giocattoli Hasbro", " ha annunciato la chiusura.", "institution"),
    ("Il quotidiano britannico The Guardian", " scrive che il piano è fallito.", "media"),
    ("L'agenzia di stampa statale", " riferisce che il leader è malato.", "media"),
    ("Uno studio dell'università di Pisa", " mostra che il lago si ritira.", "document"),
    ("La sentenza", " stabilisce che il licenziamento è nullo.", "document"),
    ("L'articolo 48", " prevede che il voto sia segreto.", "document"),
    ("Una nota del ministero", " precisa che i fondi ci sono.", "institution"),
    ("Uno dei passeggeri", " ha detto che l'autista correva.", "unnamed-person"),
    ("Qualcuno", " ha detto che l'autista correva.", "unnamed-person"),
    ("Molti", " dicono che non serve.", "unnamed-group"),
    ("Chi difende i tifosi", " dice che non serve.", "unnamed-group"),
    ("La famiglia della vittima", " chiede che si faccia luce.", "unnamed-group"),
    ("Una ventina di sindaci", " chiede più fondi.", "unnamed-group"),
    ("Gran parte della stampa estera", " scrive che il governo cadrà.", "media"),
    ("La maggioranza di governo", " chiede più fondi.", "institution"),
    ("La pagina Facebook del ministero", " spiega che il bando è aperto.", "institution"),
    ("La pagina Facebook", " spiega che il bando è aperto.", "media"),
    ("Il dantista Carlo Bassi", " ha detto che il codice è autentico.", "named-person"),
    ("L'arcivescovo di Catania, mons. Carlo Bassi", " ha detto che serve pace.", "named-person"),
    ("Gli anti-Trump", " dicono che non basta.", "unnamed-group"),
]


@pytest.mark.parametrize(("mention", "rest", "level"), CASES, ids=[case[0] for case in CASES])
def test_level_by_the_mention_itself(nlp: Language, mention: str, rest: str, level: str) -> None:
    _, sourced = read(nlp, mention + rest, mention)
    assert sourced.level == level


def test_the_name_in_a_mention_is_found_at_its_place(nlp: Language) -> None:
    text = "Il procuratore di Ravenna Carlo Bassi ha detto che le indagini continuano."
    index, sourced = read(nlp, text, "Il procuratore di Ravenna Carlo Bassi")
    assert sourced.name is not None
    start, end = index.tokens.start[sourced.name[0]], index.tokens.end[sourced.name[1] - 1]
    assert text[start:end] == "Carlo Bassi"


def test_number_and_definiteness(nlp: Language) -> None:
    _, several = read(nlp, "Le due consigliere hanno scritto che no.", "Le due consigliere")
    assert (several.number, several.definite, several.gender) == ("p", True, "f")
    _, one = read(nlp, "Un medico ha detto che no.", "Un medico")
    assert (one.number, one.definite) == ("s", False)


def test_the_index_puts_names_together_and_knows_their_roles(nlp: Language) -> None:
    text = "Kirill Dmitriev, capo del fondo sovrano russo, è ottimista. Per Dmitriev la pace è vicina."
    index = indexed(nlp, text)
    people = [entity for entity in index.entities if entity.is_person]
    assert len(people) == 1 and len(people[0].names) == 2
    role = people[0].roles[0]
    assert text[index.tokens.start[role.first] : index.tokens.end[role.last - 1]] == "capo del fondo sovrano russo"
