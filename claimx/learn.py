"""Small trained models at run time: forests of decision trees as flat arrays, evaluated by numpy alone.

Trained offline by gradient boosting (LightGBM; the recipe is in models/claimx_attribution) and stored in `.npz` files, so that
running needs nothing that spaCy does not bring.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy

from claimx.errors import ModelError

PACKAGE = "claimx_attribution"


@dataclass(frozen=True, slots=True)
class Forest:
    """Decision trees over rows of features; a leaf is its own child, so that every walk has the same length."""

    feature: numpy.ndarray
    threshold: numpy.ndarray
    child: numpy.ndarray  # [2 * node]: where the feature is at most the threshold; [2 * node + 1]: above
    value: numpy.ndarray
    roots: numpy.ndarray
    depth: int

    def raw(self, rows: numpy.ndarray) -> numpy.ndarray:
        """The sum of the trees' leaves for each row (log-odds)."""
        if not len(rows):
            return numpy.zeros(0)
        flat = numpy.ascontiguousarray(rows, dtype=numpy.float32).ravel()
        base = (numpy.arange(len(rows), dtype=numpy.int32) * rows.shape[1])[:, None]
        node = numpy.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            seen = flat.take(self.feature.take(node) + base)
            node = self.child.take(2 * node + (seen > self.threshold.take(node)))
        total: numpy.ndarray = self.value.take(node).sum(axis=1)
        return total

    def predict(self, rows: numpy.ndarray) -> numpy.ndarray:
        """The probability for each row."""
        probabilities: numpy.ndarray = 1.0 / (1.0 + numpy.exp(-self.raw(rows)))
        return probabilities


@dataclass(frozen=True, slots=True)
class Models:
    """All that was trained for attribution: forests by name, and what else they need (priors, thresholds)."""

    forests: dict[str, Forest]
    settings: dict[str, Any]


@functools.cache
def load_models() -> Models:
    """The trained attribution models that are installed with claimx; raises ModelError where they are missing."""
    try:
        folder = resources.files(PACKAGE)
        settings = json.loads(folder.joinpath("settings.json").read_text(encoding="utf8"))
        with folder.joinpath("forests.npz").open("rb") as file:
            arrays = dict(numpy.load(file, allow_pickle=False))
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(f"the attribution models cannot be read: {error}; install claimx again") from error
    return Models({name: _forest(arrays, name) for name in settings["forests"]}, settings)


def _forest(arrays: dict[str, numpy.ndarray], name: str) -> Forest:
    return Forest(
        arrays[name + ".feature"].astype(numpy.int32),
        arrays[name + ".threshold"],
        arrays[name + ".child"].astype(numpy.int32).ravel(),
        arrays[name + ".value"],
        arrays[name + ".roots"].astype(numpy.int32),
        int(arrays[name + ".depth"]),
    )
