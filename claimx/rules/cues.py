"""Words that may attribute: a wide net of verbs, nouns, frames, conditionals and bare layout.

Reads the parse, the quotations and the cue lexicon; gives `Cue`s in text order, many of which attribute nothing: which do
is decided later, together with their content. Fires on *ha dichiarato* (*Il ministro ha dichiarato che...*), on *Secondo*
(*Secondo l'Istat...*); must not leave out an unlisted verb beside a quotation (*«Basta», sibila Rossi*).
"""

from __future__ import annotations

from collections.abc import Sequence

from claimx.draft import Cue
from claimx.lexicon.cues import CueLexicon
from claimx.syntax import Range, Tokens

ADJECTIVE_TAKES = frozenset(("che", "di"))
REACH = 8  # tokens between an unlisted verb and a quotation's edge


def find_cues(tokens: Tokens, quoted: Sequence[Range], lexicon: CueLexicon) -> list[Cue]:
    """All that may attribute; `quoted` holds the token ranges of the quotations, in text order."""
    inside = bytearray(tokens.n)
    near = bytearray(tokens.n)
    for first, last in quoted:
        inside[first:last] = b"\1" * (last - first)
        start, end = max(0, first - REACH), min(tokens.n, last + REACH)
        near[start:end] = b"\1" * (end - start)
    cues: list[Cue] = []
    taken = bytearray(tokens.n)
    for match in lexicon.match_frames(tokens.lower):
        frame = match.frame
        if frame.unspecified and frame.risky and _says_of_itself(tokens, match.end):
            continue
        taken[match.start : match.end] = b"\1" * (match.end - match.start)
        takes = frozenset(
            ("frame-" + frame.source, *(("risky",) if frame.risky else ()), *(("back",) if frame.back else ()))
        )
        cues.append(
            Cue("frame", match.end - 1, match.start, match.end, frame.words, frame.cue_class, takes, "strong",
                frame.unspecified)
        )  # fmt: skip
    multiwords = {}
    parts: set[int] = set()  # *sapere* of *fa sapere* attributes nothing by itself
    for multiword in lexicon.match_multiwords(tokens.lower):
        head = next(
            (i for i in range(multiword.start, multiword.end) if tokens.pos[i] in ("VERB", "AUX")), multiword.start
        )
        multiwords[head] = multiword
        parts.update(range(multiword.start, multiword.end))
    for i, pos in enumerate(tokens.pos):
        if i in multiwords:
            entry = multiwords[i].cue
            first, _ = verb_group(tokens, i)
            cues.append(
                Cue("verb", i, first, multiwords[i].end, entry.lemma, entry.cue_class, entry.takes, entry.strength)
            )
        elif pos in ("VERB", "AUX") and i not in parts:
            cue = _verb(tokens, i, lexicon, beside_quotation=bool(near[i] and not inside[i]))
            if cue is not None:
                cues.append(cue)
        elif pos in ("NOUN", "PROPN"):
            noun = lexicon.noun_of(tokens.lower[i])
            if noun is not None:
                cues.append(Cue("noun", i, i, i + 1, noun.lemma, noun.cue_class, noun.takes, noun.strength))
        elif pos == "ADJ":
            if tokens.child(i, "ccomp", "advcl", "xcomp", "acl") is not None:
                cues.append(Cue("adjective", i, i, i + 1, tokens.lemma[i], "think", ADJECTIVE_TAKES, "clause"))
        if pos in ("VERB", "AUX") and tokens.feature(i, "Mood") == "Cnd":
            cues.append(_conditional(tokens, i))
    kept = [cue for cue in cues if cue.kind == "frame" or not taken[cue.head]]
    kept.sort(key=lambda cue: (cue.first, cue.last))
    return kept


def _verb(tokens: Tokens, i: int, lexicon: CueLexicon, *, beside_quotation: bool) -> Cue | None:
    if tokens.dep[i].startswith("aux") or tokens.dep[i] == "cop":
        return None
    first, last = verb_group(tokens, i)
    lemma = lexicon.lemma_of(tokens.lower[i])
    if lemma is None and tokens.lemma[i] in lexicon.verbs:
        lemma = tokens.lemma[i]
    if lemma is not None:
        entry = lexicon.verbs.get(lemma)
        if lemma in lexicon.reflexives and (entry is None or _is_reflexive(tokens, i, first)):
            entry = lexicon.reflexives[lemma]
        if entry is not None:
            return Cue("verb", i, first, last, entry.lemma, entry.cue_class, entry.takes, entry.strength)
    if tokens.pos[i] == "VERB" and (beside_quotation or _has_clause(tokens, i)):
        return Cue("verb", i, first, last, tokens.lemma[i], "", frozenset(), "unlisted")
    return None


def _is_reflexive(tokens: Tokens, i: int, first: int) -> bool:
    return any("Clitic" in tokens.features[k] or tokens.dep[k].startswith("expl") for k in range(first, i))


def _says_of_itself(tokens: Tokens, i: int) -> bool:
    """Whether a predicate follows: *si dice pronto* is somebody's word of himself, no hearsay."""
    return i < tokens.n and (tokens.pos[i] == "ADJ" or tokens.feature(i, "VerbForm") == "Part")


def _has_clause(tokens: Tokens, i: int) -> bool:
    return any(c > i and tokens.dep[c] in ("ccomp", "csubj") for c in tokens.children[i])


def verb_group(tokens: Tokens, i: int) -> Range:
    """The verb with its auxiliaries, clitics, negation and the adverbs between: *non lo ha mai detto*."""
    first = i
    while first > 0:
        before = first - 1
        if tokens.sent[before] != tokens.sent[i] or tokens.pos[before] == "PUNCT":
            break
        dep = tokens.dep[before]
        held = tokens.head[before] in (i, first)
        if dep.startswith(("aux", "cop")) and (held or tokens.head[before] == i):
            first = before
        elif dep.startswith("expl") or (tokens.pos[before] == "PRON" and "Clitic" in tokens.features[before]):
            first = before
        elif tokens.pos[before] == "ADV" and _auxiliary_left(tokens, before, i):
            first = before
        elif tokens.feature(before, "PronType") == "Neg" or dep == "advmod:neg":
            first = before
        else:
            break
    return first, i + 1


def _auxiliary_left(tokens: Tokens, i: int, verb: int) -> bool:
    """Whether an auxiliary of `verb` stands before the adverb `i`: *ha inoltre detto*, but not *inoltre detto*."""
    for k in range(i - 1, max(-1, i - 4), -1):
        if tokens.head[k] == verb and tokens.dep[k].startswith("aux"):
            return True
        if tokens.pos[k] not in ("ADV", "PRON"):
            return False
    return False


def _conditional(tokens: Tokens, i: int) -> Cue:
    """The reportive conditional may stand in any conditional verb group: *avrebbe utilizzato*, *sarebbero*."""
    head = tokens.head[i] if tokens.dep[i].startswith(("aux", "cop")) else i
    first, last = min(i, head), max(i, head) + 1
    if tokens.dep[i] == "cop" or last - first > 5:
        first, last = i, i + 1
    return Cue("conditional", head, first, last, tokens.lemma[i], "hearsay", frozenset(), "conditional", True)


def find_layout_cues(tokens: Tokens, quoted: Sequence[Range]) -> list[Cue]:
    """Places where only a colon or a quotation's place attributes: *Meloni: «Non ci fermeremo»*."""
    cues = [Cue("layout", first, first, first) for first, _ in quoted]
    begins = {first for first, _ in quoted}
    for first, last in tokens.sents:
        for i in range(first + 1, min(first + 14, last - 1)):
            if tokens.lower[i] == ":":
                if i + 1 not in begins:
                    cues.append(Cue("layout", i, i, i))
                break
    return cues
