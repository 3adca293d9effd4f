"""What can be seen of stretches of words as contents, whatever their cues: their edges, the arcs across them, the marks inside.

Reads the parse and the quotations; gives a `Table` for the token ranges of many contents at once, since there are hundreds an
article. Of *Il piano è pronto* before *, ha detto Rossi* it tells that a verb heads it, that a comma and then an auxiliary follow.
"""

from __future__ import annotations

import functools
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy

from claimx.lexicon.grammar import Grammar
from claimx.rules.feature_names import FIRST_POS
from claimx.syntax import Range, Tokens

Pieces = tuple[Range, ...]
Array = numpy.ndarray
REACH = 25  # tokens beside a content from which arcs into it count
MANY = 500_000  # tokens of contents that are looked at together
NOWHERE = -9  # no token is near it
POS_NUMBER = {pos: i for i, pos in enumerate((*FIRST_POS, "PUNCT", "SPACE"))}
POS_ROWS = numpy.eye(len(POS_NUMBER) + 1, len(FIRST_POS))  # the last row, of zeros, is for all others
MARKS = (":", ",", ".", ";", "(", ")")
SETS = {
    "che": "finite_che", "di": "di", "a": "a", "da": "da", "per": "per", "relative": "relative",
    "conjunction": "conjunctions", "question": "question", "condition": "condition",
}  # fmt: skip
SUMMED = ("che", "di", "condition")
WORD_BITS = {name: 1 << i for i, name in enumerate((*MARKS, *SETS))}


@dataclass(slots=True)
class Table:
    """The columns of contents that do not depend on their cues, by parts of PAIR_NAMES; a line for each content."""

    starts: Array  # of the pieces of all contents together
    ends: Array
    counts: Array  # pieces of each content
    first: Array
    last: Array
    top: Array  # the first token whose head stands outside
    length: Array
    quotes: list[Array]  # "quoted share" to "one quotation"
    verbs: list[Array]  # "finite verbs" to "infinitive first"
    edges: list[Array]  # "capital first" to "same block"
    sentences: list[Array]  # "persons" to "best rival"
    boundary: list[Array]  # "next VERB" to "subjects inside"

    def total(self, values: Array) -> Array:
        """The sum over the pieces of each content."""
        return _total(values, self.counts)


class Stretches:
    """Describes the stretches of one article; `quoted` are its outermost quotations, in text order, `inside` what they hold.

    The lists by token have one place more, for what stands before the first token (-1) or after the last.
    """

    def __init__(
        self, tokens: Tokens, quoted: Sequence[Range], inside: Sequence[int], grammar: Grammar, nouns: Container[str]
    ) -> None:
        n, lower = tokens.n, tokens.lower
        self.n = n
        self.inside = numpy.array([*inside, 0])
        self.pos = numpy.array([POS_NUMBER.get(pos, -1) for pos in tokens.pos] + [-1])
        self.mark, self.verb = self.pos == POS_NUMBER["PUNCT"], self.pos == POS_NUMBER["VERB"]
        self.verbal = self.verb | (self.pos == POS_NUMBER["AUX"])
        self.title = numpy.array([*tokens.title, False])
        sets = _word_sets(grammar)
        words = numpy.array([sets.get(word, 0) for word in lower] + [0])
        self.word = {name: words & bit > 0 for name, bit in WORD_BITS.items()}
        self.sum_word = {name: sums(self.word[name]) for name in SUMMED}
        nominal, endings = self.pos == POS_NUMBER["NOUN"], tuple(grammar.nominal_endings)
        for i in numpy.flatnonzero(nominal).tolist():
            nominal[i] = lower[i].endswith(endings)
        self.nominal = nominal
        self.entity = flags(n, [i for i, label in enumerate(tokens.entity) if label])
        self.person = flags(n, [i for i, label in enumerate(tokens.entity) if label == "PER"])
        self.cue_noun = flags(n, [i for i, lemma in enumerate(tokens.lemma) if lemma in nouns])
        forms: dict[str, list[int]] = {"Fin": [], "Inf": [], "Ger": []}
        conditional = []
        for i, features in enumerate(tokens.features):
            if "VerbForm" in features:
                forms.setdefault(features["VerbForm"], []).append(i)
            if "Mood" in features and features["Mood"] == "Cnd":
                conditional.append(i)
        self.infinitive, self.gerund = flags(n, forms["Inf"]), flags(n, forms["Ger"])
        self.sent = numpy.array([*tokens.sent, -1])
        self.sent_first, self.sent_last = numpy.array([*tokens.sents, (0, 0)]).T
        self.head = numpy.array([*tokens.head, 0])
        self.root = self.head == numpy.arange(n + 1)
        self.head[self.root] = -1  # outside of everything
        self._read_quotations(quoted)
        self.skipped = self.mark | (self.pos == POS_NUMBER["SPACE"])
        seen = numpy.where(self.skipped, n - 1, numpy.arange(n + 1))
        seen[n] = n - 1
        # the first token from here on that is neither mark nor space
        self.after = numpy.minimum.accumulate(seen[::-1])[::-1]
        self.sum_inside = sums(self.inside)
        self.sum_finite = sums(flags(n, forms["Fin"]))
        self.sum_conditional = sums(flags(n, conditional))
        self.sum_person = sums(self.person)
        self.sum_verb = sums(self.verb)
        self.sum_mark = sums(self.mark)
        subjects = {label for label in set(tokens.dep) if label.startswith("nsubj")}
        self._sums_inside = self._sum_inside(flags(n, [i for i, label in enumerate(tokens.dep) if label in subjects]))

    def _read_quotations(self, quoted: Sequence[Range]) -> None:
        self.quotation = numpy.full(self.n + 1, -1)
        self.end_of_quotation = numpy.full(self.n + 1, NOWHERE)
        for k, (first, last) in enumerate(quoted):
            self.quotation[first:last] = k
            self.end_of_quotation[first] = last
        self.quoted_first, self.quoted_last = numpy.array(
            [*quoted, (self.n, 0)]
        ).T  # -1, no quotation: nothing is inside

    def _sum_inside(self, subject: Array) -> list[Array]:
        """Sums over commas, stops and brackets outside quotations, and over roots and subjects."""
        mark = self.mark & (self.inside == 0)
        word = self.word
        brackets = word["("].astype(int) - word[")"]
        columns = (mark & word[","], mark & (word[";"] | word[":"]), mark * brackets)
        return [sums(column) for column in (*columns, ~mark & self.root, ~mark & ~self.root & subject)]

    def describe(self, contents: Sequence[Pieces]) -> Table:
        """The table of these contents, of which there must be one at least."""
        counts = numpy.array([len(pieces) for pieces in contents])
        starts, ends = numpy.array([piece for pieces in contents for piece in pieces]).T
        lasts = numpy.cumsum(counts)
        first, last = starts[lasts - counts], ends[lasts - 1]
        length, inside, finite, conditional, persons = (
            _total(values, counts)
            for values in (
                ends - starts,
                *(
                    s[ends] - s[starts]
                    for s in (self.sum_inside, self.sum_finite, self.sum_conditional, self.sum_person)
                ),
            )
        )
        top, out = self._arcs_out(starts, ends, counts, first, last, length)
        zero, sent = numpy.zeros(len(counts)), self.sent[last - 1]
        one = [abs(last - self.end_of_quotation[first + step]) <= 1 for step in (-1, 0, 1)]
        before, word = first - 1, self.word
        return Table(
            starts, ends, counts, first, last, top, length,
            quotes=[inside / length, self.inside[first], self.inside[last - 1], one[0] | one[1] | one[2]],
            verbs=[finite, conditional, self.infinitive[first]],
            edges=[
                self.title[first], word[":"][before], self.mark[before], word["che"][before], word["di"][before],
                self.mark[last], word[","][last], word["."][last], sent - self.sent[first], zero, word["che"][first], zero + 1,
            ],
            sentences=[
                persons, ends[lasts - counts] - first, first == self.sent_first[self.sent[first]],
                last >= self.sent_last[sent] - 1, zero, zero,
            ],
            boundary=[
                *self._edge(first, last), out, self._arcs_in(first, last), *self._head(first, top),
                *self._gap(ends[lasts - counts], starts[lasts - 1], counts),
                *self._inside(starts, ends, counts, first, last),
            ],
        )  # fmt: skip

    def _arcs_out(
        self, starts: Array, ends: Array, counts: Array, first: Array, last: Array, length: Array
    ) -> tuple[Array, Array]:
        """The first word of each content whose head stands outside it, and how many do."""
        tops, outs = [], []
        piece = numpy.concatenate(([0], numpy.cumsum(counts)))
        for low, high in _parts(length):
            begins, sizes = starts[piece[low] : piece[high]], (ends - starts)[piece[low] : piece[high]]
            at = numpy.arange(sizes.sum()) + numpy.repeat(begins - numpy.cumsum(sizes) + sizes, sizes)
            mine = length[low:high]
            head = self.head[at]
            outside = (head < numpy.repeat(first[low:high], mine)) | (head >= numpy.repeat(last[low:high], mine))
            outside &= ~self.mark[at]
            edges = numpy.cumsum(mine) - mine
            tops.append(numpy.minimum.reduceat(numpy.where(outside, at, self.n), edges))
            outs.append(numpy.add.reduceat(outside, edges, dtype=int))
        top = numpy.concatenate(tops)
        return numpy.where(top == self.n, first, top), numpy.concatenate(outs)

    def _arcs_in(self, first: Array, last: Array) -> Array:
        """How many words right beside each content, in its last sentence, have their head in it."""
        sent = self.sent[last - 1]
        steps = numpy.arange(REACH)
        total = numpy.zeros(len(first), dtype=int)
        right = last[:, None] + steps
        left = first[:, None] - 1 - steps
        for at, real in (
            (right, right < self.sent_last[sent][:, None]),
            (left, left >= self.sent_first[sent][:, None]),
        ):
            at = numpy.where(real, at, self.n)
            head = self.head[at]
            total += (real & ~self.mark[at] & (head >= first[:, None]) & (head < last[:, None])).sum(axis=1)
        return total

    def _edge(self, first: Array, last: Array) -> list[Array]:
        """What stands after each content."""
        after = self.after[last]
        same = self.sent[after] == self.sent[last - 1]
        return [
            *POS_ROWS[numpy.where(same, self.pos[after], -1)].T,
            same & self.gerund[after], same & self.word["relative"][after], same & self.word["conjunction"][after], same,
        ]  # fmt: skip

    def _head(self, first: Array, top: Array) -> list[Array]:
        return [
            self.nominal[top], self.entity[top], self.cue_noun[top], self.verbal[top], self.person[top], top - first,
            self.verbal[first],
        ]  # fmt: skip

    def _gap(self, low: Array, high: Array, counts: Array) -> list[Array]:
        """What stands between the first and the last piece: words and verbs."""
        high = numpy.where(counts > 1, numpy.maximum(low, high), low)
        return [high - low, self.sum_verb[high] - self.sum_verb[low]]

    def _inside(self, starts: Array, ends: Array, counts: Array, first: Array, last: Array) -> list[Array]:
        """Marks and verbs inside that speak against its being one content: stops, brackets and quotations cut open."""
        commas, stops, brackets, roots, subjects = (_total(s[ends] - s[starts], counts) for s in self._sums_inside)
        left, right = self.quotation[first - 1], self.quotation[last]
        cut_left = (self.quoted_first[left] < first - 1) & (first - 1 < self.quoted_last[left] - 2)
        cut_right = (self.quoted_first[right] < last) & (last < self.quoted_last[right] - 1)
        cut = cut_left.astype(int) + cut_right - (cut_left & cut_right & (left == right))
        return [commas, stops, brackets, cut, roots, subjects]


@functools.lru_cache(maxsize=1)
def _word_sets(grammar: Grammar) -> dict[str, int]:
    """For each word that matters, the bits of the sets that it is in."""
    bits: dict[str, int] = {}
    for name, bit in WORD_BITS.items():
        for word in getattr(grammar, SETS[name]) if name in SETS else (name,):
            bits[word] = bits.get(word, 0) | bit
    return bits


def flags(count: int, places: Sequence[int] | Array) -> Array:
    """For each of `count` tokens, and for none, whether it is in `places`."""
    found = numpy.zeros(count + 1, dtype=bool)
    if len(places):
        found[numpy.asarray(places)] = True
    return found


def sums(values: Array) -> Array:
    """At `i` the sum of the first `i` values; the last, which stands for no token, is left out."""
    total = numpy.zeros(len(values), dtype=int)
    numpy.cumsum(values[:-1], out=total[1:])
    return total


def side_by_side(columns: Sequence[Array]) -> Array:
    """Rows made of columns, each of which is a line of values or a block of such lines."""
    lines = [values if values.ndim > 1 else values[None] for values in columns]
    rows: Array = numpy.concatenate(lines, dtype=numpy.float32, casting="unsafe").T
    return rows


def _total(values: Array, counts: Array) -> Array:
    if len(values) == len(counts):
        return values
    total: Array = numpy.add.reduceat(values, numpy.cumsum(counts) - counts)
    return total


def _parts(length: Array) -> Iterator[Range]:
    """Contents in groups of not many more tokens than MANY, so that a sentence of a megabyte takes no more memory."""
    if length.sum() <= MANY:
        yield 0, len(length)
        return
    low = size = 0
    for i, mine in enumerate(length.tolist()):
        size += mine
        if size > MANY:
            yield low, i + 1
            low, size = i + 1, 0
    if low < len(length):
        yield low, len(length)
