"""The command line for real: the samples through the shipped pipeline, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from spacy.language import Language

import claimx.nlp
from claimx.cli import run
from claimx.schema import build_schema

SAMPLES = sorted(path for path in (Path(__file__).parents[1] / "samples").iterdir() if path.suffix in (".txt", ".md"))
pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def loaded(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's pipeline, lest each call load its own."""
    monkeypatch.setattr(claimx.nlp, "load_pipeline", lambda model=None: nlp)


def extract(capfd: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["extract", *args]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_format_says_the_same(sample: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    record = yaml.safe_load(extract(capfd, str(sample), "--text", str(text)))
    Draft202012Validator(build_schema()).validate(record)
    assert json.loads(extract(capfd, str(sample), "-f", "json")) == record
    assert json.loads(extract(capfd, str(sample), "-f", "jsonl")) == record
    rows = list(csv.DictReader(io.StringIO(extract(capfd, str(sample), "-f", "csv"), newline="")))
    assert [int(row["id"]) for row in rows] == [claim["id"] for claim in record["claims"]]
    table = extract(capfd, str(sample), "-f", "table")
    assert all(re.search(rf"^ *{claim['id']} ", table, re.MULTILINE) for claim in record["claims"])
    check_offsets(record, text.read_bytes().decode())


def check_offsets(record: dict[str, Any], text: str) -> None:
    assert record["document"]["characters"] == len(text)
    assert sum(claim["level"] != "author" for claim in record["claims"]) >= 5
    for claim in record["claims"]:
        spans = claim["spans"]
        assert " […] ".join(text[start:end] for start, end in spans["claim"]) == claim["claim"]
        for name in ("source", "cue"):
            if spans[name]:
                assert text[slice(*spans[name])] == claim[name]
        for mention in (*claim["dates"], *claim["entities"]):
            assert text[slice(*mention["span"])] == mention["text"]


def test_explain_gives_reasons(capfd: pytest.CaptureFixture[str]) -> None:
    record = yaml.safe_load(extract(capfd, str(SAMPLES[0]), "--explain", "--attributed"))
    Draft202012Validator(build_schema()).validate(record)
    assert all(claim["evidence"] for claim in record["claims"])
    assert "· cue: " in extract(capfd, str(SAMPLES[0]), "--explain", "--attributed", "-f", "table")


def test_a_file_has_the_same_record_alone_and_among_others(capfd: pytest.CaptureFixture[str]) -> None:
    together = extract(capfd, *map(str, SAMPLES), "-f", "jsonl").splitlines()
    assert [extract(capfd, str(sample), "-f", "jsonl").strip("\n") for sample in SAMPLES] == together
