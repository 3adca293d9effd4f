"""The articles written for training: every stretch lies in its text, every value is one of the schema's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from claimx.model import Certainty, Level, Mode

STORED = Path(__file__).parent.parent / "models" / "written.jsonl"


def read() -> list[dict[str, Any]]:
    return [json.loads(line) for line in STORED.read_text(encoding="utf8").splitlines()]


def test_names_are_different() -> None:
    names = [entry["id"] for entry in read()]
    assert len(names) == len(set(names)) > 600


def test_stretches_are_words_of_the_text() -> None:
    for entry in read():
        text = entry["text"]
        for claim in entry["claims"]:
            stretches = [*claim["claim"], *filter(None, (claim["source"], claim["cue"]))]
            assert claim["claim"], entry["id"]
            for start, end in stretches:
                assert 0 <= start < end <= len(text), entry["id"]
                assert text[start:end] == text[start:end].strip(), (entry["id"], text[start:end])


def test_values_are_the_schemas() -> None:
    for entry in read():
        for number, claim in enumerate(entry["claims"]):
            level = Level(claim["level"])
            assert level is not Level.AUTHOR
            assert (claim["who"] is None) == (level is Level.UNSPECIFIED), (entry["id"], number)
            Mode(claim["mode"])
            Certainty(claim["certainty"])
            within = claim["within"]
            assert within is None or (0 <= within < len(entry["claims"]) and within != number)
