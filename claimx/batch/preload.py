"""Imported by the process that workers are forked from (Linux): the pipeline is in memory once, however many they are.

Its name comes by the environment, since the process that forks takes no arguments.
"""

from __future__ import annotations

import gc
import os
import signal

import claimx.batch.work
import claimx.reading  # so that workers need not import it, each for itself


def _preload(model: str) -> None:
    from claimx.errors import ClaimxError

    try:
        claimx.batch.work.ClaimEngine(claimx.batch.work.Setup(shape="rows", model=model or None))
    except ClaimxError:
        return  # each worker meets it again, and tells
    gc.freeze()  # what is loaded stays shared: the collector does not write to it


signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent: when that ends, so does this
if claimx.batch.work.PRELOAD_VARIABLE in os.environ:
    _preload(os.environ[claimx.batch.work.PRELOAD_VARIABLE])
