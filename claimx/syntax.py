"""The parse as plain lists: one pass over the `Doc`, so that the rules need not ask spaCy token by token.

Reads a parsed `Doc`, gives `Tokens`: forms, lemmas, heads, labels, morphology, subtree edges and sentences by token index.
Token ranges are [first, last + 1). No word lists here.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy
from spacy.attrs import DEP, ENT_TYPE, HEAD, IDX, LEMMA, LENGTH, LOWER, MORPH, ORTH, POS, SENT_START
from spacy.strings import StringStore
from spacy.tokens import Doc

Range = tuple[int, int]


class Tokens:
    """A parsed article as lists, by token index; `start` and `end` are characters."""

    def __init__(self, doc: Doc) -> None:
        strings = doc.vocab.strings
        table = doc.to_array([LOWER, LEMMA, POS, DEP, HEAD, IDX, LENGTH, MORPH, ENT_TYPE, SENT_START, ORTH])
        lower, lemma, pos, dep, head, idx, length, morph, entity, sent_start, orth = table.T
        self.n = len(doc)
        self.lower = _strings(strings, lower)
        self.lemma = list(map(str.lower, _strings(strings, lemma)))
        self.pos = _strings(strings, pos)
        self.dep = _strings(strings, dep)
        self.entity = _strings(strings, entity)
        self.features = list(map(_features, _strings(strings, morph)))
        self.start: list[int] = idx.tolist()
        self.end: list[int] = (idx + length).tolist()
        self.head: list[int] = (head.astype(numpy.int64) + numpy.arange(self.n)).tolist()
        self.words = _strings(strings, orth)
        self.title = [word[:1].isupper() for word in self.words]
        self.children: list[list[int]] = [[] for _ in range(self.n)]
        self.left = list(range(self.n))
        self.right = list(range(1, self.n + 1))
        self._edges()
        self.sents: list[Range] = _sentences(sent_start.tolist(), self.n)
        self.sent = [0] * self.n
        for number, (first, last) in enumerate(self.sents):
            self.sent[first:last] = [number] * (last - first)

    def _edges(self) -> None:
        """Children and the edges of subtrees; whoever comes first from a side reaches farthest, so that none is set twice."""
        heads, left, right = self.head, self.left, self.right
        for i, head in enumerate(heads):
            if head != i:
                self.children[head].append(i)
            while left[head] > i:
                left[head] = i
                head = heads[head]
        for i in range(self.n - 1, -1, -1):
            head = heads[i]
            while right[head] <= i:
                right[head] = i + 1
                head = heads[head]

    def at(self, offset: int) -> int:
        """Index of the first token that ends after the character `offset`."""
        return bisect_right(self.end, offset)

    def cover(self, start: int, end: int) -> Range:
        """The tokens that touch the characters [start, end)."""
        return bisect_right(self.end, start), bisect_left(self.start, end)

    def chars(self, first: int, last: int) -> Range:
        """The characters of the tokens [first, last)."""
        return self.start[first], self.end[last - 1]

    def sentence(self, i: int) -> Range:
        """The tokens of the sentence that holds token `i`."""
        return self.sents[self.sent[i]]

    def feature(self, i: int, name: str) -> str:
        """A morphological feature of token `i`, or ''."""
        return self.features[i].get(name, "")

    def ancestors(self, i: int) -> Iterator[int]:
        """The heads of token `i`, nearest first."""
        while self.head[i] != i:
            i = self.head[i]
            yield i

    def child(self, i: int, *labels: str) -> int | None:
        """The first child of `i` whose label, its subtype aside, is one of `labels`."""
        for c in self.children[i]:
            if self.dep[c].partition(":")[0] in labels:
                return c
        return None


_KNOWN: dict[int, str] = {}  # strings by their hashes, which are the same in all of spaCy
_KNOWN_MOST = 100_000


def _strings(strings: StringStore, column: numpy.ndarray) -> list[str]:
    keys = column.tolist()
    try:
        return list(map(_KNOWN.__getitem__, keys))
    except KeyError:
        new = {key for key in keys if key not in _KNOWN}
        if len(_KNOWN) + len(new) > _KNOWN_MOST:
            _KNOWN.clear()
            new = set(keys)
        for key in new:
            _KNOWN[key] = strings[key] if key else ""
        return list(map(_KNOWN.__getitem__, keys))


@functools.lru_cache(maxsize=4096)
def _features(morph: str) -> dict[str, str]:
    pairs = (feature.partition("=") for feature in morph.split("|") if "=" in feature)
    return {name: value for name, _, value in pairs}


def _sentences(starts: list[int], n: int) -> list[Range]:
    firsts = [i for i, value in enumerate(starts) if value == 1 or i == 0]
    return list(zip(firsts, [*firsts[1:], n]))
