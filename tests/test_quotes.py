"""Quotations in every typographic habit, and no input that stops or slows the search."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimx.draft import Block, Quotation
from claimx.lexicon.quotes import load_quotes
from claimx.rules.quotes import find_quotations


def _blocks(text: str, kind: str = "paragraph") -> list[Block]:
    blocks, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(at, at + len(line), kind))
        at += len(line) + 1
    return blocks


def _found(text: str, kind: str = "paragraph") -> list[Quotation]:
    return find_quotations(text, _blocks(text, kind))


def _inner(text: str, kind: str = "paragraph") -> list[str]:
    return [text[slice(*quotation.inner)] for quotation in _found(text, kind)]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("«Non molliamo», ha detto.", ["Non molliamo"]),
        ("“Non molliamo”, ha detto.", ["Non molliamo"]),
        ("„Non molliamo“, ha detto.", ["Non molliamo"]),
        ('"Non molliamo", ha detto.', ["Non molliamo"]),
        ("‹Non molliamo›, ha detto.", ["Non molliamo"]),
        ("<<Non molliamo>>, ha detto.", ["Non molliamo"]),
        ("‘Non molliamo’, ha detto.", ["Non molliamo"]),
        ("'Non molliamo', ha detto.", ["Non molliamo"]),
        ("''Non molliamo'', ha detto.", ["Non molliamo"]),
        ("”Non molliamo”, ha detto.", ["Non molliamo"]),
        ('"Non molliamo”, ha detto.', ["Non molliamo"]),
        ('“Non molliamo", ha detto.', ["Non molliamo"]),
        ('«Non molliamo", ha detto.', ["Non molliamo"]),
        ('Parla di un\'"intesa" e dell’”onestà” di tutti.', ["intesa", "onestà"]),
        ('Ha scritto: " Non molliamo " e poi "basta".', ["Non molliamo", "basta"]),
        ("Così il sindaco:«Si parte domani».Poi il corteo.", ["Si parte domani"]),
        ("Titolo: «Un «patto» serve»", ["Un «patto» serve", "patto"]),
        ('«Un "patto" serve», dice.', ['Un "patto" serve', "patto"]),
        ("\"L'idea del 'grande centro' è morta\", dice.", ["L'idea del 'grande centro' è morta", "grande centro"]),
        ("Un po' di gente, negli anni '80 e '90, nell'area dell'accordo.", []),
        ("La 'ndrangheta dell''anno scorso e l’accordo di ‘Ndrangheta’.", ["Ndrangheta"]),
        ("Dice 'un po' troppo', e se ne va.", ["un po' troppo"]),
        ('Uno schermo da 32" e uno "bello".', ["bello"]),
        ('Ha detto" Siamo qui" ieri.', ["Siamo qui"]),
        ('Ha vinto in 1\'13"32 e "ride".', ["ride"]),
        ('"È un dramma "ha detto il sindaco. Poi: "Si parte".', ["È un dramma", "Si parte"]),
        (
            '"È un dramma, e il "ha detto" del sindaco non basta".',
            ['È un dramma, e il "ha detto" del sindaco non basta', "ha detto"],
        ),
        ("a < b e b > c", []),
        ("", []),
    ],
)
def test_marks(text: str, inner: list[str]) -> None:
    assert _inner(text) == inner


def test_nested_quotations_have_a_depth() -> None:
    assert [quotation.depth for quotation in _found("«Un “patto con ‘loro’” serve», dice. “Poi” no.")] == [0, 1, 2, 0]


def test_an_unclosed_quotation_ends_with_its_block() -> None:
    text = "Dice: «Non molliamo, e poi vedremo.\nIl corteo è finito."
    (quotation,) = _found(text)
    assert not quotation.closed and text[slice(*quotation.inner)] == "Non molliamo, e poi vedremo."


def test_a_stray_mark_does_not_swap_the_pairs_after_it() -> None:
    text = 'Parla di "svolta, il sindaco. "Non molliamo", dice. Poi: "Si parte".'
    closed = [text[slice(*quotation.inner)] for quotation in _found(text) if quotation.closed]
    assert closed == ["Non molliamo", "Si parte"]
    assert _inner("La riunione” è finita. “Non molliamo”, dice.") == ["Non molliamo"]


@pytest.mark.parametrize(
    "text",
    [
        "«Uno e due.\n«Tre e quattro.\n«Cinque», dice.",
        "«Uno e due.\n»Tre e quattro.\n»Cinque», dice.",
        '"Uno e due.\nTre e quattro.\nCinque", dice.',
        "\"Uno e l'altro.\nTre dell'area.\nCinque\", dice.",
    ],
)
def test_a_quotation_over_paragraphs(text: str) -> None:
    quotations = _found(text)
    assert [text[slice(*quotation.inner)][:4] for quotation in quotations] == [text[1:5], "Tre ", "Cinq"]
    assert [quotation.continues for quotation in quotations] == [False, True, True]
    assert [quotation.closed for quotation in quotations] == [False, False, True]
    assert [quotation.block for quotation in quotations] == [0, 1, 2]


def test_other_marks_inside_do_not_end_a_quotation_over_paragraphs() -> None:
    quotations = _found("Il sindaco: «Uno e due.\nTre e “quattro”.\nCinque e “sei”», dice.")
    assert [(quotation.continues, quotation.depth) for quotation in quotations] == [
        (False, 0), (True, 0), (False, 1), (True, 0), (False, 1),
    ]  # fmt: skip


def test_paragraphs_with_their_own_quotations_are_not_joined() -> None:
    assert not any(
        quotation.continues for quotation in _found("«Uno», dice.\n«Due», aggiunge.\nPoi il corteo.\n«Tre».")
    )


@pytest.mark.parametrize(
    ("text", "kind", "inner"),
    [
        ("— Sono stanco — disse Marco. — Vado a letto.", "paragraph", ["Sono stanco", "Vado a letto."]),
        ("— Sono stanco.", "paragraph", ["Sono stanco."]),
        ("– Vengo anch’io – gli rispose la sindaca.", "paragraph", ["Vengo anch’io"]),
        ("- Vengo anch'io - ha risposto la sindaca.", "item", ["Vengo anch'io"]),
        ("- Latte e uova - due dozzine", "item", []),
        ("- Latte e uova", "paragraph", []),
        ("— Latte e uova", "item", []),
        ("Il piano – ha detto – è pronto.", "paragraph", []),
    ],
)
def test_speech_dashes(text: str, kind: str, inner: list[str]) -> None:
    assert _inner(text, kind) == inner


def test_the_lexicon_holds_its_own_examples() -> None:
    words = load_quotes()
    assert words.speech_tag.match(" disse Marco") and not words.speech_tag.match(" due dozzine")
    assert "po" in words.truncated and "accordo" not in words.truncated


MARKS = "«»“”„\"'’‘‹›<>—–- \n.,aE1"


@given(st.text(alphabet=st.one_of(st.sampled_from(MARKS), st.characters()), max_size=200))
def test_any_text_gives_quotations_within_it(text: str) -> None:
    blocks = _blocks(text)
    quotations = find_quotations(text, blocks)
    assert quotations == sorted(quotations, key=lambda quotation: (quotation.start, -quotation.end))
    for quotation in quotations:
        start, end = quotation.inner
        assert 0 <= quotation.start <= start < end <= quotation.end <= len(text)
        block = blocks[quotation.block]
        assert block.start <= quotation.start and quotation.end <= block.end


@pytest.mark.parametrize(
    "piece", ['"', '"a ', "«a ", "a» ", "'a ", "''", "‘a’ ", "— a disse ", '" ', "«a\n", '"a\n', "“a ‘b "]
)
def test_ten_thousand_marks_in_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        blocks = _blocks(text)
        start = time.perf_counter()
        find_quotations(text, blocks)
        return time.perf_counter() - start

    seconds(100)
    assert seconds(10_000) < 2.0
