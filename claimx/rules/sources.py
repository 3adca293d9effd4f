"""Mentions that may be the source of a cue: its subject, its agent, what follows *secondo*, the words before a colon.

Reads a cue and its content, gives mentions to choose among, the elided source and nobody among them. For *ha detto ieri il
ministro Rossi, che guida la missione* it gives *il ministro Rossi*, without the relative clause; never a stretch that lies in
the content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claimx.draft import Cue, Mention
from claimx.lexicon.grammar import Grammar
from claimx.syntax import Range, Tokens

SPEAKERS = ("PER", "ORG")
REACH = 14  # tokens from the cue within which a noun phrase may be its source by word order alone
CLAUSAL = ("aux", "cop", "nsubj", "csubj", "advcl", "ccomp", "mark", "expl")  # before a noun that is a predicate
ENDING = ("acl:relcl", "parataxis", "ccomp", "advcl")  # behind a noun, no part of a mention
ADVERBIAL = ("obl", "advmod")


class SourceFinder:
    """Proposes sources within one article."""

    def __init__(self, tokens: Tokens, grammar: Grammar, is_actor: Callable[[int], bool]) -> None:
        self.tokens = tokens
        self.grammar = grammar
        self._told: dict[int, list[int]] = {}  # by a sentence's first token
        self.is_actor = is_actor  # whether the lexicon knows the noun or name at a token as one that can be a source

    def propose(self, cue: Cue, pieces: Sequence[Range], seen: Range | None = None) -> list[Mention]:
        """The mentions of one cue, without repetition; `seen` is what the network takes for it; the elided source and nobody
        come last."""
        found: dict[Range, Mention] = {}
        self._pieces = pieces
        if cue.kind == "conditional":  # *avrebbe utilizzato un coltello*: the guidelines give it to nobody
            return [Mention(None, None, {"unspecified"})]
        if cue.kind in ("frame",):
            self._frame(cue, found)
        elif cue.kind == "layout":
            self._layout(cue, found)
        else:
            self._tree(cue, found)
            self._order(cue, found)
        self._entities(cue, found)
        if seen is not None:
            self._add(found, "network", *seen, self._root(*seen))
        return [*found.values(), Mention(None, None, {"elided"}), Mention(None, None, {"unspecified"})]

    def _frame(self, cue: Cue, found: dict[Range, Mention]) -> None:
        tokens = self.tokens
        last = tokens.sentence(cue.head)[1]
        for i in range(cue.first + 1, cue.last):  # secondo alcuni testimoni: the lexicon takes it for hearsay
            if tokens.pos[i] in ("NOUN", "PROPN", "PRON"):
                self._phrase(found, "frame-inside", i, floor=cue.first + 1)
        start = cue.last
        while start < last and tokens.pos[start] == "PUNCT":
            start += 1
        if start >= last:
            return
        head = start
        while head < last - 1 and tokens.pos[head] in ("DET", "ADJ", "NUM", "ADP", "ADV"):
            head += 1
        while tokens.head[head] > head and tokens.head[head] < last and tokens.left[tokens.head[head]] <= start:
            nearer = tokens.head[head]
            if tokens.pos[nearer] not in ("NOUN", "PROPN", "PRON") or tokens.left[nearer] < cue.first:
                break
            head = nearer
        self._phrase(found, "frame", head, floor=start)
        comma = start
        while comma < last and tokens.pos[comma] != "PUNCT":
            comma += 1
        self._add(found, "frame-comma", start, comma, head)
        end = start + 1
        while end < comma and not self._begins_phrase(end):
            end += 1
        self._add(found, "frame-short", start, end, head)

    def _begins_phrase(self, i: int) -> bool:
        """Whether a new phrase begins at `i`: *Secondo il magistrato | i motivi...*, or a verb."""
        tokens = self.tokens
        if tokens.pos[i] in ("VERB", "AUX", "SCONJ"):
            return True
        return tokens.pos[i] == "DET" and tokens.pos[i - 1] in ("NOUN", "PROPN", "ADJ")

    def _layout(self, cue: Cue, found: dict[Range, Mention]) -> None:
        tokens = self.tokens
        at = min(cue.head, tokens.n - 1)
        first = tokens.sentence(at)[0]
        end = at
        while end > first and tokens.pos[end - 1] in ("PUNCT", "SPACE"):
            end -= 1
        if end > first and tokens.lower[end] == ":" or (end > first and tokens.lower[at] == ":"):
            self._add(found, "colon-left", first, end, self._root(first, end))
            start = end
            while start > first and tokens.pos[start - 1] != "PUNCT":
                start -= 1
            if start > first:
                self._add(found, "colon-near", start, end, self._root(start, end))
        subjects = [i for i in range(first, end) if tokens.dep[i].startswith("nsubj") and not self._held(i)]
        for i in {*subjects[:1], *subjects[-1:]}:
            self._phrase(found, "subject-left", i)
        short = first + 1
        while short < end and tokens.pos[short] not in ("ADP", "VERB", "AUX", "PUNCT"):
            short += 1
        if short < end:
            self._add(found, "colon-head", first, short, self._root(first, short))
        last = self._pieces[-1][1]
        while last < tokens.n and tokens.pos[last] in ("PUNCT", "SPACE") and last < self._pieces[-1][1] + 3:
            last += 1
        if last < tokens.n and tokens.sent[last] == tokens.sent[self._pieces[-1][1] - 1]:
            self._after_phrase(found, "layout-after", last)

    def _tree(self, cue: Cue, found: dict[Range, Mention]) -> None:
        tokens = self.tokens
        head = cue.head
        self._arguments(found, head, "")
        if cue.kind == "noun":
            for c in tokens.children[head]:
                if tokens.dep[c].startswith("nmod") and tokens.pos[c] != "PRON":
                    self._phrase(found, "of-noun", c)
                elif tokens.dep[c] == "det:poss":
                    self._add(found, "possessive", c, c + 1, c)
        level = 0
        at = head
        while tokens.head[at] != at and level < 3:
            label = tokens.dep[at]
            up = tokens.head[at]
            level += 1
            if label.startswith("acl"):
                if tokens.pos[up] in ("NOUN", "PROPN", "PRON"):
                    self._phrase(found, "antecedent", up, cut=cue.first)
                    break
            self._arguments(found, up, "-up" if level == 1 else "-up2")
            at = up

    def _arguments(self, found: dict[Range, Mention], head: int, suffix: str) -> None:
        tokens = self.tokens
        for c in tokens.children[head]:
            dep = tokens.dep[c]
            if dep == "nsubj" or dep == "csubj":
                if not (tokens.pos[c] == "PRON" and tokens.lower[c] in self.grammar.relative):
                    self._phrase(found, "subject" + suffix, c)
                    self._wide(found, "subject" + suffix, c, head)
            elif dep == "nsubj:pass":
                self._phrase(found, "passive-subject" + suffix, c)
            elif dep == "obl:agent":
                self._phrase(found, "agent" + suffix, c)
            elif dep.startswith("obl") and not suffix:
                case = tokens.lower[tokens.left[c]]
                self._phrase(found, "from" if case in self.grammar.da else "oblique", c)
            elif dep in ("obj", "parataxis", "vocative", "dislocated", "nmod", "appos") and not suffix:
                if tokens.pos[c] in ("NOUN", "PROPN"):
                    self._phrase(found, "object", c)

    def _wide(self, found: dict[Range, Mention], kind: str, subject: int, verb: int) -> None:
        """A subject with all that stands between two commas before its verb: *Terrel, l'avvocato di lei, ha detto*."""
        tokens = self.tokens
        first, last = tokens.left[subject], verb
        while last > first and tokens.pos[last - 1] in ("AUX", "ADV", "PRON"):
            last -= 1
        if last - 1 > subject and tokens.lower[last - 1] == "," and last - first < 25:
            if not any(tokens.feature(i, "VerbForm") == "Fin" for i in range(subject, last)):
                self._add(found, kind + "-wide", first, last, subject)

    def _order(self, cue: Cue, found: dict[Range, Mention]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(cue.head)
        self._after_phrase(found, "after", cue.last)
        for i in range(cue.first - 1, max(first, cue.first - REACH) - 1, -1):
            if self._held(i):
                break
            if tokens.pos[i] == "PRON" and tokens.lower[i] in self.grammar.relative:
                self._antecedent(found, i, first)
                break
            if tokens.pos[i] in ("NOUN", "PROPN", "PRON") and tokens.dep[i] not in ("flat", "flat:name", "compound"):
                top = i
                for up in tokens.ancestors(i):
                    if up >= i or up < first or tokens.pos[up] not in ("NOUN", "PROPN"):
                        break
                    if self._held(up):
                        break
                    top = up
                self._phrase(found, "before", top, cut=cue.first)
                break

    def _antecedent(self, found: dict[Range, Mention], relative: int, first: int) -> None:
        """By word order, the noun phrase right before a relative pronoun: *Rossi, che ha aggiunto*."""
        tokens = self.tokens
        i = relative - 1
        while i > first and tokens.pos[i] in ("PUNCT", "ADP", "CCONJ", "ADV"):
            i -= 1
        for _ in range(8):
            if tokens.pos[i] in ("NOUN", "PROPN") and not self._held(i):
                top = i
                for up in tokens.ancestors(i):
                    if not first <= up < i or tokens.pos[up] not in ("NOUN", "PROPN"):
                        break
                    top = up
                self._phrase(found, "antecedent", i, cut=relative)
                if top != i:
                    self._phrase(found, "antecedent", top, cut=relative)
                return
            i -= 1
            if i < first:
                return

    def _after_phrase(self, found: dict[Range, Mention], kind: str, start: int) -> None:
        """The noun phrase that begins at `start`, some adverbs aside."""
        tokens = self.tokens
        if start >= tokens.n:
            return
        last = min(tokens.sentence(start)[1], start + REACH)
        i = start
        while i < last and tokens.pos[i] in ("ADV", "CCONJ"):
            i += 1
        begin = i
        while i < last and tokens.pos[i] in ("DET", "ADJ", "NUM"):
            i += 1
        if i < last and tokens.pos[i] in ("NOUN", "PROPN", "PRON") and not self._held(i):
            self._phrase(found, kind, i, floor=begin)
            end = i + 1
            while end < tokens.sentence(start)[1] and tokens.pos[end] != "PUNCT" and not self._held(end):
                if tokens.pos[end] in ("SCONJ", "VERB", "AUX"):
                    break
                end += 1
            self._add(found, kind + "-mark", begin, end, i)

    def _entities(self, cue: Cue, found: dict[Range, Mention]) -> None:
        tokens = self.tokens
        first, last = tokens.sentence(min(cue.head, tokens.n - 1))
        end = first
        for i in self._telling(first, last):
            if i < end or self._held(i):
                continue
            if tokens.entity[i] in SPEAKERS:
                end = i + 1
                while end < last and tokens.entity[end] == tokens.entity[i] and tokens.title[end]:
                    end += 1
                self._add(found, "entity", i, end, self._root(i, end))
            elif not cue.first <= i < cue.last:
                self._phrase(found, "actor", i)

    def _telling(self, first: int, last: int) -> list[int]:
        """The tokens of a sentence that name or may be a source."""
        telling = self._told.get(first)
        if telling is None:
            entity = self.tokens.entity
            telling = [i for i in range(first, last) if entity[i] in SPEAKERS or self.is_actor(i)]
            self._told[first] = telling
        return telling

    # noun phrases

    def _phrase(
        self, found: dict[Range, Mention], kind: str, head: int, *, floor: int = 0, cut: int | None = None
    ) -> None:
        """The noun phrase of `head`: its subtree without a leading preposition and without relative clauses."""
        tokens = self.tokens
        first, last = max(tokens.left[head], floor), tokens.right[head]
        if cut is not None and first < cut <= last:
            last = cut
        predicate = any(tokens.dep[c] == "cop" for c in tokens.children[head])  # *a dirlo è stato | il sindaco | ieri*
        for c in tokens.children[head]:
            if c < head and tokens.dep[c].startswith(CLAUSAL) and tokens.right[c] <= head:
                first = max(first, tokens.right[c])
            elif c > head and (tokens.dep[c] in ENDING or (predicate and tokens.dep[c] in ADVERBIAL)):
                last = min(last, max(head + 1, tokens.left[c]))
        last = next((i for i in range(head + 1, last) if tokens.feature(i, "VerbForm") == "Fin"), last)
        while first < head and tokens.pos[first] in ("ADP", "PUNCT", "CCONJ", "SPACE") and not self._fused(first):
            first += 1
        if first < head and self._fused(first):
            first += 1
        comma = next((i for i in range(head + 1, last) if tokens.pos[i] == "PUNCT" and tokens.lower[i] != "'"), last)
        self._add(found, kind, first, last, head)
        if comma < last:
            self._add(found, kind + "-short", first, comma, head)

    def _fused(self, i: int) -> bool:
        """A preposition joined with its article: *dal*, which stands outside the mention."""
        return self.tokens.pos[i] == "ADP"

    def _root(self, first: int, last: int) -> int:
        for i in range(first, last):
            if not first <= self.tokens.head[i] < last or self.tokens.head[i] == i:
                return i
        return first

    def _held(self, i: int) -> bool:
        return any(s <= i < e for s, e in self._pieces)

    def _add(self, found: dict[Range, Mention], kind: str, first: int, last: int, head: int) -> None:
        tokens = self.tokens
        while first < last and tokens.pos[first] in ("PUNCT", "SPACE", "ADP", "CCONJ"):
            first += 1
        while first < head < last and tokens.pos[first] == "ADV":  # *così invece | la presidente*
            first += 1
        while last > first and tokens.pos[last - 1] in ("PUNCT", "SPACE", "ADP", "CCONJ"):
            last -= 1
        if last <= first or last - first > 40:
            return
        head = min(max(head, first), last - 1)
        if self._held(head):
            return
        found.setdefault((first, last), Mention((first, last), head, set())).kinds.add(kind)
