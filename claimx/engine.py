"""Attribution, stage after stage: from a parsed article to drafts of claims, by rules that propose and models that choose.

Reads a `Doc` whose offsets are the article's, the text and its blocks; calls the stages in `rules/` in their order and hands
each the results of those before it. The stages know nothing of one another.

The division of labour (cue, then content and source for each cue) is that of the attribution-relation tradition (Pareti 2015,
PARC 3.0), and BBC Citron's; the models are boosted trees over features of the parse and of the text's surface.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy
from spacy.tokens import Doc

from claimx.draft import Block, Candidate, Cue, Draft, Mention, Quotation, Resolution, Span
from claimx.lexicon.cues import load_cues
from claimx.lexicon.grammar import load_grammar
from claimx.lexicon.sources import load_sources
from claimx.mentions import Index, index_mentions
from claimx.network import Network
from claimx.rules.choice import Scored, choose, describe_neighbours, likeliest
from claimx.rules.contents import Finder
from claimx.rules.cues import find_cues, find_layout_cues
from claimx.rules.evidence import CUE_NAMES, PAIR_NAMES, Describer
from claimx.rules.quotes import find_quotations
from claimx.rules.signals import CUE_SIGNALS, PAIR_SIGNALS, SignalDescriber
from claimx.rules.source_evidence import SourceDescriber
from claimx.rules.sources import SourceFinder
from claimx.rules.sourcing import read_source
from claimx.syntax import Range, Tokens

PRIOR = CUE_NAMES.index("prior")
CUE_WIDTH = len(CUE_NAMES) + len(CUE_SIGNALS)
CUES_INSIDE = CUE_WIDTH + PAIR_NAMES.index("cues inside")
BEST_INSIDE = CUE_WIDTH + PAIR_NAMES.index("best cue inside")
BEST_RIVAL = CUE_WIDTH + PAIR_NAMES.index("best rival")
CONTENT_PRIOR = CUE_WIDTH + PAIR_NAMES.index("content prior")  # and after it, for each key, the prior and its count
TOGETHER = 64  # claims whose sources are looked for at once, so that a sentence with hundreds takes no more memory
UNSEEN = (-1.0, 0.0)  # the prior of what training never saw, and its count

Row = numpy.ndarray


class Predictor(Protocol):
    """Anything that gives a probability for each row of features."""

    def predict(self, rows: numpy.ndarray) -> numpy.ndarray:
        """One probability a row."""
        ...


@dataclass(slots=True)
class Reading:
    """One article, looked at once for all stages."""

    doc: Doc
    text: str
    blocks: Sequence[Block]
    tokens: Tokens
    quotations: list[Quotation]
    quoted: list[Range]  # token ranges of the outermost quotations
    cues: list[Cue]
    finder: Finder
    describer: Describer
    signals: SignalDescriber
    sources: SourceFinder
    source_describer: SourceDescriber
    index: Index  # the names that the article holds


@dataclass(slots=True)
class Pair:
    """A cue with a content, its row of features, and the row of the cue alone."""

    candidate: Candidate
    row: Row
    cue_row: Row
    keys: tuple[str, ...]  # under which training counted contents like this one


@dataclass(slots=True)
class Attribution:
    """A chosen cue and content with its source: what a draft is made of, with the figures that chose it."""

    pair: Pair
    probability: float
    mention: Mention
    source_probability: float
    draft: Draft


class Engine:
    """Finds attributions with trained models; `priors` holds what training saw of each cue and content: share, count."""

    def __init__(
        self,
        forests: Mapping[str, Predictor],
        network: Network,
        priors: Mapping[str, Sequence[float]],
        settings: Mapping[str, Any],
    ) -> None:
        self.forests = forests
        self.network = network
        self.priors = priors
        self.settings = settings
        self.cues = load_cues()
        self.grammar = load_grammar()
        self.source_lexicon = load_sources()

    def read(self, doc: Doc, text: str, blocks: Sequence[Block]) -> Reading:
        """Look at an article: tokens, quotations, cues that may attribute."""
        tokens = Tokens(doc)
        quotations = find_quotations(text, blocks)
        quoted, continued = _outermost(tokens, quotations)
        headings = [tokens.cover(block.start, block.end) for block in blocks if block.kind in ("title", "heading")]
        title_end = tokens.cover(blocks[0].start, blocks[0].end)[1] if blocks and blocks[0].kind == "title" else 0
        index = index_mentions(tokens, text, self.source_lexicon)
        describer = Describer(
            tokens,
            quoted,
            self.grammar,
            self.source_lexicon,
            self.cues.nouns,
            title_end=title_end,
            headings=headings,
        )
        return Reading(
            doc,
            text,
            blocks,
            tokens,
            quotations,
            quoted,
            [*find_cues(tokens, quoted, self.cues), *find_layout_cues(tokens, quoted)],
            Finder(tokens, quoted, continued, self.grammar),
            describer,
            SignalDescriber(self.network.read(doc), tokens),
            SourceFinder(tokens, self.grammar, lambda i: index.entries[i] is not None),
            SourceDescriber(describer, index, read_source),
            index,
        )

    def cue_rows(self, reading: Reading) -> Row:
        """A row of features for each cue of the reading, with what training knows of its lemma."""
        if not reading.cues:
            return numpy.empty((0, CUE_WIDTH), dtype=numpy.float32)
        seen = _matrix([reading.signals.describe_cue(cue) for cue in reading.cues])
        rows = numpy.concatenate((reading.describer.describe_cues(reading.cues), seen), axis=1)
        rows[:, PRIOR : PRIOR + 2] = [self.priors.get(cue_key(cue), UNSEEN) for cue in reading.cues]
        return rows

    def contents(self, reading: Reading, cue: Cue) -> list[Candidate]:
        """The contents that a cue may have."""
        return reading.finder.propose(cue, reading.signals.propose(cue))

    def pairs(self, reading: Reading, rows: numpy.ndarray, probabilities: Sequence[float]) -> list[Pair]:
        """Each cue that is likely enough, with each of the contents that it may have."""
        likely = [
            (cue, row, float(probability))
            for cue, row, probability in zip(reading.cues, rows, probabilities)
            if probability >= self.settings["cue_cut"]
        ]
        reading.signals.look([cue for cue, _, _ in likely])
        others = _Others([(cue.head, p) for cue, _, p in likely])
        groups: list[list[Candidate]] = []
        told: list[tuple[Row, float, float]] = []  # of each cue its row, its probability, and that of its best rival
        for k, (cue, row, probability) in enumerate(likely):
            candidates = self.contents(reading, cue)
            if candidates:
                groups.append(candidates)
                rival = others.best(*reading.tokens.sentence(min(cue.head, reading.tokens.n - 1)), but=k)
                told.append((row, probability, rival))
        if not groups:
            return []
        described, tops = reading.describer.describe_pairs(groups, [probability for _, probability, _ in told])
        matrix = numpy.empty((len(tops), CUE_WIDTH + len(PAIR_NAMES) + len(PAIR_SIGNALS)), dtype=numpy.float32)
        matrix[:, CUE_WIDTH : -len(PAIR_SIGNALS)] = described
        matrix[:, -len(PAIR_SIGNALS) :] = reading.signals.describe_contents(groups)
        pairs: list[Pair] = []
        for candidates, (row, _, rival) in zip(groups, told):
            start = len(pairs)
            matrix[start : start + len(candidates), :CUE_WIDTH] = row
            matrix[start : start + len(candidates), BEST_RIVAL] = rival
            for candidate in candidates:
                i = len(pairs)
                matrix[i, BEST_INSIDE], matrix[i, CUES_INSIDE] = others.inside(candidate.pieces, candidate.cue.head)
                keys = reading.describer.content_keys(candidate, tops[i])
                for k, key in enumerate(keys):
                    at = CONTENT_PRIOR + 2 * k
                    matrix[i, at], matrix[i, at + 1] = self.priors.get(key, UNSEEN)
                pairs.append(Pair(candidate, matrix[i], row, keys))
        return pairs

    def attribute(self, reading: Reading) -> list[Attribution]:
        """The attributions of an article, in text order."""
        rows = self.cue_rows(reading)
        if not len(rows):
            return []
        pairs = self.pairs(reading, rows, self.forests["cue"].predict(rows).tolist())
        if not pairs:
            return []
        probabilities = self.forests["content"].predict(numpy.stack([pair.row for pair in pairs]))
        reviewed, again = self.review_rows(pairs, probabilities.tolist())
        if not reviewed:
            return []
        for item, probability in zip(reviewed, self.forests["review"].predict(again)):
            item.probability = float(probability)
        chosen = choose(reviewed, threshold=self.settings["threshold"], nested=self.settings["nested"])
        return self.attach_sources(reading, [(pairs[item.index], item.probability) for item in chosen])

    def review_rows(self, pairs: Sequence[Pair], probabilities: Sequence[float]) -> tuple[list[Scored], numpy.ndarray]:
        """The likeliest contents of each cue, with the rows for a second look that knows their neighbours."""
        scored = [Scored(pair.candidate, float(p), i) for i, (pair, p) in enumerate(zip(pairs, probabilities))]
        groups = likeliest(scored)
        reviewed = [item for group in groups for item in group]
        if not reviewed:
            return [], numpy.empty((0, 0), dtype=numpy.float32)
        rows = numpy.stack([pairs[item.index].row for item in reviewed])
        return reviewed, numpy.concatenate((rows, describe_neighbours(groups).astype(numpy.float32)), axis=1)

    def attach_sources(self, reading: Reading, chosen: Sequence[tuple[Pair, float]]) -> list[Attribution]:
        """The most probable source of each chosen cue and content."""
        attributions: list[Attribution] = []
        for start in range(0, len(chosen), TOGETHER):
            attributions += self._attach_some(reading, chosen[start : start + TOGETHER])
        return attributions

    def _attach_some(self, reading: Reading, chosen: Sequence[tuple[Pair, float]]) -> list[Attribution]:
        groups, rows = self.source_rows(reading, [pair for pair, _ in chosen])
        probabilities = self.forests["source"].predict(rows)
        attributions: list[Attribution] = []
        at = 0
        for (pair, probability), mentions in zip(chosen, groups):
            mine = probabilities[at : at + len(mentions)]
            at += len(mentions)
            best = int(numpy.argmax(mine))
            draft = make_draft(reading, pair.candidate, mentions[best], probability, float(mine[best]))
            attributions.append(Attribution(pair, probability, mentions[best], float(mine[best]), draft))
        return attributions

    def confidence(self, attribution: Attribution, resolution: Resolution) -> float:
        """The probability that content, source and level are all right, by the curve fitted in training."""
        first, *slopes = self.settings["confidence"]
        x = first + sum(w * x for w, x in zip(slopes, confidence_features(attribution, resolution)))
        return round(1 / (1 + math.exp(-x)), 2)

    def source_rows(self, reading: Reading, pairs: Sequence[Pair]) -> tuple[list[list[Mention]], numpy.ndarray]:
        """The mentions that may be the source of each cue with its content, and a row for each of them all."""
        cues, contents = [pair.candidate.cue for pair in pairs], [pair.candidate.pieces for pair in pairs]
        mentions = [
            reading.sources.propose(cue, pieces, reading.signals.propose_source(cue, pieces))
            for cue, pieces in zip(cues, contents)
        ]
        rows = reading.source_describer.describe(cues, [pair.cue_row for pair in pairs], contents, mentions)
        seen = [row for found in zip(cues, contents, mentions) for row in reading.signals.describe_sources(*found)]
        return mentions, numpy.concatenate((rows, _matrix(seen)), axis=1)


class _Others:
    """The likely cues of an article as (head, probability), for looking up those within a stretch."""

    def __init__(self, cues: Sequence[tuple[int, float]]) -> None:
        self._head = [head for head, _ in cues]
        self._probabilities = [probability for _, probability in cues]
        self._order = sorted(range(len(cues)), key=lambda k: cues[k][0])
        self._heads = [cues[k][0] for k in self._order]

    def best(self, first: int, last: int, *, but: int) -> float:
        """The probability of the likeliest cue in a stretch, `but` one."""
        order = self._order[bisect_left(self._heads, first) : bisect_left(self._heads, last)]
        return max((self._probabilities[k] for k in order if k != but), default=0.0)

    def inside(self, pieces: Sequence[Range], head: int) -> tuple[float, float]:
        """Of the cues in a content whose own cue's head is `head`, the best probability and their sum."""
        low = bisect_left(self._heads, pieces[0][0])
        high = bisect_left(self._heads, pieces[-1][1], low)
        if low == high:
            return 0.0, 0.0
        found = [k for k, at in zip(self._order[low:high], self._heads[low:high]) if at != head]
        if len(pieces) > 1:
            found = [k for k in found if any(s <= self._head[k] < e for s, e in pieces)]
        found.sort()  # in text order, since sums of floats depend on it
        probabilities = [self._probabilities[k] for k in found]
        return max(probabilities, default=0.0), sum(probabilities)


def confidence_features(attribution: Attribution, resolution: Resolution) -> tuple[float, ...]:
    """What confidence is fitted on: the log-odds of content and source, and how sure the resolution is."""
    return (
        _log_odds(attribution.probability),
        _log_odds(attribution.source_probability),
        resolution.score,
        float(attribution.draft.source is None and not attribution.draft.unspecified),
    )


def _log_odds(probability: float) -> float:
    bounded = min(0.99, max(0.01, probability))
    return math.log(bounded / (1 - bounded))


def cue_key(cue: Cue) -> str:
    """The name under which a cue's prior is kept."""
    return f"{cue.kind} {cue.lemma}"


def make_draft(
    reading: Reading, candidate: Candidate, mention: Mention, probability: float, source_probability: float
) -> Draft:
    """The draft of a chosen cue, content and source, in characters."""
    tokens, cue = reading.tokens, candidate.cue
    content = tuple(trim(reading.text, *tokens.chars(s, e)) for s, e in candidate.pieces)
    return Draft(
        kind="hearsay" if cue.kind == "frame" and cue.unspecified else cue.kind,
        content=content,
        cue=tokens.chars(cue.first, cue.last) if cue.last > cue.first else None,
        source=tokens.chars(*mention.tokens) if mention.tokens is not None else None,
        head=cue.head if cue.kind != "layout" else None,
        lemma=cue.lemma or None,
        unspecified="unspecified" in mention.kinds,
        evidence=(
            f"cue: {cue.kind} {cue.lemma}".rstrip() + (f" ({cue.group})" if cue.group else ""),
            f"content: {', '.join(sorted(candidate.kinds))}; model {probability:.2f}",
            f"source: {', '.join(sorted(mention.kinds))}; model {source_probability:.2f}",
        ),
        score=probability,
    )


def trim(text: str, start: int, end: int) -> Span:
    """The span without spaces and final stops at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:"):
        end -= 1
    return start, end


def _outermost(tokens: Tokens, quotations: Sequence[Quotation]) -> tuple[list[Range], list[bool]]:
    quoted: list[Range] = []
    continued: list[bool] = []
    for quotation in quotations:
        if quotation.depth:
            continue
        first, last = tokens.cover(quotation.start, quotation.end)
        if quoted and first < quoted[-1][1]:
            first = quoted[-1][1]
        if last > first:
            quoted.append((first, last))
            continued.append(quotation.continues)
    return quoted, continued


def _matrix(rows: Sequence[Sequence[float]]) -> numpy.ndarray:
    return numpy.array(rows, dtype=numpy.float32)
