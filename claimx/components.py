"""claimx as a spaCy component: `nlp.add_pipe("claimx")` on any Italian pipeline gives `doc._.claims`.

The one place that touches `doc._`. The pipeline's own reading of the text is taken as it is, newlines and all; `claimx.extract`
reads block by block and so reads better.
"""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc

from claimx.extraction import attribute, load_engine
from claimx.text import find_blocks

Component = Callable[[Doc], Doc]


@Language.factory("claimx", assigns=["doc._.claims"], requires=["token.dep", "token.pos"])
def make_claimx(nlp: Language, name: str) -> Component:
    """The component; it needs a parser and a tagger or morphologizer before it.

    `doc._.claims` is a tuple of `claimx.Claim`, its offsets those of `doc.text`. Raises ModelError where the attribution models
    are missing.
    """
    if not Doc.has_extension("claims"):
        Doc.set_extension("claims", default=())
    load_engine()

    def claimx(doc: Doc) -> Doc:
        doc._.claims = attribute(doc, doc.text, find_blocks(doc.text))
        return doc

    return claimx
