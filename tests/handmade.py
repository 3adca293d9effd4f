"""An article and its record, made by hand: what the writers are tested on, with no pipeline."""

from __future__ import annotations

import hashlib

from claimx.model import Article, Certainty, Claim, DateMention, Document, Entity, Level, Mode, Model, Span, Spans

TEXT = """Porto di Valdora, i lavori slittano ancora

«I lavori 🚢 riprenderanno lunedì», ha detto l’assessora Ilaria Conti, «se il ministero
non cambia idea: no, non la cambierà». Secondo fonti vicine al dossier, il costo dell’opera sarebbe salito a novanta milioni di euro, dodici in più di quelli previsti dal progetto approvato a marzo, e la gara andrebbe rifatta da capo.

- Nessun ritardo, assicura il ministero

Il cantiere è fermo da gennaio. Dovrebbe riaprire a giorni.
"""


def find(words: str) -> Span:
    """Where the words stand in the text; they stand there once."""
    assert TEXT.count(words) == 1, words
    start = TEXT.index(words)
    return start, start + len(words)


def make_article() -> Article:
    """The record of TEXT."""
    document = Document(
        id="porto",
        path="articoli/porto.txt",
        title="Porto di Valdora, i lavori slittano ancora",
        date="2025-03-12",
        characters=len(TEXT),
        sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
    )
    return Article(document, Model("it_claimx_news", "0.1.0"), (_conti(), _sources(), _ministry(), _author()), TEXT)


def _conti() -> Claim:
    first, second = (
        find("I lavori 🚢 riprenderanno lunedì"),
        find("se il ministero\nnon cambia idea: no, non la cambierà"),
    )
    return Claim(
        id=1,
        who="Ilaria Conti",
        level=Level.NAMED_PERSON,
        claim=f"{TEXT[slice(*first)]} […] {TEXT[slice(*second)]}",
        cue="ha detto",
        source="l’assessora Ilaria Conti",
        role="assessora",
        mode=Mode.DIRECT,
        certainty=Certainty.ASSERTED,
        via=(),
        to=None,
        within=None,
        parts=(first, second),
        dates=(DateMention("lunedì", find("lunedì"), "2025-03-17"),),
        entities=(),
        confidence=0.94,
        line=3,
        spans=Spans((first, second), find("l’assessora Ilaria Conti"), find("ha detto")),
        evidence=(
            "cue: verb dire (say), past",
            "content: quotation, split by the cue",
            "source: subject after the verb",
        ),
    )


def _sources() -> Claim:
    words = (
        "il costo dell’opera sarebbe salito a novanta milioni di euro, dodici in più di quelli previsti dal progetto "
        "approvato a marzo, e la gara andrebbe rifatta da capo"
    )
    return Claim(
        id=2,
        who="fonti vicine al dossier",
        level=Level.UNNAMED_SOURCES,
        claim=words,
        cue="Secondo",
        source="fonti vicine al dossier",
        role=None,
        mode=Mode.INDIRECT,
        certainty=Certainty.HEDGED,
        via=("Il Corriere di Valdora", "Ansa"),
        to="no",
        within=None,
        parts=(),
        dates=(DateMention("a marzo", find("a marzo"), "2025-03-01", "2025-03-31"),),
        entities=(),
        confidence=0.8,
        line=4,
        spans=Spans((find(words),), find("fonti vicine al dossier"), find("Secondo")),
        evidence=("cue: frame secondo",),
    )


def _ministry() -> Claim:
    return Claim(
        id=3,
        who="il ministero",
        level=Level.INSTITUTION,
        claim="- Nessun ritardo",
        cue="assicura",
        source="il ministero",
        role=None,
        mode=Mode.INDIRECT,
        certainty=Certainty.DENIED,
        via=(),
        to=None,
        within=1,
        parts=(),
        dates=(),
        entities=(),
        confidence=1.0,
        line=6,
        spans=Spans(
            (find("- Nessun ritardo"),),
            (TEXT.rindex("il ministero"), TEXT.rindex("il ministero") + 12),
            find("assicura"),
        ),
    )


def _author() -> Claim:
    words = "Il cantiere è fermo da gennaio."
    return Claim(
        id=4,
        who=None,
        level=Level.AUTHOR,
        claim=words,
        cue=None,
        source=None,
        role=None,
        mode=None,
        certainty=Certainty.ASSERTED,
        via=(),
        to=None,
        within=None,
        parts=(),
        dates=(DateMention("da gennaio", find("da gennaio"), "2025-01-01"),),
        entities=(Entity("Valdora", "LOC", find("Valdora")),),
        confidence=0.00004,
        line=8,
        spans=Spans((find(words),)),
    )
