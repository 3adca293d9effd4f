"""The language knowledge of `claimx/data/*.yaml`: each file read once, checked, and given as frozen dataclasses."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

from claimx.errors import LexiconError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads a file in milliseconds, where it is there


@functools.cache
def load_data(name: str) -> Any:
    """The content of `claimx/data/NAME.yaml`; raises LexiconError where there is none or it is not YAML."""
    file = resources.files("claimx") / "data" / f"{name}.yaml"
    try:
        return yaml.load(file.read_text(encoding="utf8"), Loader=_Loader)
    except (OSError, yaml.YAMLError) as error:
        raise LexiconError(f"the lexicon {name}.yaml cannot be read: {error}; reinstall claimx") from error
