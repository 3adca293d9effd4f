"""Contents that a cue may have: every stretch that the tree, the marks or the word order propose.

The parse is often wrong exactly here (parataxis, postposed subjects), so quotation marks, punctuation and word order
propose as much as the tree does; which of the candidates is the content, if any, is decided later. For *Il piano è pronto,
ha detto Rossi* the cue *ha detto* gets, among others, *Il piano è pronto*; never the cue's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from claimx.draft import Candidate, Cue
from claimx.lexicon.grammar import Grammar
from claimx.syntax import Range, Tokens

Pieces = tuple[Range, ...]
SUBJECT_REACH = 12  # tokens that a cue and its subject may take between two commas
CLAUSE_MARKS = (",", ";", ":", "-", "–", "—", "(", ")")
DEPENDENT = ("conj", "advcl", "parataxis", "acl")  # clauses that a content may end before
JOINED = 3  # tokens at most between two quotations that are one content: *e*, *ovvero*
APPOSITION = 8  # tokens of an apposition between two commas
CUTS = 4  # clause boundaries at which a stretch is tried cut
CLAUSES = ("ccomp", "csubj", "parataxis", "advcl", "xcomp", "acl", "conj")
NOMINALS = ("obj", "obl", "nsubj", "iobj", "nmod", "dislocated", "advmod")


class Finder:
    """Proposes contents within one article; `quoted` are token ranges of quotations, marks included, outermost only."""

    def __init__(self, tokens: Tokens, quoted: Sequence[Range], continued: Sequence[bool], grammar: Grammar) -> None:
        self.tokens = tokens
        self.grammar = grammar
        self.quoted = quoted
        self.continued = continued
        self.mark = [tokens.pos[i] == "PUNCT" or tokens.pos[i] == "SPACE" for i in range(tokens.n)]
        self.quotation = [-1] * tokens.n
        for k, (first, last) in enumerate(quoted):
            self.quotation[first:last] = [k] * (last - first)

    def propose(self, cue: Cue, seen: Iterable[tuple[str, Pieces]] = ()) -> list[Candidate]:
        """The candidates of one cue, without repetition; `seen` is what the network takes for its content, by kind."""
        found: dict[Pieces, set[str]] = {}
        if cue.kind in ("verb", "adjective"):
            self._verb(cue, found)
        elif cue.kind == "noun":
            self._noun(cue, found)
        elif cue.kind == "frame":
            self._frame(cue, found)
        elif cue.kind == "conditional":
            self._conditional(cue, found)
        else:
            self._layout(cue, found)
        for kind, pieces in seen:
            self._add(found, cue, kind, *(part for piece in pieces for part in self._parts(*piece)))
        return [Candidate(cue, pieces, kinds) for pieces, kinds in found.items()]

    def _parts(self, first: int, last: int) -> Iterator[Range]:
        """A stretch from one quotation into the next, a word or so between, as its two parts: *«Basta» e «ora si cambia»*."""
        one, two = self.quotation[first], self.quotation[last - 1]
        if 0 <= one == two - 1 and self.quoted[two][0] - self.quoted[one][1] <= JOINED:
            yield first, self.quoted[one][1]
            first = self.quoted[two][0]
        yield first, last

    # what a verb, an adjective or a noun governs

    def _verb(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        self._governed(cue, found)
        self._after(cue, found)
        self._quotations(cue, found)
        self._parenthetical(cue, found)
        self._back(cue, found)

    def _governed(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        heads = [cue.head]
        up = tokens.head[cue.head]
        if tokens.dep[cue.head].startswith(("xcomp", "aux", "conj")) and up != cue.head:
            heads.append(up)  # tiene a precisare, ha voluto dire: the clause may hang on either
        for head in heads:
            kids = tokens.children[head]
            obj = None
            for c in kids:
                if cue.first <= c < cue.last:
                    continue
                label = tokens.dep[c].partition(":")[0]
                if label in CLAUSES:
                    first, last = self._strip(tokens.left[c], tokens.right[c])
                    self._add(found, cue, "tree-" + label, (first, last))
                    self._add(found, cue, "core-" + label, (first, self._core_end(c, last)))
                    if label in ("ccomp", "xcomp", "parataxis", "advcl"):
                        self._add(found, cue, "sent-" + label, (first, tokens.sentence(c)[1]))
                elif label in NOMINALS and tokens.pos[c] not in ("PRON", "ADV"):
                    first, last = self._strip(tokens.left[c], tokens.right[c])
                    self._add(found, cue, "np-" + label, (first, last))
                    self._add(found, cue, "core-np", (first, self._core_end(c, last)))
                    if label == "obj":
                        obj = c
            if obj is not None:
                last = max((tokens.right[c] for c in kids if c >= obj and tokens.dep[c] != "punct"), default=0)
                self._add(found, cue, "small", self._strip(tokens.left[obj], max(last, tokens.right[obj])))

    def _core_end(self, head: int, last: int) -> int:
        """Where the first clause that depends on `head` and follows it begins: *è pronto* of *è pronto, aggiungendo...*."""
        tokens = self.tokens
        starts = [
            tokens.left[c] for c in tokens.children[head] if c > head and tokens.dep[c].partition(":")[0] in DEPENDENT
        ]
        return min((start for start in starts if start > head), default=last)

    def _after(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        """What follows by word order: *che* and a clause, *di* and an infinitive, a colon, the rest of the sentence."""
        tokens, grammar = self.tokens, self.grammar
        last = tokens.sentence(cue.head)[1]
        seen_che = seen_di = False
        for i in range(cue.last, min(last, cue.last + 25)):
            word = tokens.lower[i]
            if not seen_che and word in grammar.complementisers:
                if word in grammar.finite_che:
                    seen_che = True
                    self._add(found, cue, "che", (i + 1, last))
                    self._cuts(found, cue, "che", i + 1, last)
                elif i - cue.last < 6:
                    self._add(found, cue, "wh", (i, last))
            elif (
                not seen_di
                and (word in grammar.di or word in grammar.a)
                and i + 1 < last
                and self._infinitive_at(i + 1)
            ):
                seen_di = True
                self._add(found, cue, "di", (i + 1, last))
                self._cuts(found, cue, "di", i + 1, last)
            elif word == ":":
                self._add(found, cue, "colon", (i + 1, last))
                if i >= last - 2:
                    self._next_sentence(cue, found, last)
                break
        if cue.last < last and not self.mark[cue.last]:
            self._add(found, cue, "rest", self._strip(cue.last, last))
            self._cuts(found, cue, "rest", *self._strip(cue.last, last))

    def _cuts(self, found: dict[Pieces, set[str]], cue: Cue, kind: str, first: int, last: int) -> None:
        """The stretch cut at its first clause boundaries: *è pronto, secondo lui, e che...*."""
        at = first
        for _ in range(CUTS):
            at = self._clause_end(at, last, within=first)
            if at >= last:
                break
            self._add(found, cue, f"{kind}-cut", (first, at))
            at += 1

    def _infinitive_at(self, i: int) -> bool:
        tokens = self.tokens
        for k in range(i, min(i + 4, tokens.n)):
            if tokens.feature(k, "VerbForm") == "Inf":
                return True
            if tokens.pos[k] not in ("ADV", "PRON", "AUX"):
                return False
        return False

    def _clause_end(self, first: int, last: int, *, within: int | None = None) -> int:
        """The next end of a clause after `first`: a comma or dash outside quotations, or a conjunction before a verb."""
        tokens = self.tokens
        begin = first if within is None else within
        for i in range(first + 2, last):
            if self.mark[i]:
                if tokens.lower[i] in CLAUSE_MARKS and self._outside(i, begin):
                    return i
            elif (
                tokens.lower[i] in self.grammar.conjunctions
                and self._outside(i, begin)
                and (
                    tokens.pos[i] == "SCONJ"
                    or any(tokens.feature(k, "VerbForm") in ("Fin", "Ger") for k in range(i + 1, min(i + 4, last)))
                )
            ):
                return i
        return last

    def _outside(self, i: int, first: int) -> bool:
        return self.quotation[i] < 0 or self.quotation[i] == self.quotation[first]

    def _next_sentence(self, cue: Cue, found: dict[Pieces, set[str]], at: int) -> None:
        tokens = self.tokens
        number = tokens.sent[at - 1] + 1
        if number < len(tokens.sents):
            self._add(found, cue, "next", tokens.sents[number])

    # quotations near the cue

    def _quotations(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(cue.head)
        inside = self.quotation[cue.head]
        if inside >= 0:
            self._cut(cue, found, self.quoted[inside], "around")
            return
        before = self._run_before(cue, first)
        after = self._run_after(cue, last)
        if after:
            self._add(found, cue, "q-after", *after[:1])
            self._add(found, cue, "q-after-run", *after)
            within = [piece for piece in after if piece[0] < last]
            if len(within) > 1:
                self._add(found, cue, "q-after-span", (within[0][0], within[-1][1]))
        if before:
            self._add(found, cue, "q-before", before[-1])
            self._add(found, cue, "q-before-run", *before)
        if before and after:
            self._add(found, cue, "q-split", before[-1], after[0])
            self._add(found, cue, "q-split-run", *before, *after)
        for k in range(len(self.quoted)):  # mixed: the clause that the quotations end in
            start, end = self.quoted[k]
            if start >= last:
                break
            if start > cue.last and end > last:
                self._add(found, cue, "che-quote", (self._content_start(cue, start), end))

    def _content_start(self, cue: Cue, before: int) -> int:
        """Where a content begins that runs into the quotation at `before`: after *che* or *di*, else at the mark."""
        grammar = self.grammar
        for i in range(cue.last, before):
            word = self.tokens.lower[i]
            if word in grammar.finite_che or (word in grammar.di and self._infinitive_at(i + 1)) or word == ":":
                return i + 1
        return before

    def _run_after(self, cue: Cue, sent_end: int) -> list[Range]:
        """The quotation after the cue in its sentence, or right after it, and those that go on from it."""
        run: list[Range] = []
        for k, (first, last) in enumerate(self.quoted):
            if first < cue.last:
                continue
            if not run:
                if first >= sent_end + 2 or first - cue.last > 60:
                    break
                run.append((first, last))
            elif self.continued[k] or (first < sent_end and self._bare(run[-1][1], first)):
                run.append((first, last))
            else:
                break
        return run

    def _run_before(self, cue: Cue, sent_start: int) -> list[Range]:
        """The quotation that ends before the cue, in its sentence or right before it, and those it goes on from."""
        run: list[Range] = []
        for k in range(len(self.quoted) - 1, -1, -1):
            first, last = self.quoted[k]
            if last > cue.first:
                continue
            if not run:
                if last < sent_start - 2 or cue.first - last > 40:
                    break
                run.append((first, last))
                if not self.continued[k]:
                    break
            else:
                run.append((first, last))
                if not self.continued[k]:
                    break
        return run[::-1]

    def _bare(self, first: int, last: int) -> bool:
        return all(self.mark[i] for i in range(first, last))

    def _cut(self, cue: Cue, found: dict[Pieces, set[str]], whole: Range, kind: str) -> None:
        """`whole` without the cue and its subject: between two commas or dashes, or from one to the end."""
        tokens = self.tokens
        pieces: list[Range] = []
        for start, end in self._chunks(cue, whole):
            left, right = (whole[0], start), (end, whole[1])
            pieces = [piece for piece in (left, right) if piece[1] > piece[0] and not self._bare(*piece)]
            if pieces:
                self._add(found, cue, kind, *pieces)
                if len(pieces) == 2:
                    self._add(found, cue, kind + "-left", pieces[0])
                    self._add(found, cue, kind + "-right", pieces[1])
        sentence = tokens.sentence(cue.head)
        if sentence[0] > whole[0]:
            inner = [(max(s, sentence[0]), min(e, sentence[1])) for s, e in pieces]
            inner = [piece for piece in inner if piece[1] > piece[0] and not self._bare(*piece)]
            if inner:
                self._add(found, cue, kind + "-sent", *inner)

    def _chunks(self, cue: Cue, whole: Range) -> list[Range]:
        """The cue with its subject, bounded by punctuation within `whole`: up to the first mark, and to the subject's end."""
        tokens = self.tokens
        start = cue.first
        while start > whole[0] and cue.first - start < SUBJECT_REACH and not self._bound(start - 1):
            start -= 1
        # the subject of a cue between commas may itself hold commas: il ministro della Difesa, Arturo Parisi,
        subject = max(
            (tokens.right[c] for c in tokens.children[cue.head] if c > cue.head and "subj" in tokens.dep[c]), default=0
        )
        near = self._next_bound(cue.last, cue.last, whole[1])
        far = self._next_bound(near, subject, whole[1]) if subject > near else near
        if near == far and near < whole[1] - 1 and tokens.pos[near - 1] != "VERB":  # a name or role after the next mark
            second = self._next_bound(near + 1, near + 1, whole[1])
            if second - near <= APPOSITION:
                far = second
        return [(start, near)] if near == far else [(start, near), (start, far)]

    def _next_bound(self, first: int, floor: int, last: int) -> int:
        """The first mark from `first` and `floor` on, at most a subject's reach away."""
        end = first
        while end < last and end - first < SUBJECT_REACH * 2 and (end < floor or not self._bound(end)):
            end += 1
        return end

    def _bound(self, i: int) -> bool:
        return self.mark[i] and self.tokens.lower[i] not in ("'",)

    def _parenthetical(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        if self.quotation[cue.head] >= 0:
            return
        whole = self.tokens.sentence(cue.head)
        self._cut(cue, found, whole, "paren")

    def _back(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        """The sentence before, where the cue's own sentence points back: *Lo riferisce l'ANSA*."""
        tokens = self.tokens
        first, last = tokens.sentence(cue.head)
        number = tokens.sent[cue.head]
        if not number or cue.first - first > 6:
            return
        points = any(tokens.lower[i] in self.grammar.back for i in range(first, min(last, cue.last + 1)))
        if points or last - first < 14:
            kind = "previous" if points else "previous-bare"
            self._add(found, cue, kind, tokens.sents[number - 1])
            k = self.quotation[max(0, first - 2)]
            if k >= 0 and self.quoted[k][1] >= first - 2:
                self._add(found, cue, kind + "-quote", self.quoted[k])

    # nouns, frames, conditionals, layout

    def _noun(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        self._governed(cue, found)
        self._after(cue, found)
        self._quotations(cue, found)
        head = tokens.head[cue.head]
        if head != cue.head and tokens.pos[head] in ("VERB", "AUX", "ADJ", "NOUN"):
            for c in tokens.children[head]:
                label = tokens.dep[c].partition(":")[0]
                if c > cue.head and label in ("ccomp", "csubj", "xcomp", "advcl", "acl"):
                    self._add(found, cue, "up-" + label, self._strip(tokens.left[c], tokens.right[c]))
        if any(tokens.dep[c] == "cop" for c in tokens.children[cue.head]):  # l'accusa è di aver rubato
            self._add(found, cue, "copula", self._strip(cue.last, tokens.sentence(cue.head)[1]))

    def _frame(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(cue.head)
        whole = (first, last)
        inside = self.quotation[cue.head]
        if inside >= 0 and self.quoted[inside][1] < last:
            whole = (max(first, self.quoted[inside][0]), self.quoted[inside][1])
        for kind, end in self._frame_ends(cue, whole[1]):
            after = self._strip(end, whole[1])
            before = (whole[0], cue.first)
            self._add(found, cue, "f-after" + kind, after)
            self._cuts(found, cue, "f-after", *after)
            if cue.first > whole[0]:
                self._add(found, cue, "f-before" + kind, before)
                self._add(found, cue, "f-both" + kind, before, after)
                start = self._clause_start(cue.first, whole[0])
                self._add(found, cue, "f-before-clause" + kind, (start, cue.first))
                self._add(found, cue, "f-both-clause" + kind, (start, cue.first), after)
            for i in range(end, min(whole[1], end + 3)):
                if tokens.lower[i] in self.grammar.relative:  # gli inquirenti, secondo i quali...
                    self._add(found, cue, "f-relative", (i + 1, whole[1]))
                    break
        self._quotations(cue, found)
        self._back(cue, found)

    def _frame_ends(self, cue: Cue, last: int) -> list[tuple[str, int]]:
        """Where a frame's noun phrase may end: at its subtree's edge, or at the first comma."""
        tokens = self.tokens
        if "frame-none" in cue.takes or "frame-inside" in cue.takes:
            return [("", cue.last)]
        ends = []
        comma = next((i for i in range(cue.last, min(last, cue.last + 30)) if self._bound(i)), last)
        ends.append(("", comma))
        head = cue.last
        while head < last - 1 and tokens.pos[head] in ("DET", "ADP", "ADV", "ADJ", "NUM"):
            head += 1
        edge = min(tokens.right[head] if head < last else last, last)
        if edge != comma and edge > cue.last:
            ends.append(("-tree", edge))
        return ends

    def _clause_start(self, last: int, first: int) -> int:
        for i in range(last - 3, first, -1):
            if self._bound(i):
                return i + 1
        return first

    def _conditional(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(cue.head)
        self._add(found, cue, "c-sent", (first, last))
        self._add(found, cue, "c-tree", self._strip(tokens.left[cue.head], tokens.right[cue.head]))
        start = self._clause_start(cue.first, first)
        end = self._clause_end(cue.last, last)
        self._add(found, cue, "c-clause", self._strip(start, end))
        self._add(found, cue, "c-left", self._strip(start, last))
        self._add(found, cue, "c-right", self._strip(first, end))
        for i in range(cue.first - 1, max(first, cue.first - 25), -1):
            if tokens.lower[i] in self.grammar.finite_che:
                self._add(found, cue, "c-che", self._strip(i + 1, last))
                break

    def _layout(self, cue: Cue, found: dict[Pieces, set[str]]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(min(cue.head, tokens.n - 1))
        if tokens.lower[cue.head] == ":" and self.quotation[cue.head] < 0:
            self._add(found, cue, "l-colon", (cue.head + 1, last))
            return
        k = self.quotation[cue.head]
        if k < 0:
            return
        run = [self.quoted[k]]
        for following in range(k + 1, len(self.quoted)):
            if not (self.continued[following] or self._bare(run[-1][1], self.quoted[following][0])):
                break
            run.append(self.quoted[following])
        self._add(found, cue, "l-quote", run[0])
        self._add(found, cue, "l-run", *run)
        if not any(tokens.lower[i] == ":" for i in range(first, run[0][0])):  # *Ferrante: «...»* begins with its source
            self._add(found, cue, "l-sent", (first, last))
        if k + 1 < len(self.quoted) and self.quoted[k + 1][0] < last:
            self._add(found, cue, "l-span", (run[0][0], self.quoted[k + 1][1]))

    # helpers

    def _strip(self, first: int, last: int) -> Range:
        """Leave out a leading *che* or *di*, and leading and trailing marks; the range may become empty."""
        tokens, grammar = self.tokens, self.grammar
        while first < last and (self.mark[first] and self.quotation[first] < 0):
            first += 1
        if first < last and (tokens.lower[first] in grammar.finite_che):
            first += 1
        elif first < last and (
            tokens.lower[first] in grammar.di or tokens.lower[first] in grammar.a or tokens.lower[first] in grammar.come
        ):
            first += 1
        return first, last

    def _add(self, found: dict[Pieces, set[str]], cue: Cue, kind: str, *pieces: Range) -> None:
        """Keep a candidate, its edges trimmed, if it leaves words and is not the cue itself."""
        kept: list[Range] = []
        for first, last in pieces:
            while first < last and self.mark[first]:
                first += 1
            while last > first and self.mark[last - 1]:
                last -= 1
            if last > first:
                kept.append((first, last))
        if not kept or (
            len(kept) == 1 and kept[0][0] >= cue.first and kept[0][1] <= cue.last and cue.kind != "conditional"
        ):
            return
        found.setdefault(tuple(kept), set()).add(kind)
