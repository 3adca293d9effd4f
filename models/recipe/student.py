#!/usr/bin/env python3
"""The network that claimx reads articles with, taught to answer as its teacher does (Hinton et al. 2015).

    python student.py SOFT [--gold GOLD] [--extra FOLDER] [--model PIPELINE] [--start network.npz] --out FOLDER

Reads what `claim_teacher.py` wrote, parses its words with the pipeline, and trains a small transformer on words, tags and labels to
give the teacher's probabilities (*detto* is a cue, *partirà* stands in what it says) and, while it learns, the components of the
teacher's vectors. Then it goes on with the annotated articles of GOLD (those whose number is 2 modulo 4 left out) and FOLDER, three
times from the same state: on all of them, which gives FOLDER/network.npz, and on each half, which gives network-0.npz and
network-1.npz, with the names of the articles that each did not see: `train_attribution.py --network` needs them, since trees that
learnt from what a network says of articles that it knows would trust it too much.

The weights have the names that `claimx.network` reads, which says how the network is built. --start goes on from an earlier
network, its tables repeated where they have more rows now, and new layers added that do nothing at first. Needs torch; some hours
on one core. The pipeline must be the one that the network is to be used with.
"""

from __future__ import annotations

import argparse
import copy
import math
import pickle
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from claim_teacher import (
    COMPONENTS,
    END,
    INSIDE,
    REACH,
    RELATIONS,
    SOURCE,
    START,
    Heads,
    batches,
    buckets,
    find_labels,
    read_words,
    span_losses,
    token_loss,
)
from encoder import descend
from spacy.attrs import DEP
from spacy.language import Language
from spacy.parts_of_speech import IDS
from spacy.tokens import Doc
from torch import nn
from torch.nn import functional

from claimx.network import BLOCK, COLUMNS, NEVER, ROUND, SHIFT
from claimx.nlp import load_pipeline
from claimx.scoring import GoldArticle, load_gold

Array = numpy.ndarray

WIDTH, DEPTH, INNER, HEADS, PAIR = 128, 4, 256, 4, 32  # PAIR: of the vectors by which anchor and word are compared
ROWS = {"word": 16384, "lemma": 16384, "suffix": 4096, "shape": 2048}
POS = ["ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SPACE", "SYM", "VERB", "X", ""]  # fmt: skip
ENTITIES = ["", "PER", "LOC", "ORG", "MISC"]
FLAGS = 4
TABLES = ("word", "word", "lemma", "lemma", "suffix", "shape", "pos", "dep", "ent", "flag")  # of a word's columns
DROP = 0.1

EPOCHS, RATE = 26, 1.5e-3  # from nothing; from an earlier network ten are enough
THEN_EPOCHS, THEN_RATE = 4, 6e-4  # with the annotated articles
SHARE = 0.25  # of the teacher's articles that are kept among these
HALVES = 2
VECTORS = 20  # the weight of the teacher's vectors in the loss
ANCHORS = 400  # of a batch, at most
PARSED = 50  # articles parsed at once


@dataclass(frozen=True, slots=True)
class Lesson:
    """An article as the network reads it, one empty place before each later paragraph, and what the teacher says of it."""

    columns: Array  # [places, columns]
    tokens: Array
    anchors: list[tuple[Any, ...]]
    hidden: Array
    real: Array  # 0 at the empty places, and where the teacher gave no vectors

    def __len__(self) -> int:
        return len(self.columns)


# what the network reads


def parse(nlp: Language, articles: Sequence[Mapping[str, Any]]) -> Iterator[Array]:
    """COLUMNS of each article's words, each paragraph parsed by itself."""
    for at in range(0, len(articles), PARSED):
        some = articles[at : at + PARSED]
        parsed = nlp.pipe([doc for article in some for doc in _paragraphs(nlp, article)], batch_size=64)
        for article in some:
            yield numpy.concatenate([next(parsed).to_array(COLUMNS) for _ in range(sum(article["opens"]))])
        print(f"parsed {at + len(some)} of {len(articles)} articles", flush=True)


def _paragraphs(nlp: Language, article: Mapping[str, Any]) -> Iterator[Doc]:
    words, count = article["words"], len(article["words"])
    starts = [i for i in range(count) if article["opens"][i]]
    for start, end in zip(starts, [*starts[1:], count]):
        yield Doc(nlp.vocab, words=words[start:end], spaces=[*map(bool, article["spaces"][start + 1 : end]), False])


def find_columns(table: Array, places: Array, known: Mapping[str, Mapping[int, int]]) -> Array:
    """The rows of TABLES for each place."""

    def number(name: str, column: Array) -> list[int]:
        return [known[name].get(key, 0) for key in column.tolist()]

    lower, lemma, suffix, shape, pos, dep, entity, start = table.T
    hashed = [lower, lower >> SHIFT, lemma, lemma >> SHIFT, suffix, shape]
    columns = [column % numpy.uint64(ROWS[name]) for name, column in zip(TABLES, hashed)]
    columns += [number("pos", pos), number("dep", dep), number("ent", entity), 1 + (start == 1)]
    rows = numpy.zeros((places[-1] + 1, len(TABLES)), numpy.int64)
    rows[:, TABLES.index("pos")] = POS.index("SPACE")
    rows[places] = numpy.stack([numpy.asarray(column, dtype=numpy.int64) for column in columns], axis=1)
    return rows


def make_lesson(article: Mapping[str, Any], table: Array, known: Mapping[str, Mapping[int, int]]) -> Lesson:
    """Spread the words, and all that is said of them, over the places."""
    opens = numpy.array(article["opens"], dtype=int)
    opens[0] = 0
    places = numpy.arange(len(opens)) + numpy.cumsum(opens)

    def spread(values: Array) -> Array:
        wide = numpy.zeros((places[-1] + 1, *values.shape[1:]), values.dtype)
        wide[places] = values
        return wide

    anchors = []
    for at, kind, first, row, status, weight in article["anchors"]:
        reach = places[first : first + row.shape[1]]
        wide = numpy.zeros((len(RELATIONS), reach[-1] - reach[0] + 1), row.dtype)
        wide[:, reach - reach[0]] = row
        anchors.append((int(places[at]), kind, int(reach[0]), wide, status, weight))
    hidden = article.get("hidden", numpy.zeros((len(opens), COMPONENTS), numpy.float16))
    real = spread(numpy.full(len(opens), "hidden" in article, numpy.float32))
    columns = find_columns(table, places, known)
    return Lesson(columns, spread(article["tokens"]), anchors, spread(hidden), real)


def hard_answers(nlp: Language, gold: GoldArticle) -> dict[str, Any]:
    """An annotated article in the form of the teacher's answers, sure of everything, without vectors."""
    article = read_words(nlp, gold.id, gold.text)
    labels = find_labels(article, gold)
    anchors = []
    for anchor in labels.anchors:
        first, last = max(0, anchor.at - REACH), min(len(article.words), anchor.at + REACH)
        row = numpy.zeros((len(RELATIONS), last - first), numpy.float16)
        answers = {INSIDE: anchor.inside, START: [min(anchor.inside)], END: [max(anchor.inside)], SOURCE: anchor.source}
        for relation, words in answers.items():
            row[relation, [i - first for i in words if first <= i < last]] = 1
        anchors.append((anchor.at, anchor.kind, first, row, numpy.eye(3, dtype=numpy.float16)[anchor.status], 1.0))
    tokens = labels.tokens.astype(numpy.float16)
    return {
        "words": article.words,
        "spaces": article.spaces,
        "opens": article.opens,
        "tokens": tokens,
        "anchors": anchors,
    }


# the network


class Layer(nn.Module):
    """Attention to the own block and one to each side, then two layers of the word alone."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mix, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.distance = nn.Parameter(torch.zeros(HEADS, 2 * ROUND + 1))
        self.drop = nn.Dropout(DROP)

    def forward(self, x: torch.Tensor, near: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        each, blocks = WIDTH // HEADS, length // BLOCK
        query, key, value = self.mix(self.norm1(x)).view(batch, length, 3, HEADS, each).permute(2, 0, 3, 1, 4)
        score = query.view(batch, HEADS, blocks, BLOCK, each) @ _around(key) / math.sqrt(each)
        score = (score + self.distance[:, near][:, None]).masked_fill(~mask[:, None], -1e4)
        seen = torch.softmax(score, -1) @ _around(value).transpose(-1, -2)
        seen = seen.reshape(batch, HEADS, length, each).transpose(1, 2).reshape(batch, length, WIDTH)
        x = x + self.drop(self.out(seen))
        out: torch.Tensor = x + self.drop(self.down(functional.relu(self.up(self.norm2(x)))))
        return out


def _around(x: torch.Tensor) -> torch.Tensor:
    """Each block with the one before and after it: [batch, heads, blocks, width, 3 * BLOCK]."""
    return functional.pad(x, (0, 0, BLOCK, BLOCK)).unfold(2, 3 * BLOCK, BLOCK)


class Student(nn.Module):
    """The network of `claimx.network`, in torch."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        sizes = {**ROWS, "pos": len(POS), "dep": labels, "ent": len(ENTITIES), "flag": FLAGS}
        self.tables = nn.ModuleDict({name: nn.Embedding(size, WIDTH) for name, size in sizes.items()})
        for table in self.tables.values():
            table.weight.data *= 0.3
        self.first, self.last = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList([Layer() for _ in range(DEPTH)])
        self.drop = nn.Dropout(DROP)
        self.heads = Heads(WIDTH, PAIR)
        self.vector = nn.Linear(WIDTH, COMPONENTS)  # for the loss alone
        self.register_buffer("near", buckets(torch.arange(3 * BLOCK)[None] - BLOCK - torch.arange(BLOCK)[:, None]))

    def forward(self, columns: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.drop(self.first(sum(self.tables[name](columns[:, :, k]) for k, name in enumerate(TABLES))))
        around = functional.pad(mask, (BLOCK, BLOCK)).unfold(1, 3 * BLOCK, BLOCK)[:, :, None]
        for layer in self.layers:
            x = layer(x, self.near, around)
        out: torch.Tensor = self.last(x)
        return out


# training


def _padded(rows: Sequence[Array], length: int) -> torch.Tensor:
    table = numpy.zeros((len(rows), length, *rows[0].shape[1:]), rows[0].dtype)
    for k, row in enumerate(rows):
        table[k, : len(row)] = row
    tensor = torch.from_numpy(table)
    return tensor.float() if tensor.is_floating_point() else tensor


def loss_of(student: Student, lessons: Sequence[Lesson]) -> torch.Tensor:
    """The loss over some articles."""
    count, length = len(lessons), -(-max(map(len, lessons)) // BLOCK) * BLOCK
    mask = _padded([numpy.ones(len(lesson), bool) for lesson in lessons], length)
    hidden = student(_padded([lesson.columns for lesson in lessons], length), mask)
    tokens = _padded([lesson.tokens for lesson in lessons], length)
    loss = token_loss(student.heads.token(hidden), tokens, mask, (3, 3, 0.5)) / 60 / count
    vectors = _padded([lesson.hidden for lesson in lessons], length)
    real = _padded([lesson.real for lesson in lessons], length)
    loss = loss + VECTORS * (((student.vector(hidden) - vectors) ** 2).mean(2) * real).sum() / real.sum().clamp(min=1)
    anchors = [(k, anchor) for k, lesson in enumerate(lessons) for anchor in lesson.anchors]
    if len(anchors) > ANCHORS:
        anchors = random.sample(anchors, ANCHORS)
    return loss + anchor_loss(student, hidden, anchors) / 4 / count if anchors else loss


def anchor_loss(student: Student, hidden: torch.Tensor, anchors: Sequence[tuple[int, tuple[Any, ...]]]) -> torch.Tensor:
    """The weighted loss of anchors of articles, each over the words of its row."""
    at, kind = torch.tensor([(anchor[0], anchor[1]) for _, anchor in anchors]).T
    odds, status = student.heads.pairs(hidden, torch.tensor([k for k, _ in anchors]), at, kind)
    right, mask = torch.zeros(odds.shape), torch.zeros(len(anchors), odds.shape[2], dtype=torch.bool)
    for n, (_, (_, _, first, row, _, _)) in enumerate(anchors):
        right[n, :, first : first + row.shape[1]] = torch.from_numpy(row).float()
        mask[n, first : first + row.shape[1]] = True
    odds = odds.masked_fill(~mask[:, None], NEVER)
    losses = span_losses(odds, right, mask)
    for relation in (START, END):
        losses = losses - 0.5 * (right[:, relation] * torch.log_softmax(odds[:, relation], 1)).sum(1)
    known = torch.from_numpy(numpy.stack([anchor[4] for _, anchor in anchors])).float()
    losses = losses - 0.5 * (known * torch.log_softmax(status, 1)).sum(1)
    return (losses * torch.tensor([anchor[5] for _, anchor in anchors])).sum()


def learn(student: Student, lessons: Sequence[Lesson], *, epochs: int = EPOCHS, rate: float = RATE) -> None:
    """Train on the answers."""
    optimizer = torch.optim.AdamW(student.parameters(), lr=rate, weight_decay=0.02)
    plan = [batch for _ in range(epochs) for batch in batches(lessons, len)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / 200) * max(0.01, 1 - step / len(plan))
    )
    student.train()
    for step, batch in enumerate(plan):
        loss = loss_of(student, batch)
        descend(loss, student, optimizer, schedule, most=1.0)
        if step % 100 == 0:
            print(f"student: {step} of {len(plan)}, loss {loss.item():.3f}", flush=True)
    student.eval()


# writing and reading


def name_weights(student: Student) -> dict[str, tuple[torch.Tensor, bool]]:
    """The weights under the names that `claimx.network` reads, and whether it reads them turned."""
    heads = student.heads
    linear = {"token": heads.token, "key": heads.key, "key alone": heads.key_alone, "status": heads.status}
    linear |= {f"query {k}": query for k, query in enumerate(heads.query)}
    norms = {("first gain", "first bias"): student.first, ("last gain", "last bias"): student.last}
    weights = {name: table.weight for name, table in student.tables.items()}
    weights["pair distance"] = heads.distance
    for k, layer in enumerate(student.layers):
        linear |= {f"{k} qkv": layer.mix, f"{k} out": layer.out, f"{k} in": layer.up, f"{k} back": layer.down}
        norms |= {(f"{k} gain 1", f"{k} bias 1"): layer.norm1, (f"{k} gain 2", f"{k} bias 2"): layer.norm2}
        weights[f"{k} distance"] = layer.distance
    weights |= {f"{name} bias": part.bias for name, part in linear.items()}
    for (gain, bias), norm in norms.items():
        weights[gain], weights[bias] = norm.weight, norm.bias
    named = {name: (weight, False) for name, weight in weights.items()}
    return named | {name: (part.weight, True) for name, part in linear.items()}


def find_arrays(student: Student, labels: Sequence[str]) -> dict[str, Array]:
    """The weights in 16 bits, and the labels of three tables."""
    arrays = {}
    for name, (weight, turned) in name_weights(student).items():
        array = weight.detach().numpy()
        arrays[name] = (array.T if turned else array).astype(numpy.float16)
    for name, strings in (("dep", labels), ("ent", ENTITIES), ("pos", POS)):
        arrays[f"{name} labels"] = numpy.array(strings)
    return arrays


def go_on(student: Student, arrays: Mapping[str, Array], labels: Sequence[str]) -> None:
    """Take over the weights of an earlier network."""
    earlier = {str(label): row for label, row in zip(arrays["dep labels"], arrays["dep"])}
    with torch.no_grad():
        for name, (weight, turned) in name_weights(student).items():
            if name == "dep":
                array = numpy.stack([earlier.get(label, arrays["dep"].mean(0)) for label in labels])
            elif name in arrays:
                array = arrays[name].T if turned else arrays[name]
            elif name.split()[1:] in (["out"], ["out", "bias"], ["back"], ["back", "bias"]):
                array = numpy.zeros(weight.shape)  # a layer that adds nothing yet
            else:
                continue
            if name in ROWS:
                array = numpy.tile(array, (len(weight) // len(array), 1))
            weight.copy_(torch.from_numpy(numpy.ascontiguousarray(array, dtype=numpy.float32)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("soft", type=Path)
    parser.add_argument("--gold", type=Path, help="annotated articles, of which a quarter is left out")
    parser.add_argument("--extra", type=Path, action="append", default=[], help="more of them, none left out")
    parser.add_argument("--model", help="another spaCy pipeline, by name or folder")
    parser.add_argument("--start", type=Path, help="an earlier network to go on from")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="on the teacher's answers")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(1)
    random.seed(1)
    nlp = load_pipeline(args.model)
    with args.soft.open("rb") as file:
        soft = pickle.load(file)
    gold = [article for article in load_gold(args.gold) if not article.held_out] if args.gold else []
    gold += [article for folder in args.extra for article in load_gold(folder)]
    articles = [*soft, *(hard_answers(nlp, article) for article in gold)]
    tables = list(parse(nlp, articles))
    strings = nlp.vocab.strings
    keys = {key for table in tables for key in table[:, COLUMNS.index(DEP)].tolist() if key}
    labels = ["", *sorted(strings[key] for key in keys)]
    known = {
        "pos": {IDS[name]: k for k, name in enumerate(POS)},
        "dep": {strings[name]: k for k, name in enumerate(labels) if name},
        "ent": {strings[name]: k for k, name in enumerate(ENTITIES) if name},
    }
    lessons = [make_lesson(article, table, known) for article, table in zip(articles, tables)]
    answers, annotated = lessons[: len(soft)], lessons[len(soft) :]
    student = Student(len(labels))
    if args.start:
        go_on(student, numpy.load(args.start), labels)
    learn(student, answers, epochs=args.epochs)
    args.out.mkdir(parents=True, exist_ok=True)
    for half in (None, *range(HALVES)) if gold else (None,):
        taught, left_out = copy.deepcopy(student), set(range(len(gold))[half::HALVES] if half is not None else ())
        if gold:
            mine = [lesson for k, lesson in enumerate(annotated) if k not in left_out]
            kept = random.sample(answers, int(SHARE * len(answers)))
            learn(taught, [*mine, *kept], epochs=THEN_EPOCHS, rate=THEN_RATE)
        names = numpy.array([gold[k].id for k in sorted(left_out)], dtype=str)
        path = args.out / ("network.npz" if half is None else f"network-{half}.npz")
        numpy.savez_compressed(path, **find_arrays(taught, labels), **{"left out": names})


if __name__ == "__main__":
    main()
