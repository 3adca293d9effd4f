"""A text of any length: read stretch by stretch, with offsets, lines and ids of the whole."""

from __future__ import annotations

import time

import pytest
from spacy.language import Language

from claimx.extraction import STRETCH, extract_source
from claimx.model import ELLIPSIS
from claimx.reading import from_text

pytestmark = pytest.mark.model

PARAGRAPH = (
    "Il sindaco Carlo Bindi ha detto che il ponte riaprirà lunedì. «Abbiamo finito prima del previsto», ha aggiunto. "
    "Secondo i tecnici, la pioggia del 3 marzo 2024 non ha fatto danni.\n\n"
)


def test_a_long_text_keeps_offsets_lines_and_ids(nlp: Language) -> None:
    text = PARAGRAPH * (3 * STRETCH // len(PARAGRAPH))
    article = extract_source(nlp, from_text(text))
    assert [claim.id for claim in article.claims] == list(range(1, len(article.claims) + 1))
    assert article.claims[-1].spans.claim[0][0] > 2 * STRETCH
    for claim in article.claims:
        assert ELLIPSIS.join(text[start:end] for start, end in claim.spans.claim) == claim.claim
        assert claim.line == text.count("\n", 0, claim.spans.claim[0][0]) + 1
        for named in (*claim.entities, *claim.dates):
            assert text[slice(*named.span)] == named.text
        if claim.spans.cue:
            assert text[slice(*claim.spans.cue)] == claim.cue
    assert any(claim.spans.source and claim.who == "Carlo Bindi" for claim in article.claims[-9:])


def test_time_grows_with_length_only(nlp: Language) -> None:
    def seconds(stretches: int) -> float:
        source = from_text(PARAGRAPH * (stretches * STRETCH // len(PARAGRAPH)))
        begin = time.process_time()
        extract_source(nlp, source)
        return time.process_time() - begin

    seconds(1)
    assert seconds(4) < 2.5 * 4 / 2 * seconds(2)
