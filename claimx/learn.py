"""Small trained models at run time: forests of decision trees as arrays, evaluated by numpy alone.

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
from claimx.network import Network

PACKAGE = "claimx_attribution"
ROWS = 64  # evaluated together: what is worked on stays in the processor's cache
BITS = numpy.array([(1 << n) - 1 for n in range(65)], dtype=numpy.uint64)  # the first n bits


@dataclass(frozen=True, slots=True)
class Forest:
    """Decision trees over rows of features, evaluated side by side without a walk (QuickScorer: Lucchese et al. 2015).

    A bit stands for each leaf of a tree, from left to right. A branch whose feature lies above its threshold rules out the
    leaves on its left; when all have spoken, a tree's answer is its first leaf that is left. Branches go by place, then by tree.
    """

    feature: numpy.ndarray
    threshold: numpy.ndarray
    ruled_out: numpy.ndarray
    leaves: numpy.ndarray  # their values, by tree, then by bit

    def raw(self, rows: numpy.ndarray) -> numpy.ndarray:
        """The sum of the trees' leaves for each row (log-odds)."""
        trees, width = self.leaves.shape
        found = numpy.empty((len(rows), trees), dtype=self.leaves.dtype)
        values, first = self.leaves.ravel(), numpy.arange(trees) * width
        for start in range(0, len(rows), ROWS):
            columns = numpy.ascontiguousarray(rows[start : start + ROWS].T, dtype=numpy.float32)
            gone = numpy.zeros((trees, columns.shape[1]), dtype=self.ruled_out.dtype)
            for feature, threshold, ruled_out in zip(self.feature, self.threshold, self.ruled_out):
                gone |= (columns.take(feature, axis=0) > threshold) * ruled_out
            lowest = ~gone & (gone + gone.dtype.type(1))
            bit = numpy.frexp(lowest.astype(numpy.float32))[1] - 1  # its logarithm
            found[start : start + ROWS] = values.take(bit.T + first)
        total: numpy.ndarray = found.sum(axis=1)
        return total

    def predict(self, rows: numpy.ndarray) -> numpy.ndarray:
        """The probability for each row."""
        probabilities: numpy.ndarray = 1.0 / (1.0 + numpy.exp(-self.raw(rows)))
        return probabilities


@dataclass(frozen=True, slots=True)
class Models:
    """All that was trained for attribution: forests by name, the network, and what else they need (priors, thresholds)."""

    forests: dict[str, Forest]
    network: Network
    settings: dict[str, Any]


@functools.cache
def load_models() -> Models:
    """The trained attribution models that are installed with claimx; raises ModelError where they are missing."""
    try:
        settings = json.loads(resources.files(PACKAGE).joinpath("settings.json").read_text(encoding="utf8"))
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(f"the attribution models cannot be read: {error}; install claimx again") from error
    arrays = _arrays("forests.npz")
    return Models({name: _forest(arrays, name) for name in settings["forests"]}, load_network(), settings)


@functools.cache
def load_network() -> Network:
    """The trained network that is installed with claimx; raises ModelError where it is missing."""
    return Network(_arrays("network.npz"))


def _arrays(name: str) -> dict[str, numpy.ndarray]:
    try:
        with resources.files(PACKAGE).joinpath(name).open("rb") as file:
            return dict(numpy.load(file, allow_pickle=False))
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(f"the attribution models cannot be read: {error}; install claimx again") from error


def _forest(arrays: dict[str, numpy.ndarray], name: str) -> Forest:
    """A forest from the trees as they were stored: flat, by node, a leaf being its own child."""
    feature, threshold, value = (arrays[f"{name}.{part}"] for part in ("feature", "threshold", "value"))
    left, right = arrays[name + ".child"].astype(numpy.intp).reshape(-1, 2).T  # where at most the threshold; above
    roots = arrays[name + ".roots"].astype(numpy.intp)
    depth = int(arrays[name + ".depth"])
    leaf = left == numpy.arange(len(left))
    size = leaf.astype(numpy.intp)  # leaves below each node
    for _ in range(depth):
        size = numpy.where(leaf, 1, size[left] + size[right])
    most = int(size[roots].max())
    bits = next((bits for bits in (8, 16, 32, 64) if bits >= most), None)
    if bits is None:
        raise ModelError(f"the attribution model {name!r} has trees of {most} leaves, more than 64; train smaller ones")
    shape = most - 1, len(roots)
    forest = Forest(
        numpy.zeros(shape, dtype=numpy.intp),
        numpy.full((*shape, 1), numpy.inf, dtype=numpy.float32),
        numpy.zeros((*shape, 1), dtype=f"uint{bits}"),
        numpy.zeros((len(roots), bits), dtype=value.dtype),
    )
    node, tree, at = (
        roots,
        numpy.arange(len(roots)),
        numpy.zeros(len(roots), dtype=numpy.intp),
    )  # `at`: the first leaf's bit
    for _ in range(depth + 1):
        end = leaf[node]
        forest.leaves[tree[end], at[end]] = value[node[end]]
        node, tree, at = node[~end], tree[~end], at[~end]
        middle = at + size[left[node]]
        place = middle - 1, tree
        forest.feature[place] = feature[node]
        forest.threshold[place] = threshold[node][:, None]
        forest.ruled_out[place] = (BITS[middle] - BITS[at]).astype(forest.ruled_out.dtype)[:, None]
        node, tree, at = (
            numpy.concatenate((left[node], right[node])),
            numpy.tile(tree, 2),
            numpy.concatenate((at, middle)),
        )
    return forest
