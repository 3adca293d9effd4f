"""The patterns of dates and periods of `data/dates.yaml`, compiled, and the values of their words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from claimx.errors import LexiconError
from claimx.lexicon import load_data


@dataclass(frozen=True, slots=True)
class DateLexicon:
    """One pattern that finds all stretches, its group's name their kind; for each kind a pattern that takes one apart."""

    any: re.Pattern[str]
    triggers: frozenset[str]  # words of which each stretch holds one, besides years
    kinds: Mapping[str, re.Pattern[str]]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    numbers: Mapping[str, int]
    units: Mapping[str, str]
    periods: Mapping[str, str]
    edges: Mapping[str, str]
    decades: Mapping[str, int]
    past: frozenset[str]
    next: frozenset[str]
    future: re.Pattern[str]


@functools.cache
def load_dates() -> DateLexicon:
    """The content of `data/dates.yaml`."""
    data = load_data("dates")
    try:
        slots = _slots(data)
        kinds: dict[str, re.Pattern[str]] = {}
        alternatives = []
        for entry in data["patterns"]:
            source = entry["pattern"]
            for name, words in slots.items():
                source = source.replace("{" + name + "}", words)
            kinds[entry["kind"]] = re.compile(source, re.IGNORECASE)
            plain = re.sub(r"\(\?P<\w+>", "(?:", source)
            alternatives.append(f"(?P<{entry['kind'].replace('-', '_')}>{plain})")
        return DateLexicon(
            any=re.compile(r"(?<![\w/.])(?:" + "|".join(alternatives) + ")", re.IGNORECASE),
            triggers=_triggers(data),
            kinds=kinds,
            months={**data["months"], **data["short_months"]},
            weekdays=data["weekdays"],
            days=data["days"],
            numbers=data["numbers"],
            units=data["units"],
            periods=data["periods"],
            edges=data["edges"],
            decades={name.casefold(): value for name, value in data["decades"].items()},
            past=frozenset(data["past"]),
            next=frozenset(data["next"]),
            future=re.compile(data["future"]),
        )
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise LexiconError(f"dates.yaml does not hold what it should: {error!r}; reinstall claimx") from error


def _triggers(data: Mapping[str, Any]) -> frozenset[str]:
    names = ("months", "short_months", "weekdays", "days", "periods", "edges", "units", "past", "next", "this")
    words = [word for name in names for word in data[name]]
    return frozenset(part for word in words for part in re.split(r"[\s'-]+", word) if len(part) > 2)


def _slots(data: Mapping[str, Any]) -> dict[str, str]:
    short = _either(data["short_months"])
    return {
        **data["parts"],
        "month": _either(data["months"]) + r"\b",
        "any_month": f"(?:{_either(data['months'])}\\b|{short}\\b\\.?)",
        "weekday": _either(data["weekdays"]),
        "days": _either(data["days"]),
        "number": _either(data["numbers"]),
        "unit": _either(data["units"]),
        "period": _either(data["periods"]),
        "edge": _either(data["edges"]),
        "decade": _either(data["decades"]),
        "past": _either(data["past"]),
        "next": _either(data["next"]),
        "this": _either(data["this"]),
    }


def _either(words: Iterable[str]) -> str:
    longest = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in longest) + ")"
