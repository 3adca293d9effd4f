"""Parts: the single statements inside a claim that makes more than one, in the article's own words.

Reads the parse and a claim's spans, gives a span for each sentence and each coordinated main clause: *il ponte è chiuso e i treni
sono fermi* has two, *il ponte e la strada sono chiusi* is one statement and gives none. A part has a finite verb of its own, or an
infinitive of its own with its preposition (*di aver litigato, ma di averla perdonata*).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from claimx.draft import Span
from claimx.syntax import Range, Tokens

_BREAKS = frozenset(":;—–")
_LEAST = 2  # words of a part


def find_parts(tokens: Tokens, spans: Sequence[Span]) -> list[Span]:
    """The parts of a claim in text order; none where it makes just one statement."""
    parts: list[Span] = []
    introducer = _introducer(tokens, spans)
    for start, end in spans:
        first, last = tokens.cover(start, end)
        for chunk in _sentences(tokens, first, last):
            for piece in _clauses(tokens, *chunk):
                trimmed = _trimmed(tokens, *piece, introducer)
                if trimmed is not None:
                    parts.append(_within(tokens.chars(*trimmed), start, end))
    return parts if len(parts) > 1 else []


def _introducer(tokens: Tokens, spans: Sequence[Span]) -> str:
    """The word that introduces the claim, which its later parts repeat: *di aver litigato, ma | di | averla perdonata*."""
    before = tokens.cover(*spans[0])[0] - 1 if spans else -1
    return tokens.lower[before] if before >= 0 and tokens.pos[before] in ("SCONJ", "ADP", "PRON") else ""


def _sentences(tokens: Tokens, first: int, last: int) -> list[Range]:
    chunks = []
    at = first
    while at < last:
        end = min(tokens.sentence(at)[1], last)
        chunks.append((at, end))
        at = end
    return chunks


def _clauses(tokens: Tokens, first: int, last: int) -> list[Range]:
    """The coordinated main clauses of a stretch of one sentence; one range, or none where it has no verb."""
    mains = [i for i in range(first, last) if not first <= tokens.head[i] < last or tokens.head[i] == i]
    verbs = [i for i in mains if _finite(tokens, i) or _infinitive(tokens, i)]
    verbs = [i for i in verbs if not _subordinate(tokens, i)] or verbs
    if not verbs:
        finite = [i for i in range(first, last) if tokens.pos[i] in ("VERB", "AUX") and _finite(tokens, i)]
        alone = _whole(tokens, first, last) or any(not _subordinate(tokens, i) for i in finite)
        return [(first, last)] if finite and alone else []
    accepted = set(mains)  # what a coordinated clause may hang on
    cuts: list[int] = []
    seen = verbs[0]
    for i in range(verbs[0] + 1, last):
        if not (i in verbs or tokens.head[i] in accepted):
            continue
        kind = tokens.dep[i].partition(":")[0]
        if i not in verbs and kind not in ("conj", "parataxis", "ccomp"):
            continue
        if not _statement(tokens, i, seen):
            continue
        edge = max(tokens.left[i], seen + 1)
        if kind in ("parataxis", "ccomp") and i not in verbs and not _broken(tokens, edge):
            continue
        if edge > first and (not cuts or edge > cuts[-1]):
            cuts.append(edge)
            accepted.add(i)
            seen = i
    edges = [first, *cuts, last]
    return list(pairwise(edges))


def _statement(tokens: Tokens, i: int, before: int) -> bool:
    """Whether a coordinated head states something by itself, rather than being a second verb, noun or adjective."""
    if _finite(tokens, i):
        return True
    marked = any(tokens.dep[c] == "mark" and tokens.pos[c] == "ADP" for c in tokens.children[i])
    return _infinitive(tokens, i) and marked and _infinitive(tokens, before)


def _whole(tokens: Tokens, first: int, last: int) -> bool:
    """Whether a range is all of its sentence, marks aside: no cue has cut it."""
    start, end = tokens.sentence(first)
    return not any(tokens.pos[i] not in ("PUNCT", "SPACE") for i in (*range(start, first), *range(last, end)))


def _subordinate(tokens: Tokens, i: int) -> bool:
    return tokens.dep[i].partition(":")[0] in ("advcl", "acl")


def _finite(tokens: Tokens, i: int) -> bool:
    if tokens.pos[i] in ("VERB", "AUX") and "Mood" in tokens.features[i]:
        return True
    return any(tokens.dep[c].startswith(("aux", "cop")) and "Mood" in tokens.features[c] for c in tokens.children[i])


def _infinitive(tokens: Tokens, i: int) -> bool:
    if tokens.feature(i, "VerbForm") == "Inf":
        return True
    return any(
        tokens.dep[c].startswith(("aux", "cop")) and tokens.feature(c, "VerbForm") == "Inf" for c in tokens.children[i]
    )


def _broken(tokens: Tokens, edge: int) -> bool:
    """Whether a colon, a semicolon or a dash stands just before."""
    return edge > 0 and any(tokens.lower[i] in _BREAKS for i in range(max(0, edge - 1), edge + 1))


def _trimmed(tokens: Tokens, first: int, last: int, introducer: str) -> Range | None:
    """Without marks, conjunctions and the introducing word at its ends; None where too little is left."""
    while first < last and (
        tokens.pos[first] in ("PUNCT", "SPACE", "CCONJ") or (introducer and tokens.lower[first] == introducer)
    ):
        first += 1
    while first < last and tokens.pos[last - 1] in ("PUNCT", "SPACE", "CCONJ"):
        last -= 1
    words = sum(tokens.pos[i] not in ("PUNCT", "SPACE") for i in range(first, last))
    return (first, last) if words >= _LEAST else None


def _within(chars: Span, start: int, end: int) -> Span:
    return max(chars[0], start), min(chars[1], end)
