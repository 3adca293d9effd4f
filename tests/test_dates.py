"""Dates and periods: found where they stand, turned into days of the calendar, left out where they cannot be known."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimx.lexicon import load_data
from claimx.rules.dates import find_date_stretches, find_dates

BASE = datetime.date(2025, 11, 5)  # a Wednesday


def _dates(text: str, base: datetime.date | None = BASE) -> list[tuple[str, str, str | None]]:
    return [(date.text, date.start, date.end) for date in find_dates(text, [(0, len(text))], base=base)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dal 24 al 26 ottobre", [("dal 24 al 26 ottobre", "2025-10-24", "2025-10-26")]),
        ("tra il 3 e il 5 maggio 2024", [("tra il 3 e il 5 maggio 2024", "2024-05-03", "2024-05-05")]),
        ("dal 30 dicembre al 3 gennaio", [("dal 30 dicembre al 3 gennaio", "2025-12-30", "2026-01-03")]),
        ("dall’8 all’11 marzo", [("dall’8 all’11 marzo", "2026-03-08", "2026-03-11")]),
        ("il 2 e 3 novembre", [("2 e 3 novembre", "2025-11-02", "2025-11-03")]),
        ("sabato 24 gennaio 2026", [("sabato 24 gennaio 2026", "2026-01-24", None)]),
        ("il 16 giugno scorso", [("16 giugno scorso", "2025-06-16", None)]),
        ("il prossimo 20 giugno", [("prossimo 20 giugno", "2026-06-20", None)]),
        ("il 1º maggio 2020", [("1º maggio 2020", "2020-05-01", None)]),
        ("entro fine mese", [("fine mese", "2025-11-21", "2025-11-30")]),
        ("a metà ottobre 2024", [("metà ottobre 2024", "2024-10-11", "2024-10-20")]),
        ("lunedì scorso", [("lunedì scorso", "2025-11-03", None)]),
        ("mercoledì scorso", [("mercoledì scorso", "2025-10-29", None)]),
        ("giovedì sera", [("giovedì sera", "2025-10-30", None)]),
        ("La sentenza arriverà giovedì", [("giovedì", "2025-11-06", None)]),
        ("martedì 4", [("martedì 4", "2025-11-04", None)]),
        ("nel 2023", [("2023", "2023-01-01", "2023-12-31")]),
        ("dal 2002 al 2006", [("dal 2002 al 2006", "2002-01-01", "2006-12-31")]),
        ("nell'ottobre del 2023", [("ottobre del 2023", "2023-10-01", "2023-10-31")]),
        ("a marzo", [("marzo", "2026-03-01", "2026-03-31")]),
        ("lo scorso marzo", [("scorso marzo", "2025-03-01", "2025-03-31")]),
        ("ieri sera", [("ieri sera", "2025-11-04", None)]),
        ("l'anno scorso", [("anno scorso", "2024-01-01", "2024-12-31")]),
        ("il mese prossimo", [("mese prossimo", "2025-12-01", "2025-12-31")]),
        ("questa settimana", [("questa settimana", "2025-11-03", "2025-11-09")]),
        ("due giorni fa", [("due giorni fa", "2025-11-03", None)]),
        ("tre settimane fa", [("tre settimane fa", "2025-10-13", "2025-10-19")]),
        ("fra due mesi", [("fra due mesi", "2026-01-01", "2026-01-31")]),
        ("12/03/2024", [("12/03/2024", "2024-03-12", None)]),
        ("negli anni Ottanta", [("anni Ottanta", "1980-01-01", "1989-12-31")]),
        # what cannot be known, or is no date
        ("nei prossimi mesi", []),
        ("pochi giorni fa", []),
        ("il 31 febbraio 2024", []),
        ("ogni lunedì", []),
        ("un futuro da portare nel domani", []),
        ("24 maratone e 10 marziani", []),
        ("il 2000 euro", []),
    ],
)
def test_dates(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert _dates(text) == expected


@pytest.mark.parametrize("text", ["ieri", "lunedì scorso", "il 24 ottobre", "a marzo", "due giorni fa", "fine anno"])
def test_without_the_article_s_date_what_is_relative_stays_out(text: str) -> None:
    assert _dates(text, None) == []
    assert _dates(text) != []


def test_what_is_absolute_needs_no_date() -> None:
    assert _dates("il 24 ottobre 2023, nel 1998 e dal 3 al 5 maggio 2020", None) == [
        ("24 ottobre 2023", "2023-10-24", None),
        ("1998", "1998-01-01", "1998-12-31"),
        ("dal 3 al 5 maggio 2020", "2020-05-03", "2020-05-05"),
    ]


def test_only_dates_within_the_spans_count() -> None:
    text = "Ieri il ministro ha detto che il 3 maggio 2024 si vota, come nel 2019."
    span = text.index("il 3"), text.index(", come")
    stretches = find_date_stretches(text)
    assert len(stretches) == 3
    assert [date.text for date in find_dates(text, [span], base=BASE, stretches=stretches)] == ["3 maggio 2024"]
    for date in find_dates(text, [(0, len(text))], base=BASE):
        assert text[slice(*date.span)] == date.text


@pytest.mark.parametrize("entry", load_data("dates")["patterns"], ids=lambda entry: entry["kind"])
def test_every_pattern_fits_its_examples(entry: dict[str, object]) -> None:
    def kinds(text: str) -> list[str]:
        return [stretch.kind for stretch in find_date_stretches(text)]

    assert isinstance(entry["matches"], list) and isinstance(entry["not"], list)
    assert all(entry["kind"] in kinds(text) for text in entry["matches"])
    assert not any(entry["kind"] in kinds(text) for text in entry["not"])


def test_dateparser_is_imported_only_where_it_is_needed() -> None:
    code = (
        "import datetime, sys; from claimx.rules.dates import find_dates\n"
        "t = 'Ieri, dal 24 al 26 ottobre 2024 e lunedì scorso'\n"
        "assert find_dates(t, [(0, len(t))], base=datetime.date(2025, 11, 5)); print('dateparser' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


WORDS = [
    "dal",
    "24",
    "al",
    "26",
    "ottobre",
    "2023",
    "lunedì",
    "scorso",
    "fa",
    "due",
    "giorni",
    "fine",
    "anno",
    "0",
    "9999",
    "-",
    "/",
    "’",
]


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=30), st.dates())
def test_any_text_gives_valid_dates(words: list[str], base: datetime.date) -> None:
    text = " ".join(words)
    for date in find_dates(text, [(0, len(text))], base=base):
        start = datetime.date.fromisoformat(date.start)
        assert date.end is None or datetime.date.fromisoformat(date.end) > start
        assert 0 <= date.span[0] < date.span[1] <= len(text)


def test_many_dates_in_linear_time() -> None:
    start = time.perf_counter()
    assert len(find_date_stretches("dal 24 al 26 ottobre e " * 3000)) == 3000
    find_date_stretches("24 " * 20_000)
    assert time.perf_counter() - start < 3
