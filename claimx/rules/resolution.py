"""Stage *resolution*: who is meant by each draft's source, by the fullest name that the article gives.

Reads the drafts in text order with what `read_source` says of their mentions, and the article's index; gives a `Resolution`
for each. *Dmitriev* is *Kirill Dmitriev*, *il ministro* the one minister spoken of, an elided subject whoever spoke or acted
in the sentence before. Where no candidate is good enough the mention stays as it stands, with a lower score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from claimx.draft import Block, Draft, Resolution, Sourced
from claimx.mentions import Entity, Index, Role
from claimx.model import Level
from claimx.syntax import Range

Read = Callable[[Index, int, int], Sourced]

_PERSON = Level.NAMED_PERSON.value
_NEEDED = 2.2  # the least score at which a role or pronoun is taken for somebody
_PLURALS = (Level.UNNAMED_GROUP.value,)


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
class _State:
    index: Index
    drafts: Sequence[Draft]
    read: Read
    blocks: list[int]  # token -> number of its block
    contents: list[bool]  # token -> inside some draft's content
    referents: dict[int, Referent] = field(default_factory=dict)  # by id of entity
    phrases: list[Referent] = field(default_factory=list)
    history: list[Referent | None] = field(default_factory=list)

    def of_entity(self, entity: Entity) -> Referent:
        key = id(entity)
        if key not in self.referents:
            level = {"person": _PERSON, "media": Level.MEDIA.value}.get(entity.kind, Level.INSTITUTION.value)
            places = [name.first for name in entity.names]
            self.referents[key] = Referent(level, (entity.name,), "s", entity.gender, entity, None, places)
        return self.referents[key]


def resolve_sources(
    index: Index,
    drafts: Sequence[Draft],
    *,
    blocks: Sequence[Block],
    read: Read,
    title_end: int = 0,
) -> list[Resolution]:
    """A resolution for each draft; `drafts` in text order, `read` the stage that reads a mention (`read_source`)."""
    state = _State(index, drafts, read, _block_numbers(index, blocks), _content_mask(index, drafts))
    for entity in index.entities:
        state.of_entity(entity)
    found: list[tuple[Referent | None, Sourced | None, float, tuple[str, ...]]] = []
    for number, draft in enumerate(drafts):
        if draft.unspecified:
            found.append((None, None, 1.0, ("nobody answers for it",)))
            state.history.append(None)
            continue
        if draft.source is None:
            referent, score, evidence = _elided(state, number)
            found.append((referent, None, score, evidence))
        else:
            first, last = index.tokens.cover(*draft.source)
            sourced = read(index, first, max(last, first + 1))
            referent, score, evidence = _mentioned(state, number, sourced)
            found.append((referent, sourced, score, evidence))
        state.history.append(found[-1][0])
    _look_ahead(state, found)
    return [_result(state, *entry) for entry in found]


def _result(
    state: _State, referent: Referent | None, sourced: Sourced | None, score: float, evidence: tuple[str, ...]
) -> Resolution:
    tokens, text = state.index.tokens, state.index.text
    if referent is None:
        return Resolution(None, Level.UNSPECIFIED.value, score=score, evidence=evidence)
    pieces = [text[tokens.start[first] : tokens.end[last - 1]] for first, last in referent.who]
    first, last = referent.who[0]
    who = pieces[0]
    if len(pieces) > 1:
        end = referent.who[-1][1]
        joined = text[tokens.start[first] : tokens.end[end - 1]]
        who = joined if 0 <= end - first < 24 and referent.who[-1][0] > first else ", ".join(pieces)
    role = None
    if referent.entity is not None and referent.entity.is_person and len(pieces) == 1:
        span = _role_of(referent.entity)
        if span is not None:
            role = text[tokens.start[span[0]] : tokens.end[span[1] - 1]]
    mention = (tokens.start[first], tokens.end[last - 1])
    return Resolution(who, referent.level, role, mention, round(score, 3), evidence)


def _role_of(entity: Entity) -> Range | None:
    """The fullest thing that the article says a person is: *capo del fondo sovrano russo*."""
    roles = [role for role in entity.roles if role.last - role.first <= 14]
    if not roles:
        return None
    best = max(roles, key=lambda role: (len(role.words) > 0, "anyone" not in role.entry.families, -role.first))
    return best.first, best.last


# --- a mention that stands in the text ---------------------------------------------------------------------------


def _mentioned(state: _State, number: int, sourced: Sourced) -> tuple[Referent | None, float, tuple[str, ...]]:
    if sourced.kind == "name" and sourced.name is not None:
        return _by_name(state, sourced)
    if sourced.kind == "role" and sourced.definite:
        if sourced.number == "s":
            return _by_role(state, number, sourced)
        return _by_plural_role(state, sourced)
    if sourced.kind == "personal":
        referent, score, evidence = _ranked(state, number, sourced.head, sourced.number, sourced.gender, sourced)
        if referent is not None:
            return referent, score * 0.8, ("pronoun", *evidence)
        return _as_it_stands(state, sourced)
    if sourced.kind == "voice":
        return _by_voice(state, number, sourced)
    if sourced.level in (Level.INSTITUTION.value, Level.MEDIA.value) and sourced.definite:
        return _by_body(state, sourced)
    return _as_it_stands(state, sourced)


def _by_name(state: _State, sourced: Sourced) -> tuple[Referent, float, tuple[str, ...]]:
    assert sourced.name is not None
    entity = state.index.at[sourced.name[0]]
    referent = state.of_entity(entity)
    if not sourced.others:
        if referent.level != sourced.level:
            referent.level = sourced.level
        return referent, sourced.score, ("name",)
    entities = [entity, *(state.index.at[first] for first, _ in sourced.others)]
    spans = (sourced.name, *sourced.others)
    if not _adjacent(spans):
        spans = tuple(each.name for each in entities)
    group = Referent(sourced.level, spans, "p", "", None, sourced, [sourced.head])
    state.phrases.append(group)
    return group, sourced.score, ("list of names",)


def _adjacent(spans: Sequence[Range]) -> bool:
    return all(second[0] - first[1] <= 3 for first, second in zip(spans, spans[1:]))


def _as_it_stands(state: _State, sourced: Sourced) -> tuple[Referent, float, tuple[str, ...]]:
    """The mention itself, or the fuller one of the same thing before it: *le fonti* -> *fonti statunitensi e russe*."""
    if sourced.definite and sourced.lemma and not sourced.words:
        for referent in reversed(state.phrases):
            other = referent.sourced
            if other and other.lemma == sourced.lemma and other.number == sourced.number and other.words:
                referent.places.append(sourced.head)
                return referent, sourced.score * 0.9, ("fuller mention before",)
    span = (sourced.first, sourced.last)
    referent = Referent(sourced.level, (span,), sourced.number, sourced.gender, None, sourced, [sourced.head])
    state.phrases.append(referent)
    return referent, sourced.score, ("as it stands",)


def _by_role(state: _State, number: int, sourced: Sourced) -> tuple[Referent | None, float, tuple[str, ...]]:
    """*il ministro*, *la stilista*, *il 35enne*: the person whom the role fits best, if it fits well enough."""
    scored = sorted(
        ((_fit(state, number, sourced, entity), -n, entity) for n, entity in enumerate(state.index.entities) if entity.is_person),
        reverse=True,
        key=lambda item: item[:2],
    )
    if scored and scored[0][0] >= _NEEDED:
        lead = scored[0][0] - (scored[1][0] if len(scored) > 1 else 0.0)
        referent = state.of_entity(scored[0][2])
        return referent, _squash(scored[0][0] - 2.0 + min(lead, 2.0)), ("role",)
    return _as_it_stands(state, sourced)


def _fit(state: _State, number: int, sourced: Sourced, entity: Entity) -> float:
    """How well a role, as it stands at a draft, fits a person."""
    index = state.index
    if sourced.words & set(entity.keys) and not _is_apposed(index, sourced, entity):
        return -9.0  # il legale di Crudo is not Crudo
    general = "anyone" in sourced.families
    best = 1.0 if general else 0.0
    for role in entity.roles:
        best = max(best, _match(index, sourced, role))
    score = best
    if best <= 1.0 and not general and sourced.words:
        score -= 1.5  # il vicesindaco di Berzo Demo is nobody of another role
    if best <= 0.0 and entity.roles and not general:
        score -= 0.7
    if sourced.gender and entity.gender and sourced.gender != entity.gender:
        score -= 4.0 if general or sourced.gender == "f" else 1.5
    before = state.of_entity(entity).last_before(sourced.head)
    if before is None:
        score -= 1.0 if best >= 3 else 3.0
    else:
        distance = index.tokens.sent[sourced.head] - index.tokens.sent[before]
        score += 2.0 * math.exp(-distance / 3)
    score += 0.1 * min(len(entity.names), 5)
    last = _previous(state, number)
    if last is not None and last.entity is entity:
        score += 1.0
    elif any(other is not None and other.entity is entity for other in state.history):
        score += 0.4
    return score


def _match(index: Index, sourced: Sourced, role: Role) -> float:
    """How well two roles agree: same noun, same family, families that may stand for one another."""
    if role.entry.lemma == sourced.lemma:
        score = 4.0
    elif role.entry.families & sourced.families - {"anyone"}:
        score = 2.5
    elif any(role.entry.families & index.lexicon.relatives.get(family, frozenset()) for family in sourced.families):
        score = 1.2
    elif "anyone" in sourced.families or "anyone" in role.entry.families:
        return 1.0
    else:
        return 0.0
    if sourced.words and role.words:
        score += 1.0 if sourced.words & role.words else -2.0
    return score


def _is_apposed(index: Index, sourced: Sourced, entity: Entity) -> bool:
    return sourced.name is not None and index.at.get(sourced.name[0]) is entity


def _by_plural_role(state: _State, sourced: Sourced) -> tuple[Referent | None, float, tuple[str, ...]]:
    """*le due consigliere*, *i coniugi*: a list of names before, where the role fits those named; else a group."""
    for referent in reversed(state.phrases):
        other = referent.sourced
        if other is None or len(referent.who) < 2 or referent.level != _PERSON:
            continue
        if other.families & sourced.families or "anyone" in sourced.families or not other.families:
            if not sourced.words:
                return referent, 0.6, ("list of names before",)
    return _as_it_stands(state, sourced)


def _by_voice(state: _State, number: int, sourced: Sourced) -> tuple[Referent | None, float, tuple[str, ...]]:
    """*la lettera*, *il post*: its author, where somebody spoke or acted just before; else a document."""
    if sourced.definite and not sourced.words:
        referent, score, _ = _ranked(state, number, sourced.head, "", "", None)
        if referent is not None and referent.level != Level.DOCUMENT.value:
            return referent, score * 0.7, ("author of the note",)
    return _as_it_stands(state, sourced)


def _by_body(state: _State, sourced: Sourced) -> tuple[Referent | None, float, tuple[str, ...]]:
    """*l'azienda*, *il giornale*: the body that the article calls so, or the one outlet spoken of."""
    if len(sourced.words) <= 1:
        index = state.index
        best: tuple[float, Entity] | None = None
        for entity in index.entities:
            if entity.is_person or entity.kind in ("country", "capital", "place"):
                continue
            if (entity.kind == "media") != (sourced.level == Level.MEDIA.value):
                continue
            before = state.of_entity(entity).last_before(sourced.head)
            if before is None:
                continue
            called = any(_is_called(index, name.first, sourced.lemma) for name in entity.names)
            score = (3.0 if called else 0.0) + (1.5 if entity.kind == "media" else 0.0)
            score += math.exp(-(index.tokens.sent[sourced.head] - index.tokens.sent[before]) / 3)
            score += 0.2 * min(len(entity.names), 5)
            if best is None or score > best[0]:
                best = (score, entity)
        if best is not None and best[0] >= 2.0:
            return state.of_entity(best[1]), 0.6, ("named before",)
    return _as_it_stands(state, sourced)


def _is_called(index: Index, first: int, lemma: str) -> bool:
    """Whether the noun `lemma` stands before a name: *la società di giocattoli* Hasbro."""
    for i in range(first - 1, max(first - 5, -1), -1):
        entry = index.entries[i]
        if entry is not None and not entry.name and entry.lemma == lemma:
            return True
        if index.tokens.pos[i] in ("VERB", "AUX", "PUNCT"):
            return False
    return False


# --- an elided source, a pronoun ---------------------------------------------------------------------------------


def _elided(state: _State, number: int) -> tuple[Referent | None, float, tuple[str, ...]]:
    draft, index = state.drafts[number], state.index
    at = _anchor(index, draft)
    plural, gender = _agreement(index, draft)
    return _ranked(state, number, at, plural, gender, None)


def _anchor(index: Index, draft: Draft) -> int:
    """The token at which the source would stand: at the cue, or where the content begins."""
    if draft.head is not None:
        return draft.head
    start = draft.cue[0] if draft.cue else draft.content[0][0]
    return min(index.tokens.at(start), index.tokens.n - 1)


def _agreement(index: Index, draft: Draft) -> tuple[str, str]:
    """Number and gender that the cue's verb asks for: *hanno aggiunto*; *si è detta*."""
    tokens = index.tokens
    if draft.head is None or draft.kind != "verb":
        return "", ""
    number = gender = ""
    for i in (draft.head, *tokens.children[draft.head]):
        if tokens.dep[i].startswith("aux") or i == draft.head:
            if tokens.feature(i, "VerbForm") == "Fin":
                number = {"Sing": "s", "Plur": "p"}.get(tokens.feature(i, "Number"), number)
            if i != draft.head and tokens.lemma[i] == "essere":
                gender = {"Masc": "m", "Fem": "f"}.get(tokens.feature(draft.head, "Gender"), "")
    return number, gender


def _ranked(
    state: _State, number: int, at: int, plural: str, gender: str, pronoun: Sourced | None
) -> tuple[Referent | None, float, tuple[str, ...]]:
    """The candidate that recency, subjects, earlier speech and agreement speak for most."""
    scores: dict[int, float] = {}
    pool: dict[int, Referent] = {}
    why: dict[int, list[str]] = {}

    def add(referent: Referent, score: float, reason: str) -> None:
        key = id(referent)
        pool[key] = referent
        scores[key] = scores.get(key, 0.0) + score
        why.setdefault(key, []).append(reason)

    tokens = state.index.tokens
    block = state.blocks[at]
    for back, referent in enumerate(reversed(state.history)):
        if back > 3:
            break
        if referent is None:
            continue
        other = _anchor(state.index, state.drafts[number - 1 - back])
        near = tokens.sent[at] - tokens.sent[other]
        weight = (3.0, 1.3, 0.7, 0.4)[back]
        if state.blocks[other] != block:
            weight *= 0.7
        add(referent, weight * math.exp(-max(near, 0) / 5), f"spoke {back + 1} before")
    for referent, score, reason in _subjects(state, at):
        add(referent, score, reason)
    for entity in state.index.entities:
        referent = state.of_entity(entity)
        before = referent.last_before(at)
        if before is None:
            continue
        distance = tokens.sent[at] - tokens.sent[before]
        if distance > 4 or not entity.is_person:
            continue
        add(referent, 0.8 * math.exp(-distance / 2) * (0.5 if state.contents[before] else 1.0), "mentioned")
    best: tuple[float, Referent] | None = None
    second = 0.0
    for key, referent in pool.items():
        score = scores[key] + _agrees(referent, plural, gender)
        score += 0.5 if referent.level == _PERSON else 0.0
        score += 0.08 * min(len(referent.places), 5)
        if best is None or score > best[0]:
            second = best[0] if best else 0.0
            best = (score, referent)
        else:
            second = max(second, score)
    if best is None or best[0] < 0.5:
        return None, 0.3, ("nobody to carry over",)
    return best[1], _squash(best[0] - 1.0 + min(best[0] - second, 2.0)), tuple(why[id(best[1])][:2])


def _agrees(referent: Referent, number: str, gender: str) -> float:
    score = 0.0
    if number and referent.number and number != referent.number:
        score -= 3.0
    if gender and referent.gender and gender != referent.gender:
        score -= 3.0
    return score


def _subjects(state: _State, at: int) -> list[tuple[Referent, float, str]]:
    """The subjects of this sentence before the cue and of the sentences before, those in contents less."""
    tokens, out = state.index.tokens, []
    sentence = tokens.sent[at]
    for back in range(0, 3):
        if sentence - back < 0:
            break
        first, last = tokens.sents[sentence - back]
        for i in range(first, min(last, at) if back == 0 else last):
            if not tokens.dep[i].startswith("nsubj") or tokens.pos[i] in ("DET",):
                continue
            referent = _referent_at(state, i)
            if referent is None:
                continue
            score = (2.2, 1.8, 0.8)[back]
            if tokens.dep[tokens.head[i]] == "ROOT":
                score += 0.5
            if state.contents[i]:
                score *= 0.4
            out.append((referent, score, "subject here" if back == 0 else "subject before"))
    return out


def _referent_at(state: _State, i: int) -> Referent | None:
    """Who the subject with head `i` is; None where it is no possible speaker."""
    index = state.index
    entity = index.at.get(i)
    if entity is not None:
        return state.of_entity(entity)
    entry = index.entries[i]
    if entry is None:
        return None
    for referent in state.phrases:
        if i in referent.places:
            return referent
    tokens = index.tokens
    sourced = state.read(index, tokens.left[i], min(tokens.right[i], i + 12))
    if sourced.kind == "name" and sourced.name is not None:
        return state.of_entity(index.at[sourced.name[0]])
    if sourced.kind == "role" and sourced.definite and sourced.number == "s":
        best, _, how = _by_role(state, len(state.history), sourced)
        return best
    if sourced.kind in ("role", "noun") and sourced.level != Level.DOCUMENT.value:
        return _as_it_stands(state, sourced)[0]
    return None


# --- helpers -------------------------------------------------------------------------------------------------------


def _previous(state: _State, number: int) -> Referent | None:
    for referent in reversed(state.history[:number]):
        if referent is not None:
            return referent
    return None


def _look_ahead(
    state: _State, found: list[tuple[Referent | None, Sourced | None, float, tuple[str, ...]]]
) -> None:
    """A title or first sentence whose speaker comes only later takes the next draft's."""
    for number, (referent, _, _, _) in enumerate(found):
        if referent is None and not state.drafts[number].unspecified:
            later = next((entry for entry in found[number + 1 :] if entry[0] is not None), None)
            if later is not None:
                found[number] = (later[0], None, 0.4, ("speaks next",))


def _block_numbers(index: Index, blocks: Sequence[Block]) -> list[int]:
    numbers, block = [], 0
    for start in index.tokens.start:
        while block + 1 < len(blocks) and blocks[block + 1].start <= start:
            block += 1
        numbers.append(block)
    return numbers


def _content_mask(index: Index, drafts: Sequence[Draft]) -> list[bool]:
    mask = [False] * index.tokens.n
    for draft in drafts:
        for start, end in draft.content:
            first, last = index.tokens.cover(start, end)
            for i in range(first, last):
                mask[i] = True
    return mask


def _squash(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-score))
