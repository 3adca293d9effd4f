"""Who and what an article names: people, bodies, outlets and places, each with its occurrences and roles.

Reads the parse (`Tokens`), the text and the lexicon of sources; gives an `Index`, made once an article. *Kirill Dmitriev, capo
del fondo sovrano russo* and, later, *Dmitriev* are one person with the role *capo del fondo sovrano russo*.
"""

from __future__ import annotations

from claimx.entities import Entity, Index, Name, Role, content_words, is_eponym, opens
from claimx.lexicon.sources import SourceLexicon
from claimx.names import cluster, find_names
from claimx.syntax import Tokens
from claimx.text import normalise
from claimx.titles import find_groups, find_roles, gender_of

__all__ = ["Entity", "Index", "Name", "Role", "content_words", "index_mentions", "is_eponym"]


def index_mentions(tokens: Tokens, text: str, lexicon: SourceLexicon) -> Index:
    """The index of an article."""
    plain = normalise(text)
    words = [plain[start:end] for start, end in zip(tokens.start, tokens.end)]
    index = Index(tokens, text, lexicon, words, [None] * tokens.n, [], [], {})
    _look_up(index)
    index.names = find_names(index)
    cluster(index)
    find_roles(index)
    find_groups(index)
    for entity in index.entities:
        if entity.is_person and not entity.gender:
            entity.gender = gender_of(index, entity)
    return index


def _look_up(index: Index) -> None:
    """Find the lexicon's nouns and names; a capital at the start of a sentence is no proof of a name: *Chi*, *Oggi*."""
    tokens, words, lexicon = index.tokens, index.words, index.lexicon
    for i, lower in enumerate(tokens.lower):
        if not lexicon.may_begin(lower):
            continue
        word = words[i]
        if not (word[0].isalnum() or word[0] in "'+%"):
            continue
        entry = lexicon.match(words, tokens.lower, i)
        if entry is None:
            continue
        if entry.name and entry.length == 1 and not tokens.entity[i] and opens(index, i):
            told = tokens.pos[i] in ("PROPN", "X") or (tokens.pos[i] == "NOUN" and word.isupper())
            entry = entry if told else lexicon.match(words, tokens.lower, i, names=False)
            if entry is None:
                continue
        index.entries[i] = entry
        if entry.kind == "role" and entry.length > 1:
            index.covered.update(range(i + 1, i + entry.length))
            index.compound.add(i)
