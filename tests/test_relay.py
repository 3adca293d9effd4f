"""Who passes a claim on, and to whom or through which outlet it was said."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.draft import Block, Draft, Relay
from claimx.lexicon import load_data
from claimx.lexicon.relay import load_relay
from claimx.lexicon.sources import load_sources, split_words
from claimx.nlp import parse
from claimx.rules.relay import find_relay
from claimx.syntax import Tokens


def _span(text: str, piece: str) -> tuple[int, int]:
    start = text.index(piece)
    return start, start + len(piece)


def _relay(nlp: Language, text: str, source: str | None, cue: str, content: str, lemma: str) -> Relay:
    tokens = Tokens(parse(nlp, text, [Block(0, len(text))]))
    first, last = tokens.cover(*_span(text, cue))
    heads = [i for i in range(first, last) if not first <= tokens.head[i] < last or tokens.head[i] == i]
    draft = Draft(
        "verb", (_span(text, content),), _span(text, cue), _span(text, source) if source else None, heads[0], lemma
    )
    return find_relay(tokens, draft, text=text, lexicon=load_relay(), sources=load_sources())


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "source", "cue", "content", "lemma", "to"),
    [
        ("Il ministro ha detto alla Bbc che il piano è pronto.", "Il ministro", "ha detto", "il piano è pronto", "dire", "Bbc"),
        ("«Il piano è pronto», ha detto Marta Bini ai microfoni di Radio 24.", "Marta Bini", "ha detto", "Il piano è pronto",
         "dire", "Radio 24"),
        ("In un'intervista al Corriere della Sera il ministro afferma che il piano è pronto.", "il ministro", "afferma",
         "il piano è pronto", "affermare", "Corriere della Sera"),
        ("«Il piano è pronto», ha scritto il sindaco su Facebook.", "il sindaco", "ha scritto", "Il piano è pronto", "scrivere",
         "Facebook"),
        ("Sul suo profilo Instagram la cantante annuncia che il tour è finito.", "la cantante", "annuncia", "il tour è finito",
         "annunciare", "Instagram"),
        ("Il sindaco ha detto che la Bbc è libera.", "Il sindaco", "ha detto", "la Bbc è libera", "dire", None),
        ("Il sindaco ha detto ieri che il piano è pronto.", "Il sindaco", "ha detto", "il piano è pronto", "dire", None),
        ("Il sindaco ha detto a Berlino che il piano è pronto.", "Il sindaco", "ha detto", "il piano è pronto", "dire", None),
    ],
)  # fmt: skip
def test_to(nlp: Language, text: str, source: str, cue: str, content: str, lemma: str, to: str | None) -> None:
    relay = _relay(nlp, text, source, cue, content, lemma)
    assert relay.to == to
    assert bool(relay.evidence) == (to is not None)


@pytest.mark.model
def test_a_person_spoken_to_gets_the_fullest_name(nlp: Language) -> None:
    text = "Carlo Verri guida il comitato. Il ministro ha detto a Verri che la scuola riapre."
    assert _relay(nlp, text, "Il ministro", "ha detto", "la scuola riapre", "dire").to == "Carlo Verri"


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "source", "cue", "content", "lemma", "via"),
    [
        ("Secondo quanto riporta l'Ansa, il ministro ha detto che il piano è pronto.", "il ministro", "ha detto",
         "il piano è pronto", "dire", ("Ansa",)),
        ("Il Vaticano, per bocca di Paolo Ricci, ha smentito la notizia.", "Il Vaticano", "ha smentito", "la notizia",
         "smentire", ("Paolo Ricci",)),
        ("Secondo l'Ansa il piano è pronto.", "l'Ansa", "Secondo", "il piano è pronto", "secondo", ()),
        ("Il ministro ha detto che il piano è pronto.", "Il ministro", "ha detto", "il piano è pronto", "dire", ()),
    ],
)  # fmt: skip
def test_via(nlp: Language, text: str, source: str, cue: str, content: str, lemma: str, via: tuple[str, ...]) -> None:
    assert _relay(nlp, text, source, cue, content, lemma).via == via


@pytest.mark.parametrize("kind", ["through", "platforms", "mouthpiece"])
def test_phrases_fit_their_examples(kind: str) -> None:
    lexicon = load_relay()
    phrases = {"through": lexicon.through, "platforms": lexicon.platform, "mouthpiece": lexicon.mouthpiece}[kind]
    entry = load_data("relay")[kind]

    def fits(text: str) -> bool:
        words = split_words(text)
        return any(phrases.match(words, at, len(words)) is not None for at in range(len(words)))

    assert all(map(fits, entry["matches"]))
    assert not any(map(fits, entry["not"]))
