"""The network's signals: what it tells of a cue, its content and its source, and the features made of them."""

from __future__ import annotations

import numpy
import pytest
from spacy.language import Language
from spacy.tokens import Doc

from claimx.draft import Candidate, Cue, Mention
from claimx.learn import load_network
from claimx.lexicon.grammar import load_grammar
from claimx.network import REACH, Signals
from claimx.rules.contents import Finder
from claimx.rules.signals import CUE_SIGNALS, PAIR_SIGNALS, SOURCE_SIGNALS, SignalDescriber, resumed
from claimx.syntax import Tokens

TEXT = "Il ministro Anselmi ha detto che il piano per i treni regionali è pronto. Il mercato del pesce apre alle sei."
SAID = Cue("verb", 4, 3, 5, "dire")


@pytest.fixture(scope="module")
def doc(nlp: Language) -> Doc:
    return nlp(TEXT)


@pytest.fixture(scope="module")
def signals(doc: Doc) -> Signals:
    return load_network().read(doc)


@pytest.fixture(scope="module")
def describer(doc: Doc, signals: Signals) -> SignalDescriber:
    return SignalDescriber(signals, Tokens(doc))


def at(doc: Doc, word: str) -> int:
    return next(token.i for token in doc if token.text == word)


def test_a_verb_of_saying_is_a_cue_and_a_verb_of_trade_none(doc: Doc, signals: Signals) -> None:
    assert signals.cue[at(doc, "detto")] > 0.5
    assert signals.cue[at(doc, "apre")] < 0.1


def test_a_cue_knows_its_content_and_its_source(doc: Doc, signals: Signals) -> None:
    row = signals.rows([(at(doc, "detto"), False)])[0]
    piano, pronto, pesce, anselmi = (at(doc, word) for word in ("piano", "pronto", "pesce", "Anselmi"))
    assert row.mass(row.inside, piano, pronto + 1) / (pronto + 1 - piano) > 0.5
    assert row.mass(row.inside, pesce, pesce + 1) < 0.2
    assert row.mass(row.source, anselmi, anselmi + 1) > 0.5 > row.mass(row.source, pesce, pesce + 1)


def test_rows_asked_for_together_are_those_asked_for_alone(doc: Doc) -> None:
    network = load_network()
    cues = [(i, bare) for i in range(len(doc)) for bare in (False, True)]
    together, alone = network.read(doc), network.read(doc)
    for cue, row in zip(cues, together.rows(cues), strict=True):
        other = alone.rows([cue])[0]
        assert row.first == other.first
        for one, two in ((row.inside, other.inside), (row.start, other.start), (row.source, other.source)):
            numpy.testing.assert_allclose(one, two, atol=1e-5)


def test_beyond_reach_there_is_nothing(signals: Signals) -> None:
    row = signals.rows([(4, False)])[0]
    assert row.mass(row.inside, 4 + REACH, 4 + 2 * REACH) == 0
    assert row.mass(row.inside, -REACH, 0) == pytest.approx(0, abs=1e-6)


def test_far_text_changes_nothing(nlp: Language, signals: Signals) -> None:
    """Attention reaches one block to each side and a layer, so what lies four blocks away is not seen."""
    doc = Doc.from_docs(
        [nlp(TEXT), *[nlp("Il mercato del pesce apre alle sei e chiude a mezzogiorno.") for _ in range(60)]]
    )
    longer = Doc.from_docs([doc, nlp("Anselmi ha detto che i treni sono pronti.")])
    network = load_network()
    one, two = network.read(doc), network.read(longer)
    numpy.testing.assert_allclose(one.cue[:20], two.cue[:20], atol=1e-5)


def test_the_right_content_is_the_likeliest(doc: Doc, describer: SignalDescriber) -> None:
    il, pronto = at(doc, "piano") - 1, at(doc, "pronto")
    right, short, long = (Candidate(SAID, ((il, end),), {"che"}) for end in (pronto + 1, pronto - 3, len(doc) - 1))
    rows = describer.describe_contents([[short, right, long]])
    assert rows.shape == (3, len(PAIR_SIGNALS))
    likeness = rows[:, PAIR_SIGNALS.index("network likeness")]
    assert likeness.argmax() == 1
    assert rows[1, PAIR_SIGNALS.index("network likeness share")] == pytest.approx(1, abs=1e-4)


def test_it_proposes_the_content_itself(doc: Doc, describer: SignalDescriber) -> None:
    for kind, pieces in describer.propose(SAID):
        ((first, last),) = pieces
        assert doc[first:last].text.rstrip(".").endswith("è pronto"), kind
        assert first > at(doc, "detto")


def test_it_proposes_both_sides_of_a_cue_in_the_middle(nlp: Language) -> None:
    doc = nlp("«Il piano per i treni regionali», ha detto il ministro Anselmi, «è pronto da mesi».")
    describer = SignalDescriber(load_network().read(doc), Tokens(doc))
    cue = Cue("verb", at(doc, "detto"), at(doc, "detto") - 1, at(doc, "detto") + 1, "dire")
    found = dict(describer.propose(cue))
    assert set(found) == {"network", "network-ends"}
    for before, after in found.values():
        assert before[1] <= cue.first < cue.last <= after[0]
        assert "Il piano" in doc[before[0] : before[1]].text
        assert "Anselmi" not in doc[after[0] : after[1]].text


def test_a_content_broken_off_by_a_comma_goes_on_behind_one(nlp: Language) -> None:
    doc = nlp("La misura, scrive il quotidiano citando una bozza, costerebbe due miliardi.")
    scrive, citando, costa = (at(doc, word) for word in ("scrive", "citando", "costerebbe"))
    cue = Cue("verb", scrive, scrive, scrive + 1, "scrivere")
    broken = resumed(Tokens(doc), cue, ((0, 2), (citando, len(doc) - 1)))
    assert broken == ((0, 2), (costa, len(doc) - 1))
    assert resumed(Tokens(doc), cue, broken) == broken


def test_it_proposes_the_source_itself(doc: Doc, describer: SignalDescriber) -> None:
    source = describer.propose_source(SAID, [(6, 14)])
    assert source is not None
    assert "Anselmi" in doc[slice(*source)].text
    assert source[1] <= at(doc, "Anselmi") + 1


def test_a_stretch_over_two_quotations_is_cut_between_them(nlp: Language) -> None:
    doc = nlp("Anselmi ha scritto: «Un posto per lui» e «Con lui si rideva».")
    tokens = Tokens(doc)
    quoted = [tokens.cover(*span) for span in ((20, 38), (41, 60))]
    finder = Finder(tokens, quoted, [False, False], load_grammar())
    cue = Cue("verb", at(doc, "scritto"), at(doc, "scritto") - 1, at(doc, "scritto") + 1, "scrivere")
    found = finder.propose(cue, [("network", ((at(doc, "Un"), at(doc, "rideva") + 1),))])
    (pieces,) = [candidate.pieces for candidate in found if "network" in candidate.kinds]
    assert [doc[start:end].text for start, end in pieces] == ["Un posto per lui", "Con lui si rideva"]


def test_the_right_source_is_the_likeliest(doc: Doc, describer: SignalDescriber) -> None:
    minister = Mention((0, 3), 1, {"subject"})
    fish = Mention((at(doc, "mercato"), at(doc, "pesce") + 1), at(doc, "mercato"), {"after"})
    nobody = Mention(None, None, {"none"})
    rows = describer.describe_sources(SAID, [(6, 14)], [minister, fish, nobody])
    likeness = [row[SOURCE_SIGNALS.index("network source likeness")] for row in rows]
    assert likeness[0] > 0.5 > likeness[1]
    assert likeness[2] == 0
    assert sum(rows[0][-3:]) == pytest.approx(1, abs=1e-5)


def test_a_cue_without_words_is_described_by_its_head(describer: SignalDescriber) -> None:
    row = describer.describe_cue(Cue("conditional", 4, 4, 4, ""))
    assert len(row) == len(CUE_SIGNALS)
    assert row[0] == 0 < row[1]
