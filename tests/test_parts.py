"""The single statements inside a claim."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.draft import Block
from claimx.nlp import parse
from claimx.rules.parts import find_parts
from claimx.syntax import Tokens


def _parts(nlp: Language, text: str, *content: str) -> list[str]:
    tokens = Tokens(parse(nlp, text, [Block(0, len(text))]))
    spans, at = [], 0
    for piece in content:
        at = text.index(piece, at)
        spans.append((at, at + len(piece)))
    parts = find_parts(tokens, spans)
    for start, end in parts:
        assert any(first <= start < end <= last for first, last in spans)
    assert parts == sorted(parts)
    return [text[start:end] for start, end in parts]


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "content", "parts"),
    [
        (
            "Il sindaco ha detto che il ponte è chiuso e che i treni sono fermi.",
            ["il ponte è chiuso e che i treni sono fermi"],
            ["il ponte è chiuso", "i treni sono fermi"],
        ),
        (
            "«Il ponte è chiuso. I treni sono fermi da ieri», ha detto il sindaco.",
            ["Il ponte è chiuso. I treni sono fermi da ieri"],
            ["Il ponte è chiuso", "I treni sono fermi da ieri"],
        ),
        (
            "«Il ponte è chiuso», ha detto il sindaco, «ma i treni viaggiano».",
            ["Il ponte è chiuso", "ma i treni viaggiano"],
            ["Il ponte è chiuso", "i treni viaggiano"],
        ),
        (
            "L'uomo ha raccontato di aver litigato con la moglie, ma di averla perdonata.",
            ["aver litigato con la moglie, ma di averla perdonata"],
            ["aver litigato con la moglie", "averla perdonata"],
        ),
    ],
)
def test_each_statement_is_a_part(nlp: Language, text: str, content: list[str], parts: list[str]) -> None:
    assert _parts(nlp, text, *content) == parts


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Il sindaco ha detto che il ponte e la strada sono chiusi.", "il ponte e la strada sono chiusi"),
        ("Il sindaco ha detto che il ponte che crolla è chiuso.", "il ponte che crolla è chiuso"),
        (
            "Il sindaco ha detto che il ponte è chiuso perché i piloni cedono.",
            "il ponte è chiuso perché i piloni cedono",
        ),
        ("Il sindaco ha annunciato le dimissioni e una conferenza.", "le dimissioni e una conferenza"),
    ],
)
def test_one_statement_has_no_parts(nlp: Language, text: str, content: str) -> None:
    assert _parts(nlp, text, content) == []


@pytest.mark.model
def test_no_spans_no_parts(nlp: Language) -> None:
    assert find_parts(Tokens(parse(nlp, "", [])), []) == []
