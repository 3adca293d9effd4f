"""The words that `rules/quotes.py` needs: those that end in an apostrophe, and those that follow a speech dash."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from claimx.errors import LexiconError
from claimx.lexicon import load_data


@dataclass(frozen=True, slots=True)
class QuoteWords:
    """Words whose last mark is an apostrophe (lower case), and how a speaker's tag between two dashes begins."""

    truncated: frozenset[str]
    speech_tag: re.Pattern[str]


@functools.cache
def load_quotes() -> QuoteWords:
    """The content of `data/quotes.yaml`."""
    data = load_data("quotes")
    try:
        tags = data["speech_tags"]
        before = "|".join(sorted(map(re.escape, tags["before"]), key=len, reverse=True))
        stems = "|".join(map(re.escape, tags["stems"]))
        pattern = re.compile(rf"\s*(?:(?:{before})\s+){{0,2}}(?:{stems})\w*", re.IGNORECASE)
        return QuoteWords(frozenset(data["truncated"]), pattern)
    except (KeyError, TypeError, re.error) as error:
        raise LexiconError(f"quotes.yaml does not hold what it should: {error!r}; reinstall claimx") from error
