"""Those whom a source may mean, and what speaks for each: recency, subjects, earlier speech, agreement, roles.

Reads the article's index and the drafts in text order; gives `Referent`s and rows of features for the choice among them, which
`rules/resolution.py` makes. The features are few and plain, so that weights fitted on annotated articles can be read in
data/resolution.yaml.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from claimx.draft import Block, Draft, Sourced
from claimx.mentions import Entity, Index, Role
from claimx.model import Level
from claimx.syntax import Range

Read = Callable[[Index, int, int], Sourced]
Features = dict[str, float]

PERSON = Level.NAMED_PERSON.value
PLACES = ("place", "capital", "country")
_PRIVATE = frozenset(["lawyer", "kin", "culprit", "victim", "doctor"])  # whose complements are people, variously called
_NOBODY = 0.4  # the probability from which a role is nobody's who is named: it has to beat all of them together
_WINDOW = 6  # sentences back in which a referent must have been mentioned


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


def candidates(story: Story, number: int, asked: tuple[str, str]) -> list[tuple[Referent, Features]]:
    """Who may be meant by the elided source or pronoun of draft `number`; `asked` is the number and gender it agrees with."""
    at = story.anchors[number]
    rows: dict[int, tuple[Referent, Features]] = {}

    def row(referent: Referent) -> Features:
        return rows.setdefault(id(referent), (referent, {}))[1]

    _speakers(story, number, row)
    for referent, name, value in _subjects(story, number):
        features = row(referent)
        features[name] = max(features.get(name, 0.0), value)
    _mentions(story, number, row)
    kind = story.drafts[number].kind
    read = _is_read(story, number)
    for referent, features in rows.values():
        _common(story, referent, features, asked, at)
        if read:
            features["read_person" if referent.level == PERSON else "read_thing"] = 1.0
        if kind in ("layout", "noun"):
            for name in ("spoke_last", "speaks_next", "subject_last", "subject_here"):
                if name in features:
                    features[f"{name}_{kind}"] = 1.0
    return list(rows.values())


def _is_read(story: Story, number: int) -> bool:
    """Whether the cue is an impersonal *si*: *si legge ancora* asks for something written."""
    tokens, head = story.index.tokens, story.drafts[number].head
    if head is None or story.drafts[number].kind != "verb":
        return False
    return any(tokens.dep[i].startswith("expl") and tokens.dep[i] != "expl" for i in tokens.children[head])


def _speakers(story: Story, number: int, row: Callable[[Referent], Features]) -> None:
    tokens, at = story.index.tokens, story.anchors[number]
    seen = 0
    for back in range(number - 1, max(number - 6, -1), -1):
        referent = story.history[back]
        if referent is None:
            continue
        features = row(referent)
        inner = story.enclosing[back] >= 0 and story.enclosing[number] < 0
        if story.enclosing[number] == back:
            features["encloses_quoted" if story.quoted[back] else "encloses"] = 1.0
            continue
        if inner:
            features["spoke_inside"] = 1.0
            continue
        distance = max(tokens.sent[at] - tokens.sent[story.anchors[back]], 0)
        near = math.exp(-distance / 3)
        name = ("spoke_last", "spoke_second", "spoke_third")[min(seen, 2)]
        if name not in features and not any(other in features for other in ("spoke_last", "spoke_second")):
            features[name] = 1.0
            features[name + "_near"] = near
            same = story.blocks[at] == story.blocks[story.anchors[back]]
            features[name + "_block"] = float(same)
        seen += 1
    if number + 1 < len(story.drafts) and story.drafts[number + 1].source is not None:
        ahead = story.drafts[number + 1].source
        assert ahead is not None
        entity = story.index.at.get(story.index.tokens.at(ahead[0]))
        if entity is not None:
            row(story.of_entity(entity))["speaks_next"] = 1.0


def _subjects(story: Story, number: int) -> Iterator[tuple[Referent, str, float]]:
    """The subjects of this sentence and of the two before it, apart by whether they stand in somebody's content."""
    tokens, at = story.index.tokens, story.anchors[number]
    sentence = tokens.sent[at]
    control = _controller(story, at)
    if control is not None:
        yield control, "controls", 1.0
    spoken = max((story.anchors[n] for n in range(number) if story.history[n] is not None), default=-1)
    for back in range(3):
        if sentence - back < 0:
            break
        first, last = tokens.sents[sentence - back]
        name = ("subject_here", "subject_last", "subject_before")[back]
        for i in range(first, min(last, at) if back == 0 else last):
            if not tokens.dep[i].startswith("nsubj") and not _acts(story.index, i):
                continue
            referent = referent_at(story, _antecedent(story, i))
            if referent is None:
                continue
            inside = story.owner[i] >= 0 and story.owner[i] != story.enclosing[number]
            yield referent, name + ("_inside" if inside else ""), 1.0
            if tokens.dep[tokens.head[i]] == "ROOT" and not inside:
                yield referent, name + "_root", 1.0
            if i > spoken and not inside and referent.level == PERSON:
                yield referent, "subject_since", 1.0


def _acts(index: Index, i: int) -> bool:
    """Whether a person's name stands before a finite verb with no preposition: a subject, whatever the parse says."""
    entity = index.at.get(i)
    if entity is None or not entity.is_person:
        return False
    name = index.name_at(i)
    tokens = index.tokens
    if name is None or name.first != i or name.last >= tokens.n:
        return False
    if i and tokens.lower[i - 1] in index.lexicon.prepositions:
        return False
    after = name.last
    if tokens.pos[after] == "PRON" and after + 1 < tokens.n:
        after += 1
    return tokens.pos[after] in ("VERB", "AUX") and tokens.feature(after, "VerbForm") == "Fin"


def _antecedent(story: Story, i: int) -> int:
    """The noun that a relative pronoun stands for, or the word itself: Cissy Houston, *che* ha letto una lettera."""
    tokens = story.index.tokens
    verb = tokens.head[i]
    if tokens.pos[i] == "PRON" and tokens.dep[verb].startswith("acl"):
        return tokens.head[verb]
    return i


def _controller(story: Story, at: int) -> Referent | None:
    """The subject of the verb that governs a gerund, participle, infinitive or second predicate."""
    tokens = story.index.tokens
    for up in tokens.ancestors(at):
        for child in tokens.children[up]:
            if tokens.dep[child].startswith("nsubj") and child != at:
                return referent_at(story, _antecedent(story, child))
        if tokens.dep[up] == "ROOT":
            break
    return None


def _mentions(story: Story, number: int, row: Callable[[Referent], Features]) -> None:
    tokens, at = story.index.tokens, story.anchors[number]
    sentence = tokens.sent[at]
    latest: tuple[int, Referent] | None = None
    for entity in story.index.entities:
        if entity.kind in PLACES:
            continue
        referent = story.of_entity(entity)
        before = referent.last_before(at)
        if before is None or sentence - tokens.sent[before] > _WINDOW:
            continue
        inside = story.owner[before] >= 0
        row(referent)["mentioned_inside" if inside else "mentioned"] = math.exp(-(sentence - tokens.sent[before]) / 2)
        if entity.is_person and (latest is None or before > latest[0]):
            latest = (before, referent)
    for phrase in story.phrases:
        before = phrase.last_before(at)
        if before is not None and sentence - tokens.sent[before] <= _WINDOW and phrase.sourced is not None:
            row(phrase)["mentioned_phrase"] = math.exp(-(sentence - tokens.sent[before]) / 2)
    if latest is not None:
        row(latest[1])["latest"] = 1.0


def _common(story: Story, referent: Referent, features: Features, asked: tuple[str, str], at: int) -> None:
    number, gender = asked
    kind = {PERSON: "person", Level.DOCUMENT.value: "document", Level.MEDIA.value: "media"}
    name = kind.get(referent.level, "body" if referent.level == Level.INSTITUTION.value else "unnamed")
    features[name] = 1.0
    if referent.entity is not None and referent.entity.kind in PLACES:
        features["place"] = 1.0
    before = sum(1 for place in referent.places if place < at)
    features["often"] = math.log(1 + before)
    features["often_after"] = math.log(1 + len(referent.places) - before)
    if number and referent.number and number != referent.number:
        features["number_off"] = 1.0
    if gender and referent.gender and gender != referent.gender:
        features["gender_off"] = 1.0
    if referent.places and referent.places[0] >= at:
        features["later"] = 1.0


def agreement(index: Index, draft: Draft) -> tuple[str, str]:
    """Number and gender that the cue's verb asks for: *hanno aggiunto*; *si è detta*."""
    tokens = index.tokens
    if draft.head is None or draft.kind != "verb":
        return "", ""
    number = gender = ""
    if any(tokens.dep[i].endswith(":pass") for i in tokens.children[draft.head]):
        return "", ""  # Veltroni è stato accusato: it agrees with whom it is said of
    for i in (draft.head, *tokens.children[draft.head]):
        if tokens.dep[i].startswith("aux") or i == draft.head:
            if tokens.feature(i, "VerbForm") == "Fin":
                number = {"Sing": "s", "Plur": "p"}.get(tokens.feature(i, "Number"), number)
            if i != draft.head and tokens.lemma[i] == "essere":
                gender = {"Masc": "m", "Fem": "f"}.get(tokens.feature(draft.head, "Gender"), "")
    return number, gender


def referent_at(story: Story, i: int) -> Referent | None:
    """Who the subject with head `i` is; None where it is no possible speaker."""
    index = story.index
    entity = index.at.get(i)
    if entity is not None:
        return story.of_entity(entity)
    if index.entries[i] is None:
        return None
    for referent in story.phrases:
        if i in referent.places:
            return referent
    tokens = index.tokens
    sourced = story.read(index, tokens.left[i], min(tokens.right[i], i + 12))
    if sourced.kind == "name" and sourced.name is not None:
        return story.of_entity(index.at[sourced.name[0]])
    if sourced.kind == "role" and sourced.definite and sourced.number == "s":
        best, score = best_fit(story, len(story.history), sourced)
        if best is not None and score > 0.5:
            return best
    if sourced.kind in ("role", "noun") and sourced.level != Level.DOCUMENT.value:
        return story.of_phrase(sourced)
    return None


# --- roles: il ministro, la stilista, il 35enne ---------------------------------------------------------------------


def best_fit(story: Story, number: int, sourced: Sourced) -> tuple[Referent | None, float]:
    """The person whom a role fits best and the probability of it; None where nobody named is meant more likely."""
    rows = role_candidates(story, number, sourced)
    probabilities = choose([features for _, features in rows], story.index.lexicon.weights["role"])
    if len(rows) == 1 or probabilities[0] >= _NOBODY:
        return None, probabilities[0]
    best = max(range(1, len(rows)), key=lambda k: probabilities[k])
    return rows[best][0], probabilities[best]


def role_candidates(story: Story, number: int, sourced: Sourced) -> list[tuple[Referent | None, Features]]:
    """Each person named with what speaks for being called so, and None for nobody of them."""
    general = "anyone" in sourced.families
    nobody: Features = {"nobody": 1.0}
    if sourced.bound and not general:
        nobody["nobody_bound"] = 1.0
    if general:
        nobody["nobody_general"] = 1.0
    if sourced.families <= frozenset(["kin", "doer", "people", "victim"]):
        nobody["nobody_kin"] = 1.0
    rows: list[tuple[Referent | None, Features]] = [(None, nobody)]
    latest = None
    for entity in story.index.entities:
        if not entity.is_person or sourced.words & set(entity.keys):
            continue  # il legale di Crudo is not Crudo
        referent = story.of_entity(entity)
        features = _role_features(story, number, sourced, entity, referent)
        rows.append((referent, features))
        before = referent.last_before(sourced.head)
        if before is not None and (latest is None or before > latest[0]):
            latest = (before, features)
    if latest is not None:
        latest[1]["latest"] = 1.0
    for name in ("same_noun", "same_family"):
        having = [features for _, features in rows if name in features and "other_complement" not in features]
        if len(having) == 1:
            having[0]["only_" + name] = 1.0
    return rows


def _role_features(story: Story, number: int, sourced: Sourced, entity: Entity, referent: Referent) -> Features:
    tokens = story.index.tokens
    general = "anyone" in sourced.families
    features = _best_match(story.index, sourced, entity)
    if not features:
        features = {"roles_unlike" if entity.roles else "roles_unknown": 1.0}
    features.update(_of_public_life(story.index, sourced, entity))
    if sourced.bound and not general and "same_noun" not in features:
        features["bound_unlike"] = 1.0
    if sourced.gender and entity.gender and sourced.gender != entity.gender:
        loose = sourced.gender == "m" and sourced.lemma in story.index.lexicon.epicene
        features["gender_loose" if loose else "gender_off"] = 1.0
    before = referent.last_before(sourced.head)
    if before is None:
        features["later"] = 1.0
    else:
        features["near"] = math.exp(-(tokens.sent[sourced.head] - tokens.sent[before]) / 3)
        if story.owner[before] >= 0:
            features["mentioned_inside"] = 1.0
    features["often"] = math.log(1 + len(entity.names))
    last = next((other for other in reversed(story.history[:number]) if other is not None), None)
    if last is referent:
        features["spoke_last"] = 1.0
    elif story.spoke(referent):
        features["spoke"] = 1.0
    return features


def _best_match(index: Index, sourced: Sourced, entity: Entity) -> Features:
    """How the nearest of a person's roles agrees: same noun, same family, families that may stand for one another."""
    best: Features = {}
    rank = -9.0
    for role in entity.roles:
        features, value = _match(index, sourced, role)
        if features and value > rank:
            best, rank = features, value
    return dict(best)


def _of_public_life(index: Index, sourced: Sourced, entity: Entity) -> Features:
    """Whether the lexicon knows the person as called so: il *presidente russo* is Putin, *la leader di FdI* Meloni."""
    best = 0.0
    for called in index.lexicon.people.get(entity.keys[-1], ()):
        if called.entry.lemma != sourced.lemma:
            continue
        shared = called.words & sourced.words
        if sourced.words and called.words and not shared:
            continue
        best = max(best, 1.0 if shared or not called.words else 0.5)
    return {"of_public_life": best} if best else {}


def _match(index: Index, sourced: Sourced, role: Role) -> tuple[Features, float]:
    if role.entry.lemma == sourced.lemma:
        features, value = {"same_noun": 1.0}, 5.0
    elif role.entry.families & sourced.families - {"anyone"}:
        features, value = {"same_family": 1.0}, 3.0
    elif any(role.entry.families & index.lexicon.relatives.get(family, frozenset()) for family in sourced.families):
        features, value = {"near_family": 1.0}, 1.5
    elif "anyone" in sourced.families:
        features, value = {"any_role": 1.0}, 1.0
    else:
        return {}, 0.0
    if sourced.words and role.words:
        if sourced.words & role.words:
            features["same_complement"] = 1.0
            value += 1.0
        elif not sourced.families & _PRIVATE:
            features["other_complement"] = 1.0
            value -= 2.0
    return features, value


# --- the choice ------------------------------------------------------------------------------------------------------


def choose(rows: Sequence[Features], weights: dict[str, float]) -> list[float]:
    """The probability of each candidate: a softmax over weighted features."""
    scores = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


# --- where things stand ------------------------------------------------------------------------------------------------


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
