"""Workers on this machine: processes that read articles, replaced when they die.

`concurrent.futures` and `multiprocessing.Pool` give up or hang when a worker is killed; so each worker has a pipe of its own,
and what it had not answered when it died is known. The article that it was at is tried once more, alone, when all others are
done (another may have eaten the memory); the rest of its chunk goes to its successor. Answers come as they are ready.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from claimx.batch.work import ENGINE, PRELOAD_VARIABLE, Answer, Job, Setup, start_engine, work
from claimx.errors import ClaimxError

CHUNK = 65_536  # bytes of articles given to a worker at a time
STILLBORN = 3  # workers that may die one after the other before one is ready
LONG = 100_000  # bytes for which an article may take `timeout` seconds; longer ones have more
# Forked from a process that has nothing but the pipeline; elsewhere, where forking is not to be trusted, begun anew.
START = "forkserver" if sys.platform == "linux" else "spawn"
PRELOAD = "claimx.batch.preload"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

Chunk = Sequence[Job]


class LocalPool:
    """`count` worker processes."""

    def __init__(self, setup: Setup, count: int, *, timeout: float = 600.0) -> None:
        self._setup = setup
        self._count = count
        self._timeout = timeout
        self._context: Any = multiprocessing.get_context(START)
        self._workers: list[_Worker] = []
        self._again: deque[Chunk] = deque()  # what dead workers had not begun
        self._suspects: list[Job] = []
        self._stillborn = 0

    @property
    def slots(self) -> int:
        """How many articles can be read at a time."""
        return self._count

    def pids(self) -> list[int]:
        """The workers' process ids."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Answer]:
        """The answers to all jobs of `chunks`, each once, in the order in which they come."""
        try:
            yield from self._share(chunks, self._count, alone=False)
            if self._suspects:
                while len(self._workers) > 1:
                    self._workers.pop().stop()
                for job in self._suspects:
                    yield from self._share(iter([[job]]), 1, alone=True)
        finally:
            for worker in self._workers:
                worker.stop()
            self._workers.clear()

    def _share(self, chunks: Iterator[Chunk], count: int, *, alone: bool) -> Iterator[Answer]:
        while True:
            more = self._feed(chunks, count)
            if not more and not any(worker.waiting for worker in self._workers):
                return
            handles: list[Any] = [worker.pipe for worker in self._workers]
            handles += [worker.process.sentinel for worker in self._workers]
            ready = set(wait(handles, timeout=1.0))
            for worker in list(self._workers):
                yield from self._collect(worker, ready, alone=alone)

    def _feed(self, chunks: Iterator[Chunk], count: int) -> bool:
        """Give chunks to workers that run short, starting those that are wanted; False when there are none left."""
        while True:
            short = [worker for worker in self._workers if worker.pending < CHUNK // 2]
            if not short and len(self._workers) >= count:
                return True
            chunk = self._again.popleft() if self._again else next(chunks, None)
            if chunk is None:
                return False
            idle = next((worker for worker in short if not worker.waiting), None)
            if idle is None and len(self._workers) < count:
                idle = self._start()
            (idle or min(short, key=lambda worker: worker.pending)).give(chunk)

    def _start(self) -> _Worker:
        with _environment(self._context, self._setup):
            worker = _Worker(self._context, self._setup)
        self._workers.append(worker)
        return worker

    def _collect(self, worker: _Worker, ready: set[Any], *, alone: bool) -> Iterator[Answer]:
        """What one worker has to say, and if it is dead, what follows from it."""
        dead = worker.process.sentinel in ready
        if worker.pipe in ready or dead:
            for message in worker.messages(everything=dead):
                if isinstance(message, Answer):
                    self._stillborn = 0
                    yield message
                elif isinstance(message, ClaimxError):
                    raise message
        if dead:
            self._workers.remove(worker)
            worker.stop()
            yield from self._bury(worker, alone=alone)
        elif worker.is_late(self._timeout):
            worker.late = True
            worker.process.kill()

    def _bury(self, worker: _Worker, *, alone: bool) -> Iterator[Answer]:
        jobs = list(worker.waiting)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn >= STILLBORN:
                raise ClaimxError(f"workers {worker.fate()} as they start; is there memory for them? try fewer by -j")
        elif jobs:
            job = jobs.pop(0)
            if worker.late:
                yield Answer(job.item, job.digest, error=("Timeout", "took too long; see --timeout"))
            elif alone:
                message = f"its worker {worker.fate()}, and again when it was tried alone; is there memory for it?"
                yield Answer(job.item, job.digest, error=("WorkerDied", message))
            else:
                self._suspects.append(job)
        if jobs:
            self._again.append(jobs)


class _Worker:
    """One process, its pipe, and the jobs that it has not answered."""

    def __init__(self, context: Any, setup: Setup) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(setup, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.waiting: deque[Job] = deque()
        self.pending = 0  # bytes of those
        self.ready = False
        self.late = False
        self._since = time.monotonic()

    def give(self, chunk: Chunk) -> None:
        if not self.waiting:
            self._since = time.monotonic()
        self.waiting.extend(chunk)
        self.pending += sum(len(job.data) for job in chunk)
        with contextlib.suppress(OSError):  # it is dead: the sentinel says so at the next turn
            self.pipe.send(list(chunk))

    def messages(self, *, everything: bool) -> Iterator[Any]:
        """What it has sent; `everything`: till its end, for a dead one."""
        while True:
            try:
                if not self.pipe.poll():
                    return
                message = self.pipe.recv()
            except (EOFError, OSError):
                return
            self._since = time.monotonic()
            if isinstance(message, Answer):
                self.pending -= len(self.waiting.popleft().data)
            else:
                self.ready = True
            yield message
            if not everything:
                return

    def is_late(self, timeout: float) -> bool:
        if not timeout or not self.ready or not self.waiting:
            return False
        return time.monotonic() - self._since > timeout * max(1.0, len(self.waiting[0].data) / LONG)

    def fate(self) -> str:
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"was killed by signal {-code}"
        return f"ended with code {code}"

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def serve(setup: Setup, pipe: Connection) -> None:
    """A worker's life: load the pipeline, say so, answer chunks till the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    warnings.simplefilter("ignore")  # of libraries; what concerns an article comes with its answer
    try:
        engine = start_engine(setup)
    except ClaimxError as error:
        pipe.send(error)
        return
    pipe.send(os.getpid())
    chunks: queue.SimpleQueue[list[Job]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, chunks), daemon=True).start()
    while True:
        for answer in work(setup, engine, chunks.get()):
            pipe.send(answer)


def _receive(pipe: Connection, chunks: queue.SimpleQueue[list[Job]]) -> None:
    """Take chunks off the pipe as they come: a worker that did not would stand still with a parent that sends."""
    while True:
        try:
            chunks.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone, by whatever death: nobody wants the rest


@contextlib.contextmanager
def _environment(context: Any, setup: Setup) -> Iterator[None]:
    """What the workers' processes start with: one thread each for algebra, and the pipeline to load before they fork."""
    wanted = dict.fromkeys(_THREADS, "1")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([PRELOAD])
        if setup.engine == ENGINE:
            wanted[PRELOAD_VARIABLE] = setup.model or ""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
