"""claimx as a spaCy component."""

from __future__ import annotations

import pytest
import spacy
from spacy.language import Language

import claimx
from claimx.model import Level

pytestmark = pytest.mark.model

TEXT = "Il sindaco Carlo Bindi ha detto che il ponte riaprirà lunedì. La pioggia è finita."


@pytest.fixture(scope="module")
def with_claimx() -> Language:
    nlp = spacy.load("it_claimx_news")
    nlp.add_pipe("claimx")
    return nlp


def test_the_component_gives_claims_with_offsets_in_the_doc(with_claimx: Language) -> None:
    doc = with_claimx(TEXT)
    first = doc._.claims[0]
    assert first.who == "Carlo Bindi"
    assert first.level is Level.NAMED_PERSON
    for start, end in first.spans.claim:
        assert doc.text[start:end] in first.claim


def test_a_doc_without_text_has_no_claims(with_claimx: Language) -> None:
    assert with_claimx("")._.claims == ()


def test_the_component_and_extract_agree_on_one_plain_paragraph(with_claimx: Language) -> None:
    whos = [claim.who for claim in with_claimx(TEXT)._.claims]
    assert whos == [claim.who for claim in claimx.extract(TEXT).claims]


def test_extract_stays_a_function_whatever_is_imported() -> None:
    import claimx.cli.extract  # noqa: F401
    import claimx.extraction  # noqa: F401

    assert [claim.who for claim in claimx.extract(TEXT).claims][:1] == ["Carlo Bindi"]
