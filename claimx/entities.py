"""What an article names, as data: occurrences of names, the roles that go with them, entities, and the index of all by token.

`claimx.mentions` makes it; the stages that resolve sources read it. For *Kirill Dmitriev, capo del fondo sovrano russo* an
`Entity` of kind person with one `Name` and one `Role`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from claimx.draft import Sourced
from claimx.lexicon.sources import Entry, SourceLexicon
from claimx.syntax import Range, Tokens

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Name:
    """One occurrence of a name, as a token range."""

    first: int
    last: int
    kind: str  # person, institution, media, country, capital, place, or "" where nothing tells
    keys: tuple[str, ...]  # its words, without case and accents
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """What the article calls a person: *ministro degli Esteri russo*."""

    head: int
    first: int
    last: int
    entry: Entry
    words: frozenset[str]  # its other content words


@dataclass(slots=True, eq=False)
class Entity:
    """Somebody or something that the article names, with all occurrences of the name."""

    kind: str
    name: Range  # the fullest occurrence, as tokens
    keys: tuple[str, ...]
    gender: str = ""
    names: list[Name] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)

    @property
    def is_person(self) -> bool:
        return self.kind == PERSON


@dataclass(slots=True)
class Index:
    """The names and nouns of an article, by token."""

    tokens: Tokens
    text: str
    lexicon: SourceLexicon
    words: list[str]  # as written, marks normalised
    entries: list[Entry | None]  # the noun or name of the lexicon that begins at a token
    names: list[Name]
    entities: list[Entity]
    at: dict[int, Entity]  # token -> the entity whose name it is part of
    compound: set[int] = field(default_factory=set)  # the first tokens of compound roles
    groups: list[tuple[Entity, ...]] = field(default_factory=list)  # people named in one list: Adusbef e Codacons
    covered: set[int] = field(default_factory=set)  # tokens inside a compound role: presidente del *Consiglio*
    named: set[int] = field(default_factory=set)  # tokens of the names found so far
    recurring: set[str] = field(
        default_factory=set
    )  # words that never stand here without a capital, and keep it in mid-sentence
    holders: dict[int, Name] = field(default_factory=dict)  # token -> the name that it is part of
    sourced: dict[Range, Sourced] = field(default_factory=dict)  # mentions as they have been read

    def name_at(self, i: int) -> Name | None:
        """The name that holds token `i`."""
        return self.holders.get(i)


def content_words(index: Index, first: int, last: int) -> frozenset[str]:
    """The nouns, names and adjectives of a range, in lower case, to compare complements."""
    tokens = index.tokens
    return frozenset(
        tokens.lower[i] for i in range(first, last) if tokens.pos[i] in ("NOUN", "PROPN", "ADJ", "NUM", "X")
    )


def is_eponym(index: Index, i: int) -> bool:
    """Whether the noun `i` gives its name to what follows: *piazza* Cavour, *legge* Severino."""
    return index.tokens.lower[i] in index.lexicon.eponyms and index.tokens.pos[i] != "ADJ"


def opens(index: Index, i: int) -> bool:
    """Whether a capital at token `i` tells nothing: after a full stop, a colon, a mark."""
    tokens = index.tokens
    if i == 0 or tokens.sent[i] != tokens.sent[i - 1] or tokens.pos[i - 1] in ("SPACE",):
        return True
    return tokens.pos[i - 1] == "PUNCT" and tokens.lower[i - 1] not in (",", "(", ")")
