"""Stage *sourcing*: how a mention of a source is sourced by its own words, and the role of who is named.

Reads the article's index and the token range of a mention; gives a `Sourced`. *un alto funzionario russo* is an unnamed
person, *gli inquirenti* an unnamed group, *il portavoce del Cremlino Dmitrij Peskov* a named person, *una nota del
ministero* the ministry's own word; *il portavoce di Putin* is not Putin.
"""

from __future__ import annotations

from dataclasses import replace

from claimx.draft import Sourced
from claimx.lexicon.sources import Entry
from claimx.mentions import Entity, Index, Name, content_words, is_eponym
from claimx.model import Level
from claimx.syntax import Range

_NAMED = {
    "person": Level.NAMED_PERSON.value,
    "media": Level.MEDIA.value,
    "institution": Level.INSTITUTION.value,
    "country": Level.INSTITUTION.value,
    "capital": Level.INSTITUTION.value,
    "place": Level.INSTITUTION.value,
}
_MANY = (Level.UNNAMED_GROUP.value, Level.INSTITUTION.value, Level.MEDIA.value)  # singular nouns that can be parted
_PEOPLE = (Level.UNNAMED_PERSON.value, Level.UNNAMED_GROUP.value, Level.NAMED_PERSON.value)


def read_source(index: Index, first: int, last: int) -> Sourced:
    """How the mention [first, last) is sourced by its own words."""
    found = index.sourced.get((first, last))
    if found is None:
        found = index.sourced[first, last] = _read(index, *_trim(index, first, last))
    return found


def _read(index: Index, first: int, last: int) -> Sourced:
    for i in range(first, min(first + 4, last)):
        if _is_partitive(index, i, last):
            inner = read_source(index, i + 2, last)
            many = inner.level == Level.UNNAMED_PERSON.value
            return replace(
                inner, first=first, number="p", definite=False, level=Level.UNNAMED_GROUP.value if many else inner.level
            )
        if index.tokens.pos[i] in ("NOUN", "ADP"):
            break
    head = _head(index, first, last)
    entity = index.at.get(head)
    entry = index.entries[head]
    if entity is not None and (entry is None or entry.name or _begins_name(index, head)):
        return _named(index, first, last, head, entity)
    if entry is None:
        return _unknown(index, first, last, head)
    if entry.kind == "voice":
        return _voice(index, first, last, head, entry)
    if entry.kind == "role":
        return _role(index, first, last, head, entry)
    return _thing(index, first, last, head, entry)


def role_of(index: Index, entity: Entity) -> Range | None:
    """The fullest thing that the article says a person is, as tokens: *capo del fondo sovrano russo*."""
    roles = [role for role in entity.roles if role.last - role.first <= 14]
    if not roles:
        return None
    best = max(roles, key=lambda role: (len(role.words) > 0, "anyone" not in role.entry.families, -role.first))
    return best.first, best.last


def _trim(index: Index, first: int, last: int) -> Range:
    tokens = index.tokens
    while first < last - 1 and tokens.pos[first] in ("PUNCT", "SPACE"):
        first += 1
    while last - 1 > first and tokens.pos[last - 1] in ("PUNCT", "SPACE"):
        last -= 1
    return first, last


def _head(index: Index, first: int, last: int) -> int:
    """The first word that can head a source: a noun of the lexicon, a name, a noun, a pronoun."""
    tokens, lexicon = index.tokens, index.lexicon
    pronoun = noun = None
    for i in range(first, last):
        entry, lower = index.entries[i], tokens.lower[i]
        if i in index.covered:
            continue
        if lower in lexicon.titles and i + 1 < last and (i + 1 in index.at or tokens.lower[i + 1] == "."):
            continue
        if i in index.at and (entry is None or entry.name or _begins_name(index, i)):
            return i if noun is None else noun
        if lower in lexicon.pronouns and pronoun is None and noun is None:
            if lower in lexicon.free_relatives:
                return i
            pronoun = i
        if (
            lower in lexicon.genitive
            and noun is None
            and pronoun is not None
            and lexicon.pronouns[tokens.lower[pronoun]] != "personal"
        ):
            return pronoun  # uno dei titolari
        if lower in lexicon.prepositions and noun is not None:
            return noun
        if entry is not None and not _is_adjective(index, i, entry, last):
            return i if noun is None or entry.kind == "role" else noun
        if lower in lexicon.modifiers or lower in lexicon.definite or lower in lexicon.indefinite:
            continue
        if tokens.pos[i] in ("NOUN", "PROPN") and noun is None and entry is None:
            noun = i
    if noun is not None:
        return noun
    if pronoun is not None:
        return pronoun
    for i in range(first, last):
        if index.entries[i] is not None or tokens.pos[i] in ("NOUN", "PROPN", "ADJ", "PRON", "NUM"):
            return i
    return first


def _is_partitive(index: Index, i: int, last: int) -> bool:
    """Whether a noun only measures the one after it: una *ventina* di sigle sindacali, gran *parte* dei media."""
    tokens, lexicon = index.tokens, index.lexicon
    if tokens.lower[i] not in lexicon.partitives or i + 2 >= last or tokens.lower[i + 1] not in lexicon.genitive:
        return False
    inner = next((j for j in range(i + 2, min(i + 6, last)) if tokens.pos[j] in ("NOUN", "PROPN")), None)
    if inner is None:
        return False
    entry = index.entries[inner]
    told = entry is not None and (entry.plural or entry.kind in _MANY)
    return tokens.feature(inner, "Number") == "Plur" or (told and tokens.lower[i] in lexicon.fractions)


def _is_adjective(index: Index, i: int, entry: Entry, last: int) -> bool:
    """Whether a word of the lexicon only modifies the noun after it: i *giovani* comunisti, l'*ex* premier."""
    tokens = index.tokens
    if entry.length > 1:
        return False
    if tokens.lower[i] in index.lexicon.modifiers and i + 1 < last:
        if tokens.lower[i + 1] in index.lexicon.prepositions:
            return False  # una nota del ministero
        return any(index.entries[j] is not None or tokens.pos[j] == "NOUN" for j in range(i + 1, min(i + 3, last)))
    return tokens.pos[i] == "ADJ" and i + 1 < last and tokens.pos[i + 1] == "NOUN"


def _begins_name(index: Index, i: int) -> bool:
    name = index.name_at(i)
    return name is not None and name.first == i and index.tokens.title[i]


def _named(index: Index, first: int, last: int, head: int, entity: Entity) -> Sourced:
    name = index.name_at(head)
    assert name is not None
    kind = entity.kind
    level = _NAMED.get(kind, Level.INSTITUTION.value)
    score = 0.95 if kind else 0.6
    if not kind:
        level = _guess_name(index, first, head, name.last)
    others = _listed_names(index, name.last, last, kind)
    if any(index.at[each].kind == "media" for each, _ in others) and level == Level.INSTITUTION.value:
        level = Level.MEDIA.value
    number = "p" if others or (kind != "person" and _number(index, first, head) == "p") else "s"
    gender = entity.gender or _gender(index, first, head)
    return Sourced(
        first, last, head, level, (name.first, name.last), number, gender, True, "name", score=score, others=others
    )


def _guess_name(index: Index, first: int, head: int, last: int) -> str:
    """A name of unknown kind: with an article before it a body, without one a person of two words or more."""
    article = head > first and index.tokens.lower[head - 1] in index.lexicon.definite
    if article or index.words[head].isupper():
        return Level.INSTITUTION.value
    return Level.NAMED_PERSON.value


def _listed_names(index: Index, at: int, last: int, kind: str) -> tuple[Range, ...]:
    """The further names of a list: Adusbef *e Codacons*; Elisabetta Rosaspina*, Giuseppe Sarcina e* ..."""
    tokens, lexicon = index.tokens, index.lexicon
    out: list[Range] = []
    i = at
    joined = False
    while i < last:
        lower = tokens.lower[i]
        if lower in lexicon.conjunctions or lower == ",":
            joined = True
        elif i in index.at:
            name = index.name_at(i)
            assert name is not None
            if joined and (name.kind == kind or (kind != "person") == (name.kind != "person")):
                out.append((name.first, name.last))
            i = name.last
            joined = False
            continue
        elif lower not in lexicon.articles and lower not in lexicon.genitive:
            break
        i += 1
    return tuple(out)


def _role(index: Index, first: int, last: int, head: int, entry: Entry) -> Sourced:
    """A role: with the name that belongs to it a named person, else an unnamed person or group."""
    names = _names_of_role(index, head, entry.length, last)
    number = _determined_number(index, first, head)
    if not number:
        number = ("p" if entry.plural else "s") if not _invariable(index, entry) else _number(index, first, head)
    plural = number == "p"
    gender = _gender(index, first, head) or entry.gender
    if entry.lemma in index.lexicon.fixed_gender:
        gender = ""
    words = content_words(index, head + entry.length, last)
    if names:
        person = index.at[names[0][0]]
        return Sourced(
            first,
            last,
            head,
            Level.NAMED_PERSON.value,
            names[0],
            "p" if len(names) > 1 else "s",
            person.gender or gender,
            True,
            "name",
            entry.lemma,
            entry.families,
            words,
            others=tuple(names[1:]),
        )
    level = Level.UNNAMED_GROUP if plural else Level.UNNAMED_PERSON
    return Sourced(
        first,
        last,
        head,
        level.value,
        None,
        "p" if plural else "s",
        gender,
        _is_definite(index, first, head),
        "role",
        entry.lemma,
        entry.families,
        words,
        any(index.tokens.lower[i] in index.lexicon.genitive for i in range(head + entry.length, last)),
        0.9,
    )


def _names_of_role(index: Index, head: int, length: int, last: int) -> list[Range]:
    """The names that a role belongs to: *il legale Mario Rossi*, *i coniugi Moretti*; not *il legale di Mario Rossi*."""
    tokens, lexicon = index.tokens, index.lexicon
    i = head + length
    nearest = head  # the role noun that a name would belong to
    while i < last:
        name = index.name_at(i)
        if name is not None and (name.kind == "person" or index.at[i].is_person or _may_belong(index, name, last)):
            at = i - 1
            while at > head and (
                tokens.lower[at] in lexicon.titles
                or (tokens.lower[at] == "." and tokens.lower[at - 1] in lexicon.titles)
            ):
                at -= 1  # l'arcivescovo di Catania, mons. Renna; il legale dell'avv. Rossi
            before = tokens.lower[at]
            free = before not in lexicon.prepositions and not is_eponym(index, i - 1)
            if free and (nearest == head or before == ","):
                return [(name.first, name.last), *_listed_names(index, name.last, last, "person")]
            i = name.last
            continue
        other = index.entries[i]
        if other is not None and other.kind == "role" and i not in index.at and "people" not in other.families:
            told = tokens.pos[i] != "ADJ" or other.length > 1
            if tokens.lower[i - 1] in lexicon.prepositions and not other.plural and told:
                nearest = i
        i += 1
    return []


def _may_belong(index: Index, name: Name, last: int) -> bool:
    """Whether a name of no known kind at the end of a role's mention is its bearer: *il portavoce di Prodi,* Sircana."""
    entry = index.entries[name.first]
    return name.last == last and (entry is None or not entry.name) and index.at[name.first].kind in ("", "place")


def _invariable(index: Index, entry: Entry) -> bool:
    """Whether a role's form does not tell its number: *premier*, *portavoce*, *leader*."""
    return not entry.plural and not entry.gender and not entry.lemma.split(" ")[0].endswith(("o", "e", "a"))


def _thing(index: Index, first: int, last: int, head: int, entry: Entry) -> Sourced:
    """A body, outlet, document, group or unnamed sources, by its noun; a name right after a body's noun is its name."""
    level = entry.kind
    name: Range | None = None
    others: tuple[Range, ...] = ()
    if entry.lemma in index.lexicon.own_pages:
        owner = _owner(index, head + entry.length, last)
        if owner is not None:
            return owner
    if level == Level.MEDIA.value and head + 1 < last and index.tokens.pos[head + 1] == "NUM":
        level = Level.DOCUMENT.value  # l'articolo 48
    if level in (Level.INSTITUTION.value, Level.MEDIA.value):
        name, named_level, others = _name_of_body(index, head, entry, last)
        level = named_level or level
    words = content_words(index, head + entry.length, last)
    number = "p" if _number(index, first, head) == "p" or (entry.plural and entry.lemma != entry.kind) else "s"
    return Sourced(
        first,
        last,
        head,
        level,
        name,
        number,
        _gender(index, first, head) or entry.gender,
        _is_definite(index, first, head),
        "name" if name else "noun",
        entry.lemma,
        words=words,
        others=others,
        score=0.9,
    )


def _owner(index: Index, at: int, last: int) -> Sourced | None:
    """Whose a page or site is: la pagina Facebook *del governo*; None where the mention does not say, or it is no speaker."""
    for i in range(at, last - 1):
        if index.tokens.lower[i] in index.lexicon.genitive:
            inner = read_source(index, i + 1, last)
            return inner if inner.level == Level.INSTITUTION.value else None
    return None


def _name_of_body(
    index: Index, head: int, entry: Entry, last: int
) -> tuple[Range | None, str | None, tuple[Range, ...]]:
    """The name that follows a body's noun: *il quotidiano britannico* The Sun, *la società di giocattoli* Hasbro."""
    tokens, lexicon = index.tokens, index.lexicon
    for i in range(head + entry.length, last):
        if tokens.pos[i] in ("VERB", "AUX") or tokens.lower[i] == "(":
            break
        entity = index.at.get(i)
        known = index.entries[i]
        if entity is None or (known is not None and known.kind in ("country", "capital", "place")):
            continue
        before = tokens.lower[i - 1]
        if before in lexicon.articles and i >= 2:
            before = tokens.lower[i - 2]
        name = index.name_at(i)
        assert name is not None
        right_after = i == head + entry.length and entry.lemma in lexicon.generic_bodies  # la ditta Rossi
        if before in lexicon.prepositions or name.first != i or (entity.is_person and not right_after):
            break
        level = _NAMED.get(entity.kind) if entity.kind == "media" else None
        return (name.first, name.last), level, _listed_names(index, name.last, last, entity.kind)
    return None, None, ()


def _voice(index: Index, first: int, last: int, head: int, entry: Entry) -> Sourced:
    """A note: its author's own word where the mention names one (*una nota del ministero*), else to be resolved."""
    tokens, lexicon = index.tokens, index.lexicon
    for i in range(head + entry.length, last - 1):
        if tokens.lower[i] in lexicon.genitive:
            inner = read_source(index, i + 1, last)
            if inner.level in (Level.DOCUMENT.value,) or inner.kind == "personal" or inner.head in index.covered:
                break
            if inner.kind in ("name", "role") or inner.level in (*_PEOPLE, Level.INSTITUTION.value, Level.MEDIA.value):
                return inner
            break
    return Sourced(
        first,
        last,
        head,
        Level.DOCUMENT.value,
        None,
        "p" if entry.plural else "s",
        _gender(index, first, head) or entry.gender,
        _is_definite(index, first, head),
        "voice",
        entry.lemma,
        words=content_words(index, head + entry.length, last),
        score=0.6,
    )


def _unknown(index: Index, first: int, last: int, head: int) -> Sourced:
    """A pronoun, or a noun that the lexicon does not have: by its number, label and part of speech."""
    tokens, lexicon = index.tokens, index.lexicon
    lower = tokens.lower[head]
    number = _number(index, first, head)
    gender = _gender(index, first, head)
    definite = _is_definite(index, first, head)
    kind = lexicon.pronouns.get(lower)
    if kind == "personal":
        if lower in lexicon.possessive:
            return Sourced(first, last, head, Level.UNNAMED_PERSON.value, None, "", "", True, "personal", score=0.5)
        latter = any(tokens.lower[i] in lexicon.latter for i in range(first, last))
        number, gender = _number(index, first, last - 1), _gender(index, last - 1, last - 1) or gender
        lemma = "latter" if latter else ""
        level = Level.UNNAMED_PERSON if number == "s" else Level.UNNAMED_GROUP
        return Sourced(first, last, head, level.value, None, number, gender, True, "personal", lemma, score=0.5)
    if kind is not None:
        return Sourced(first, last, head, kind, None, number, gender, definite, "pronoun", score=0.8)
    words = content_words(index, head + 1, last)
    after = index.name_at(head + 1) if head + 1 < last else None
    if after is not None and after.kind == "person":  # il ventunenne Willy, il vicentino Filippo Pozzato
        return _named(index, first, last, after.first, index.at[head + 1])
    names = _names_of_role(index, head, 1, last)
    if names and index.at[names[0][0]].is_person and tokens.pos[head] in ("NOUN", "ADJ"):
        found = _named(index, first, last, names[0][0], index.at[names[0][0]])  # il vaticanista del TG1 Ignazio Ingrao
        return replace(found, name=names[0], others=tuple(names[1:]), number="p" if len(names) > 1 else "s")
    people = Level.UNNAMED_GROUP if number == "p" else Level.UNNAMED_PERSON
    if lower.startswith(lexicon.partisans):
        level = people
    elif (
        tokens.entity[head] == "ORG" or (index.words[head].isupper() and len(lower) > 1) or tokens.pos[head] == "PROPN"
    ):
        level = Level.INSTITUTION
    elif lower.endswith(lexicon.agentive) or tokens.pos[head] in ("ADJ", "VERB", "PRON"):
        level = people
    elif lower.endswith(lexicon.abstract):
        level = Level.DOCUMENT
    else:
        level = Level.UNNAMED_GROUP if number == "p" and gender == "m" else Level.DOCUMENT
    return Sourced(
        first, last, head, level.value, None, number, gender, definite, "noun", lower, words=words, score=0.5
    )


def _number(index: Index, first: int, head: int) -> str:
    """s or p: by the determiners up to the head, else its morphology."""
    return _determined_number(index, first, head + 1) or (
        "p" if index.tokens.feature(head, "Number") == "Plur" else "s"
    )


def _determined_number(index: Index, first: int, last: int) -> str:
    """s or p by the determiners before token `last`, the one before the mention included: *le due* consigliere."""
    tokens, lexicon = index.tokens, index.lexicon
    for i in range(max(first - 1, 0), last):
        lower = tokens.lower[i]
        if lower in lexicon.definite or lower in lexicon.indefinite or lower in lexicon.pronouns:
            if lower in lexicon.plural:
                return "p"
            if i >= first or lower in lexicon.definite:
                return "s"
    return ""


def _gender(index: Index, first: int, head: int) -> str:
    tokens, lexicon = index.tokens, index.lexicon
    for i in range(max(first - 1, 0), head + 1):
        lower = tokens.lower[i]
        if lower in lexicon.feminine:
            return "f"
        if lower in lexicon.masculine:
            return "m"
    return {"Masc": "m", "Fem": "f"}.get(tokens.feature(head, "Gender"), "")


def _is_definite(index: Index, first: int, head: int) -> bool:
    """Whether the reader is to know who is meant; the article may stand before the mention, or fall away in a title."""
    tokens, lexicon = index.tokens, index.lexicon
    for i in range(max(first - 1, 0), head):
        lower = tokens.lower[i]
        if lower in lexicon.indefinite and i >= first:
            return False
        if lower in lexicon.definite:
            return True
    bare = all(tokens.lower[i] in lexicon.modifiers for i in range(first, head))
    return bare and (first == 0 or tokens.lower[first - 1] not in lexicon.indefinite)
