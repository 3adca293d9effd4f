"""The date of publication: as a user or a file's metadata write it, or as a dateline in the article gives it.

*Roma, 12 marzo 2024 (Agenzia Molo) - Il porto riapre.* gives 2024-03-12. A dateline without a year gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from claimx.draft import Block
from claimx.errors import ReadError
from claimx.lexicon.reading import load_reading

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?\Z", re.ASCII | re.DOTALL)
_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\Z", re.ASCII)
_WORDS = re.compile(
    r"(?:(?P<weekday>[^\W\d_]+)\.?,? +)?(?P<day>[0-3]?[0-9])[°.]? +(?P<month>[^\W\d_]+)\.?,? +(?P<year>[0-9]{4})\Z"
)
_YEARS = range(1400, 2201)
_LONGEST = 60  # characters
_FIRST, _LAST = 8, 3  # blocks, from the beginning and the end, that may hold a dateline
_REACH = 200  # characters of each


def parse_date(value: str | date) -> str:
    """The ISO day of an ISO or Italian date with day, month and year: *2024-03-12*, *12 marzo 2024*, *12/3/2024*.

    Raises ReadError where it is none.
    """
    found = value if isinstance(value, date) else _parse(value.strip())
    if found is None or found.year not in _YEARS:
        shown = (
            value if isinstance(value, date) else "".join(char if char.isprintable() else "?" for char in value[:40])
        )
        raise ReadError(f"{str(shown)!r} is not a date; write it as 2024-03-12 or 12 marzo 2024")
    return f"{found.year:04}-{found.month:02}-{found.day:02}"


def find_date(text: str, blocks: Sequence[Block]) -> str | None:
    """The ISO day that a dateline in the first or last lines of the article gives, or None."""
    nearby = [*blocks[:_FIRST], *blocks[max(_FIRST, len(blocks) - _LAST) :]]
    for block in nearby:
        for line in text[block.start : min(block.end, block.start + _REACH)].splitlines():
            found = match_dateline(line.strip())
            if found:
                return found
    return None


def match_dateline(line: str, *, whole: bool = False) -> str | None:
    """The ISO day that the line gives as a dateline, or None; with `whole` only where the line holds nothing else."""
    for dateline in load_reading().datelines:
        match = dateline.pattern.match(line[:_REACH])
        if match and not (whole and match.end() < len(line)):
            try:
                return parse_date(match["date"])
            except ReadError:  # it had a date's shape only, as *12 persone 2024* has
                continue
    return None


def _parse(value: str) -> date | None:
    if len(value) > _LONGEST:
        return None
    try:
        iso = _ISO.match(value)
        if iso:
            return date(*map(int, iso.groups()))
        numbers = _NUMBERS.match(value)
        if numbers:
            day, month, year = map(int, numbers.groups())
            return date(year, month, day)
    except ValueError:  # the thirtieth of February
        return None
    return _parse_words(value) if re.search(r"\d{4}\b", value) and re.search(r"[^\W\d_]{3}", value) else None


def _parse_words(value: str) -> date | None:
    spellings = load_reading().date_spellings
    plain = re.sub(r"[^\W\d_]+", lambda word: spellings.get(word[0].lower(), word[0]), value.replace("º", "°"))
    return _parse_plain(plain) or _parse_other(plain)


def _parse_plain(plain: str) -> date | None:
    """The date in the shape that nearly all have, *mer. 3 mar. 2024*, or None."""
    match = _WORDS.match(plain)
    words = load_reading()
    if not match or match["month"].lower() not in words.months:
        return None
    if match["weekday"] and match["weekday"].lower() not in words.weekdays:
        return None
    try:
        return date(int(match["year"]), words.months[match["month"].lower()], int(match["day"]))
    except ValueError:
        return None


def _parse_other(plain: str) -> date | None:
    import dateparser  # a sixth of a second, most of what one article takes: only where the plain shape does not fit

    settings = {"DATE_ORDER": "DMY", "REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    found: datetime | None = dateparser.parse(plain, languages=["it"], settings=settings)
    return found
