"""An article as far as it has been told: whom it names or mentions, and who spoke, draft by draft.

Reads the index, the drafts in text order and the blocks; gives a `Story` of `Referent`s, which the choice of who is meant reads
and goes on with. After *Rossi ha detto...* the last speaker is *Rossi*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from claimx.draft import Block, Draft, Sourced
from claimx.mentions import Entity, Index
from claimx.model import Level
from claimx.syntax import Range

Read = Callable[[Index, int, int], Sourced]
Features = dict[str, float]
PERSON = Level.NAMED_PERSON.value
PLACES = ("place", "capital", "country")


@dataclass(slots=True, eq=False)
class Referent:
    """Somebody that a source may mean: a named entity, a list of them, or a noun phrase."""

    level: str
    who: tuple[Range, ...]  # the fullest name or the phrase; several for a list
    number: str
    gender: str
    entity: Entity | None = None
    sourced: Sourced | None = None
    places: list[int] = field(default_factory=list)  # tokens at which it is mentioned, in order

    def last_before(self, at: int) -> int | None:
        """The last mention before token `at`."""
        best = None
        for place in self.places:
            if place >= at:
                break
            best = place
        return best


@dataclass(slots=True)
class Story:
    """The article as far as it has been told: who is known, and who spoke, draft by draft."""

    index: Index
    drafts: Sequence[Draft]
    read: Read
    blocks: list[int]  # token -> number of its block
    owner: list[int]  # token -> the innermost draft whose content holds it, or -1
    quoted: list[bool]  # draft -> its content begins with a quotation mark
    anchors: list[int]  # draft -> the token at which its source would stand
    enclosing: list[int]  # draft -> the draft in whose content its cue stands, or -1
    referents: dict[int, Referent] = field(default_factory=dict)  # by id of entity
    phrases: list[Referent] = field(default_factory=list)
    history: list[Referent | None] = field(default_factory=list)

    def of_entity(self, entity: Entity) -> Referent:
        """The referent of a named entity."""
        key = id(entity)
        if key not in self.referents:
            level = {"person": PERSON, "media": Level.MEDIA.value}.get(entity.kind, Level.INSTITUTION.value)
            places = [name.first for name in entity.names]
            self.referents[key] = Referent(level, (entity.name,), "s", entity.gender, entity, None, places)
        return self.referents[key]

    def of_phrase(self, sourced: Sourced) -> Referent:
        """The referent of a noun phrase that names nobody, made once."""
        for referent in self.phrases:
            if sourced.head in referent.places:
                return referent
        span = (sourced.first, sourced.last)
        made = Referent(sourced.level, (span,), sourced.number, sourced.gender, None, sourced, [sourced.head])
        self.phrases.append(made)
        return made

    def spoke(self, referent: Referent) -> bool:
        """Whether an earlier draft is the referent's."""
        return any(other is referent for other in self.history)


def begin_story(index: Index, drafts: Sequence[Draft], blocks: Sequence[Block], read: Read) -> Story:
    """A story at its beginning: nobody has spoken yet."""
    owner = _owners(index, drafts)
    anchors = [_anchor(index, draft) for draft in drafts]
    enclosing = [-1 if owner[at] == number else owner[at] for number, at in enumerate(anchors)]
    quoted = [_is_quoted(index, draft) for draft in drafts]
    story = Story(index, drafts, read, _block_numbers(index, blocks), owner, quoted, anchors, enclosing)
    for entity in index.entities:
        story.of_entity(entity)
    return story


def _anchor(index: Index, draft: Draft) -> int:
    """The token at which the source would stand: at the cue, or where the content begins."""
    if draft.head is not None:
        return draft.head
    start = draft.cue[0] if draft.cue else draft.content[0][0]
    return min(index.tokens.at(start), index.tokens.n - 1)


def _is_quoted(index: Index, draft: Draft) -> bool:
    first, _ = index.tokens.cover(*draft.content[0])
    return first > 0 and index.tokens.lower[first - 1] == '"'


def _block_numbers(index: Index, blocks: Sequence[Block]) -> list[int]:
    numbers, block = [], 0
    for start in index.tokens.start:
        while block + 1 < len(blocks) and blocks[block + 1].start <= start:
            block += 1
        numbers.append(block)
    return numbers


def _owners(index: Index, drafts: Sequence[Draft]) -> list[int]:
    """The innermost draft that holds each token in its content: the shortest one."""
    owner = [-1] * index.tokens.n
    spans = []
    for number, draft in enumerate(drafts):
        size = sum(end - start for start, end in draft.content)
        for start, end in draft.content:
            first, last = index.tokens.cover(start, end)
            spans.append((size, number, first, last))
    for _, number, first, last in sorted(spans, reverse=True):
        owner[first:last] = [number] * (last - first)
    return owner
