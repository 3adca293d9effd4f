"""The roles that stand beside names, and lists of people: what the article calls whom.

Reads the index while it is made (nouns and names are known); gives roles and groups. *il sindaco della città, Ada Ferri* and
*Ada Ferri, sindaco della città* both make her *sindaco*; *il portavoce di Ada Ferri* does not.
"""

from __future__ import annotations

from claimx.entities import Entity, Index, Name, Role, content_words, is_eponym
from claimx.lexicon.sources import Entry
from claimx.syntax import Range

_REACH = 9  # tokens between a role and the name that it belongs to: il capo della commissione per gli affari esteri X


def role_before(index: Index, first: int) -> int | None:
    """The role that stands right before a name, adjectives apart: *il premier israeliano* Netanyahu."""
    lexicon = index.lexicon
    for i in range(first - 1, max(first - 4, -1), -1):
        entry = index.entries[i]
        lower = index.tokens.lower[i]
        if entry is not None and entry.kind == "role" and "people" not in entry.families:
            return None if entry.plural or i + entry.length > first else i
        if lower in lexicon.titles:
            return i
        adjective = index.tokens.pos[i] == "ADJ" or (entry is not None and "people" in entry.families)
        if not adjective and lower not in lexicon.modifiers and lower != ".":
            return None
    return None


def role_after(index: Index, last: int) -> int | None:
    """The role in an apposition after a name: X, *allora ministro*; X (*ministro*)."""
    tokens, lexicon = index.tokens, index.lexicon
    if last >= tokens.n or tokens.lower[last] not in (",", "("):
        return None
    for i in range(last + 1, min(last + 6, tokens.n)):
        entry = index.entries[i]
        if entry is not None and entry.kind == "role" and "people" not in entry.families:
            return i if tokens.pos[i] != "VERB" else None
        lower = tokens.lower[i]
        if not (lower in lexicon.articles or lower in lexicon.modifiers or tokens.pos[i] in ("ADJ", "ADV", "DET")):
            return None
    return None


def governing_role(index: Index, first: int) -> Range | None:
    """The role noun to the left that a name beginning at `first` belongs to, and where the role ends."""
    tokens, lexicon = index.tokens, index.lexicon
    i = first - 1
    while i > 0 and (
        tokens.lower[i] in lexicon.titles or (tokens.lower[i] == "." and tokens.lower[i - 1] in lexicon.titles)
    ):
        entry = index.entries[i]
        if entry is not None and entry.kind == "role":
            break
        i -= 1
    while i > 0 and tokens.lower[i] in lexicon.articles and tokens.lower[i - 1] == ",":
        i -= 1
    if i >= 0 and tokens.lower[i] == ",":
        i -= 1
    elif i >= 0 and (tokens.lower[i] in lexicon.prepositions or is_eponym(index, i)):
        return None
    last = i + 1
    bottom = max(first - _REACH - 1, tokens.sentence(first)[0] - 1)
    while i > bottom:
        entry = index.entries[i]
        if entry is not None and entry.kind == "role" and not entry.plural and "people" not in entry.families:
            if tokens.pos[i] == "VERB":
                return None
            return None if i + entry.length > first else (i, last)
        if tokens.pos[i] in ("VERB", "AUX", "PUNCT", "SPACE", "PRON", "SCONJ", "ADV"):
            return None
        if tokens.lower[i] in lexicon.prepositions and tokens.lower[i] not in lexicon.role_prepositions:
            return None
        if i in index.at and index.at[i].is_person:
            return None
        i -= 1
    return None


def find_roles(index: Index) -> None:
    for entity in index.entities:
        if not entity.is_person:
            continue
        for name in entity.names:
            for role in (_title_role(index, name), _apposed_role(index, name)):
                if role is not None:
                    entity.roles.append(role)
                    entity.roles.extend(_joined_roles(index, role))


def find_groups(index: Index) -> None:
    """The lists of people: *Jessica e Jacques Moretti*; what joins them is a conjunction or a comma alone."""
    tokens, lexicon = index.tokens, index.lexicon
    names = sorted(
        (name for entity in index.entities if entity.is_person for name in entity.names), key=lambda n: n.first
    )
    group: list[Entity] = []
    last = None
    for name in names:
        joined = last is not None and 0 < name.first - last <= 2
        joined = joined and all(
            tokens.lower[i] in lexicon.conjunctions or tokens.lower[i] == "," for i in range(last or 0, name.first)
        )
        entity = index.at[name.first]
        if not joined:
            if len(group) > 1:
                index.groups.append(tuple(group))
            group = []
        if entity not in group:
            group.append(entity)
        last = name.last
    if len(group) > 1:
        index.groups.append(tuple(group))


def _title_role(index: Index, name: Name) -> Role | None:
    """The role before a name: *il sindaco della città,* Mehmet Demirgul; the nearest role noun to the left."""
    found = governing_role(index, name.first)
    if found is None:
        return None
    head, last = found
    entry = index.entries[head]
    assert entry is not None
    return _role(index, head, head, last, entry)


def _joined_roles(index: Index, role: Role) -> list[Role]:
    """The further roles of the same words: premier e *presidente* della nazione; venticinquenne *calciatore*."""
    tokens, out = index.tokens, []
    for i in range(role.first, role.last):
        entry = index.entries[i]
        if i == role.head or entry is None or entry.kind != "role" or entry.plural or "people" in entry.families:
            continue
        before = tokens.lower[i - 1] if i else ""
        if i in index.covered or before in index.lexicon.prepositions or i in index.at or i + entry.length > role.last:
            continue
        out.append(_role(index, i, role.first, role.last, entry))
    return out


def _apposed_role(index: Index, name: Name) -> Role | None:
    """The role after a name: Kirill Dmitriev, *capo del fondo sovrano russo*, ha detto."""
    tokens = index.tokens
    head = role_after(index, name.last)
    if head is None:
        return None
    entry = index.entries[head]
    assert entry is not None
    if entry.plural:
        return None
    first = head
    while first - 1 > name.last and tokens.lower[first - 1] in index.lexicon.modifiers:
        first -= 1
    last = head + entry.length
    top = min(tokens.sentence(head)[1], head + 16)
    while last < top:
        if (
            tokens.pos[last] in ("PUNCT", "VERB", "AUX", "SPACE", "SCONJ")
            or tokens.lower[last] in index.lexicon.pronouns
        ):
            break
        last += 1
    while last > head + entry.length and tokens.pos[last - 1] in ("ADP", "DET", "CCONJ", "ADV", "PRON"):
        last -= 1
    return _role(index, head, first, last, entry)


def _role(index: Index, head: int, first: int, last: int, entry: Entry) -> Role:
    return Role(head, first, last, entry, content_words(index, head + entry.length, last))


def gender_of(index: Index, entity: Entity) -> str:
    """A person's gender by article and role: *la* Meloni, *la* ministra; a masculine role alone tells little."""
    for name in entity.names:
        gender = article_gender(index, name.first)
        if gender:
            return gender
    for role in entity.roles:
        if role.entry.gender == "f" or (role.first and index.tokens.lower[role.first - 1] in ("la", "una")):
            return "f"
    return "m" if any(role.entry.gender == "m" for role in entity.roles) else ""


def article_gender(index: Index, first: int) -> str:
    """The gender that the article right before a surname tells: *la Meloni*."""
    word = index.tokens.lower[first - 1] if first else ""
    if word not in index.lexicon.definite:
        return ""
    return "f" if word in index.lexicon.feminine else ""
