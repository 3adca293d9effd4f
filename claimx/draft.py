"""What the stages of attribution hand to one another: quotations and drafts, in characters of the text, [start, end).

A draft is a claim in the making. `find_*` stages make it, later ones read it; none changes it (use `dataclasses.replace`).
For *Secondo le fonti, il piano è pronto*: cue *Secondo*, source *le fonti*, content *il piano è pronto*.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text that is read by itself: a title, heading, paragraph or list item."""

    start: int
    end: int
    kind: str = "paragraph"  # title | heading | paragraph | item


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch in quotation marks, or after a speech dash; `inner` leaves the marks out."""

    start: int
    end: int
    inner: Span
    closed: bool = True
    block: int = 0  # index of the block that it begins in
    continues: bool = False  # goes on from the quotation of the paragraph before, with no words between
    depth: int = 0  # 1 inside another quotation


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim in the making."""

    kind: str  # verb | noun | frame | hearsay | conditional | layout: what attributes it
    content: tuple[Span, ...]  # in text order
    cue: Span | None = None
    source: Span | None = None  # the mention as it stands; None when elided or absent
    head: int | None = None  # token index of the cue's head
    lemma: str | None = None  # the cue's lexicon lemma
    unspecified: bool = False  # hearsay: nobody answers for it, so nothing is to be resolved
    evidence: tuple[str, ...] = field(default=())  # which rule or model found what, for --explain
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that may attribute, as token ranges; what the lexicon knows of them, where it knows them."""

    kind: str  # verb | noun | frame | conditional | layout
    head: int  # the token that governs, or stands for, the whole
    first: int
    last: int  # token range [first, last)
    lemma: str = ""
    group: str = ""  # the lexicon's class: say, announce, deny ...
    takes: frozenset[str] = frozenset()
    strength: str = ""
    unspecified: bool = False  # the words themselves say that nobody answers for it


@dataclass(slots=True)
class Candidate:
    """A content that a cue may have: token ranges, and the kinds of evidence that proposed it."""

    cue: Cue
    pieces: tuple[tuple[int, int], ...]
    kinds: set[str]


@dataclass(slots=True)
class Mention:
    """A source that a cue may have: a token range, or none where the source is elided or nobody answers for it."""

    tokens: tuple[int, int] | None
    head: int | None
    kinds: set[str]  # subject | agent | frame | ... | elided | unspecified


@dataclass(frozen=True, slots=True)
class Sourced:
    """A mention of a source as it stands: how it is sourced by its own words, and what they tell of it.

    For *il ministro degli Esteri Lavrov*: level named-person, name *Lavrov*. All ranges are of tokens.
    """

    first: int
    last: int
    head: int
    level: str  # a value of model.Level
    name: tuple[int, int] | None = None  # the name in it, where that is the source
    number: str = ""  # s, p
    gender: str = ""  # m, f
    definite: bool = False
    kind: str = "noun"  # name | role | noun | voice | pronoun | personal: what its head is
    lemma: str = ""  # of the head noun, by the lexicon
    families: frozenset[str] = frozenset()  # of a role
    words: frozenset[str] = frozenset()  # its content words besides the head
    bound: bool = False  # whether a complement says which one: il vicesindaco *di Berzo Demo*
    score: float = 1.0
    others: tuple[tuple[int, int], ...] = ()  # further names of a list: Adusbef e *Codacons*


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is meant by a draft's source, and how well sourced that is."""

    who: str | None  # the fullest name in the article, in its own words
    level: str  # a value of model.Level
    role: str | None = None  # what the article says the source is: capo del fondo sovrano russo
    mention: Span | None = None  # the mention that stands for it
    score: float = 1.0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """Who passes a draft's content on from its source, outermost first, and to whom or through which outlet it was said."""

    via: tuple[str, ...] = ()
    to: str | None = None
    evidence: tuple[str, ...] = ()
    mention: Span | None = None  # the addressee as it stands, where it is a role and no name: *al presidente siriano*
