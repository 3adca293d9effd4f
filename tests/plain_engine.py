"""An engine without a pipeline, to test the command line's plumbing: each block is a claim, by turns of three sources.

Run as a script it is the command line on this engine: `python tests/plain_engine.py extract article.txt`.
Words in the article make it fail: FAULT raises, SLOW takes a minute, NO-PIPELINE is no model's name.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from types import ModuleType, SimpleNamespace

from claimx.errors import ModelError
from claimx.model import Article, Certainty, Claim, Document, Level, Mode, Model, Spans
from claimx.reading import Source

SOURCES = (
    ("Nicolò D’Amico", Level.NAMED_PERSON, 0.9),
    ("fonti vicine al dossier", Level.UNNAMED_SOURCES, 0.5),
    (None, Level.AUTHOR, 0.2),
)


def load_pipeline(model: str | None = None) -> object:
    """No pipeline."""
    if model == "NO-PIPELINE":
        raise ModelError("the pipeline 'NO-PIPELINE' cannot be loaded; install it")
    return SimpleNamespace(model=model or "none")


def extract_source(nlp: SimpleNamespace, source: Source) -> Article:
    """A claim for each block."""
    if "FAULT" in source.text:
        raise ValueError("first line\nsecond line \x1b[31m")
    warnings.warn("a word to developers", UserWarning, stacklevel=1)
    logging.getLogger("spacy").error("another")
    if "SLOW" in source.text:
        print("at work", file=sys.stderr, flush=True)
        time.sleep(60)
    document = Document(source.id, source.path, source.title, source.date, len(source.text), source.sha256)
    claims = []
    for number, block in enumerate(source.blocks):
        who, level, confidence = SOURCES[number % 3]
        words = source.text[block.start : block.end]
        mode = Mode.INDIRECT if who else None
        span = ((block.start, block.end),)
        line = source.text.count("\n", 0, block.start) + 1
        within = number or None
        claim = Claim(
            number + 1, who, level, words, None, None, None, mode, Certainty.ASSERTED,
            (), None, within, (), (), (), confidence, line, Spans(span), ("cue: none",),
        )  # fmt: skip
        claims.append(claim)
    return Article(document, Model(nlp.model, "0"), tuple(claims), source.text)


def modules() -> dict[str, ModuleType]:
    """What stands in for the pipeline and the engine in `sys.modules`."""
    nlp, extract = ModuleType("claimx.nlp"), ModuleType("claimx.extraction")
    nlp.load_pipeline = load_pipeline  # type: ignore[attr-defined]
    extract.extract_source = extract_source  # type: ignore[attr-defined]
    extract.load_engine = lambda: None  # type: ignore[attr-defined]
    return {"claimx.nlp": nlp, "claimx.extraction": extract}


if __name__ == "__main__":
    sys.modules.update(modules())
    from claimx.cli import main

    main()
