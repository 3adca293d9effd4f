"""What a spaCy pipeline says of itself in its `meta.json`, read without loading it, or spaCy."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from claimx.errors import ModelError

DEFAULT_MODEL = "it_claimx_news"


def find_meta(model: str | None = None) -> Path:
    """The `meta.json` of the pipeline `model`, a package name or a folder; raises ModelError where there is none."""
    name = model or DEFAULT_MODEL
    places = [Path(name)]
    if name.isidentifier() and (spec := importlib.util.find_spec(name)):
        places[:0] = map(Path, spec.submodule_search_locations or ())  # a package goes before a folder, as in spaCy
    for place in places:
        file = place / "meta.json"
        if file.is_file():
            return file
    raise ModelError(
        f"the pipeline {name!r} is not installed, nor a folder with a meta.json; "
        + ("install claimx again (pip install .)" if name == DEFAULT_MODEL else f"try: python -m spacy download {name}")
    )


def read_meta(file: Path) -> dict[str, Any]:
    """The content of a `meta.json`; raises ModelError where it is not one."""
    try:
        meta = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}; install the pipeline again") from error
    if not isinstance(meta, dict):
        raise ModelError(f"{file} is not the description of a pipeline; install the pipeline again")
    return meta
