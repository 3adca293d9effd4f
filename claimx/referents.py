"""Those whom an elided source or a pronoun may mean, and what speaks for each: recency, subjects, earlier speech, agreement.

Reads the story so far; gives `Referent`s with rows of features for the choice among them, which `rules/resolution.py` makes.
The features are few and plain, so that weights fitted on annotated articles can be read in data/resolution.yaml.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from claimx.draft import Draft
from claimx.mentions import Index
from claimx.model import Level
from claimx.offices import best_fit
from claimx.story import PERSON, PLACES, Features, Referent, Story

_WINDOW = 6  # sentences back in which a referent must have been mentioned


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
        if phrase.level in (Level.DOCUMENT.value, Level.MEDIA.value):
            continue
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
