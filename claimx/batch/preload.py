"""Imported by the process that workers are forked from (Linux): the pipeline is in memory once, however many they are.

Its name comes by the environment, since the process that forks takes no arguments.
"""

from __future__ import annotations

import gc
import os

VARIABLE = "CLAIMX_BATCH_PRELOAD"


def _preload(model: str) -> None:
    from claimx.batch.work import ClaimEngine, Setup
    from claimx.errors import ClaimxError

    try:
        ClaimEngine(Setup(shape="rows", model=model or None))
    except ClaimxError:
        return  # each worker meets it again, and tells
    gc.freeze()  # what is loaded stays shared: the collector does not write to it


if VARIABLE in os.environ:
    _preload(os.environ[VARIABLE])
