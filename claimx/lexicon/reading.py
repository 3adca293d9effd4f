"""The words that reading needs: Italian's own function words, front-matter keys, and how a dateline is written."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from claimx.errors import LexiconError
from claimx.lexicon import load_data

# What may be a date, in the shapes that are written: 19 novembre 2025, mer. 3 mar. 2024, 19/11/2025, 2025-11-19. The
# year must be there: a dateline without one gives none. Whether the words are weekday and month, dateparser tells.
_DAY = r"(?:[0-3]?\d[°º.]?|%s)"
_NAMED = rf"(?:[^\W\d_]{{3,9}}['.’]?,? +)?{_DAY} +[^\W\d_]{{3,9}}\.?,? +\d{{4}}"
_DATE = rf"(?P<date>{_NAMED}|\d{{4}}-\d\d-\d\d|[0-3]?\d[./-][01]?\d[./-]\d{{4}})(?!\d)"
_WORD = r"[^\Wa-zà-öø-ÿ\d_][\w'’-]*\.?"
_PLACE = rf"{_WORD}(?: (?:[^\W\d_]{{1,5}} )?{_WORD}){{0,3}}"
_AGENCY = r"\([^()\n]{2,40}\)"


@dataclass(frozen=True, slots=True)
class Dateline:
    """A way of writing a dateline, with lines that it matches and lines that it must not."""

    about: str
    pattern: re.Pattern[str]  # its group `date` is the date
    match: tuple[str, ...]
    reject: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """All of `data/reading.yaml`."""

    italian: frozenset[str]
    title_keys: tuple[str, ...]
    date_keys: tuple[str, ...]
    date_spellings: dict[str, str]
    months: dict[str, int]  # and short: mar
    weekdays: frozenset[str]  # and short: mer
    datelines: tuple[Dateline, ...]


@functools.cache
def load_reading() -> ReadingWords:
    """The content of `data/reading.yaml`."""
    data, dates = load_data("reading"), load_data("dates")
    try:
        first = "|".join(map(re.escape, data["first_of_month"]))
        datelines = tuple(
            Dateline(line["about"], _compile(line["pattern"], first), tuple(line["match"]), tuple(line["reject"]))
            for line in data["datelines"]
        )
        return ReadingWords(
            italian=frozenset(data["italian"]),
            title_keys=tuple(data["front_matter"]["title"]),
            date_keys=tuple(data["front_matter"]["date"]),
            date_spellings={**dict.fromkeys(data["first_of_month"], "1"), **data["month_spellings"]},
            months={**dates["months"], **dates["short_months"]},
            weekdays=frozenset(form for day in dates["weekdays"] for form in (day, day[:3])),
            datelines=datelines,
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise LexiconError(f"reading.yaml does not hold what it should: {error!r}; reinstall claimx") from error


def _compile(pattern: str, first_of_month: str) -> re.Pattern[str]:
    return re.compile(pattern.format(date=_DATE % first_of_month, place=_PLACE, agency=_AGENCY))
