"""The table's words in Italian and English, from `data/labels.yaml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from claimx.errors import LexiconError
from claimx.lexicon import load_data
from claimx.model import Certainty, Level

COLUMNS = ("id", "who", "level", "certainty", "claim", "cue", "line")


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language."""

    columns: Mapping[str, str]
    levels: Mapping[Level, str]
    certainties: Mapping[Certainty, str]
    summary: str  # with {claims} and {attributed}
    confidence: str  # with {confidence}


@functools.cache
def load_labels(lang: str) -> Labels:
    """The labels in `lang`, it or en; raises LexiconError where one is missing."""
    data = load_data("labels")
    try:
        words = data[lang]
        return Labels(
            columns={column: words["columns"][column] for column in COLUMNS},
            levels={level: words["levels"][level.value] for level in Level},
            certainties={certainty: words["certainties"][certainty.value] for certainty in Certainty},
            summary=words["summary"],
            confidence=words["confidence"],
        )
    except (KeyError, TypeError) as error:
        raise LexiconError(f"labels.yaml has no {error} for the language {lang!r}; reinstall claimx") from error
