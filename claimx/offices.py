"""Whom a role means: every person named with what speaks for being called so, and nobody of them.

Reads a role's mention and the story so far; gives rows of features, and by their fitted weights a choice. *il ministro* is the
one minister spoken of, *la stilista* who designs, *il 35enne* whoever was just named; *il presidente russo* Putin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from claimx.draft import Sourced
from claimx.mentions import Entity, Index, Role
from claimx.story import Features, Referent, Story

_PRIVATE = frozenset(["lawyer", "kin", "culprit", "victim", "doctor"])  # whose complements are people, variously called
_NOBODY = 0.4  # the probability from which a role is nobody's who is named: it has to beat all of them together


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


def choose(rows: Sequence[Features], weights: dict[str, float]) -> list[float]:
    """The probability of each candidate: a softmax over weighted features."""
    scores = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
