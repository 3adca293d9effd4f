"""A small network over words, tags and labels: how likely a token is part of a cue, and what content and source a cue has.

Reads a parsed `Doc`, gives `Signals`: for *ha detto* that it attributes, and for each
token around it whether it stands in what was said, begins it, ends it, or names who said it. The rules still propose and the
forests still choose: these are features among theirs.

A transformer (Vaswani et al. 2017) whose attention reaches one block of 64 tokens to each side, so that its time is linear in the
article's length; the pairs of cue and token are scored by a bilinear form with a term for their distance, as a biaffine parser
scores arcs (Dozat & Manning 2017). Trained to give the answers of a larger model (Hinton et al. 2015): models/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy
from spacy.attrs import DEP, ENT_TYPE, LEMMA, LOWER, POS, SENT_START, SHAPE, SUFFIX
from spacy.parts_of_speech import IDS  # type: ignore[import-not-found]  # compiled, without a stub
from spacy.strings import StringStore
from spacy.tokens import Doc

Array = numpy.ndarray

BLOCK = 64  # tokens; attention reaches one block to each side
REACH = 300  # tokens from a cue within which its content and source are looked for
TOGETHER = 64  # cues whose rows are computed at once
RELATIONS = 4  # of a token to a cue: inside its content, its start, its end, inside its source
NEVER = -30.0  # log-odds
ONES = numpy.ones((3 * BLOCK, 1), dtype=numpy.float32)  # a product with it sums faster than `sum`
HIGHEST = 60.0  # score of attention, so that sums of its exponentials stay finite
ROUND = 10  # distances from which all count as far

COLUMNS = [LOWER, LEMMA, SUFFIX, SHAPE, POS, DEP, ENT_TYPE, SENT_START]


@dataclass(frozen=True, slots=True)
class Row:
    """What one cue says of the tokens around it: of [first, first + 2 * REACH), which may reach past the article's ends.

    `inside` and `source` are sums of probabilities, one place more than tokens; `start` and `end` are probabilities.
    """

    first: int
    inside: Array
    start: Array
    end: Array
    source: Array
    status: list[float]  # that the source is given, elided, nobody

    def mass(self, sums: Array, start: int, end: int) -> float:
        """The sum over the tokens [start, end), of those in reach."""
        last = len(sums) - 1
        return float(sums[min(max(end - self.first, 0), last)] - sums[min(max(start - self.first, 0), last)])


class Signals:
    """The network's view of one article, by token of the `Doc`; a cue's row is computed when first asked for."""

    def __init__(self, network: Network, hidden: Array) -> None:
        self._network = network
        self._hidden = hidden
        self._keys = network.keys(hidden)
        tokens = network.tokens(hidden)
        self.cue: list[float] = tokens[:, 0].tolist()
        self.bare: list[float] = tokens[:, 1].tolist()  # begins a content that no word attributes
        self.claim: Array = numpy.concatenate(([0.0], numpy.cumsum(tokens[:, 2], dtype=numpy.float64)))
        self._rows: dict[tuple[int, bool], Row] = {}

    def rows(self, cues: Sequence[tuple[int, bool]]) -> list[Row]:
        """The rows of cues at tokens, or, where the second is True, of contents without a cue that begin there."""
        new = sorted(set(cues).difference(self._rows))
        for at in range(0, len(new), TOGETHER):
            some = new[at : at + TOGETHER]
            self._rows.update(zip(some, self._network.rows(self._hidden, self._keys, some)))
        return [self._rows[cue] for cue in cues]


class Network:
    """The weights, and the passes over them."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.a = {k: numpy.asarray(v, dtype=numpy.float32) for k, v in arrays.items() if v.dtype.kind == "f"}
        strings = StringStore()
        self.labels = {name: _keys(arrays[name + " labels"], strings.__getitem__) for name in ("dep", "ent")}
        self.labels["pos"] = _keys(arrays["pos labels"], IDS.__getitem__)
        self.depth = sum(name.endswith(" qkv") for name in self.a)
        self.sizes = {name: len(self.a[name]) for name in ("word", "lemma", "suffix", "shape")}
        near = bucket(numpy.arange(3 * BLOCK)[None] - BLOCK - numpy.arange(BLOCK)[:, None])
        self.near = [self.a[f"{k} distance"][:, near] for k in range(self.depth)]
        self.far = self.a["pair distance"][:, :, bucket(numpy.arange(-REACH, REACH))]
        for k in range(self.depth):
            self._fold(f"{k} gain 1", f"{k} bias 1", f"{k} qkv")
            self._fold(f"{k} gain 2", f"{k} bias 2", f"{k} in")
            width = len(self.a[f"{k} out"])
            for name in (f"{k} qkv", f"{k} qkv bias"):
                self.a[name][..., :width] /= math.sqrt(width // len(self.near[k]))  # the queries

    def _fold(self, gain: str, bias: str, into: str) -> None:
        """A norm's gain and bias, put once into the weights that read it."""
        self.a[into + " bias"] = self.a[into + " bias"] + self.a[bias] @ self.a[into]
        self.a[into] = self.a[gain][:, None] * self.a[into]

    def read(self, doc: Doc) -> Signals:
        """The signals of an article as parsed."""
        return Signals(self, self._encode(doc))

    def _encode(self, doc: Doc) -> Array:
        a, n = self.a, len(doc)
        lower, lemma, suffix, shape, pos, dep, entity, start = doc.to_array(COLUMNS).T
        pos = _look_up(self.labels["pos"], pos)
        gap = pos == self.labels["pos"][IDS["SPACE"]]
        columns = [
            ("word", _rows(lower, self.sizes["word"])), ("word", _rows(lower >> SHIFT, self.sizes["word"])),
            ("lemma", _rows(lemma, self.sizes["lemma"])), ("lemma", _rows(lemma >> SHIFT, self.sizes["lemma"])),
            ("suffix", _rows(suffix, self.sizes["suffix"])), ("shape", _rows(shape, self.sizes["shape"])),
            ("dep", _look_up(self.labels["dep"], dep)), ("ent", _look_up(self.labels["ent"], entity)),
            ("flag", 1 + (start == 1)),
        ]  # fmt: skip
        x = a["pos"][pos]
        for name, column in columns:
            column[gap] = 0
            x += a[name][column]
        x = _norm(x) * a["first gain"] + a["first bias"]
        blocks = -(-n // BLOCK)
        x = numpy.concatenate([x, numpy.zeros((blocks * BLOCK - n, x.shape[1]), dtype=numpy.float32)])
        reach = numpy.zeros((blocks + 2) * BLOCK, dtype=bool)
        reach[BLOCK : BLOCK + n] = True
        edges = sorted({0, max(blocks - 2, 0), blocks - 1} if n else ())  # blocks that see places outside the article
        closed = numpy.where(_spread(reach[:, None], blocks)[edges, :, 0], 0.0, -1e4).astype(numpy.float32)
        for k in range(self.depth):
            x = self._layer(x, k, blocks, (edges, closed[:, None, None]))
        hidden: Array = _norm(x[:n]) * a["last gain"] + a["last bias"]
        return hidden

    def _layer(self, x: Array, k: int, blocks: int, outside: tuple[list[int], Array]) -> Array:
        a, width = self.a, x.shape[1]
        heads = len(self.near[k])
        each = width // heads
        mixed = _norm(x) @ a[f"{k} qkv"] + a[f"{k} qkv bias"]
        query, key, value = mixed[:, :width], mixed[:, width : 2 * width], mixed[:, 2 * width :]
        query = query.reshape(blocks, BLOCK, heads, each).transpose(0, 2, 1, 3)
        edge = numpy.zeros((BLOCK, width), dtype=numpy.float32)
        key = _spread(numpy.concatenate([edge, key, edge]), blocks).reshape(blocks, 3 * BLOCK, heads, each)
        value = _spread(numpy.concatenate([edge, value, edge]), blocks).reshape(blocks, 3 * BLOCK, heads, each)
        score = query @ key.transpose(0, 2, 3, 1)
        score += self.near[k]
        edges, closed = outside
        score[edges] += closed
        numpy.minimum(score, HIGHEST, out=score)
        numpy.exp(score, out=score)
        seen = score @ value.transpose(0, 2, 1, 3)
        seen /= score @ ONES + numpy.float32(1e-30)
        x = x + seen.transpose(0, 2, 1, 3).reshape(blocks * BLOCK, width) @ a[f"{k} out"]
        x += a[f"{k} out bias"]
        inner = _norm(x) @ a[f"{k} in"]
        inner += a[f"{k} in bias"]
        numpy.maximum(inner, 0.0, out=inner)
        x += inner @ a[f"{k} back"]
        x += a[f"{k} back bias"]
        return x

    def tokens(self, hidden: Array) -> Array:
        """For each token the probability of being in a cue, of beginning a content without one, of being in a content."""
        return _sigmoid(hidden @ self.a["token"] + self.a["token bias"])

    def keys(self, hidden: Array) -> tuple[Array, Array]:
        """What a row compares a cue with: for each relation and token a vector, and the token's own log-odds.

        REACH tokens of no weight stand at each end.
        """
        key = hidden @ self.a["key"] + self.a["key bias"]
        size = key.shape[1] // RELATIONS
        own = hidden @ self.a["key alone"] + self.a["key alone bias"]
        key = numpy.pad(key, ((REACH, REACH), (0, 0))).reshape(-1, RELATIONS, size).transpose(1, 2, 0)
        own = numpy.pad(own, ((REACH, REACH), (0, 0)), constant_values=NEVER).T
        return numpy.ascontiguousarray(key), own

    def rows(self, hidden: Array, keys: tuple[Array, Array], cues: Sequence[tuple[int, bool]]) -> list[Row]:
        """The probabilities of content and source for each of the cues, which are in text order."""
        a, (key, own) = self.a, keys
        at = numpy.array([i for i, _ in cues])
        kind = numpy.array([int(bare) for _, bare in cues])
        mine = hidden[at]
        query = numpy.where(
            kind[:, None] > 0, mine @ a["query 1"] + a["query 1 bias"], mine @ a["query 0"] + a["query 0 bias"]
        ).reshape(len(cues), RELATIONS, -1)
        first, last = int(at[0]), int(at[-1]) + 2 * REACH
        wide = query.transpose(1, 0, 2) @ key[:, :, first:last] / math.sqrt(query.shape[2]) + own[:, None, first:last]
        reach = (at - first)[:, None] + numpy.arange(2 * REACH)
        odds = wide[:, numpy.arange(len(cues))[:, None], reach] + self.far[kind].transpose(1, 0, 2)
        sums = numpy.zeros((2, len(cues), 2 * REACH + 1))
        numpy.cumsum(_sigmoid(odds[[0, 3]]), axis=2, out=sums[:, :, 1:])
        start, end = _softmax(odds[1]), _softmax(odds[2])
        status = _softmax(mine @ a["status"] + a["status bias"]).tolist()
        return [Row(i - REACH, sums[0, k], start[k], end[k], sums[1, k], status[k]) for k, i in enumerate(at.tolist())]


SHIFT = numpy.uint64(24)  # between the two rows of a table that a word has


def _keys(labels: Array, key: Callable[[str], int]) -> dict[int, int]:
    return {key(str(label)): k for k, label in enumerate(labels) if label != ""}


def _look_up(known: Mapping[int, int], column: Array) -> Array:
    return numpy.array([known.get(key, 0) for key in column.tolist()], dtype=numpy.intp)


def _rows(hashes: Array, rows: int) -> Array:
    row: Array = (hashes % numpy.uint64(rows)).astype(numpy.int64)
    return row


def bucket(distance: Array) -> Array:
    """Distances as one of 2 * ROUND + 1 classes: the near ones by themselves, the far ones by their logarithm."""
    size = numpy.abs(distance)
    rough = (numpy.log2(numpy.maximum(size, 1).astype(numpy.float32)) * numpy.float32(1.5) + 1).astype(numpy.int64)
    size = numpy.minimum(numpy.where(size < 4, size, rough), ROUND)
    number: Array = numpy.where(distance < 0, ROUND - size, ROUND + size)
    return number


def _spread(padded: Array, blocks: int) -> Array:
    """Each block of `padded` with the one before and after it: [blocks, 3 * BLOCK, width]."""
    cut = padded.reshape(blocks + 2, BLOCK, -1)
    return numpy.concatenate([cut[:-2], cut[1:-1], cut[2:]], axis=1)


def _norm(x: Array) -> Array:
    """Rows of mean 0 and variance 1."""
    normal: Array = x - x.mean(axis=-1, keepdims=True)
    variance = numpy.einsum("ij,ij->i", normal, normal) / numpy.float32(x.shape[1])
    normal *= (1 / numpy.sqrt(variance + numpy.float32(1e-5)))[:, None]
    return normal


def _sigmoid(x: Array) -> Array:
    probability: Array = 1 / (1 + numpy.exp(-numpy.maximum(x, NEVER)))
    return probability


def _softmax(x: Array) -> Array:
    x = numpy.exp(x - x.max(axis=-1, keepdims=True))
    share: Array = x / x.sum(axis=-1, keepdims=True)
    return share
