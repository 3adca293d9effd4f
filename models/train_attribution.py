"""Train the attribution models from annotated articles, and measure them by cross-validation.

    python models/train_attribution.py GOLD_FOLDER [--extra FOLDER] [--model PIPELINE] [--network FOLDER] [--holdout] [--folds 5]
        [--out models/claimx_attribution]

GOLD_FOLDER holds ID.txt and ID.json as `claimx.scoring.load_gold` reads them. Needs `claimx[train]` (LightGBM). Without --out
it only measures. --network gives the folder that recipe/student.py wrote, whose networks for the halves tell of each article what
one says that did not learn from it; without it the shipped network speaks of all. --holdout leaves out the articles whose number is
2 modulo 4, as a check that nothing was learnt by heart.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy

from claimx.claims import Claims
from claimx.draft import Candidate, Cue, Mention, Resolution
from claimx.engine import (
    CONTENT_PRIOR,
    PRIOR,
    UNSEEN,
    Attribution,
    Engine,
    Pair,
    Reading,
    Row,
    confidence_features,
    cue_key,
)
from claimx.learn import load_network
from claimx.model import Level
from claimx.network import Network
from claimx.nlp import load_pipeline, parse
from claimx.rules.contents import Finder
from claimx.scoring import GoldArticle, load_gold, score
from claimx.syntax import Tokens
from claimx.text import find_blocks

SETTINGS: dict[str, Any] = {
    "cue_cut": 0.04,
    "threshold": 0.29,
    "nested": 0.45,
    "author_confidence": 0.8,
    "confidence": [0.0, 1.0, 1.0, 0.0, 0.0],
}
NETWORK = "network.npz"
SEEN = 2  # sightings from which a prior is kept
BASE_RATE, SMOOTHING = 0.2, 2.0  # the prior of a cue never seen, and how many sightings it weighs
PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 12,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 3.0,
    "verbose": -1,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
}
ROUNDS = {"cue": 200, "content": 200, "review": 110, "source": 550}
QUICK = {"learning_rate": 0.09, "max_bin": 63}  # for the many rows of contents

OF_TREE = ("tree-", "sent-", "core-", "np-", "small", "up-", "c-tree")  # kinds of content that the parse proposes

Words = frozenset[int]
Counts = dict[str, list[float]]


@dataclass(slots=True)
class Example:
    """An annotated article as the engine reads it, with its gold claims as sets of tokens."""

    article: GoldArticle
    reading: Reading
    claims: list[dict[str, Any]]
    words: list[Words]
    cue_labels: list[float]
    rows: Row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--extra", type=Path, action="append", default=[], help="more articles to learn from")
    parser.add_argument("--model", help="another spaCy pipeline, by name or folder")
    parser.add_argument("--network", type=Path, help="what recipe/student.py wrote")
    parser.add_argument("--holdout", action="store_true")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", choices=("tree", "surface"), help="ablation: contents proposed by the one alone")
    args = parser.parse_args()
    if args.only:
        restrict(tree=args.only == "tree")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
    nlp = load_pipeline(args.model)
    networks = load_networks(args.network)
    articles = [a for a in load_gold(args.gold) if not (args.holdout and a.held_out)]
    more = [article for folder in args.extra for article in load_gold(folder)]
    examples, extra = (
        [make_example(bare(networks(article.id)), nlp, article) for article in some] for some in (articles, more)
    )
    if args.folds:
        SETTINGS["confidence"] = cross_validate(examples, extra, args.folds)
    if args.out:
        save(args.out, *train(examples + extra))
        if args.network:
            shutil.copy(args.network / NETWORK, args.out)


def bare(network: Network | None = None) -> Engine:
    """An engine that reads and proposes, with nothing to choose by."""
    return Engine({}, network or load_network(), {}, SETTINGS)


def load_networks(folder: Path | None) -> Callable[[str], Network]:
    """For an article's id the network that did not see it, where there is one."""
    if folder is None:
        return lambda _: load_network()
    left_out: dict[str, Network] = {}
    for path in sorted(folder.glob("network-*.npz")):
        arrays = numpy.load(path)
        left_out.update(dict.fromkeys(arrays["left out"].tolist(), Network(arrays)))
    whole = Network(numpy.load(folder / NETWORK))
    return lambda name: left_out.get(name, whole)


def restrict(*, tree: bool) -> None:
    """For the ablation table: let only the tree, or only marks and word order, propose contents."""
    add = Finder._add

    def add_some(self: Finder, found: Any, cue: Cue, kind: str, *pieces: tuple[int, int]) -> None:
        if kind.startswith(OF_TREE) == tree or cue.kind == "layout":
            add(self, found, cue, kind, *pieces)

    Finder._add = add_some  # type: ignore[method-assign]


# what is right


def make_example(engine: Engine, nlp: Any, article: GoldArticle) -> Example:
    """Read an article, and say which of its cues attribute."""
    blocks = find_blocks(article.text)
    reading = engine.read(parse(nlp, article.text, blocks), article.text, blocks)
    words = [words_at(reading.tokens, claim["spans"]["claim"]) for claim in article.claims]
    example = Example(article, reading, list(article.claims), words, [], engine.cue_rows(reading))
    for cue in reading.cues:
        best = 0.0
        if any(is_cue_of(reading.tokens, cue, claim) for claim in example.claims):
            for candidate in engine.contents(reading, cue):
                _, share, right = matched(example, candidate)
                if right and share >= 0.5:
                    best = 1.0
                    break
        example.cue_labels.append(best)
    return example


def words_at(tokens: Tokens, spans: Iterable[Sequence[int]]) -> Words:
    """The tokens of the spans, marks aside."""
    return words_of(tokens, [tokens.cover(start, end) for start, end in spans])


def words_of(tokens: Tokens, ranges: Iterable[tuple[int, int]]) -> Words:
    """The tokens of the ranges, marks aside."""
    return frozenset(i for s, e in ranges for i in range(s, e) if tokens.pos[i] not in ("PUNCT", "SPACE"))


def is_cue_of(tokens: Tokens, cue: Cue, claim: dict[str, Any]) -> bool:
    """Whether the claim is attributed by this cue: their words meet, or neither has any."""
    span = claim["spans"]["cue"]
    if span is None:
        return cue.kind == "layout"
    if cue.kind == "layout":
        return False
    first, last = tokens.cover(*span)
    return not (cue.last <= first or cue.first >= last)


def matched(example: Example, candidate: Candidate) -> tuple[int, float, bool]:
    """The gold claim nearest to a candidate: its index (-1: none), the share of words in common, whether the cue is its."""
    tokens = example.reading.tokens
    mine = words_of(tokens, candidate.pieces)
    best, best_value = (-1, 0.0, False), 0.0
    for index, words in enumerate(example.words):
        if not words & mine:
            continue
        share = len(words & mine) / len(words | mine)
        right = is_cue_of(tokens, candidate.cue, example.claims[index])
        value = share * (1.0 if right else 0.5)
        if value > best_value:
            best, best_value = (index, share, right), value
    return best


def pair_label(example: Example, candidate: Candidate) -> float:
    """1 for a gold claim to the word, less for one that overlaps by half, less again with another cue than gold's."""
    _, share, right = matched(example, candidate)
    return 0.0 if share < 0.5 else (0.6 + 0.4 * share) * (1.0 if right else 0.45)


def source_label(tokens: Tokens, mention: Mention, claim: dict[str, Any]) -> float:
    """How right a mention is as the source of a gold claim."""
    if claim["level"] == "unspecified":
        return float("unspecified" in mention.kinds)
    span = claim["spans"]["source"]
    if span is None:
        return float("elided" in mention.kinds)
    if mention.tokens is None:
        return 0.0
    gold, mine = words_at(tokens, [span]), words_of(tokens, [mention.tokens])
    share = len(gold & mine) / len(gold | mine) if gold | mine else 0.0
    return share if share >= 0.5 else 0.0


# training


def count_cues(examples: Iterable[Example]) -> Counts:
    """How often each cue stands in the articles, and how often it attributes."""
    counts: Counts = defaultdict(lambda: [0.0, 0.0])
    for example in examples:
        for cue, label in zip(example.reading.cues, example.cue_labels):
            count = counts[cue_key(cue)]
            count[0] += label
            count[1] += 1
    return counts


def set_priors(example: Example, counts: Counts, *, own: bool) -> None:
    """Write the cues' priors into the example's rows; `own`: the counts hold this article's cues, which are left out."""
    mine = count_cues([example]) if own else {}
    for cue, row in zip(example.reading.cues, example.rows):
        key = cue_key(cue)
        right, seen = counts.get(key, (0.0, 0.0))
        if key in mine:
            right, seen = right - mine[key][0], seen - mine[key][1]
        row[PRIOR : PRIOR + 2] = prior(right, seen)


def count_contents(example: Example, pairs: Sequence[Pair]) -> Counts:
    """How often an article's cues have a content of each key, and how often one of these is right."""
    best: dict[tuple[str, int, str], float] = {}
    for pair in pairs:
        _, share, right = matched(example, pair.candidate)
        label = float(right and share >= 0.5)
        for key in pair.keys:
            at = (key, pair.candidate.cue.head, pair.candidate.cue.kind)
            best[at] = max(best.get(at, 0.0), label)
    counts: Counts = defaultdict(lambda: [0.0, 0.0])
    for (key, _, _), label in best.items():
        counts[key][0] += label
        counts[key][1] += 1
    return counts


def count_all_contents(examples: Sequence[Example], pairs: Sequence[Sequence[Pair]]) -> Counts:
    """Count the contents of all articles, and write into each pair's row what the other articles say of its keys."""
    counts: Counts = defaultdict(lambda: [0.0, 0.0])
    each = [count_contents(example, mine) for example, mine in zip(examples, pairs)]
    for own in each:
        for key, (right, seen) in own.items():
            counts[key][0] += right
            counts[key][1] += seen
    for own, mine in zip(each, pairs):
        for pair in mine:
            for k, key in enumerate(pair.keys):
                right, seen = counts[key][0] - own[key][0], counts[key][1] - own[key][1]
                pair.row[CONTENT_PRIOR + 2 * k : CONTENT_PRIOR + 2 * k + 2] = prior(right, seen)
    return counts


def prior(right: float, seen: float) -> list[float]:
    """The smoothed share of a cue that attributes, and how often it was seen; -1 where it hardly was."""
    if seen < SEEN:
        return list(UNSEEN)
    return [(right + SMOOTHING * BASE_RATE) / (seen + SMOOTHING), min(seen, 20.0)]


def fit(rows: Sequence[Row], labels: Sequence[float], rounds: int, **more: Any) -> lightgbm.Booster:
    """Boosted trees for rows with labels from 0 to 1."""
    data = lightgbm.Dataset(numpy.array(rows, dtype=numpy.float32), numpy.array(labels, dtype=numpy.float32))
    return lightgbm.train({**PARAMETERS, **more}, data, rounds)


def fit_cues(examples: Sequence[Example]) -> lightgbm.Booster:
    """The model that tells which cues attribute."""
    rows = [row for example in examples for row in example.rows]
    return fit(rows, [label for example in examples for label in example.cue_labels], ROUNDS["cue"])


def train(examples: Sequence[Example]) -> tuple[dict[str, lightgbm.Booster], Counts]:
    """All models: cue, content, source; and the cues' counts."""
    counts = count_cues(examples)
    for example in examples:
        set_priors(example, counts, own=True)
    engine = bare()
    probabilities = out_of_fold(examples)
    paired = [engine.pairs(e.reading, e.rows, list(mine)) for e, mine in zip(examples, probabilities)]
    counts.update(count_all_contents(examples, paired))
    source: tuple[list[Row], list[float]] = ([], [])
    for example, pairs in zip(examples, paired):
        for pair, claim in right_pairs(example, pairs):
            [mentions], rows = engine.source_rows(example.reading, [pair])
            source[0].extend(rows)
            source[1].extend(source_label(example.reading.tokens, mention, claim) for mention in mentions)
    labels = [[pair_label(e, pair.candidate) for pair in pairs] for e, pairs in zip(examples, paired)]
    forests = {
        "cue": fit_cues(examples),
        "content": fit_contents(paired, labels),
        "review": fit_review(engine, paired, labels),
        "source": fit(*source, ROUNDS["source"], num_leaves=20, min_data_in_leaf=25),
    }
    return forests, counts


def fit_contents(paired: Sequence[Sequence[Pair]], labels: Sequence[Sequence[float]]) -> lightgbm.Booster:
    """The model that tells the content of a cue, from the pairs of each article and their labels."""
    rows = [pair.row for pairs in paired for pair in pairs]
    return fit(rows, [label for mine in labels for label in mine], ROUNDS["content"], **QUICK)


def fit_review(
    engine: Engine, paired: Sequence[Sequence[Pair]], labels: Sequence[Sequence[float]], folds: int = 2
) -> lightgbm.Booster:
    """The model that looks again at the likeliest contents, from probabilities by models that never saw the article."""
    rows: list[Row] = []
    wanted: list[float] = []
    for fold in range(folds):
        model = fit_contents(*zip(*((p, y) for k, (p, y) in enumerate(zip(paired, labels)) if k % folds != fold)))
        for pairs, mine in zip(paired[fold::folds], labels[fold::folds]):
            if pairs:
                probabilities = model.predict(numpy.array([pair.row for pair in pairs], dtype=numpy.float32))
                reviewed, again = engine.review_rows(pairs, [float(p) for p in probabilities])
                rows.extend(again)
                wanted.extend(mine[item.index] for item in reviewed)
    return fit(rows, wanted, ROUNDS["review"], **QUICK)


def out_of_fold(examples: Sequence[Example], folds: int = 4) -> list[numpy.ndarray]:
    """The cue probabilities of each article by models that never saw it, as the next stage will meet them."""
    out: list[numpy.ndarray] = [numpy.zeros(0)] * len(examples)
    for fold in range(folds):
        model = fit_cues([e for k, e in enumerate(examples) if k % folds != fold])
        for k in range(fold, len(examples), folds):
            if len(examples[k].rows):
                out[k] = model.predict(examples[k].rows)
    return out


def right_pairs(example: Example, pairs: Sequence[Pair]) -> list[tuple[Pair, dict[str, Any]]]:
    """For each cue and gold claim that it attributes, the pair with the best content."""
    best: dict[tuple[int, int, int], tuple[float, Pair]] = {}
    for pair in pairs:
        index, share, right = matched(example, pair.candidate)
        cue = pair.candidate.cue
        key = (cue.first, cue.head, index)
        if right and share >= 0.5 and (key not in best or best[key][0] < share):
            best[key] = (share, pair)
    return [(pair, example.claims[key[2]]) for key, (_, pair) in best.items()]


# measuring


class Measured(Engine):
    """An engine that keeps, for each content, what its confidence would be computed from."""

    def __init__(self, forests: dict[str, lightgbm.Booster], counts: Counts, **settings: float) -> None:
        priors = {key: prior(*count) for key, count in counts.items()}
        super().__init__(forests, load_network(), priors, {**SETTINGS, **settings})
        self.features: dict[tuple[Any, ...], tuple[float, ...]] = {}

    def confidence(self, attribution: Attribution, resolution: Resolution) -> float:
        self.features[attribution.draft.content] = confidence_features(attribution, resolution)
        return super().confidence(attribution, resolution)


def predict(engine: Engine, example: Example) -> list[dict[str, Any]]:
    """The attributed claims of an article, as plain records."""
    claims = Claims(engine, example.reading).build(engine.attribute(example.reading))
    return [claim.to_dict() for claim in claims if claim.level is not Level.AUTHOR]


def cross_validate(examples: Sequence[Example], extra: Sequence[Example], folds: int) -> list[float]:
    """Print the figures over articles that the models did not see; gives the fitted curve of confidence.

    `extra` articles are always trained on and never measured.
    """
    trained = [train([e for k, e in enumerate(examples) if k % folds != fold] + list(extra)) for fold in range(folds)]
    gold = [example.article for example in examples]
    print(f"{len(examples)} articles in {folds} folds, {len(extra)} more to learn from")
    curve: list[float] = []
    for threshold in (0.24, SETTINGS["threshold"], 0.34):
        predicted = {}
        rows: list[tuple[float, ...]] = []
        right: list[bool] = []
        for k, example in enumerate(examples):
            engine = Measured(*trained[k % folds], threshold=threshold)
            predicted[example.article.id] = predict(engine, example)
            hits = joint_hits(example.article, predicted[example.article.id])
            for claim, hit in zip(predicted[example.article.id], hits):
                rows.append(engine.features[tuple(tuple(span) for span in claim["spans"]["claim"])])
                right.append(hit)
        figures = score(gold, predicted)
        print(f"threshold {threshold}: claim {figures.claim.f1:.3f} (P {figures.claim.precision:.3f} "
              f"R {figures.claim.recall:.3f}) source {figures.source.f1:.3f} joint {figures.joint.f1:.3f} "
              f"tokens {figures.tokens.f1:.3f}", flush=True)  # fmt: skip
        if threshold == SETTINGS["threshold"]:
            curve = fit_confidence(rows, right)
    print("confidence", curve)
    return curve


def joint_hits(article: GoldArticle, claims: Sequence[dict[str, Any]]) -> list[bool]:
    """For each predicted claim, whether content, source and level are right."""
    return [score([article], {article.id: [claim]}).joint.right > 0 for claim in claims]


def fit_confidence(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    """Logistic regression of being right on the features of confidence: the constant, then the slopes."""
    x = numpy.column_stack([numpy.ones(len(rows)), numpy.array(rows)])
    y = numpy.array(right, dtype=float)
    weights = numpy.zeros(x.shape[1])
    for _ in range(50):  # Newton's method with a little ridge
        p = 1 / (1 + numpy.exp(-x @ weights))
        gradient = x.T @ (y - p) - 0.1 * weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 0.1 * numpy.eye(x.shape[1])
        weights += numpy.linalg.solve(hessian, gradient)
    return [round(float(w), 4) for w in weights]


# storing


def save(folder: Path, forests: dict[str, lightgbm.Booster], counts: Counts) -> None:
    """Write the forests as flat arrays, and the settings with the cues' priors."""
    arrays: dict[str, numpy.ndarray] = {}
    for name, booster in forests.items():
        arrays.update({f"{name}.{key}": value for key, value in flatten(booster).items()})
    numpy.savez_compressed(folder / "forests.npz", **arrays)
    priors = {
        key: [round(value, 4) for value in prior(*count)] for key, count in sorted(counts.items()) if count[1] >= SEEN
    }
    settings = {**SETTINGS, "forests": sorted(forests), "priors": priors}
    text = json.dumps(settings, ensure_ascii=False, indent=0, sort_keys=True)
    (folder / "settings.json").write_text(text + "\n", encoding="utf8")


def flatten(booster: lightgbm.Booster) -> dict[str, numpy.ndarray]:
    """The trees as the arrays that `claimx.learn.Forest` reads."""
    feature: list[int] = []
    threshold: list[float] = []
    child: list[list[int]] = []
    value: list[float] = []
    roots: list[int] = []
    deepest = 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        at = len(feature)
        feature.append(int(node.get("split_feature", 0)))
        threshold.append(float(node.get("threshold", 0.0)))
        value.append(float(node.get("leaf_value", 0.0)))
        child.append([at, at])
        if "left_child" in node:
            child[at] = [add(node["left_child"], depth + 1), add(node["right_child"], depth + 1)]
        return at

    for tree in booster.dump_model()["tree_info"]:
        roots.append(add(tree["tree_structure"], 0))
    return {
        "feature": numpy.array(feature, dtype=numpy.int16),
        "threshold": numpy.array(threshold, dtype=numpy.float32),
        "child": numpy.array(child, dtype=numpy.int32),
        "value": numpy.array(value, dtype=numpy.float32),
        "roots": numpy.array(roots, dtype=numpy.int32),
        "depth": numpy.array(deepest),
    }


if __name__ == "__main__":
    main()
