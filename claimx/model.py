"""The output record: frozen dataclasses and enums, and their plain form (`to_dict`, `from_dict`).

Nothing but the standard library. Offsets are Unicode code points of the text as decoded, [start, end).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claimx.errors import FormatError

SCHEMA = 1
ELLIPSIS = " […] "  # joins the stretches of a split claim

Span = tuple[int, int]


class Level(str, enum.Enum):
    """Who answers for a claim, from a person with a name to the article itself."""

    NAMED_PERSON = "named-person"
    INSTITUTION = "institution"
    DOCUMENT = "document"
    MEDIA = "media"
    UNNAMED_PERSON = "unnamed-person"
    UNNAMED_GROUP = "unnamed-group"
    UNNAMED_SOURCES = "unnamed-sources"
    UNSPECIFIED = "unspecified"
    AUTHOR = "author"


class Mode(str, enum.Enum):
    """How much of the content stands in quotation marks: all, none, a part."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"


class Certainty(str, enum.Enum):
    """How the source puts the content."""

    ASSERTED = "asserted"
    HEDGED = "hedged"
    DENIED = "denied"
    INTENDED = "intended"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date or period in a claim: its words, where, and its first and last day (ISO; `end` None for one day)."""

    text: str
    span: Span
    start: str
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity in a claim; label PER, LOC, ORG or MISC."""

    text: str
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the strings of a claim stand in the text."""

    claim: tuple[Span, ...]
    source: Span | None = None
    cue: Span | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One attributed claim; the fields are those of the output schema, in its order."""

    id: int
    who: str | None
    level: Level
    claim: str
    cue: str | None
    source: str | None
    role: str | None
    mode: Mode | None
    certainty: Certainty
    via: tuple[str, ...]
    to: str | None
    within: int | None
    parts: tuple[Span, ...]
    dates: tuple[DateMention, ...]
    entities: tuple[Entity, ...]
    confidence: float
    line: int
    spans: Spans
    evidence: tuple[str, ...] = ()  # why it was found; written only where asked for (`--explain`)

    def to_dict(self, *, explain: bool = False) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, in the schema's order; `explain` adds `evidence`."""
        record: dict[str, Any] = {
            "id": self.id,
            "who": self.who,
            "level": self.level.value,
            "claim": self.claim,
            "cue": self.cue,
            "source": self.source,
            "role": self.role,
            "mode": self.mode.value if self.mode else None,
            "certainty": self.certainty.value,
            "via": list(self.via),
            "to": self.to,
            "within": self.within,
            "parts": [list(span) for span in self.parts],
            "dates": [
                {"text": date.text, "span": list(date.span), "start": date.start, "end": date.end}
                for date in self.dates
            ],
            "entities": [
                {"text": entity.text, "label": entity.label, "span": list(entity.span)} for entity in self.entities
            ],
            "confidence": self.confidence,
            "line": self.line,
            "spans": {
                "claim": [list(span) for span in self.spans.claim],
                "source": _listed(self.spans.source),
                "cue": _listed(self.spans.cue),
            },
        }
        if explain:
            record["evidence"] = list(self.evidence)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Claim:
        """The claim of a plain record; raises FormatError where a key is missing or a value is not of the schema."""
        try:
            spans = record["spans"]
            return cls(
                id=record["id"],
                who=record["who"],
                level=Level(record["level"]),
                claim=record["claim"],
                cue=record["cue"],
                source=record["source"],
                role=record["role"],
                mode=Mode(record["mode"]) if record["mode"] else None,
                certainty=Certainty(record["certainty"]),
                via=tuple(record["via"]),
                to=record["to"],
                within=record["within"],
                parts=tuple((start, end) for start, end in record["parts"]),
                dates=tuple(
                    DateMention(date["text"], _paired(date["span"]), date["start"], date["end"])
                    for date in record["dates"]
                ),
                entities=tuple(
                    Entity(entity["text"], entity["label"], _paired(entity["span"])) for entity in record["entities"]
                ),
                confidence=record["confidence"],
                line=record["line"],
                spans=Spans(
                    claim=tuple((start, end) for start, end in spans["claim"]),
                    source=_paired(spans["source"]) if spans["source"] else None,
                    cue=_paired(spans["cue"]) if spans["cue"] else None,
                ),
                evidence=tuple(record.get("evidence", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"not a claim of schema {SCHEMA}: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Document:
    """What was read."""

    id: str
    path: str
    title: str | None
    date: str | None  # ISO
    characters: int
    sha256: str  # of the bytes read
    language: str = "it"


@dataclass(frozen=True, slots=True)
class Model:
    """The spaCy pipeline that read it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article's record, with the text that its offsets count in."""

    document: Document
    model: Model
    claims: tuple[Claim, ...]
    text: str = ""  # not part of the record

    def to_dict(self, *, explain: bool = False) -> dict[str, Any]:
        """The record of the output schema as plain data, in the schema's order."""
        document = self.document
        return {
            "claimx": SCHEMA,
            "document": {
                "id": document.id,
                "path": document.path,
                "title": document.title,
                "date": document.date,
                "language": document.language,
                "characters": document.characters,
                "sha256": document.sha256,
            },
            "model": {"name": self.model.name, "version": self.model.version},
            "claims": [claim.to_dict(explain=explain) for claim in self.claims],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], *, text: str = "") -> Article:
        """The article of a plain record; raises FormatError where it is not of this schema."""
        if not isinstance(record, Mapping) or record.get("claimx") != SCHEMA:
            raise FormatError(f"not a claimx record of schema {SCHEMA}")
        try:
            document = Document(**record["document"])
            model = Model(**record["model"])
            claims = tuple(Claim.from_dict(claim) for claim in record["claims"])
        except (KeyError, TypeError) as error:
            raise FormatError(f"not a claimx record of schema {SCHEMA}: {error!r}") from error
        return cls(document, model, claims, text)


def _listed(span: Span | None) -> list[int] | None:
    return None if span is None else list(span)


def _paired(span: Any) -> Span:
    start, end = span
    return start, end
