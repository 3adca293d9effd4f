"""How many cues of annotated articles the lexicon knows: `python tests/cue_coverage.py [--missed] FOLDER...`.

Reads the JSON files of gold folders (`{"claims": [{"cue": ...}]}`); prints, for each folder, the share of cues in which
a frame, a multiword verb, a verb, a noun or a conditional is found. A measuring tool, not a test: the gold is not ours.
"""

from __future__ import annotations

import argparse
import collections
import json
from collections.abc import Iterator
from pathlib import Path

import spacy

from claimx.lexicon.conjugation import is_conditional
from claimx.lexicon.cues import CueLexicon, load_cues
from claimx.text import normalise


def kind_of(words: list[str], cues: CueLexicon) -> str | None:
    """By what the lexicon knows a cue, the surest kind first."""
    if cues.match_frames(words):
        return "frame"
    if cues.match_multiwords(words):
        return "multiword verb"
    if any(cues.lemma_of(word) for word in words):
        return "verb"
    if any(cues.noun_of(word) for word in words):
        return "noun"
    if words and cues.match_continuation(words, 0):
        return "continuation"
    return "conditional" if any(is_conditional(word) for word in words) else None


def read_cues(folder: Path) -> Iterator[tuple[str, str]]:
    """Each cue with its article's id; claims without one are left out."""
    for path in sorted(folder.glob("*.json")):
        for claim in json.loads(path.read_text(encoding="utf8"))["claims"]:
            if claim["cue"]:
                yield path.stem, normalise(claim["cue"])


def main() -> None:
    """Print the table of each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--missed", action="store_true", help="list the cues that are not known")
    parser.add_argument(
        "--held-out",
        choices=("with", "without", "only"),
        default="with",
        help="articles whose number leaves 2 when divided by 4",
    )
    options = parser.parse_args()
    cues, tokenize = load_cues(), spacy.blank("it")
    for folder in options.folders:
        counts: collections.Counter[str] = collections.Counter()
        missed: collections.Counter[str] = collections.Counter()
        for article, cue in read_cues(folder):
            held_out = int("".join(c for c in article if c.isdigit()) or 0) % 4 == 2
            if options.held_out == ("only" if not held_out else "without"):
                continue
            kind = kind_of([token.lower_ for token in tokenize(cue)], cues)
            counts[kind or "missed"] += 1
            if kind is None:
                missed[cue] += 1
        total = sum(counts.values()) or 1
        print(f"{folder}: {total - counts['missed']} of {total} cues ({1 - counts['missed'] / total:.3f})")
        print("  " + ", ".join(f"{kind} {count}" for kind, count in counts.most_common()))
        if options.missed:
            for cue, count in missed.most_common():
                print(f"  {count} {cue}")


if __name__ == "__main__":
    main()
