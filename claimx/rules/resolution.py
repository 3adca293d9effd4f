"""Stage *resolution*: who is meant by each draft's source, by the fullest name that the article gives.

Reads the drafts in text order with what `read_source` says of their mentions, and the article's index; gives a `Resolution`
for each. *Dmitriev* is *Kirill Dmitriev*, *il ministro* the one minister spoken of, an elided subject whoever spoke or acted
in the sentence before. Where no candidate is likely enough the mention stays as it stands, with a lower score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from claimx.draft import Block, Draft, Resolution, Sourced
from claimx.mentions import Entity, Index
from claimx.model import Level
from claimx.offices import best_fit, choose
from claimx.referents import agreement, candidates
from claimx.story import PERSON, PLACES, Read, Referent, Story, begin_story
from claimx.syntax import Range

_SURE = 0.9  # of a mention that names or describes its source itself
_NOTE_NEEDED = 0.35  # the least probability at which *una lettera* is its supposed author's word
_MOST_CALLED = 3  # more people of one role are no list that *le attiviste* could mean
_BODY_NEEDED = 2.0  # the least score at which *l'azienda* is taken for a body named before


@dataclass(frozen=True, slots=True)
class Found:
    """Who one draft's source is, how sure, and why."""

    referent: Referent | None
    score: float
    evidence: tuple[str, ...]


def resolve_sources(index: Index, drafts: Sequence[Draft], *, blocks: Sequence[Block], read: Read) -> list[Resolution]:
    """A resolution for each draft; `drafts` in text order, `read` the stage that reads a mention (`read_source`)."""
    story = begin_story(index, drafts, blocks, read)
    found: list[Found] = []
    for number in range(len(drafts)):
        found.append(resolve_one(story, number))
        story.history.append(found[-1].referent)
    _look_ahead(story, found)
    return [_result(story, each) for each in found]


def resolve_one(story: Story, number: int) -> Found:
    """Who the source of draft `number` is, after those before it."""
    draft = story.drafts[number]
    if draft.unspecified:
        return Found(None, 1.0, ("nobody answers for it",))
    if draft.source is None:
        return _ranked(story, number, agreement(story.index, draft))
    return _mentioned(story, number, _read(story, number))


def asks_for(story: Story, number: int) -> tuple[str, Sourced | None] | None:
    """What is to be chosen for draft `number`: elided, personal, voice or role, with its mention; None where it is plain."""
    draft = story.drafts[number]
    if draft.unspecified:
        return None
    if draft.source is None:
        return "elided", None
    sourced = _read(story, number)
    if sourced.kind == "role":
        return ("role", sourced) if sourced.definite and sourced.number == "s" else None
    if sourced.kind == "personal":
        return None if sourced.lemma == "latter" else ("personal", sourced)
    if sourced.kind == "voice":
        return ("voice", sourced) if sourced.definite and not sourced.words else None
    return None


def _read(story: Story, number: int) -> Sourced:
    span = story.drafts[number].source
    assert span is not None
    first, last = story.index.tokens.cover(*span)
    return story.read(story.index, first, max(last, first + 1))


def _result(story: Story, found: Found) -> Resolution:
    tokens, text = story.index.tokens, story.index.text
    referent = found.referent
    if referent is None:
        return Resolution(None, Level.UNSPECIFIED.value, score=found.score, evidence=found.evidence)
    pieces = [text[tokens.start[first] : tokens.end[last - 1]] for first, last in referent.who]
    first, last = referent.who[0]
    who = pieces[0]
    if len(pieces) > 1:
        who = text[tokens.start[first] : tokens.end[referent.who[-1][1] - 1]]
        if not _adjacent(referent.who):
            who = ", ".join(pieces)
    role = None
    if referent.entity is not None and referent.entity.is_person and len(pieces) == 1:
        span = _role_of(referent.entity)
        if span is not None:
            role = text[tokens.start[span[0]] : tokens.end[span[1] - 1]]
    mention = (tokens.start[first], tokens.end[last - 1])
    return Resolution(who, referent.level, role, mention, round(found.score, 3), found.evidence)


def _role_of(entity: Entity) -> Range | None:
    """The fullest thing that the article says a person is: *capo del fondo sovrano russo*."""
    roles = [role for role in entity.roles if role.last - role.first <= 14]
    if not roles:
        return None
    best = max(roles, key=lambda role: (len(role.words) > 0, "anyone" not in role.entry.families, -role.first))
    return best.first, best.last


# --- a mention that stands in the text ---------------------------------------------------------------------------


def _mentioned(story: Story, number: int, sourced: Sourced) -> Found:
    if sourced.kind == "name" and sourced.name is not None:
        return _by_name(story, sourced)
    if sourced.kind == "role" and sourced.definite:
        if sourced.number == "s":
            return _by_role(story, number, sourced)
        return _by_plural_role(story, sourced)
    if sourced.kind == "personal":
        return _by_pronoun(story, number, sourced)
    if sourced.kind == "voice":
        return _by_voice(story, number, sourced)
    if sourced.level in (Level.INSTITUTION.value, Level.MEDIA.value) and sourced.definite:
        return _by_body(story, sourced)
    return _as_it_stands(story, sourced)


def _by_name(story: Story, sourced: Sourced) -> Found:
    assert sourced.name is not None
    entity = story.index.at[sourced.name[0]]
    referent = story.of_entity(entity)
    if not sourced.others and entity.is_person and sourced.level != PERSON:
        return Found(story.of_phrase(sourced), sourced.score * 0.8, ("a body that has somebody's name",))
    if not sourced.others:
        referent.level = sourced.level
        return Found(referent, sourced.score, ("name",))
    entities = [entity, *(story.index.at[first] for first, _ in sourced.others)]
    spans = (sourced.name, *sourced.others)
    if not _adjacent(spans):
        spans = tuple(each.name for each in entities)
    group = Referent(sourced.level, spans, "p", sourced.gender, None, sourced, [sourced.head])
    story.phrases.append(group)
    return Found(group, sourced.score, ("list of names",))


def _adjacent(spans: Sequence[Range]) -> bool:
    """Whether the names of a list stand one after the other, so that the text between them can be kept."""
    return all(0 <= second[0] - first[1] <= 3 for first, second in zip(spans, spans[1:]))


def _as_it_stands(story: Story, sourced: Sourced) -> Found:
    """The mention itself, or the fuller one of the same thing before it: *le fonti* -> *fonti statunitensi e russe*."""
    if sourced.definite and sourced.lemma and not sourced.words:
        for referent in reversed(story.phrases):
            other = referent.sourced
            if other and other.lemma == sourced.lemma and other.number == sourced.number and other.words:
                referent.places.append(sourced.head)
                return Found(referent, sourced.score * 0.9, ("fuller mention before",))
    return Found(story.of_phrase(sourced), sourced.score, ("as it stands",))


def _by_role(story: Story, number: int, sourced: Sourced) -> Found:
    """*il ministro*, *la stilista*, *il 35enne*: the person whom the role fits best, or nobody named."""
    referent, score = best_fit(story, number, sourced)
    if referent is not None:
        return Found(referent, score, ("role",))
    found = _as_it_stands(story, sourced)
    return Found(found.referent, score, found.evidence)


def _by_plural_role(story: Story, sourced: Sourced) -> Found:
    """*le due consigliere*, *i coniugi*: the people named in one list whom the words fit; else a group."""
    index = story.index
    if not sourced.bound:
        asked = _count_asked(index, sourced)
        fits = [group for group in index.groups if _fits_group(index, sourced, group, asked)]
        if fits:
            before = [group for group in fits if all(entity.names[0].first < sourced.head for entity in group)]
            group = (before or fits)[-1 if before else 0]
            return Found(_referent_of_group(story, group, sourced), 0.6, ("list of names",))
        called = [
            entity for entity in index.entities if any(role.entry.lemma == sourced.lemma for role in entity.roles)
        ]
        if len(called) > 1 and len(called) == (asked or len(called)) and len(called) <= _MOST_CALLED:
            return Found(_referent_of_group(story, called, sourced), 0.5, ("each called so",))
    return _as_it_stands(story, sourced)


def _count_asked(index: Index, sourced: Sourced) -> int:
    """How many *le due consigliere*, *i coniugi* are; 0 where no word tells."""
    numerals = index.lexicon.numerals
    words = (index.tokens.lower[i] for i in range(sourced.first, sourced.last))
    return next((numerals[word] for word in words if word in numerals), 0)


def _fits_group(index: Index, sourced: Sourced, group: Sequence[Entity], asked: int) -> bool:
    """Whether people named in one list may be called so: by their number, by their roles, by the role before the list."""
    if asked and asked != len(group):
        return False
    if sourced.gender == "f" and any(entity.gender == "m" for entity in group):
        return False
    general = "anyone" in sourced.families or "kin" in sourced.families
    roles = [role for entity in group for role in entity.roles]
    alike = any(role.entry.lemma == sourced.lemma or role.entry.families & sourced.families for role in roles)
    first = min(name.first for name in group[0].names)
    for i in range(max(first - 8, 0), first):
        entry = index.entries[i]
        if entry is not None and entry.kind == "role" and entry.plural:
            alike = alike or entry.lemma == sourced.lemma or bool(entry.families & sourced.families - {"anyone"})
    return alike or (bool(asked) and general)


def _referent_of_group(story: Story, group: Sequence[Entity], sourced: Sourced) -> Referent:
    spans = tuple(entity.name for entity in group)
    for referent in story.phrases:
        if referent.who == spans:
            return referent
    made = Referent(PERSON, spans, "p", sourced.gender, None, sourced, [sourced.head])
    story.phrases.append(made)
    return made


def _by_pronoun(story: Story, number: int, sourced: Sourced) -> Found:
    if sourced.lemma == "latter":
        latest = _latest(story, sourced)
        if latest is not None:
            return Found(latest, 0.7, ("last one mentioned",))
    found = _ranked(story, number, (sourced.number, sourced.gender))
    if found.referent is not None:
        return Found(found.referent, found.score, ("pronoun", *found.evidence))
    return _as_it_stands(story, sourced)


def _latest(story: Story, sourced: Sourced) -> Referent | None:
    """The last one mentioned before *quest'ultimo* that agrees with it."""
    best: tuple[int, Referent] | None = None
    for referent in (*story.referents.values(), *story.phrases):
        if sourced.gender and referent.gender and referent.gender != sourced.gender:
            continue
        if referent.number != sourced.number or (referent.entity is not None and referent.entity.kind in PLACES):
            continue
        place = referent.last_before(sourced.first)
        if place is not None and (best is None or place > best[0]):
            best = (place, referent)
    return best[1] if best is not None else None


def _by_voice(story: Story, number: int, sourced: Sourced) -> Found:
    """*la lettera*, *il post*: its author, where somebody spoke or acted just before; else a document."""
    if not sourced.words or not sourced.definite:
        found = _ranked(story, number, ("", ""))
        sure = found.score >= (0.0 if sourced.definite else _NOTE_NEEDED)
        if found.referent is not None and found.referent.level != Level.DOCUMENT.value and sure:
            return Found(found.referent, found.score * 0.8, ("author of the note", *found.evidence))
    return _as_it_stands(story, sourced)


def _by_body(story: Story, sourced: Sourced) -> Found:
    """*l'azienda*, *il giornale*: the body that the article calls so, or the one outlet spoken of."""
    index = story.index
    if len(sourced.words) > 1 or sourced.number != "s" or sourced.lemma not in index.lexicon.generic_bodies:
        return _as_it_stands(story, sourced)
    best: tuple[float, Entity] | None = None
    for entity in index.entities:
        if entity.is_person or entity.kind in PLACES:
            continue
        if (entity.kind == "media") != (sourced.level == Level.MEDIA.value):
            continue
        referent = story.of_entity(entity)
        before = referent.last_before(sourced.head)
        if before is None:
            continue
        called = any(_is_called(index, name.first, sourced.lemma) for name in entity.names)
        score = (3.0 if called else 0.0) + (1.5 if entity.kind == "media" else 1.0 if entity.kind else 0.0)
        score += math.exp(-(index.tokens.sent[sourced.head] - index.tokens.sent[before]) / 3)
        score += 0.2 * min(len(entity.names), 5) + (0.5 if story.spoke(referent) else 0.0)
        if best is None or score > best[0]:
            best = (score, entity)
    if best is not None and best[0] >= _BODY_NEEDED:
        return Found(story.of_entity(best[1]), 0.6, ("named before",))
    return _as_it_stands(story, sourced)


def _is_called(index: Index, first: int, lemma: str) -> bool:
    """Whether the noun `lemma` stands before a name: *la società di giocattoli* Hasbro."""
    for i in range(first - 1, max(first - 5, -1), -1):
        entry = index.entries[i]
        if entry is not None and not entry.name and entry.lemma == lemma:
            return True
        if index.tokens.pos[i] in ("VERB", "AUX", "PUNCT"):
            return False
    return False


# --- an elided source --------------------------------------------------------------------------------------------


def _ranked(story: Story, number: int, asked: tuple[str, str]) -> Found:
    """The candidate that recency, subjects, earlier speech and agreement speak for most."""
    rows = candidates(story, number, asked)
    if not rows:
        return Found(None, 0.3, ("nobody to carry over",))
    weights = story.index.lexicon.weights["elided"]
    probabilities = choose([features for _, features in rows], weights)
    best = max(range(len(rows)), key=lambda k: probabilities[k])
    referent, features = rows[best]
    told = sorted(features, key=lambda name: -weights.get(name, 0.0) * features[name])
    return Found(referent, probabilities[best], tuple(told[:2]))


def _look_ahead(story: Story, found: list[Found]) -> None:
    """A title or first sentence whose speaker comes only later takes the next draft's."""
    for number, here in enumerate(found):
        if here.referent is None and not story.drafts[number].unspecified:
            later = next((each for each in found[number + 1 :] if each.referent is not None), None)
            if later is not None:
                found[number] = Found(later.referent, 0.4, ("speaks next",))
