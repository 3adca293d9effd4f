"""The JSON Schema of the record (`claimx schema`), built on the enums of `model.py` so that the two cannot part.

Keys beyond these are allowed: adding an optional key does not change the schema's number.
"""

from __future__ import annotations

from typing import Any

from claimx.model import SCHEMA, Certainty, Level, Mode

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "integer", "minimum": 1}
_ISO_DATE = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SPAN = {"$ref": "#/$defs/span"}
_SPAN_OR_NULL = {"anyOf": [_SPAN, {"type": "null"}]}


def build_schema() -> dict[str, Any]:
    """The schema of one record: a YAML document, a JSON object, or a line of JSONL."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:claimx:record:{SCHEMA}",
        "title": "claimx record",
        "description": "The attributed claims of one article; offsets count Unicode code points of its text, end excluded.",
        **_object(
            {
                "claimx": _about({"const": SCHEMA}, "schema number"),
                "document": _document(),
                "model": _about(_object({"name": _TEXT, "version": _TEXT}), "the spaCy pipeline that read the article"),
                "claims": _about(_array({"$ref": "#/$defs/claim"}), "in order of their first character"),
            }
        ),
        "$defs": {"span": _span(), "claim": _claim(), "date": _date(), "entity": _entity()},
    }


def _document() -> dict[str, Any]:
    return _object(
        {
            "id": _about(_TEXT, "file stem, or --id"),
            "path": _about(_TEXT, "as given; - for standard input"),
            "title": _TEXT_OR_NULL,
            "date": _about(_or_null(_ISO_DATE), "publication date, base for relative dates"),
            "language": {"const": "it"},
            "characters": _about(_COUNT, "length of the text that the offsets count in"),
            "sha256": _about({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "of the bytes read"),
        }
    )


def _claim() -> dict[str, Any]:
    claim = _object(
        {
            "id": _about(_NUMBER, "1, 2, 3 ... in order of first character"),
            "who": _about(_TEXT_OR_NULL, "who answers for it, by the fullest name; null for unspecified and author"),
            "level": _about({"enum": [level.value for level in Level]}, "how well sourced it is"),
            "claim": _about(_TEXT, "the article's own words; stretches of a split claim are joined by ' […] '"),
            "cue": _about(_TEXT_OR_NULL, "the words that attribute; null where only layout or a colon does"),
            "source": _about(_TEXT_OR_NULL, "the mention as it stands; null when elided"),
            "role": _about(_TEXT_OR_NULL, "what the article says the source is"),
            "mode": _about(
                {"enum": [*(mode.value for mode in Mode), None]}, "what is in quotation marks; null for author"
            ),
            "certainty": _about({"enum": [certainty.value for certainty in Certainty]}, "how the source puts it"),
            "via": _about(_array(_TEXT), "who passes it on, outermost first"),
            "to": _about(_TEXT_OR_NULL, "to whom, or through which outlet it was said"),
            "within": _about(_or_null(_NUMBER), "id of the claim that holds this one entire"),
            "parts": _about(_array(_SPAN), "its single statements, where it makes more than one"),
            "dates": _array({"$ref": "#/$defs/date"}),
            "entities": _array({"$ref": "#/$defs/entity"}),
            "confidence": _about(
                {"type": "number", "minimum": 0, "maximum": 1}, "probability that claim, source and level are all right"
            ),
            "line": _about(_NUMBER, "where it begins"),
            "spans": _object(
                {"claim": {**_array(_SPAN), "minItems": 1}, "source": _SPAN_OR_NULL, "cue": _SPAN_OR_NULL}
            ),
            "evidence": _about(_array(_TEXT), "with --explain: which rule or model found it"),
        },
        optional=("evidence",),
    )
    own_voice = {"properties": {"who": {"type": "null"}, "mode": {"type": "null"}}}
    attributed = {"properties": {"mode": {"type": "string"}}}
    claim.update(
        {"if": {"properties": {"level": {"const": Level.AUTHOR.value}}}, "then": own_voice, "else": attributed}
    )
    return claim


def _date() -> dict[str, Any]:
    end = _about(_or_null(_ISO_DATE), "last day of a period; null for a single day")
    return _object({"text": _TEXT, "span": _SPAN, "start": _ISO_DATE, "end": end})


def _entity() -> dict[str, Any]:
    return _object({"text": _TEXT, "label": {"enum": ["PER", "LOC", "ORG", "MISC"]}, "span": _SPAN})


def _span() -> dict[str, Any]:
    return {
        "description": "[start, end): text[start:end] is the string itself",
        "type": "array",
        "prefixItems": [_COUNT, _COUNT],
        "items": False,
        "minItems": 2,
    }


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [key for key in properties if key not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _about(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, **schema}
