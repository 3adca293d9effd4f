"""Whether a text is Italian, told cheaply: by the share of words that only Italian has so many of.

*Il ministro ha detto che la riforma è pronta* has four in eight; *El ministro dijo que la reforma está lista* none.
"""

from __future__ import annotations

import re

from claimx.lexicon.reading import load_reading

_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 12  # words: a shorter text, a heading say, tells nothing
_SAMPLE = 20_000  # characters
_SHARE = 0.06  # Italian articles have 0.11 to 0.29, the neighbouring languages under 0.01


def check_italian(text: str) -> str | None:
    """A warning where the text does not look Italian, otherwise None."""
    words = _WORD.findall(text[:_SAMPLE].casefold())
    if len(words) < _ENOUGH:
        return None if _WORD.search(text) else "there are no words in it"
    known = load_reading().italian
    share = sum(word in known for word in words) / len(words)
    return None if share >= _SHARE else "it does not look Italian; claims may be wrong or missing"
