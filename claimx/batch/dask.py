"""Workers on a Dask cluster (the extra `claimx[dask]`): the same chunks, the same answers, the same ledger.

Dask runs again elsewhere what a lost worker was at, and its nannies start another. A chunk that loses worker after worker is
cut into its articles, and these are tried one by one when all else is done: which loses workers then is reported. The cluster's claimx and pipeline must be those of
this machine, file by file, or the records would not be the same: each worker proves it before it reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from claimx.batch.maker import hash_engine, hash_pipeline
from claimx.batch.work import Answer, Engine, Job, Setup, start_engine, work
from claimx.batch.workers import Chunk
from claimx.errors import ClaimxError, ModelError

PATIENCE = 60  # seconds to wait for the scheduler and a first worker

_lock = threading.Lock()  # one article at a time in a process: a pipeline is not made for threads
_engines: dict[Setup, Engine] = {}


class DaskPool:
    """The workers of the cluster whose scheduler is at `address`."""

    def __init__(self, address: str, setup: Setup, *, model_digest: bool = True) -> None:
        try:
            import distributed
        except ImportError as error:
            raise ClaimxError("--dask needs Dask: pip install 'claimx[dask]'") from error
        self._distributed: Any = distributed
        digest = f"{hash_engine()} {hash_pipeline(setup.model)}" if model_digest else None
        self._setup = replace(setup, maker=digest)
        self._client: Any = None
        try:
            self._client = self._distributed.Client(address, timeout=PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            if self._client is not None:
                self._client.close()
            raise ClaimxError(
                f"no Dask cluster with a worker answers at {address} ({error}); is it running?"
            ) from error
        self._suspects: list[Job] = []

    @property
    def slots(self) -> int:
        """The workers of the cluster now; it may grow and shrink."""
        return max(1, len(self._client.nthreads()))

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Answer]:
        """The answers to all jobs of `chunks`, each once, in the order in which they come."""
        try:
            yield from self._share(chunks, alone=False)
            for job in self._suspects:
                yield from self._share(iter([[job]]), alone=True)
        finally:
            self._client.close()

    def _share(self, chunks: Iterator[Chunk], *, alone: bool) -> Iterator[Answer]:
        running: dict[Any, Chunk] = {}
        done = self._distributed.as_completed(loop=self._client.loop)
        try:
            while True:
                while len(running) < 2 * self.slots and (chunk := next(chunks, None)) is not None:
                    future = self._client.submit(run_chunk, self._setup, list(chunk), pure=False)
                    running[future] = chunk
                    done.add(future)
                if not running:
                    return
                future = next(done)
                yield from self._result(future, running.pop(future), alone=alone)
        finally:
            self._client.cancel(list(running))

    def _result(self, future: Any, chunk: Chunk, *, alone: bool) -> Iterator[Answer]:
        try:
            yield from future.result()
        except self._distributed.KilledWorker as error:
            if not alone:  # one of these, or of those that the workers held beside them
                self._suspects.extend(chunk)
                return
            message = f"each worker that took it died, when it was alone too ({' '.join(str(error).split())[:200]})"
            yield Answer(chunk[0].item, chunk[0].digest, error=("WorkerDied", message))
        except (OSError, self._distributed.client.FutureCancelledError) as error:
            raise ClaimxError(f"the Dask cluster is lost ({error}); run the same line again to go on") from error
        except (ImportError, RuntimeError) as error:  # it could not even read what it was sent
            raise ClaimxError(f"a Dask worker cannot run claimx ({error}); install it on all of them") from error


def run_chunk(setup: Setup, jobs: Chunk) -> list[Answer]:
    """What a Dask worker does: the answers to a chunk; its first chunk waits for the pipeline."""
    with _lock:
        if setup not in _engines:
            if setup.maker is not None and setup.maker != f"{hash_engine()} {hash_pipeline(setup.model)}":
                raise ModelError("a Dask worker has another claimx or pipeline; install this machine's on all of them")
            _engines.clear()
            _engines[setup] = start_engine(setup)
        return list(work(setup, _engines[setup], jobs))
