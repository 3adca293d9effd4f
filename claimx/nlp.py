"""The spaCy pipeline: found, loaded, and run over an article block by block.

Newlines must not reach the parser as tokens, and a heading without a full stop must not run into the next line: so each
block is parsed by itself, and the parses are joined to one `Doc` whose text has the length of the article's, the blocks'
separators standing as space tokens. Offsets in that `Doc` are offsets in the article.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import spacy
from spacy.attrs import DEP, ENT_IOB, ENT_TYPE, HEAD, LEMMA, MORPH, ORTH, POS, SPACY, TAG
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps, get_current_ops, set_current_ops

from claimx.draft import Block
from claimx.errors import ModelError
from claimx.meta import DEFAULT_MODEL
from claimx.text import normalise

BATCH = 64  # blocks read together: always those of one article, so that its record does not depend on its neighbours

_ATTRS = [TAG, POS, MORPH, LEMMA, DEP, HEAD, ENT_IOB, ENT_TYPE]
_BEFORE = numpy.uint64(2**64 - 1)  # a head one token to the left
_BREAKS = str.maketrans("\n\r\u2028\u2029\u0085", "     ")


def load_pipeline(model: str | Path | None = None) -> Language:
    """The spaCy pipeline `model`, a package name or a folder; the shipped one by default.

    Raises ModelError where there is none, or it is not one that tags and parses Italian.
    """
    name = str(model or DEFAULT_MODEL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # spaCy's word on other minor versions helps nobody here
            nlp = _load(name)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise ModelError(_unknown(name)) from error
    if nlp.lang != "it":
        raise ModelError(f"the pipeline {name} reads {nlp.lang!r}, not Italian; try --model {DEFAULT_MODEL}")
    missing = [needed for needed in ("parser",) if needed not in nlp.pipe_names]
    if missing:
        raise ModelError(f"the pipeline {name} has no {missing[0]}; try --model {DEFAULT_MODEL}")
    return nlp


def _load(name: str) -> Language:
    """The pipeline, its matrix products by numpy's BLAS: up to twice as fast as thinc's BLIS, with the same parses.

    Other operations than thinc's plain ones (Apple's, a GPU's) stay as they are, and so does what others load.
    """
    ops = get_current_ops()
    if type(ops) is NumpyOps:
        set_current_ops(NumpyOps(use_blis=False))
    try:
        return spacy.load(name)
    finally:
        set_current_ops(ops)


def parse(nlp: Language, text: str, blocks: Sequence[Block]) -> Doc:
    """One parsed `Doc` for `text`, each block read by itself; `doc.text` has the length and offsets of `text`."""
    plain = normalise(text)
    pieces = [plain[block.start : block.end].translate(_BREAKS) for block in blocks]
    return _join(nlp, plain, blocks, list(nlp.pipe(pieces, batch_size=BATCH)))


def _join(nlp: Language, plain: str, blocks: Sequence[Block], docs: Sequence[Doc]) -> Doc:
    words: list[str] = []
    spaces: list[bool] = []
    arrays: list[numpy.ndarray] = []
    strings: Any = nlp.vocab.strings
    space = strings.add("SPACE")
    gap = numpy.zeros((1, len(_ATTRS)), dtype=numpy.uint64)
    gap[0, 1] = space
    gap[0, 4] = strings.add("dep")
    gap[0, 6] = 2  # outside any entity
    at = 0
    for block, doc in zip(blocks, docs):
        if block.start > at:
            words.append(plain[at : block.start])
            spaces.append(False)
            row = gap.copy()
            row[0, 5] = _BEFORE if arrays else 0
            arrays.append(row)
        if len(doc):
            rows = doc.to_array([*_ATTRS, ORTH, SPACY])
            words.extend(map(strings.__getitem__, rows[:, -2].tolist()))
            spaces.extend(map(bool, rows[:, -1].tolist()))
            arrays.append(rows[:, :-2])
        at = block.end
    if at < len(plain):
        words.append(plain[at:])
        spaces.append(False)
        row = gap.copy()
        row[0, 5] = _BEFORE if arrays else 0
        arrays.append(row)
    joined = Doc(nlp.vocab, words=words, spaces=spaces)
    if arrays:
        table: Any = numpy.concatenate(arrays)  # spaCy's stubs know no arrays
        joined.from_array(_ATTRS, table)
    return joined


def _unknown(name: str) -> str:
    if name == DEFAULT_MODEL:
        return f"the pipeline {name} is not installed; install claimx again (pip install .), it ships with it"
    return (
        f"the pipeline {name!r} cannot be loaded; give a folder, or install it "
        f"(pip install {name}, or python -m spacy download {name}), or leave --model out"
    )
