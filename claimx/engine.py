"""Attribution, stage after stage: from a parsed article to its drafts, and from those to what the record says of them.

Reads a `Doc` whose offsets are the article's, the text and its blocks; calls the stages in `rules/` in their order and hands
each the results of those before it. The stages know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from spacy.tokens import Doc

from claimx.draft import Block, Candidate, Cue, Mention, Quotation
from claimx.learn import Models
from claimx.lexicon.cues import CueLexicon
from claimx.lexicon.grammar import Grammar
from claimx.rules.choice import Scored
from claimx.rules.contents import Finder
from claimx.rules.cues import find_cues, find_layout_cues
from claimx.rules.evidence import Describer
from claimx.rules.quotes import find_quotations
from claimx.rules.sources import SourceFinder
from claimx.syntax import Range, Tokens


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
    sources: SourceFinder


def read(
    doc: Doc, text: str, blocks: Sequence[Block], *, cues: CueLexicon, grammar: Grammar, priors: dict[str, list[float]]
) -> Reading:
    """Look at an article: tokens, quotations, cues that may attribute."""
    tokens = Tokens(doc)
    quotations = find_quotations(text, blocks)
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
    found = [*find_cues(tokens, quoted, cues), *find_layout_cues(tokens, quoted)]
    title_end = 0
    headings = []
    for block in blocks:
        if block.kind in ("title", "heading"):
            cover = tokens.cover(block.start, block.end)
            headings.append(cover)
            if block.kind == "title":
                title_end = cover[1]
    describer = Describer(tokens, quoted, grammar, priors, title_end=title_end, headings=headings)
    return Reading(
        doc,
        text,
        blocks,
        tokens,
        quotations,
        quoted,
        found,
        Finder(tokens, quoted, continued, grammar),
        describer,
        SourceFinder(tokens, grammar, describer.inside),
    )
