"""What makes the records: claimx, spaCy, the pipeline and the options, in one digest that says whether a record is current.

Found without loading the pipeline, so that a run with nothing to do ends at once. Any change of a rule, a word list or a
weight gives another digest: `it_claimx_news` trained anew makes all records anew, the same one copied elsewhere none.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from claimx.errors import ModelError
from claimx.meta import DEFAULT_MODEL

PACKAGE = "claimx_attribution"  # as in claimx.learn

# No record depends on these.
_NOT_THE_ENGINE = frozenset({"batch", "cli", "writers", "scoring.py", "schema.py", "examples", "__pycache__"})


def describe_maker(model: str | None, options: Mapping[str, object]) -> str:
    """The digest of all that a record depends on but its article."""
    parts = {
        "claimx": hash_engine(),
        "spacy": _version("spacy"),
        "thinc": _version("thinc"),
        "pipeline": hash_pipeline(model),
        "options": dict(options),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


@lru_cache(maxsize=4)
def hash_pipeline(model: str | None) -> str:
    """The digest of the pipeline's files, by their names below its folder."""
    return _hash_tree(find_pipeline(model or DEFAULT_MODEL), frozenset({"__pycache__"}))


def find_pipeline(model: str) -> Path:
    """The folder of a pipeline, given by path or by the name of an installed package; raises ModelError."""
    folder = Path(model)
    if folder.is_dir():
        return folder
    try:
        spec = importlib.util.find_spec(model) if model.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    if spec and spec.origin:
        return Path(spec.origin).parent
    from claimx.nlp import load_pipeline  # spaCy is imported only to fail in its words

    load_pipeline(model)
    raise ModelError(f"the pipeline {model!r} has no folder; give one")


@lru_cache(maxsize=1)
def hash_engine() -> str:
    """The digest of claimx: its version, its rules and word lists, its attribution models."""
    parts = [_version("claimx"), _hash_tree(Path(__file__).parent.parent, _NOT_THE_ENGINE)]
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin:  # where it is missing, the engine says so
        parts.append(_hash_tree(Path(spec.origin).parent, frozenset({"__pycache__"})))
    return " ".join(parts)


def _hash_tree(top: Path, without: frozenset[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*"), key=lambda found: found.relative_to(top).as_posix()):
        parts = path.relative_to(top).parts
        if without.isdisjoint(parts) and path.is_file() and path.suffix != ".pyc":
            data = path.read_bytes()
            digest.update("/".join(parts).encode("utf-8", "surrogateescape") + b"\0%d\0" % len(data))
            digest.update(data)
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a folder that was not installed: the digest of the code tells
        return "0"
