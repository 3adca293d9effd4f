"""The names of an article: where they begin and end, what each names, and which are the same one's.

Reads the index with its nouns found; gives `Name`s and puts them together as entities. The pipeline's entity labels are one
witness among others: capitals, given names, titles, known names. *Kirill Dmitriev* and, later, *Dmitriev* are one person.
"""

from __future__ import annotations

from claimx.entities import PERSON, Entity, Index, Name, opens
from claimx.lexicon.sources import key_of
from claimx.titles import article_gender, governing_role, role_after, role_before

_WEAK = "?"  # a capitalised common noun: a name only if it is the surname of somebody named


def find_names(index: Index) -> list[Name]:
    tokens, names, i = index.tokens, [], 0
    plain = {word for word in index.words if word[:1].islower()}
    index.recurring = {
        word
        for at, word in enumerate(index.words)
        if tokens.title[at]
        and len(word) > 2
        and tokens.pos[at] == "PROPN"
        and not opens(index, at)
        and word.lower() not in plain
    }
    while i < tokens.n:
        if not tokens.title[i] and index.entries[i] is None and not index.words[i][0].isdigit():
            i += 1
            continue
        last = _sequence(index, i)
        if last <= i:
            i += 1
            continue
        first = _strip_titles(index, i, last)
        if first < last:
            keys = tuple(key_of(word) for word in index.words[first:last])
            weak = last - first == 1 and _is_capital_role(index, first)
            kind = _WEAK if weak else _classify(index, first, last)
            gender = index.lexicon.given.get(keys[0], "") if kind == PERSON else ""
            names.append(Name(first, last, kind, keys, gender))
            index.named.update(range(first, last))
        i = last
    return names


def _is_capital_role(index: Index, i: int) -> bool:
    """Whether a single capitalised word is a role, not a name: il *Guardasigilli*; peoples are names then: *Russo*."""
    entry = index.entries[i]
    if entry is None or entry.name or index.tokens.lower[i] in index.lexicon.given:
        return False
    return "people" not in entry.families or opens(index, i)


def _sequence(index: Index, i: int) -> int:
    """The end of the name that begins at token `i`, or `i`."""
    tokens, lexicon = index.tokens, index.lexicon
    if not _is_namelike(index, i):
        entry = index.entries[i]
        return i + entry.length if entry is not None and entry.name else i
    entry = index.entries[i]
    given = tokens.lower[i] in lexicon.given
    if entry is not None and entry.name:
        after = i + entry.length
        person = given or (after < tokens.n and tokens.entity[i] == "PER" == tokens.entity[after])  # Brooklyn Beckham
        if entry.length > 1 or not person or not (after < tokens.n and _is_namelike(index, after)):
            return after
    end = i + 1
    while end < tokens.n:
        if tokens.pos[end] == "SPACE":
            break
        if _is_namelike(index, end):
            known = index.entries[end]
            if known is not None and known.name and not (given or tokens.entity[end] == "PER" == tokens.entity[i]):
                break  # presidente Usa | Donald Trump
            if not given and tokens.lower[end] in lexicon.given and end + 1 < tokens.n and _is_namelike(index, end + 1):
                break  # procuratore di Civitavecchia | Alberto Liguori
            if i and tokens.lower[i - 1] in lexicon.genitive and tokens.entity[end] == "PER" != tokens.entity[end - 1]:
                break  # ministro delle Emergenze | Evgeni Zinitchev
            end += 1
        elif _is_particle(index, i, end, given):
            end += 2
        else:
            break
    return end


def _is_particle(index: Index, first: int, i: int, given: bool) -> bool:
    """Whether the lower-case word `i` goes on with a name: *Karl-Theodor zu Guttenberg*, but not *Meloni di Roma*."""
    tokens, lexicon = index.tokens, index.lexicon
    if i + 1 >= tokens.n or not _is_namelike(index, i + 1):
        return False
    word = tokens.lower[i]
    if word in lexicon.foreign_particles:
        return word.isalpha() or (tokens.end[i - 1] == tokens.start[i] and tokens.end[i] == tokens.start[i + 1])
    inside = tokens.entity[i] and tokens.entity[first] == tokens.entity[i] == tokens.entity[i + 1]
    if word in lexicon.particles or word == "&":
        return bool(inside) or (not given and index.words[first] in lexicon.heads)
    return bool(inside) and tokens.pos[i] in ("ADP", "PART", "CCONJ") and index.words[first] in lexicon.heads


def _is_namelike(index: Index, i: int) -> bool:
    tokens, word = index.tokens, index.words[i]
    if not (tokens.title[i] or (word[0].isdigit() and any(c.isupper() for c in word))):
        return False
    if not any(c.isalpha() for c in word):
        return False
    lower = tokens.lower[i]
    lexicon = index.lexicon
    if i in index.covered or i in index.compound:
        return False
    if lower in lexicon.articles or lower in lexicon.prepositions or lower in lexicon.pronouns:
        if i + 1 >= tokens.n or not tokens.title[i + 1] or lower in lexicon.pronouns:
            return False
        return tokens.entity[i] == "PER" or not opens(index, i)  # Di Maio, La Russa
    pos = tokens.pos[i]
    if pos in ("ADP", "DET", "PRON", "AUX", "CCONJ", "SCONJ"):
        return bool(tokens.entity[i])
    if not opens(index, i):
        return pos != "VERB" or bool(tokens.entity[i]) or not (lower.endswith("re"))
    if pos == "NUM" and not tokens.entity[i]:
        return False  # Mille sindaci
    entry = index.entries[i]
    if lower in lexicon.given or (entry is not None and entry.name) or (entry is None and word in index.recurring):
        return True
    if entry is not None and not tokens.entity[i]:
        return False
    if tokens.entity[i]:
        return True
    if pos == "PROPN" or (word.isupper() and len(word) > 1):
        return True
    following = i + 1 < tokens.n and tokens.title[i + 1] and tokens.pos[i + 1] == "PROPN"
    return following and pos not in ("ADV", "VERB")


def _strip_titles(index: Index, first: int, last: int) -> int:
    """Past titles and roles with a capital: *Presidente Napolitano*, *Don Ciotti*."""
    lexicon = index.lexicon
    while last - first > 1:
        entry = index.entries[first]
        lower = index.tokens.lower[first]
        role = entry is not None and entry.kind == "role" and not entry.name and first + entry.length < last
        if role and entry is not None and lower not in lexicon.given:
            first += entry.length
        elif (
            lower in lexicon.titles
            and lower not in lexicon.given
            or lower in lexicon.articles
            and index.entries[first] is None
        ):
            first += 1
        else:
            break
    return first


def _classify(index: Index, first: int, last: int) -> str:
    """What a name names, by all that can be seen of it."""
    tokens, lexicon, words = index.tokens, index.lexicon, index.words
    labels = tokens.entity[first:last]
    label = max(labels, key=labels.count)
    entry = index.entries[first]
    known = entry if entry is not None and entry.name and entry.length == last - first else None
    given = tokens.lower[first] in lexicon.given
    if known is not None and not (given and label == "PER"):
        return known.kind
    if words[first] in lexicon.heads or words[last - 1] in lexicon.tails:
        return "institution"
    if words[last - 1].lower().endswith(lexicon.domains):
        return "media"
    noun = index.entries[first - 1] if first else None
    if noun is not None and noun.lemma in lexicon.generic_bodies and not given:
        return noun.kind  # la società Zeltron, il quotidiano Kommersant
    score = {"PER": 2.0, "ORG": -1.5, "LOC": -1.5}.get(label, 0.0)
    size = last - first
    score += (2.6 if size > 1 else 0.7) if given else 0.0
    score += 0.5 if size in (2, 3) and not given else 0.0
    score += 3.0 if key_of(words[last - 1]) in lexicon.people else 0.0
    if size == 1 and words[first].isupper() and len(words[first]) <= 5:
        score -= 2.0
    before = role_before(index, first)
    score += 1.5 if before is not None else 0.0
    score += 2.0 if role_after(index, last) is not None else 0.0
    if before is None and first and tokens.lower[first - 1] not in lexicon.articles and governing_role(index, first):
        score += 2.5 if size > 1 and first - 1 in index.named else 1.2  # il direttore generale dell'Oms Tedros Adhanom
    if size == 1 and first and tokens.lower[first - 1] in lexicon.genitive and _starts_given(index, last):
        score -= 3.0  # il procuratore di Civitavecchia Alberto Liguori
    if first and tokens.lower[first - 1] in lexicon.definite and before is None:
        score -= 0.5 if tokens.lower[first - 1] in lexicon.feminine else 1.0
    if score >= 0.9:
        return PERSON
    if label == "ORG" or (size == 1 and words[first].isupper() and len(words[first]) > 1):
        return "institution"
    return "place" if label == "LOC" else ""


def _starts_given(index: Index, i: int) -> bool:
    """Whether a given name begins at token `i`."""
    tokens = index.tokens
    return i < tokens.n and tokens.title[i] and tokens.lower[i] in index.lexicon.given


def cluster(index: Index) -> None:
    """Put the occurrences of one name together; each goes to the fullest name that holds its words."""
    order = sorted(range(len(index.names)), key=lambda n: (-len(index.names[n].keys), index.names[n].kind != PERSON, n))
    people: dict[str, list[Entity]] = {}
    bodies: dict[tuple[str, ...], Entity] = {}
    for number in order:
        name = index.names[number]
        if name.kind in (PERSON, "", _WEAK) or _may_be_person(index, name):
            entity = _same_person(index, name, people)
            if entity is None and name.kind == PERSON:
                entity = Entity(PERSON, (name.first, name.last), name.keys, name.gender)
                index.entities.append(entity)
                for key in set(name.keys):
                    people.setdefault(key, []).append(entity)
                if len(name.keys) > 1:
                    people.setdefault("", []).append(
                        entity
                    )  # all with two names: for a first name that is a place's too
            if entity is not None and entity.keys != name.keys and name.kind == _WEAK and len(entity.keys) == 1:
                entity = None
            if entity is not None:
                entity.gender = entity.gender or name.gender
                entity.names.append(name)
                continue
        if name.kind == _WEAK:
            continue
        words = tuple(k for k in name.keys if k not in index.lexicon.articles)
        body = bodies.get(words) or _same_body(index, words, bodies)
        if body is None:
            body = Entity(name.kind or "", (name.first, name.last), words)
            index.entities.append(body)
        bodies.setdefault(words, body)
        body.kind = body.kind or name.kind
        if len(index.words[name.first]) > len(index.words[body.name[0]]) and len(body.keys) == 1 == len(words):
            body.name = (name.first, name.last)  # W.W.F. rather than Wwf
        body.names.append(name)
    for entity in index.entities:
        entity.names.sort(key=lambda name: name.first)
        for name in entity.names:
            for i in range(name.first, name.last):
                index.at[i] = entity
                index.holders[i] = name
    index.entities.sort(key=lambda entity: entity.names[0].first)


def _may_be_person(index: Index, name: Name) -> bool:
    """Whether a single word taken for a place or a body may yet be somebody's surname: *Galizia*, *Patanè*."""
    if len(name.keys) != 1:
        return False
    entry = index.entries[name.first]
    before = index.tokens.lower[name.first - 1] if name.first else ""
    if entry is not None and entry.name:
        named_so = entry.kind in ("place", "institution")  # Messina, Prada
        return named_so and before not in index.lexicon.prepositions and before not in index.lexicon.articles
    return index.words[name.first] not in index.lexicon.heads


def _same_person(index: Index, name: Name, people: dict[str, list[Entity]]) -> Entity | None:
    """The person whose fuller name holds this one: surname first, the nearest one before where several do."""
    keys = set(name.keys)
    fits = [entity for entity in people.get(name.keys[-1], ()) if keys <= set(entity.keys)]
    if len(name.keys) == 1:
        surnames = [entity for entity in fits if entity.keys[-1] == name.keys[0]]
        bare = not name.first or index.tokens.lower[name.first - 1] not in index.lexicon.articles
        firsts = [entity for entity in people.get("", ()) if bare and entity.keys[0] == name.keys[0]]
        fits = surnames or (fits if name.kind == PERSON or name.keys[0] in index.lexicon.given else firsts)
        gender = article_gender(index, name.first)
        fits = [entity for entity in fits if not (gender and entity.gender and gender != entity.gender)] or fits
    if len(fits) > 1:
        before = [entity for entity in fits if entity.name[0] < name.first]
        return max(before, key=lambda entity: entity.name[0]) if before else fits[0]
    return fits[0] if fits else None


def _same_body(index: Index, key: tuple[str, ...], bodies: dict[tuple[str, ...], Entity]) -> Entity | None:
    """The body whose full name an acronym stands for, by the lexicon or by its initials."""
    if len(key) != 1 or not key[0].isalnum() or len(key[0]) > 6:
        return None
    full = index.lexicon.acronyms.get(key[0], frozenset())
    for other, entity in bodies.items():
        if len(other) > 1:
            joined = " ".join(other).replace("' ", "'")
            initials = "".join(word[0] for word in other if len(word) > 3 or word.isdigit())
            if joined in full or (len(key[0]) > 2 and initials == key[0]):
                return entity
    return None
