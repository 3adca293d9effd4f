"""Relay: who passes a claim on from its source (`via`), and to whom or through which outlet it was said (`to`).

Reads the parse and a draft with its source, looks at the words of the cue's sentence outside the content. *Axios, citando fonti
russe, scrive che* has via *Axios*; *ha detto alla Bbc* is to *Bbc*; *il Vaticano, per bocca di Lombardi* has via *Lombardi*.
Names only: what is not named stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from claimx.draft import Draft, Relay
from claimx.lexicon.relay import Phrases, RelayLexicon
from claimx.lexicon.sources import SourceLexicon
from claimx.syntax import Range, Tokens

_NEAR = 4  # words between a cue and the outlet that it was said to
_NOUNS_BEFORE = 3  # *alla televisione turca Ntv*
_CITED_WITHIN = 12  # words between an outlet and its *citando*
_CLIMB = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a cue's sentence outside its content and source."""

    outside: list[int]
    known: set[int]  # the same
    telling: list[int]  # those that may tell of a relay
    last: int  # the sentence's end


class RelayFinder:
    """Finds the relays of one article's drafts."""

    def __init__(self, tokens: Tokens, text: str, lexicon: RelayLexicon, sources: SourceLexicon) -> None:
        self.tokens = tokens
        self.text = text
        self.lexicon = lexicon
        self.sources = sources
        self._people: dict[str, str] | None = None
        self._telling = [
            lower in lexicon.forms or lemma in lexicon.lemmas for lower, lemma in zip(tokens.lower, tokens.lemma)
        ]

    def find(self, draft: Draft) -> Relay:
        """The relay of a draft; an empty one where nothing is named."""
        tokens = self.tokens
        if not tokens.n or draft.kind == "conditional":  # its cue is part of its content: nobody is spoken to
            return Relay()
        inside = [tokens.cover(*span) for span in draft.content]
        source = tokens.cover(*draft.source) if draft.source else (0, 0)
        cue = tokens.cover(*draft.cue) if draft.cue else (0, 0)
        anchor = draft.head if draft.head is not None else inside[0][0] if inside else 0
        sentence = tokens.sentence(min(anchor, tokens.n - 1))
        outside = _outside(sentence, [*inside, source])
        words = _Words(outside, set(outside), [i for i in outside if self._telling[i]], sentence[1])
        evidence: list[str] = []
        via = self._via(draft, words, source, cue, evidence)
        to = self._to(draft, words, cue, evidence)
        if to is not None and to in via:
            to = None
        mention = self._role(draft, words.known) if to is None else None
        return Relay(via, to, tuple(evidence), mention)

    # through whom

    def _via(self, draft: Draft, words: _Words, source: Range, cue: Range, evidence: list[str]) -> tuple[str, ...]:
        name = self._after_phrase(self.lexicon.mouthpiece, words, people=True)
        if name is not None and draft.source is not None:
            evidence.append("relay:mouthpiece")
            return (name,)
        tokens, lexicon = self.tokens, self.lexicon
        for i in words.telling:
            citing = tokens.lemma[i] in lexicon.citing
            if not citing and tokens.lemma[i] not in lexicon.relaying and tokens.lower[i] not in lexicon.relaying:
                continue
            if draft.source is None and cue[0] <= i < cue[1]:
                continue  # the outlet is the source itself
            outlet = self._outlet_before(i, words) if citing and source[0] - 3 <= i < source[0] else None
            outlet = outlet or self._outlet_after(i, words)
            if outlet is not None:
                evidence.append("relay:cited" if citing else "relay:passed on")
                return (outlet,)
        return ()

    def _outlet_before(self, at: int, words: _Words) -> str | None:
        """*Axios, citando*: the nearest outlet before, with nothing of the content between."""
        for i in reversed([i for i in words.outside if at - _CITED_WITHIN <= i < at]):
            found = self._media(i)
            if found is not None and i + found <= at:
                return self._text(i, i + found)
        return None

    def _outlet_after(self, at: int, words: _Words) -> str | None:
        """*riporta l'Ansa, citato dalla Bbc*: an outlet within a few words, after an article or *da*."""
        tokens, lexicon = self.tokens, self.lexicon
        begun = False
        for i in range(at + 1, min(at + 2 + _NOUNS_BEFORE, words.last)):
            if i not in words.known or tokens.pos[i] in ("PUNCT", "VERB"):
                return None
            found = self._media(i)
            if found is not None:
                return self._text(i, i + found)
            lower = tokens.lower[i]
            if not begun and (lower in lexicon.to or lower in lexicon.of):
                return None
            begun = begun or lower in lexicon.by or lower in lexicon.articles
        return None

    # to whom

    def _to(self, draft: Draft, words: _Words, cue: Range, evidence: list[str]) -> str | None:
        name = self._after_phrase(self.lexicon.through, words, people=False)
        if name is not None:
            evidence.append("relay:said through")
            return name
        name = self._platform(words)
        if name is not None:
            evidence.append("relay:platform")
            return name
        if draft.cue is None or draft.head is None:
            return None
        name = self._to_outlet(draft.head, words, cue)
        if name is not None:
            evidence.append("relay:said to an outlet")
            return name
        name = self._addressee(draft, words.known, cue)
        if name is not None:
            evidence.append("relay:said to")
        return name

    def _platform(self, words: _Words) -> str | None:
        """*su X, sul suo profilo Instagram*."""
        for place, end in self._phrases(self.lexicon.platform, words):
            for i in range(end, min(end + self.lexicon.platform.gap, words.last)):
                for name in self.lexicon.platforms.get(self.tokens.words[i], ()):
                    if tuple(self.tokens.words[i : i + len(name)]) == name and i > place:
                        return self._text(i, i + len(name))
                if self.tokens.pos[i] in ("PUNCT", "VERB"):
                    break
        return None

    def _to_outlet(self, head: int, words: _Words, cue: Range) -> str | None:
        """*ha detto alla Bbc, al quotidiano la Repubblica*: an outlet after `a` that belongs to the cue."""
        tokens = self.tokens
        for i in words.telling:
            if tokens.lower[i] not in self.lexicon.to:
                continue
            near = 0 <= i - cue[1] < _NEAR or 0 < cue[0] - i <= _NEAR
            for j in range(i + 1, min(i + 2 + _NOUNS_BEFORE, words.last)):
                if j not in words.known or tokens.pos[j] in ("PUNCT", "VERB", "ADP"):
                    break
                found = self._media(j)
                if found is not None:
                    if near or self._belongs(j, head):
                        return self._text(j, j + found)
                    break
        return None

    def _belongs(self, i: int, head: int) -> bool:
        for step, up in enumerate(self.tokens.ancestors(i)):
            if up == head:
                return True
            if step >= _CLIMB:
                break
        return False

    def _addressee(self, draft: Draft, known: set[int], cue: Range) -> str | None:
        """*ha garantito a Draghi, propone alla Polonia; accusa il governo russo di*: a complement of the cue, by name."""
        tokens = self.tokens
        head = draft.head
        if head is None:
            return None
        for c, case in self._spoken_to(draft, head, known):
            if case and tokens.entity[c] == "LOC" and not any(len(word) > 2 for word in case):
                continue  # a Berlino: where; alla Russia: to whom
            if not cue[0] <= c < cue[1]:
                name = self._named(c, known)
                if name is not None:
                    return name
        return None

    def _spoken_to(self, draft: Draft, head: int, known: set[int]) -> Iterator[tuple[int, list[str]]]:
        """The complements of the cue that can be the one spoken to, each with its prepositions."""
        tokens, lexicon = self.tokens, self.lexicon
        lemma = draft.lemma or tokens.lemma[head]
        if tokens.pos[head] == "NOUN" and lemma not in lexicon.addressed:
            return
        for c in tokens.children[head]:
            dep = tokens.dep[c].partition(":")[0]
            if c not in known or dep not in ("obl", "iobj", "obj", "nmod"):
                continue
            case = [tokens.lower[k] for k in tokens.children[c] if tokens.dep[k].startswith("case")]
            if any(word in lexicon.to for word in case) or (lemma in lexicon.spoken_to and dep == "obj" and not case):
                yield c, case

    def _role(self, draft: Draft, known: set[int]) -> Range | None:
        """The characters of a role that is spoken to, for whoever can say who it is."""
        if draft.cue is None or draft.head is None:
            return None
        tokens = self.tokens
        for c, _ in self._spoken_to(draft, draft.head, known):
            entry = self.sources.match(tokens.words, tokens.lower, c)
            if entry is not None and entry.kind == "role" and not entry.plural:
                indices = [i for i in range(tokens.left[c], tokens.right[c]) if i in known]
                while indices and tokens.pos[indices[0]] in ("ADP", "DET", "PUNCT"):
                    indices.pop(0)
                last = next((k for k, i in enumerate(indices) if tokens.pos[i] == "PUNCT"), len(indices))
                if last:
                    return tokens.chars(indices[0], indices[last - 1] + 1)
        return None

    # names

    def _phrases(self, phrases: Phrases, words: _Words) -> Iterator[Range]:
        lower = self.tokens.lower
        for i in words.telling:
            if lower[i] in phrases.by_first:
                end = phrases.match(lower, i, words.last)
                if end is not None:
                    yield i, end

    def _after_phrase(self, phrases: Phrases, words: _Words, *, people: bool) -> str | None:
        """The name that follows a phrase: an outlet within its gap, or a name at once; a person within the gap where asked for."""
        tokens = self.tokens
        for _, end in self._phrases(phrases, words):
            for i in range(end, min(end + phrases.gap, words.last)):
                if (
                    i not in words.known
                    or tokens.pos[i] in ("VERB", "AUX")
                    or (tokens.pos[i] == "PUNCT" and not people)
                ):
                    break
                if people:
                    if tokens.entity[i] == "PER":
                        return self._person(i)
                    continue
                found = self._media(i)
                if found is not None:
                    return self._text(i, i + found)
                if i <= end + 1 and tokens.entity[i] in ("ORG", "MISC") and tokens.title[i]:
                    return self._entity(i)
        return None

    def _named(self, head: int, known: set[int]) -> str | None:
        """The name of a noun phrase: the person in it, or a body or place without its article."""
        tokens = self.tokens
        indices = [i for i in range(tokens.left[head], tokens.right[head]) if i in known]
        for i in indices[:10]:
            if tokens.pos[i] == "PUNCT":
                break
            if tokens.entity[i] == "PER":
                return self._person(i)
        if tokens.entity[head] in ("ORG", "LOC"):
            return self._entity(head)
        entry = self.sources.match(tokens.words, tokens.lower, head)
        if entry is None or entry.kind not in ("institution", "country", "capital"):
            return None
        if entry.name:
            return self._text(head, head + entry.length)
        last = head + 1  # il governo russo, il ministero degli Esteri polacco
        while (
            last in known and last < tokens.right[head] and tokens.pos[last] in ("ADJ", "PROPN", "ADP", "NOUN", "DET")
        ):
            last += 1
        while last > head + 1 and tokens.pos[last - 1] in ("ADP", "DET"):
            last -= 1
        return self._text(head, last) if last > head + 1 or tokens.title[head] else None

    def _media(self, i: int) -> int | None:
        """The length in words of the outlet's name that begins at word `i`."""
        if not self.tokens.title[i] and not self.tokens.words[i][:1].isdigit():
            return None
        entry = self.sources.match(self.tokens.words, self.tokens.lower, i)
        return entry.length if entry is not None and entry.name and entry.kind == "media" else None

    def _entity(self, i: int) -> str:
        return self._text(*self._extent(i))

    def _extent(self, i: int) -> Range:
        tokens = self.tokens
        label = tokens.entity[i]
        first, last = i, i + 1
        while first > 0 and tokens.entity[first - 1] == label and tokens.head[first - 1] != first - 2:
            first -= 1
        while last < tokens.n and tokens.entity[last] == label:
            last += 1
        while first < i and (tokens.lower[first] in self.lexicon.articles or tokens.lower[first] in self.lexicon.to):
            first += 1
        return first, last

    def _person(self, i: int) -> str:
        """The fullest name that the article gives the person whose name stands at word `i`."""
        first, last = self._extent(i)
        name = self._text(first, last)
        if self._people is None:
            self._people = self._collect()
        known = self._people.get(self.tokens.lower[last - 1], "")
        return known if len(known) > len(name) and known.endswith(name) else name

    def _collect(self) -> dict[str, str]:
        tokens = self.tokens
        people: dict[str, str] = {}
        i = 0
        while i < tokens.n:
            if tokens.entity[i] != "PER":
                i += 1
                continue
            last = i + 1
            while last < tokens.n and tokens.entity[last] == "PER":
                last += 1
            name = self._text(i, last)
            surname = tokens.lower[last - 1]
            if len(name) > len(people.get(surname, "")):
                people[surname] = name
            i = last
        return people

    def _text(self, first: int, last: int) -> str:
        tokens = self.tokens
        return " ".join(self.text[tokens.start[first] : tokens.end[last - 1]].split())


def _outside(sentence: Range, ranges: Iterable[Range]) -> list[int]:
    """The words of a sentence that are in none of the ranges."""
    outside: list[int] = []
    at, last = sentence
    for start, end in sorted(ranges):
        outside.extend(range(at, min(start, last)))
        at = max(at, end)
    outside.extend(range(at, last))
    return outside


def find_relay(tokens: Tokens, draft: Draft, *, text: str, lexicon: RelayLexicon, sources: SourceLexicon) -> Relay:
    """The relay of one draft; for all drafts of an article, one RelayFinder does it at less cost."""
    return RelayFinder(tokens, text, lexicon, sources).find(draft)
