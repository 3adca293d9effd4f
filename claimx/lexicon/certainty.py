"""What `data/certainty.yaml` holds: the groups of cue lemmas, and the words of a content that mark doubt, wish or modality.

Cues that the file does not name get their group by their class in the cue lexicon.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from claimx.errors import LexiconError
from claimx.lexicon import load_data
from claimx.lexicon.cues import CueLexicon, NounCue, VerbCue, load_cues


@dataclass(frozen=True, slots=True)
class CertaintyLexicon:
    """Lemmas and forms, all in lower case; a lemma may be of several groups."""

    groups: tuple[str, ...]
    group: dict[str, frozenset[str]]  # lemma -> its groups
    doubt_clause: frozenset[str]
    doubt_noun: frozenset[str]
    modals: frozenset[str]
    may: frozenset[str]
    must: frozenset[str]
    wishes: frozenset[str]
    seems: frozenset[str]
    negations: frozenset[str]
    subordinators: frozenset[str]
    question_words: frozenset[str]
    hypotheses: frozenset[str]
    exhortations: frozenset[str]
    perfect: frozenset[str]
    reflexive: frozenset[str]
    cues: CueLexicon

    def groups_of(self, form: str, lemma: str, pos: str) -> frozenset[str]:
        """The groups of a word; where the pipeline's lemma is of none, those of the cues that have its lower-case form."""
        if pos in ("NOUN", "PROPN"):
            noun = self.cues.noun_of(form)
            return self.group.get(noun.lemma if noun else lemma, _NONE)
        found = self.group.get(lemma)
        if found is not None:
            return found
        verb = self.cues.lemma_of(form)
        return self.group.get(verb, _NONE) if verb else _NONE


@functools.cache
def load_certainty() -> CertaintyLexicon:
    """The content of `data/certainty.yaml`."""
    data = load_data("certainty")
    cues = load_cues()
    try:
        group: dict[str, set[str]] = {}
        for name, entry in data["cues"].items():
            for lemma in entry["lemmas"]:
                group.setdefault(lemma, set()).add(name)
        known: list[VerbCue | NounCue] = [*cues.verbs.values(), *cues.reflexives.values(), *cues.multiwords]
        for cue in known + list(cues.nouns.values()):
            of_class = data["classes"].get(f"{cue.cue_class} {cue.certainty}")
            if of_class is not None and cue.lemma not in group:
                group[cue.lemma] = {of_class}
        for frame in cues.frames:
            if frame.certainty == "hedged" and "{" not in frame.words:
                group.setdefault(frame.words, {"seem"})
        return CertaintyLexicon(
            groups=tuple(data["cues"]),
            group={lemma: frozenset(names) for lemma, names in group.items()},
            doubt_clause=frozenset(data["doubt"]["clause"]),
            doubt_noun=frozenset(data["doubt"]["noun"]),
            cues=cues,
            **{name: frozenset(data[name]) for name in _SETS},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LexiconError(f"certainty.yaml does not hold what it should: {error!r}; reinstall claimx") from error


_NONE: frozenset[str] = frozenset()
_SETS = (
    "modals",
    "may",
    "must",
    "wishes",
    "seems",
    "negations",
    "subordinators",
    "question_words",
    "hypotheses",
    "exhortations",
    "perfect",
    "reflexive",
)
