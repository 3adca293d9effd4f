"""Dates and periods in claims, as days of the calendar.

Reads the text once for stretches that look like dates (one pattern), then gives the `DateMention`s inside a claim's spans: *dal 24
al 26 ottobre*, in an article of 3 November 2025, is 2025-10-24 to 2025-10-26. Without the article's date what is relative stays
out: what cannot be known stays empty. Counted and numeric dates (*tre settimane fa, 12/03/2024*) are read by dateparser, which is
slow and so imported only when one stands in the text; all others are computed.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from claimx.draft import Span
from claimx.lexicon.dates import DateLexicon, load_dates
from claimx.model import DateMention

Period = tuple[datetime.date, datetime.date]
_ONE = datetime.timedelta(days=1)
_WORD = re.compile(r"\w{3,}")  # no telling word is shorter
_BEFORE, _AFTER = 45, 60  # characters that a date may take before and after its first telling word
_NEAR = 60  # characters each side of a bare weekday in which a future says that it is the next one


@dataclass(frozen=True, slots=True)
class DateStretch:
    """A stretch of the text that looks like a date."""

    start: int
    end: int
    kind: str
    match: re.Match[str]
    ahead: bool = False  # a future stands near


def find_date_stretches(text: str) -> list[DateStretch]:
    """All stretches of the text that look like dates, in text order, none overlapping."""
    lexicon = load_dates()
    found = []
    for hit in (hit for window in _windows(text, lexicon) for hit in lexicon.any.finditer(text, *window)):
        kind = (hit.lastgroup or "").replace("_", "-")
        match = lexicon.kinds[kind].match(text, hit.start())
        if match is None:
            continue
        start, end = match.span("core") if "core" in match.groupdict() else match.span()
        ahead = False
        if kind == "weekday":
            ahead = bool(lexicon.future.search(text, max(0, start - _NEAR), min(len(text), end + _NEAR)))
        found.append(DateStretch(start, end, kind, match, ahead))
    return found


def _windows(text: str, lexicon: DateLexicon) -> list[Span]:
    """The surroundings of the words and years that a date cannot do without: the pattern itself is slow on a whole text."""
    windows: list[Span] = []
    for word in _WORD.finditer(text):
        token = word.group()
        if not (token.casefold() in lexicon.triggers or (token.isdigit() and len(token) == 4)):
            continue
        start, end = max(0, word.start() - _BEFORE), min(len(text), word.end() + _AFTER)
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], end
        else:
            windows.append((start, end))
    return windows


def find_dates(
    text: str,
    spans: Sequence[Span],
    *,
    base: datetime.date | None = None,
    stretches: Sequence[DateStretch] | None = None,
) -> list[DateMention]:
    """The dates within a claim's spans; `base` is the article's date, `stretches` those of the whole text if at hand."""
    if stretches is None:
        stretches = find_date_stretches(text)
    mentions = []
    for stretch in stretches:
        if not any(start <= stretch.start and stretch.end <= end for start, end in spans):
            continue
        period = _resolve(stretch, base)
        if period is not None:
            start, end = period
            words = " ".join(text[stretch.start : stretch.end].split())
            last = end.isoformat() if end != start else None
            mentions.append(DateMention(words, (stretch.start, stretch.end), start.isoformat(), last))
    return mentions


def _resolve(stretch: DateStretch, base: datetime.date | None) -> Period | None:
    """The first and last day of a stretch; None where it names no day of the calendar, or needs a base that is not there."""
    try:
        return _READERS[stretch.kind](_Groups(stretch.match), base, load_dates(), stretch.ahead)
    except (ValueError, OverflowError):  # 31 febbraio; the year 0
        return None


class _Groups:
    """The groups of a match, in lower case with straight apostrophes; absent ones are ''."""

    def __init__(self, match: re.Match[str]) -> None:
        self._groups = match.groupdict()

    def __getitem__(self, name: str) -> str:
        return " ".join((self._groups.get(name) or "").casefold().replace("’", "'").split())

    def year(self, *names: str) -> int | None:
        return next((int(self[name]) for name in names if self[name]), None)

    def day(self, name: str) -> int:
        digits = re.sub(r"\D", "", self[name])
        return int(digits) if digits else 1  # primo

    def direction(self, lexicon: DateLexicon) -> int:
        word = self["rel1"] or self["rel2"]
        return -1 if word in lexicon.past else 1 if word in lexicon.next else 0


def _month(groups: _Groups, name: str, lexicon: DateLexicon) -> int:
    return lexicon.months[groups[name].rstrip(".")]


def _nearest(
    make: Callable[[int], datetime.date], base: datetime.date | None, direction: int = 0
) -> datetime.date | None:
    """The date of no stated year that lies nearest the article's, before it (-1), after it (1) or either."""
    if base is None:
        return None
    best: datetime.date | None = None
    for year in (base.year - 1, base.year, base.year + 1):
        try:
            day = make(year)
        except ValueError:
            continue
        if direction * (day - base).days < 0:
            continue
        if best is None or abs(day - base) < abs(best - base):
            best = day
    return best


def _whole_month(year: int, month: int) -> Period:
    return datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])


def _whole_year(year: int) -> Period:
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def _read_day(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    day, month, year = groups.day("d"), _month(groups, "m", lexicon), groups.year("y")
    if year is not None:
        date: datetime.date | None = datetime.date(year, month, day)
    else:
        date = _nearest(lambda y: datetime.date(y, month, day), base, groups.direction(lexicon))
    return (date, date) if date else None


def _read_days(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    month = _month(groups, "m2", lexicon)
    first_month = _month(groups, "m1", lexicon) if groups["m1"] else month
    first_day, last_day = groups.day("d1"), groups.day("d2")
    year = groups.year("y2", "y1")
    if year is not None:
        end: datetime.date | None = datetime.date(year, month, last_day)
    else:
        end = _nearest(lambda y: datetime.date(y, month, last_day), base)
    if end is None:
        return None
    start_year = groups.year("y1") or (end.year - 1 if first_month > month else end.year)
    start = datetime.date(start_year, first_month, first_day)
    return (start, end) if start <= end else None


def _read_month(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    month, year = _month(groups, "m", lexicon), groups.year("y")
    if year is None:
        direction = groups.direction(lexicon)
        anchor = _nearest(lambda y: datetime.date(y, month, 28 if direction > 0 else 1), base, direction)
        if anchor is None:
            return None
        year = anchor.year
    return _whole_month(year, month)


def _read_edge(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    edge = lexicon.edges[groups["edge"]]
    if groups["m"]:
        period = _read_month(groups, base, lexicon, ahead)
        return _third(period, edge) if period else None
    year = groups.year("y2")
    if year is not None:
        return _part_of_year(year, edge)
    if base is None:
        return None
    return (
        _part_of_year(base.year, edge)
        if groups["unit"] == "anno"
        else _third(_whole_month(base.year, base.month), edge)
    )


def _third(month: Period, edge: str) -> Period:
    start, end = month
    cut = {"start": (1, 10), "middle": (11, 20), "end": (21, end.day)}[edge]
    return start.replace(day=cut[0]), end.replace(day=cut[1])


def _part_of_year(year: int, edge: str) -> Period:
    first, last = {"start": (1, 2), "middle": (6, 7), "end": (11, 12)}[edge]
    return _whole_month(year, first)[0], _whole_month(year, last)[1]


def _read_year(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    return _whole_year(int(groups["core"]))


def _read_years(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    first, last = groups.year("y1", "y3"), groups.year("y2", "y4")
    if first is None or last is None or first > last:
        return None
    return _whole_year(first)[0], _whole_year(last)[1]


def _read_weekday(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    if base is None:
        return None
    weekday = lexicon.weekdays[groups["w"]]
    if groups["d"]:
        day = groups.day("d")
        near = (base + offset * _ONE for offset in sorted(range(-31, 32), key=abs))
        return next(((d, d) for d in near if d.day == day and d.weekday() == weekday), None)
    direction = groups.direction(lexicon)
    date = _next_weekday(base, weekday) if direction > 0 or (not direction and ahead) else _last_weekday(base, weekday)
    if direction < 0 and date == base:
        date -= 7 * _ONE
    return date, date


def _last_weekday(base: datetime.date, weekday: int) -> datetime.date:
    return base - (base.weekday() - weekday) % 7 * _ONE


def _next_weekday(base: datetime.date, weekday: int) -> datetime.date:
    return base + ((weekday - base.weekday() - 1) % 7 + 1) * _ONE


def _read_weekdays(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    if base is None:
        return None
    end = _last_weekday(base, lexicon.weekdays[groups["w2"]])
    return _last_weekday(end, lexicon.weekdays[groups["w1"]]), end


def _read_relative_day(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    if base is None:
        return None
    date = base + lexicon.days[groups["t"]] * _ONE
    return date, date


def _read_period(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    """*l'anno scorso, questa settimana, il prossimo mese*."""
    if base is None:
        return None
    unit, direction = lexicon.periods[groups["u1"] or groups["u2"]], groups.direction(lexicon)
    if unit == "year":
        return _whole_year(base.year + direction)
    if unit == "month":
        months = base.year * 12 + base.month - 1 + direction
        return _whole_month(months // 12, months % 12 + 1)
    monday = base - base.weekday() * _ONE + direction * 7 * _ONE
    return (monday, monday + 6 * _ONE) if unit == "week" else (monday + 5 * _ONE, monday + 6 * _ONE)


def _read_counted(
    groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, words: str, unit: str
) -> Period | None:
    """*tre settimane fa, tra due giorni*: the day for days, else the whole week, month or year in which it falls."""
    if base is None:
        return None
    count = groups["n"] if groups["n"].isdigit() else str(lexicon.numbers[groups["n"]])
    date = _dateparser(words.format(count, groups["u"]), base)
    if date is None:
        return None
    if unit == "year":
        return _whole_year(date.year)
    if unit == "month":
        return _whole_month(date.year, date.month)
    monday = date - date.weekday() * _ONE
    return (monday, monday + 6 * _ONE) if unit == "week" else (date, date)


def _read_ago(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    return _read_counted(groups, base, lexicon, "{} {} fa", lexicon.units[groups["u"]])


def _read_ahead(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    return _read_counted(groups, base, lexicon, "tra {} {}", lexicon.units[groups["u"]])


def _read_numeric(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    date = _dateparser(groups["n"], None)
    return (date, date) if date else None


def _read_decade(groups: _Groups, base: datetime.date | None, lexicon: DateLexicon, ahead: bool) -> Period | None:
    decade = int(groups["n"]) if groups["n"] else lexicon.decades[groups["name"]]
    first = 2000 if decade == 0 else 1900 + decade
    return _whole_year(first)[0], _whole_year(first + 9)[1]


@functools.lru_cache(maxsize=1024)
def _dateparser(words: str, base: datetime.date | None) -> datetime.date | None:
    import dateparser  # a tenth of a second, and most articles need none

    settings: dict[str, object] = {"DATE_ORDER": "DMY", "STRICT_PARSING": base is None}
    if base is not None:
        settings["RELATIVE_BASE"] = datetime.datetime(base.year, base.month, base.day)
    found = dateparser.parse(words, languages=["it"] if base is not None else ["it", "en"], settings=settings)
    return found.date() if found else None


_READERS: dict[str, Callable[[_Groups, datetime.date | None, DateLexicon, bool], Period | None]] = {
    "range-days": _read_days,
    "pair-days": _read_days,
    "day": _read_day,
    "numeric": _read_numeric,
    "range-years": _read_years,
    "edge": _read_edge,
    "month": _read_month,
    "month-year": _read_month,
    "weekdays": _read_weekdays,
    "weekday": _read_weekday,
    "relative-day": _read_relative_day,
    "ago": _read_ago,
    "ahead": _read_ahead,
    "period": _read_period,
    "decade": _read_decade,
    "year": _read_year,
}
