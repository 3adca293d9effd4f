"""The names of the numbers that describe a cue and a content, and the values that each may stand for.

A row of `evidence` holds the values in just this order, so a change here means training the models again. For *ha detto che*
the column *takes che* is 1.
"""

from __future__ import annotations

KINDS = ("verb", "adjective", "noun", "frame", "conditional", "layout")
STRENGTHS = ("strong", "clause", "quote", "weak", "unlisted", "conditional")
GROUPS = (
    "say", "write", "announce", "confirm", "admit", "deny", "accuse", "criticise", "praise", "ask", "order", "laydown",
    "propose", "promise", "threaten", "warn", "think", "guess", "fear", "hope", "predict", "find", "show", "judge",
    "recall", "express", "react", "relay", "hearsay",
)  # fmt: skip
TAKES = (
    "che", "se", "di", "a-inf", "inf", "quote", "np", "small", "np-di", "frame-after",
    "frame-before", "frame-inside", "frame-either", "frame-none", "risky", "back",
)  # fmt: skip
DEPS = (
    "ROOT",
    "parataxis",
    "conj",
    "ccomp",
    "advcl",
    "acl",
    "acl:relcl",
    "xcomp",
    "csubj",
    "obl",
    "nmod",
    "obj",
    "nsubj",
)
MOODS = ("Ind", "Sub", "Cnd", "Imp")
TENSES = ("Pres", "Past", "Imp", "Fut")
FORMS = ("Fin", "Inf", "Ger", "Part")
ACTORS = (
    "PER", "ORG", "LOC", "role", "institution", "media", "document", "voice", "unnamed-group", "unnamed-sources", "country",
    "capital", "place", "pronoun", "other", "none",
)  # fmt: skip
# what a candidate's way of being found says of the kind of content that it is, as the lexicon's `takes` name them
FITS = {
    "che": ("che", "che-cut", "tree-ccomp", "sent-ccomp", "che-quote"),
    "di": ("di", "di-cut", "tree-xcomp", "sent-xcomp", "tree-advcl"),
    "a-inf": ("di", "di-cut", "tree-xcomp", "sent-xcomp", "tree-advcl"),
    "quote": (
        "q-after",
        "q-after-run",
        "q-before",
        "q-before-run",
        "q-split",
        "q-split-run",
        "colon",
        "around",
        "next",
    ),
    "np": ("np-obj", "np-nsubj", "np-obl", "np-nmod"),
    "np-di": ("np-obl", "np-nmod"),
    "small": ("small",),
    "se": ("wh", "che", "che-cut"),
}
FIRST_POS = ("VERB", "AUX", "DET", "NOUN", "PROPN", "PRON", "ADP", "ADV", "ADJ", "SCONJ", "CCONJ", "NUM")
CONTENTS = (
    "core-ccomp", "core-xcomp", "core-parataxis", "core-advcl", "core-acl", "core-np", "tree-ccomp", "tree-csubj", "tree-parataxis", "tree-advcl", "tree-xcomp", "tree-acl", "tree-conj",
    "sent-ccomp", "sent-xcomp", "sent-parataxis", "sent-advcl", "np-obj", "np-obl", "np-nsubj", "np-nmod", "np-iobj",
    "np-dislocated", "small", "che", "che-cut", "wh", "di", "di-cut", "colon", "next", "rest", "rest-cut",
    "q-after", "q-after-run", "q-after-span", "q-before", "q-before-run", "q-split", "q-split-run", "che-quote",
    "around", "around-left", "around-right", "around-sent", "paren", "paren-left", "paren-right", "previous",
    "previous-quote", "previous-bare", "previous-bare-quote", "up-ccomp", "up-csubj", "up-xcomp", "up-advcl", "up-acl",
    "copula", "f-after", "f-after-cut", "f-before", "f-both", "f-before-clause", "f-both-clause", "f-relative",
    "f-after-tree", "f-before-tree", "f-both-tree", "f-both-clause-tree", "c-sent", "c-tree",
    "c-clause", "c-left", "c-right", "c-che", "l-colon", "l-quote", "l-run", "l-sent", "l-span", "network",
    "network-ends",
)  # fmt: skip
# what training counts contents by, the most telling first; by the kinds' first letters
GROUPS_OF_CONTENT = (
    "quotation", "around", "layout", "colon", "che", "wh", "di", "small", "phrase", "conditional", "frame",
    "parenthesis", "previous", "copula", "rest", "other",
)  # fmt: skip
STARTS = {
    "q-": "quotation", "around": "around", "l-": "layout", "colon": "colon", "che": "che", "tree-ccomp": "che", "wh": "wh",
    "di": "di", "tree-xcomp": "di", "small": "small", "np-": "phrase", "core-np": "phrase", "c-": "conditional",
    "f-": "frame", "paren": "parenthesis", "previous": "previous", "copula": "copula", "rest": "rest",
}  # fmt: skip
GROUP_OF = {
    kind: GROUPS_OF_CONTENT.index(group)
    for kind in CONTENTS
    for start, group in STARTS.items()
    if kind.startswith(start)
}
PHRASES = frozenset(("small", "phrase", "rest"))  # contents whose head's lemma tells whether they are a proposition

CUE_NAMES = (
    *(f"kind {k}" for k in KINDS), *(f"strength {s}" for s in STRENGTHS), *(f"group {g}" for g in GROUPS),
    *(f"takes {t}" for t in TAKES), *(f"dep {d}" for d in DEPS), *(f"mood {m}" for m in MOODS),
    *(f"tense {t}" for t in TENSES), *(f"form {f}" for f in FORMS),
    "prior", "prior count", "unspecified", "first person", "second person", "plural", "auxiliaries", "passive", "negated",
    "clitic", "reflexive", "inside quotation", "subject", "subject before", "subject pronoun", "subject PER", "subject ORG",
    "subject LOC", "subject capital", "agent", "position", "sentence length", "quotations in sentence",
    "colon in sentence", "colon next", "comma before", "mark before", "quotation before", "comma after",
    "quotation after", "che near", "di near", "first in sentence", "in title", "in heading", "verb lower", "object",
    "clause child", "infinitive child", "determined", "person in sentence", "conditional in sentence", "head is cue",
    "last in sentence", "distance to quotation", *(f"actor {a}" for a in ACTORS), "quotations in article", "position in article",
    *(f"followed by {p}" for p in FIRST_POS), "person after", "actor after", "person before", "actor before", "question",
    "condition before", "modal", "under verb", "verbs in sentence", "quoted in sentence",
)  # fmt: skip

PAIR_NAMES = (
    *(f"as {k}" for k in CONTENTS), *(f"first {p}" for p in FIRST_POS),
    "kinds", "pieces", "length", "quoted share", "starts quoted", "ends quoted", "one quotation", "before cue",
    "after cue", "distance", "finite verbs", "conditionals", "infinitive first", "other sentence", "sentence share",
    "longest share", "rank", "holds subject", "holds cue", "capital first", "colon before", "mark before", "che before",
    "di before", "mark after", "comma after", "stop after", "sentences", "cues inside", "che inside start",
    "same block", "cue probability", "candidates", "persons", "length of first", "starts sentence", "ends sentence",
    "best cue inside", "best rival", *(f"fits {t}" for t in FITS), "fits", *(f"next {p}" for p in FIRST_POS), "next gerund",
    "next relative", "next conjunction", "next in sentence", "arcs out", "arcs in", "head nominal", "head entity", "head noun cue",
    "head verb", "head person", "head length", "first is verb", "gap words", "gap verbs",
    "commas", "stops inside", "open bracket", "quotation cut", "roots inside", "subjects inside",
    "verbs between", "marks between", "content prior", "content prior count", "head prior", "head prior count",
)  # fmt: skip
