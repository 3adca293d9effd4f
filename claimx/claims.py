"""From attributions to the claims of the record: who, level, mode, certainty, relay, dates, parts, and the author's own.

Reads what the engine chose, calls the judging stages in `rules/`, and gives `Claim`s in text order with their numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date as Day
from itertools import accumulate

from claimx.draft import Draft, Resolution, Span
from claimx.engine import Attribution, Engine, Reading, trim
from claimx.lexicon.certainty import load_certainty
from claimx.lexicon.relay import load_relay
from claimx.model import ELLIPSIS, Certainty, Claim, DateMention, Entity, Level, Mode, Spans
from claimx.rules.certainty import judge_certainty
from claimx.rules.dates import find_date_stretches, find_dates
from claimx.rules.mode import judge_mode
from claimx.rules.parts import find_parts
from claimx.rules.relay import RelayFinder
from claimx.rules.resolution import resolve_sources
from claimx.rules.sourcing import read_source
from claimx.text import line_of, line_starts

LABELS = ("PER", "LOC", "ORG", "MISC")


class Claims:
    """Builds the claims of one article; relative dates count from `base`."""

    def __init__(self, engine: Engine, reading: Reading, *, base: Day | None = None) -> None:
        self.engine = engine
        self.reading = reading
        self.base = base
        self.lines = line_starts(reading.text)
        self.relays = RelayFinder(reading.tokens, reading.text, load_relay(), engine.source_lexicon)
        self.stretches = find_date_stretches(reading.text)
        self.entities = [
            Entity(reading.text[ent.start_char : ent.end_char], ent.label_, (ent.start_char, ent.end_char))
            for ent in reading.doc.ents
            if ent.label_ in LABELS
        ]
        self.stretch_starts = [stretch.start for stretch in self.stretches]
        self.entity_starts = [entity.span[0] for entity in self.entities]

    def build(self, attributions: Sequence[Attribution]) -> tuple[Claim, ...]:
        """The claims, the article's own among them, in order of their first character."""
        reading = self.reading
        drafts = [attribution.draft for attribution in attributions]
        resolutions = resolve_sources(
            reading.index,
            drafts,
            blocks=reading.blocks,
            read=read_source,
        )
        claims = [self._claim(*found) for found in zip(attributions, resolutions)]
        claims += self._authors([span for draft in drafts for span in draft.content])
        return number(claims)

    def _claim(self, attribution: Attribution, resolution: Resolution) -> Claim:
        reading, draft = self.reading, attribution.draft
        text, spans = reading.text, draft.content
        level = Level(resolution.level)
        mode = judge_mode(text, spans, reading.quotations)
        certainty, reason = judge_certainty(
            reading.tokens, draft, lexicon=load_certainty(), mode=mode, document=level is Level.DOCUMENT
        )
        relay = self.relays.find(draft)
        return Claim(
            id=0,
            who=resolution.who,
            level=level,
            claim=ELLIPSIS.join(text[start:end] for start, end in spans),
            cue=_words(text, draft.cue),
            source=_words(text, draft.source),
            role=resolution.role,
            mode=mode,
            certainty=certainty,
            via=relay.via,
            to=relay.to,
            within=None,
            parts=tuple(find_parts(reading.tokens, spans)),
            dates=self._dates_in(spans),
            entities=self._entities_in(spans),
            confidence=self.engine.confidence(attribution, resolution),
            line=line_of(self.lines, spans[0][0]),
            spans=Spans(spans, draft.source, draft.cue),
            evidence=(*draft.evidence, *(f"who: {word}" for word in resolution.evidence), reason, *relay.evidence),
        )

    def _authors(self, taken: Sequence[Span]) -> Iterable[Claim]:
        """The article's own statements: each sentence with a verb that no attributed content touches."""
        reading = self.reading
        tokens, text = reading.tokens, reading.text
        covered = bytearray(tokens.n)
        for start, end in taken:
            first, last = tokens.cover(start, end)
            covered[first:last] = b"\1" * (last - first)
        for first, last in tokens.sents:
            if covered.find(1, first, last) >= 0 or not any(
                tokens.pos[i] in ("VERB", "AUX") for i in range(first, last)
            ):
                continue
            span = trim(text, *tokens.chars(first, last))
            draft = Draft("author", (span,))
            certainty, reason = judge_certainty(tokens, draft, lexicon=load_certainty(), mode=Mode.INDIRECT)
            yield Claim(
                id=0,
                who=None,
                level=Level.AUTHOR,
                claim=text[span[0] : span[1]],
                cue=None,
                source=None,
                role=None,
                mode=None,
                certainty=certainty if certainty is Certainty.HEDGED else Certainty.ASSERTED,
                via=(),
                to=None,
                within=None,
                parts=tuple(find_parts(tokens, [span])),
                dates=self._dates_in([span]),
                entities=self._entities_in([span]),
                confidence=self.engine.settings["author_confidence"],
                line=line_of(self.lines, span[0]),
                spans=Spans((span,)),
                evidence=("author: a sentence in no attributed content", reason),
            )

    def _dates_in(self, spans: Sequence[Span]) -> tuple[DateMention, ...]:
        near = self.stretches[slice(*_within(self.stretch_starts, spans))]
        return tuple(find_dates(self.reading.text, spans, base=self.base, stretches=near))

    def _entities_in(self, spans: Sequence[Span]) -> tuple[Entity, ...]:
        near = self.entities[slice(*_within(self.entity_starts, spans))]
        return tuple(entity for entity in near if any(s <= entity.span[0] and entity.span[1] <= e for s, e in spans))


def _within(starts: Sequence[int], spans: Sequence[Span]) -> tuple[int, int]:
    """Which of the things that start at `starts`, in text order, may lie in the spans."""
    return bisect_left(starts, min(s for s, _ in spans)), bisect_right(starts, max(e for _, e in spans))


def number(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims in order of first character, numbered from 1, each with the number of the claim that holds it entire."""
    ordered = sorted(claims, key=lambda claim: (claim.spans.claim[0][0], -claim.spans.claim[-1][1]))
    holders = _holders([claim.spans.claim for claim in ordered])
    return tuple(replace(claim, id=i, within=holder) for i, (claim, holder) in enumerate(zip(ordered, holders), 1))


def _holders(claims: Sequence[tuple[Span, ...]]) -> list[int | None]:
    """For each claim the number of the smallest other that holds it entire; `claims` are in order of their beginnings."""
    begins = [spans[0][0] for spans in claims]
    reach = list(accumulate((max(end for _, end in spans) for spans in claims), max))  # where those so far end at most
    sizes = [sum(e - s for s, e in spans) for spans in claims]
    holders: list[int | None] = []
    for i, spans in enumerate(claims):
        best: int | None = None
        last = max(end for _, end in spans)
        for k in range(bisect_right(begins, spans[0][0]) - 1, -1, -1):
            if reach[k] < last:
                break
            if (best is None or sizes[k] <= sizes[best]) and k != i and claims[k] != spans and _holds(claims[k], spans):
                best = k
        holders.append(None if best is None else best + 1)
    return holders


def _holds(outer: Sequence[Span], inner: Sequence[Span]) -> bool:
    return all(any(s <= start and end <= e for s, e in outer) for start, end in inner)


def move(claim: Claim, *, by: int, lines: int, ids: int) -> Claim:
    """A claim of a stretch of a text as one of the whole: offsets, line and ids counted from the text's beginning."""

    def moved(span: Span) -> Span:
        return span[0] + by, span[1] + by

    spans = claim.spans
    return replace(
        claim,
        id=claim.id + ids,
        within=None if claim.within is None else claim.within + ids,
        line=claim.line + lines,
        parts=tuple(moved(span) for span in claim.parts),
        dates=tuple(replace(date, span=moved(date.span)) for date in claim.dates),
        entities=tuple(replace(entity, span=moved(entity.span)) for entity in claim.entities),
        spans=Spans(
            tuple(moved(span) for span in spans.claim),
            None if spans.source is None else moved(spans.source),
            None if spans.cue is None else moved(spans.cue),
        ),
    )


def _words(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span[0] : span[1]]
