"""The sample articles: their committed records are what claimx gives now, and every format can hold them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from spacy.language import Language

from claimx.extraction import extract_source
from claimx.model import ELLIPSIS, Article
from claimx.reading import read_file
from claimx.writers import FORMATS, WriteOptions, load_writer

ROOT = Path(__file__).parent.parent
SAMPLES = sorted(path.name for path in (ROOT / "samples").iterdir() if path.suffix in (".txt", ".md", ".html"))
REGENERATE = 'for f in samples/*.txt samples/*.md samples/*.html; do claimx extract "$f" -o "${f%.*}.yaml"; done'

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def articles(nlp: Language) -> dict[str, Article]:
    return {}


@pytest.fixture(params=SAMPLES)
def article(
    request: pytest.FixtureRequest, nlp: Language, articles: dict[str, Article], monkeypatch: pytest.MonkeyPatch
) -> Article:
    """A sample as it is read from the repository's root, once for all tests."""
    name: str = request.param
    if name.endswith(".html"):
        pytest.importorskip("trafilatura")
    monkeypatch.chdir(ROOT)
    if name not in articles:
        articles[name] = extract_source(nlp, read_file(f"samples/{name}"))
    return articles[name]


def written(article: Article, format: str, **options: Any) -> str:
    stream = io.StringIO()
    load_writer(format)([article], stream, WriteOptions(**options))
    return stream.getvalue()


def test_there_are_samples_of_each_kind() -> None:
    assert len(SAMPLES) >= 8
    assert {Path(name).suffix for name in SAMPLES} == {".txt", ".md", ".html"}
    assert len({Path(name).stem for name in SAMPLES}) == len(SAMPLES), "two samples would share a record"


def test_the_committed_record_is_what_claimx_gives_now(article: Article) -> None:
    record = (ROOT / article.document.path).with_suffix(".yaml")
    assert record.exists(), f"no {record.name}; from the root: {REGENERATE}"
    kept = yaml.safe_load(record.read_text(encoding="utf8"))
    assert article.to_dict() == kept, f"{record.name} is out of date; from the root: {REGENERATE}"


def test_every_span_is_its_string(article: Article) -> None:
    text = article.text
    for claim in article.claims:
        spans = claim.spans
        assert ELLIPSIS.join(text[start:end] for start, end in spans.claim) == claim.claim
        for string, span in ((claim.source, spans.source), (claim.cue, spans.cue)):
            assert (string is None) == (span is None)
            assert span is None or text[slice(*span)] == string
        for said, span in [(date.text, date.span) for date in claim.dates] + [(e.text, e.span) for e in claim.entities]:
            assert text[slice(*span)] == said
        for start, end in claim.parts:
            assert any(first <= start < end <= last for first, last in spans.claim)
        assert text.count("\n", 0, spans.claim[0][0]) + 1 == claim.line


def test_claims_are_numbered_in_order_and_hold_one_another(article: Article) -> None:
    assert [claim.id for claim in article.claims] == list(range(1, len(article.claims) + 1))
    starts = [claim.spans.claim[0][0] for claim in article.claims]
    assert starts == sorted(starts)
    by_id = {claim.id: claim for claim in article.claims}
    for claim in article.claims:
        if claim.within is not None:
            outer = by_id[claim.within].spans.claim
            assert claim.within != claim.id
            assert outer[0][0] <= claim.spans.claim[0][0] and claim.spans.claim[-1][1] <= outer[-1][1]


def test_sources_are_named_but_where_nobody_answers(article: Article) -> None:
    for claim in article.claims:
        assert (claim.who is None) == (claim.level.value in ("unspecified", "author"))
        assert (claim.mode is None) == (claim.level.value == "author")
        assert 0 <= claim.confidence <= 1


def test_something_is_attributed(article: Article) -> None:
    assert sum(claim.level.value != "author" for claim in article.claims) >= 5


@pytest.mark.parametrize("format", ["yaml", "json", "jsonl"])
def test_records_are_read_back_equal(article: Article, format: str) -> None:
    for explain in (False, True):
        text = written(article, format, explain=explain)
        read = yaml.safe_load(text) if format == "yaml" else json.loads(text)
        assert read == article.to_dict(explain=explain)
    assert Article.from_dict(read, text=article.text) == article


def test_the_csv_has_a_row_for_each_claim(article: Article) -> None:
    rows = list(csv.reader(io.StringIO(written(article, "csv"))))
    assert len(rows) == len(article.claims) + 1
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize("options", [{}, {"explain": True}, {"lang": "it", "width": 80, "many": True, "excel": True}])
def test_every_writer_writes_every_sample(article: Article, format: str, options: dict[str, Any]) -> None:
    assert written(article, format, **options).strip()
