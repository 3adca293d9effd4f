"""Gold against predicted: how many of the attributed claims of hand-annotated articles a set of records has right.

Reads gold folders (ID.json beside ID.txt: the strings of each claim, copied from the text) and plain records of the output
schema; gives counts, precision, recall and F1. A predicted claim is right when its words and a gold claim's overlap by half
or more; its source when the mentions overlap by half, or the names share half their words; the joint figure wants claim,
source and level. Claims of level `author` are left out on both sides.

For *Secondo Rossi, il piano è pronto* with the gold claim *il piano è pronto*, a predicted *il piano è pronto entro maggio*
is right (4 of 6 words), a predicted *pronto* is not (1 of 4).
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimx.errors import FormatError
from claimx.lexicon import load_data

OVERLAP = 0.5  # of words, for a claim or a source to be the same
EXACT = 0.9
BINS = 10
FIELDS = ("level", "mode", "certainty")

_WORD = re.compile(r"\w+")

Span = tuple[int, int]
Words = frozenset[int]  # words by the offset of their first character


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An annotated article; its claims are plain claims of the output schema, as far as they are annotated."""

    id: str
    text: str
    claims: tuple[dict[str, Any], ...]

    @property
    def held_out(self) -> bool:
        """Whether the number in its name is 2 modulo 4: the quarter of a folder that training keeps for checking."""
        return int(re.sub(r"\D", "", self.id) or 0) % 4 == 2


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of `gold` claims `found` were found, of `predicted` claims `right` were right."""

    found: int
    gold: int
    right: int
    predicted: int

    @property
    def precision(self) -> float:
        """The share of predicted claims that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of gold claims that were found."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of records has right."""

    claim: Ratio  # the content
    source: Ratio  # content and source
    joint: Ratio  # content, source and level
    exact: Ratio  # content, nine words in ten
    tokens: Ratio  # words of the text that lie in a claim of the right source
    accuracy: Mapping[str, float]  # who, level, mode, certainty: of the claims found
    by_mode: Mapping[str, Ratio]  # joint, for each value of gold and prediction
    by_level: Mapping[str, Ratio]
    by_cue: Mapping[str, Ratio]  # verb, frame, noun, layout
    calibration_error: float | None  # of `confidence`, expected; None where no prediction has one


def load_gold(folder: Path, *, texts: Mapping[str, str] | None = None) -> list[GoldArticle]:
    """The annotated articles of `folder`, by name; a text is taken from `texts` by id, else from ID.txt beside ID.json.

    Raises FormatError where a file is not an annotation, or one of its strings does not stand in the text.
    """
    articles = []
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf8"))
            known = (texts or {}).get(path.stem)
            text = path.with_suffix(".txt").read_text(encoding="utf8") if known is None else known
            articles.append(GoldArticle(path.stem, text, tuple(place_claim(text, claim) for claim in data["claims"])))
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{path} is not an annotation beside its text: {error!r}") from error
    return articles


def place_claim(text: str, claim: Mapping[str, Any]) -> dict[str, Any]:
    """An annotated claim with the spans of its strings: where one stands more than once, the nearest to the others.

    Raises FormatError where one does not stand in the text.
    """
    spans = _place_content(text, claim)
    cue = claim.get("cue") and min(_occurrences(text, claim["cue"]), key=lambda span: _far(span, spans))
    source = claim.get("source") and min(
        _occurrences(text, claim["source"]),
        key=lambda span: (_within(span, spans), _gap(span, cue)) if cue else _far(span, spans),
    )
    return {**claim, "spans": {"claim": spans, "source": source or None, "cue": cue or None}}


def score(gold: Sequence[GoldArticle], predicted: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figures:
    """How much of `gold` the claims in `predicted`, by article id, have right; an article without any counts as empty."""
    tally = _Tally()
    for article in gold:
        wanted = [_seen(article.text, claim) for claim in article.claims]
        given = [_seen(article.text, claim) for claim in predicted.get(article.id, ()) if claim["level"] != "author"]
        tally.add(wanted, given)
    return tally.figures()


def cue_kind(cue: str | None) -> str:
    """What sort of cue: `layout` for none, else `frame`, `noun` or `verb` by its first word."""
    first = _WORD.search(cue.casefold()) if cue else None
    if not first:
        return "layout"
    openers = load_data("scoring")
    return next((kind for kind in ("frame", "noun") if first.group() in openers[kind]), "verb")


def calibration_error(judged: Iterable[tuple[float, bool]]) -> float | None:
    """Expected calibration error over ten equal bins: the mean distance of confidence and share right, weighted by size."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    total = sum(map(len, bins.values()))
    if not total:
        return None
    return sum(abs(sum(c for c, _ in cell) - sum(right for _, right in cell)) for cell in bins.values()) / total


# Placing the strings of an annotation


def _place_content(text: str, claim: Mapping[str, Any]) -> list[Span]:
    first, *rest = claim["claim"]
    marks = [start for key in ("cue", "source") if claim.get(key) for start, _ in _occurrences(text, claim[key])]
    spans = [min(_occurrences(text, first), key=lambda span: min((abs(span[0] - at) for at in marks), default=0))]
    for piece in rest:
        found = _occurrences(text, piece)
        spans.append(next((span for span in found if span[0] >= spans[-1][1]), found[0]))
    return spans


def _occurrences(text: str, piece: str) -> list[Span]:
    found = [(match.start(), match.start() + len(piece)) for match in re.finditer(re.escape(piece), text)]
    if not found:
        raise FormatError(f"not in the text: {piece!r}")
    return found


def _within(span: Span, spans: Sequence[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _far(span: Span, spans: Sequence[Span]) -> tuple[bool, int]:
    """How far from the content; a place inside it comes last, for *ha detto che lo ha detto Rossi* has its cue before."""
    if _within(span, spans):
        return True, min(abs(span[0] - spans[0][0]), abs(span[0] - spans[-1][1]))
    return False, min(_gap(span, other) for other in spans)


def _gap(one: Span, other: Span) -> int:
    return min(abs(one[1] - other[0]), abs(one[0] - other[1]))


# Comparing


@dataclass(frozen=True, slots=True)
class _Seen:
    """A claim as it is compared."""

    words: Words
    source: Words
    names: frozenset[str]
    fields: Mapping[str, Any]
    kind: str  # of cue
    confidence: float | None


def _seen(text: str, claim: Mapping[str, Any]) -> _Seen:
    spans = claim["spans"]
    source = spans.get("source")
    return _Seen(
        _words(text, spans["claim"]),
        _words(text, [source] if source else []),
        _names(claim.get("who") or ""),
        {name: claim.get(name) for name in FIELDS},
        cue_kind(claim.get("cue")),
        claim.get("confidence"),
    )


def _words(text: str, spans: Iterable[Sequence[int]]) -> Words:
    return frozenset(match.start() for start, end in spans for match in _WORD.finditer(text, start, end))


@functools.lru_cache(maxsize=4096)
def _names(who: str) -> frozenset[str]:
    return frozenset(_WORD.findall(who.casefold())).difference(load_data("scoring")["stop"])


def _overlap(one: Words, other: Words) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def _same_source(gold: _Seen, given: _Seen) -> bool:
    levels = (gold.fields["level"], given.fields["level"])
    if "unspecified" in levels:
        return bool(levels[0] == levels[1])
    if gold.source and given.source and _overlap(gold.source, given.source) >= OVERLAP:
        return True
    fewer = min(len(gold.names), len(given.names))
    return fewer > 0 and len(gold.names & given.names) / fewer >= 0.5


def _pairs(wanted: Sequence[_Seen], given: Sequence[_Seen]) -> list[tuple[int, int, float]]:
    """Gold and predicted claims of the same content, one to one, the best overlap first."""
    overlaps = [(_overlap(a.words, b.words), i, j) for i, a in enumerate(wanted) for j, b in enumerate(given)]
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for overlap, i, j in sorted(overlaps, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if overlap >= OVERLAP and i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((i, j, overlap))
    return pairs


def _owners(claims: Sequence[_Seen]) -> dict[int, _Seen]:
    """For each word that lies in a claim, the innermost one."""
    return {word: claim for claim in sorted(claims, key=lambda claim: -len(claim.words)) for word in claim.words}


@dataclass(slots=True)
class _Tally:
    """Sums over articles."""

    counts: Counter[str] = field(default_factory=Counter)
    parts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (breakdown, value, which count)
    judged: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, wanted: Sequence[_Seen], given: Sequence[_Seen]) -> None:
        pairs = _pairs(wanted, given)
        same = [(i, j) for i, j, _ in pairs if _same_source(wanted[i], given[j])]
        joint = [(i, j) for i, j in same if wanted[i].fields["level"] == given[j].fields["level"]]
        self.counts.update(gold=len(wanted), predicted=len(given), claim=len(pairs), source=len(same), joint=len(joint))
        self.counts["exact"] += sum(overlap >= EXACT for _, _, overlap in pairs)
        for name in FIELDS:
            self.counts[name] += sum(wanted[i].fields[name] == given[j].fields[name] for i, j, _ in pairs)
        owners, theirs = _owners(wanted), _owners(given)
        hits = sum(_same_source(owners[word], theirs[word]) for word in owners.keys() & theirs.keys())
        self.counts.update(tokens=hits, tokens_gold=len(owners), tokens_predicted=len(theirs))
        self._add_parts(wanted, {i for i, _ in joint}, "gold", "found")
        self._add_parts(given, {j for _, j in joint}, "predicted", "right")
        right = {j for _, j in joint}
        self.judged += [(c.confidence, j in right) for j, c in enumerate(given) if c.confidence is not None]

    def _add_parts(self, claims: Sequence[_Seen], hits: set[int], every: str, hit: str) -> None:
        breakdowns: dict[str, Callable[[_Seen], str]] = {
            "mode": lambda claim: str(claim.fields["mode"]),
            "level": lambda claim: str(claim.fields["level"]),
            "cue": lambda claim: claim.kind,
        }
        for name, value in breakdowns.items():
            for index, claim in enumerate(claims):
                self.parts[name, value(claim), every] += 1
                self.parts[name, value(claim), hit] += index in hits

    def figures(self) -> Figures:
        counts = self.counts
        tokens = Ratio(counts["tokens"], counts["tokens_gold"], counts["tokens"], counts["tokens_predicted"])
        accuracy = {"who": counts["source"], **{name: counts[name] for name in FIELDS}}
        return Figures(
            claim=self._ratio("claim"),
            source=self._ratio("source"),
            joint=self._ratio("joint"),
            exact=self._ratio("exact"),
            tokens=tokens,
            accuracy={name: n / counts["claim"] if counts["claim"] else 0.0 for name, n in accuracy.items()},
            by_mode=self._part("mode"),
            by_level=self._part("level"),
            by_cue=self._part("cue"),
            calibration_error=calibration_error(self.judged),
        )

    def _ratio(self, name: str) -> Ratio:
        hits = self.counts[name]
        return Ratio(hits, self.counts["gold"], hits, self.counts["predicted"])

    def _part(self, name: str) -> dict[str, Ratio]:
        values = sorted({value for breakdown, value, _ in self.parts if breakdown == name})
        keys = ("found", "gold", "right", "predicted")
        return {value: Ratio(*(self.parts[name, value, key] for key in keys)) for value in values}
