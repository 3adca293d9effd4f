"""From an article's text to its record: the use case that the command line, batch runs and Python callers share.

*Secondo le fonti, il piano è pronto. Il mercato apre oggi.* gives two claims: the sources' *il piano è pronto*, and the
article's own *Il mercato apre oggi*, of level `author`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Day

from spacy.language import Language
from spacy.tokens import Doc

from claimx.claims import Claims, move
from claimx.draft import Block
from claimx.engine import Engine
from claimx.learn import load_models
from claimx.model import Article, Claim, Document, Model
from claimx.nlp import load_pipeline, parse
from claimx.reading import Source, from_text
from claimx.text import line_of, line_starts

STRETCH = 20_000  # characters that are attributed together


@functools.cache
def load_engine() -> Engine:
    """The attribution engine with its trained models, loaded once; raises ModelError where they are missing."""
    models = load_models()
    return Engine(models.forests, models.network, models.settings["priors"], models.settings)


def attribute(doc: Doc, text: str, blocks: Sequence[Block], *, base: Day | None = None) -> tuple[Claim, ...]:
    """The claims of a parsed article whose offsets are those of `text`; relative dates count from `base`."""
    engine = load_engine()
    reading = engine.read(doc, text, blocks)
    return Claims(engine, reading, base=base).build(engine.attribute(reading))


def extract_source(nlp: Language, source: Source) -> Article:
    """The record of an article as read."""
    base = Day.fromisoformat(source.date) if source.date else None
    document = Document(
        id=source.id,
        path=source.path,
        title=source.title,
        date=source.date,
        characters=len(source.text),
        sha256=source.sha256,
    )
    claims = tuple(_attribute_all(nlp, source.text, source.blocks, base))
    return Article(document, model_of(nlp), claims, source.text)


def _attribute_all(nlp: Language, text: str, blocks: Sequence[Block], base: Day | None) -> Iterator[Claim]:
    """The claims of a text of any length: a long one goes stretch by stretch, so that time grows with its length only.

    Sources are resolved within a stretch; articles are far shorter than one.
    """
    stretches = list(_stretches(blocks))
    lines = line_starts(text) if len(stretches) > 1 else []
    count = 0
    for number, stretch in enumerate(stretches):
        start = stretch[0].start if number else 0
        end = stretch[-1].end if number < len(stretches) - 1 else len(text)
        piece = text[start:end]
        moved = [replace(block, start=block.start - start, end=block.end - start) for block in stretch]
        claims = attribute(parse(nlp, piece, moved), piece, moved, base=base)
        for claim in claims:
            yield move(claim, by=start, lines=line_of(lines, start) - 1, ids=count) if number else claim
        count += len(claims)


def _stretches(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks in groups of at most STRETCH characters, or of one block."""
    group: list[Block] = []
    for block in blocks:
        if group and block.end - group[0].start > STRETCH:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def model_of(nlp: Language) -> Model:
    """Name and version of a pipeline, as the record gives them."""
    return Model(f"{nlp.meta['lang']}_{nlp.meta['name']}", str(nlp.meta["version"]))


@dataclass(frozen=True, slots=True)
class Extractor:
    """claimx with its pipeline loaded: `extractor.extract(text)` gives an `Article`."""

    nlp: Language

    def extract(self, text: str, date: str | Day | None = None) -> Article:
        """The record of an article's text; `date`, of publication, is an ISO or Italian date.

        Raises ReadError where the text is empty or the date is none.
        """
        return extract_source(self.nlp, from_text(text, date=date))

    def extract_many(self, sources: Sequence[Source]) -> Iterator[Article]:
        """The records of several articles as read, in their order."""
        for source in sources:
            yield extract_source(self.nlp, source)


def load(model: str | None = None) -> Extractor:
    """claimx with the shipped pipeline, or another Italian spaCy pipeline by name or folder; raises ModelError."""
    return Extractor(load_pipeline(model))


@functools.cache
def _default() -> Extractor:
    return load()


def extract(text: str, date: str | Day | None = None) -> Article:
    """The record of an article's text by the shipped pipeline, which is loaded at the first call; see Extractor.extract."""
    return _default().extract(text, date)
