"""Fit the weights by which an elided source, a pronoun or a role is given to somebody, and measure them by cross-validation.

    python models/fit_resolution.py GOLD [--extra FOLDER] [--model PIPELINE] [--holdout] [--folds 5] [--out data/resolution.yaml]

GOLD and each FOLDER hold ID.txt and ID.json as `claimx.scoring.load_gold` reads them. The choice is a conditional logit (a
softmax over the candidates of `claimx.referents` and `claimx.offices`), with a ridge. Rows are collected twice: the second time
the earlier speakers are those that the first weights choose, and some drafts are left out, as at run time. Needs
`claimx[train]` (SciPy comes with LightGBM).
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
import yaml
from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]

from claimx.draft import Block, Draft
from claimx.lexicon import load_data
from claimx.lexicon.sources import load_sources
from claimx.mentions import Index, index_mentions
from claimx.nlp import load_pipeline, parse
from claimx.offices import choose, role_candidates
from claimx.referents import agreement, candidates
from claimx.rules.resolution import asks_for, resolve_one
from claimx.rules.sourcing import read_source
from claimx.scoring import GoldArticle, cue_kind, load_gold
from claimx.story import Features, Referent, Story, begin_story
from claimx.syntax import Tokens
from claimx.text import find_blocks

RIDGE = {"elided": 3.0, "role": 1.0}
PRIOR = {"number_off": -2.5, "gender_off": -2.5}  # agreement is seldom broken: so few rows tell of it
DROPPED = 0.25  # of drafts, in the second collecting: about what the engine does not find
TARGET = Path(__file__).parent.parent / "claimx" / "data" / "resolution.yaml"
HEADER = """\
# Weights for the choice among those whom a source may mean: features of claimx/referents.py and offices.py, softmax over candidates.
# Fitted by models/fit_resolution.py; positive speaks for a candidate. `nobody`: the role is nobody's who is named.
"""

Weights = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated article: its index, and its drafts in text order with the gold claim of each."""

    article: GoldArticle
    index: Index
    blocks: Sequence[Block]
    drafts: list[Draft]
    claims: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One source to be resolved: its candidates' rows, and which of them are right."""

    article: str
    model: str  # elided | role
    kind: str  # elided | personal | voice | role
    rows: list[Features]
    right: list[bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument(
        "--extra", type=Path, action="append", default=[], help="more articles, fitted and measured too"
    )
    parser.add_argument("--model", help="another spaCy pipeline, by name or folder")
    parser.add_argument("--holdout", action="store_true", help="leave out articles whose number is 2 modulo 4")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    nlp = load_pipeline(args.model)
    gold = [a for a in load_gold(args.gold) if not (args.holdout and int(re.sub(r"\D", "", a.id) or 0) % 4 == 2)]
    sets = {str(args.gold): [make_example(nlp, article) for article in gold]}
    sets |= {str(folder): [make_example(nlp, article) for article in load_gold(folder)] for folder in args.extra}
    if args.folds:
        cross_validate(sets, args.folds)
    save(args.out, train([example for examples in sets.values() for example in examples]))


def make_example(nlp: Any, article: GoldArticle) -> Example:
    """Read an article, and make a draft of each gold claim."""
    blocks = find_blocks(article.text)
    doc = parse(nlp, article.text, blocks)
    tokens = Tokens(doc)
    index = index_mentions(tokens, article.text, load_sources())
    pairs = sorted(((make_draft(tokens, claim), claim) for claim in article.claims), key=lambda pair: _start(pair[0]))
    return Example(article, index, blocks, [draft for draft, _ in pairs], [claim for _, claim in pairs])


def _start(draft: Draft) -> int:
    return min(start for start, _ in (*draft.content, *filter(None, (draft.cue, draft.source))))


def make_draft(tokens: Tokens, claim: Mapping[str, Any]) -> Draft:
    """The draft that the engine would make of a gold claim."""
    spans = claim["spans"]
    kind, head = cue_kind(claim["cue"]), None
    if spans["cue"]:
        first, last = tokens.cover(*spans["cue"])
        inside = range(first, max(last, first + 1))
        head = next((i for i in inside if not first <= tokens.head[i] < last or tokens.head[i] == i), first)
        verbs = [i for i in inside if tokens.pos[i] == "VERB"]
        kind = "verb" if verbs else "noun" if any(tokens.pos[i] == "NOUN" for i in inside) else "frame"
        if verbs and tokens.pos[head] != "VERB":
            head = verbs[-1]
    return Draft(
        kind,
        tuple(spans["claim"]),
        spans["cue"],
        spans["source"],
        head,
        unspecified=claim["level"] == "unspecified",
    )


# collecting


def collect(examples: Iterable[Example], weights: Weights | None = None) -> list[Choice]:
    """The choices of the articles; with `weights` after the speakers that they choose, else after the right ones."""
    return [choice for example in examples for choice in _collect(example, weights)]


def _collect(example: Example, weights: Weights | None) -> list[Choice]:
    lot = random.Random(example.article.id)
    kept = [weights is None or lot.random() >= DROPPED for _ in example.drafts]
    drafts = [draft for draft, keep in zip(example.drafts, kept) if keep]
    claims = [claim for claim, keep in zip(example.claims, kept) if keep]
    lexicon = example.index.lexicon if weights is None else replace(example.index.lexicon, weights=weights)
    example.index.lexicon = lexicon
    story = begin_story(example.index, drafts, example.blocks, read_source)
    choices = []
    for number, (draft, claim) in enumerate(zip(drafts, claims)):
        if draft.unspecified:
            story.history.append(None)
            continue
        choice, referents = _choice(example, story, number, claim)
        speaker = resolve_one(story, number).referent
        if choice is not None:
            choices.append(choice)
            right = next((r for r, ok in zip(referents, choice.right) if ok and r is not None), None)
            if weights is None and right is not None:
                speaker = right
            elif weights is None and choice.model == "elided":
                speaker = _anybody(story, claim["who"]) or speaker
        story.history.append(speaker)
    return choices


def _choice(
    example: Example, story: Story, number: int, claim: Mapping[str, Any]
) -> tuple[Choice | None, list[Referent | None]]:
    asked = asks_for(story, number)
    if asked is None:
        return None, []
    kind, sourced = asked
    who = claim["who"]
    rows: Sequence[tuple[Referent | None, Features]]
    if kind == "role":
        assert sourced is not None
        rows = role_candidates(story, number, sourced)
        named = claim["level"] == "named-person"
        right = [not named if r is None else named and same_name(_text(story, r), who) for r, _ in rows]
    else:
        agrees = agreement(story.index, story.drafts[number]) if sourced is None else ("", "")
        if sourced is not None and kind == "personal":
            agrees = sourced.number, sourced.gender
        rows = candidates(story, number, agrees)
        called = [r is not None and same_name(_text(story, r), who) for r, _ in rows]
        right = [ok and r is not None and r.level == claim["level"] for ok, (r, _) in zip(called, rows)]
        right = right if any(right) or kind != "elided" else called
    model = "role" if kind == "role" else "elided"
    choice = Choice(example.article.id, model, kind, [features for _, features in rows], right)
    return choice, [referent for referent, _ in rows]


def _anybody(story: Story, who: str) -> Referent | None:
    everyone = (*story.referents.values(), *story.phrases)
    return next((referent for referent in everyone if same_name(_text(story, referent), who)), None)


def _text(story: Story, referent: Referent) -> str:
    tokens = story.index.tokens
    return " ".join(story.index.text[tokens.start[first] : tokens.end[last - 1]] for first, last in referent.who)


def same_name(one: str, other: str | None) -> bool:
    """Whether two names share half the words of the shorter one."""
    a, b = (
        frozenset(re.findall(r"\w+", (n or "").casefold())).difference(load_data("scoring")["stop"])
        for n in (one, other)
    )
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= 0.5


# fitting


def train(examples: Sequence[Example]) -> Weights:
    """The weights of both choices: fitted after right speakers, then after chosen ones too."""
    choices = collect(examples)
    weights = fit_both(choices)
    return fit_both(choices + collect(examples, weights))


def fit_both(choices: Sequence[Choice]) -> Weights:
    """A conditional logit for elided sources, notes and pronouns, and one for roles."""
    return {model: fit([c for c in choices if c.model == model], ridge) for model, ridge in RIDGE.items()}


def fit(choices: Sequence[Choice], ridge: float) -> dict[str, float]:
    """The weights that make the right candidates most likely."""
    told = [choice for choice in choices if any(choice.right) and not all(choice.right)]
    names = sorted({name for choice in told for row in choice.rows for name in row})
    column = {name: k for k, name in enumerate(names)}
    x = numpy.zeros((sum(len(choice.rows) for choice in told), len(names)))
    starts, line = [], 0
    for choice in told:
        starts.append(line)
        for row in choice.rows:
            for name, value in row.items():
                x[line, column[name]] = value
            line += 1
    right = numpy.array([ok for choice in told for ok in choice.right], dtype=float)
    group = numpy.repeat(numpy.arange(len(told)), [len(choice.rows) for choice in told])
    prior = numpy.array([PRIOR.get(name, 0.0) for name in names])

    def loss(weights: numpy.ndarray) -> tuple[float, numpy.ndarray]:
        scores = x @ weights
        powers = numpy.exp(scores - numpy.maximum.reduceat(scores, starts)[group])
        every, hits = numpy.add.reduceat(powers, starts), numpy.add.reduceat(powers * right, starts)
        pull = weights - prior
        slope = x.T @ (powers / every[group] - powers * right / hits[group]) + ridge * pull
        return float(numpy.log(every / hits).sum() + ridge * pull @ pull / 2), slope

    found = minimize(loss, prior, jac=True, method="L-BFGS-B")
    return dict(zip(names, found.x.tolist()))


# measuring and writing


def cross_validate(sets: Mapping[str, Sequence[Example]], folds: int) -> None:
    """Print how often the first choice is right, by kind, over articles that the weights never saw."""
    examples = [example for part in sets.values() for example in part]
    fitted = [train([e for k, e in enumerate(examples) if k % folds != fold]) for fold in range(folds)]
    at = 0
    for name, part in sets.items():
        hits: dict[str, list[bool]] = {}
        for k, example in enumerate(part, at):
            for choice in collect([example]):
                hits.setdefault(choice.kind, []).append(is_right(choice, fitted[k % folds]))
        at += len(part)
        print(
            name,
            *(f"{kind} {sum(h) / len(h):.3f} of {len(h)}" for kind, h in sorted(hits.items())),
            sep="  ",
            flush=True,
        )


def is_right(choice: Choice, weights: Weights) -> bool:
    """Whether the likeliest candidate is a right one; where nobody can be right, it is not."""
    if not choice.rows:
        return False
    probabilities = choose(choice.rows, weights[choice.model])
    return choice.right[max(range(len(probabilities)), key=lambda k: probabilities[k])]


def save(path: Path, weights: Weights) -> None:
    """Write the weights, the strongest first, for people to read."""
    ordered = {
        model: {name: round(value, 2) for name, value in sorted(mine.items(), key=lambda item: -item[1])}
        for model, mine in weights.items()
    }
    path.write_text(HEADER + yaml.safe_dump(ordered, sort_keys=False), encoding="utf8")


if __name__ == "__main__":
    main()
