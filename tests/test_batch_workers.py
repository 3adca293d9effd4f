"""Workers that die, hang or never start; a run that is interrupted, killed, cut off, and goes on."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest
from batch_fakes import Recorder, options, write_articles
from test_batch import content, lines, run

from claimx.batch import run_batch, workers
from claimx.batch.work import Job, Setup
from claimx.batch.workers import LocalPool
from claimx.errors import ClaimxError, ReadError

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    write_articles(tmp_path / "in", 40)
    return tmp_path / "in"


# -- Workers


@posix
def test_a_worker_that_dies_is_replaced_and_its_article_tried_again(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "fresh.jsonl", articles)
    for number in (5, 21, 33):
        path = next(articles.rglob(f"articolo-{number:04}.txt"))
        path.write_text(f"DIE-ONCE {tmp_path}/once-{number}\n\nIl porto riapre (Anna Poli)\n", "utf-8")
    summary, watch = run(tmp_path / "c.jsonl", articles)
    assert (summary.counts.done, watch.errors) == (40, [])
    records = lines(tmp_path / "c.jsonl")
    assert [record["document"]["id"] for record in records] == [f"articolo-{number:04}" for number in range(40)]
    assert records[5]["claims"][0]["who"] == "Anna Poli"
    untouched = [line for number, line in enumerate(records) if number not in (5, 21, 33)]
    assert untouched == [
        line for number, line in enumerate(lines(tmp_path / "fresh.jsonl")) if number not in (5, 21, 33)
    ]


@posix
def test_an_article_that_kills_is_reported_and_no_more(tmp_path: Path, articles: Path) -> None:
    for number in (0, 21, 39):
        next(articles.rglob(f"articolo-{number:04}.txt")).write_text("DIE\n", "utf-8")
    summary, watch = run(tmp_path / "c.jsonl", articles)
    assert (summary.counts.done, summary.counts.failed) == (37, 3)
    assert {(Path(path).stem, kind) for path, kind, _ in watch.errors} == {
        (f"articolo-{number:04}", "WorkerDied") for number in (0, 21, 39)
    }
    assert "was killed by signal 9, and again when it was tried alone" in watch.errors[0][2]


@posix
def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path, articles: Path) -> None:
    jobs = [Job(number, "x.txt", b"Il porto riapre (Anna Poli)\n", "d") for number in range(60)]
    pool = LocalPool(Setup("jsonl", model="0.01", engine="batch_fakes:WordEngine"), 2)
    chunks = iter([jobs[at : at + 5] for at in range(0, 60, 5)])
    seen = []
    for answer in pool.run(chunks):
        seen.append(answer.item)
        if len(seen) in (3, 20, 40):
            os.kill(random.choice(pool.pids()), signal.SIGKILL)
    assert sorted(seen) == list(range(60))


def test_workers_that_are_begun_anew_do_the_same(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "forked", articles)
    monkeypatch.setattr(workers, "START", "spawn")  # as on macOS and Windows
    run(tmp_path / "anew", articles)
    assert content(tmp_path / "anew") == content(tmp_path / "forked")


def test_an_article_that_takes_too_long_is_given_up(tmp_path: Path, articles: Path) -> None:
    (articles / "001/articolo-0011.txt").write_text("SLEEP 60\n", "utf-8")
    summary, watch = run(tmp_path / "c.jsonl", articles, timeout=1.0)
    assert summary.counts.done == 39
    assert [(kind, message) for _, kind, message in watch.errors] == [("Timeout", "took too long; see --timeout")]


def test_workers_that_cannot_start_end_the_run(tmp_path: Path, articles: Path) -> None:
    with pytest.raises(ReadError, match="there is no such engine"):
        run(tmp_path / "c.jsonl", articles, model="none")
    with pytest.raises(ClaimxError, match="as they start"):
        run(tmp_path / "c.jsonl", articles, model="stillborn")
    assert run(tmp_path / "c.jsonl", articles)[0].records == 40


def test_big_messages_both_ways_do_not_block(tmp_path: Path) -> None:
    top = tmp_path / "in"
    top.mkdir()
    for number in range(6):
        (top / f"{number}.txt").write_text(f"{'x' * 900_000}{number} (Anna Poli)\n" * 2, "utf-8")
    assert run(tmp_path / "c.jsonl", top)[0].claims == 12


# -- Interrupted runs


class Child:
    """A run in a process of its own."""

    def __init__(self, out: Path, *inputs: Path, **settings: object) -> None:
        here = Path(__file__).parent
        self.process = subprocess.Popen(
            [sys.executable, str(here / "batch_fakes.py"), str(out), json.dumps(settings), *map(str, inputs)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent), *sys.path])},
        )

    def wait_for(self, count: int) -> None:
        """Till so many articles are seen to."""
        out: IO[str] = self.process.stdout  # type: ignore[assignment]
        for line in out:
            if line.startswith(f"{count} "):
                return
        raise AssertionError(self.process.communicate()[1])

    def kill(self, number: int) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)[1]


@posix
@pytest.mark.parametrize("name", ["claims.jsonl", "claims.sqlite", "claims"])  # .csv and .parquet are kept as .jsonl is
def test_killed_at_any_moment_and_resumed_gives_the_same(tmp_path: Path, name: str) -> None:
    write_articles(tmp_path / "in", 120)
    out = tmp_path / name
    for at in (1, 60, 100):
        child = Child(out, tmp_path / "in", model="0.01")
        child.wait_for(at)
        child.kill(signal.SIGKILL)
        if out.is_dir():  # whatever is there is whole
            import yaml

            for path in out.rglob("*.yaml"):
                assert yaml.safe_load(path.read_text("utf-8"))["claimx"] == 1
        elif name != "claims.sqlite":
            assert not out.exists()
    summary, _ = run(out, tmp_path / "in")
    assert summary.counts.current >= 20, "a kill costs what came since the last transaction, not all"
    assert summary.records == 120
    run(tmp_path / "fresh" / name, tmp_path / "in")
    assert content(out) == content(tmp_path / "fresh" / name)


@posix
def test_the_workers_of_a_killed_run_end(tmp_path: Path, articles: Path) -> None:
    child = Child(tmp_path / "c.jsonl", articles, model="0.1", jobs=3)
    child.wait_for(4)
    processes = _descendants(child.process.pid)
    assert len(processes) >= 3
    child.kill(signal.SIGKILL)
    until = time.monotonic() + 15
    while any(map(_runs, processes)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in processes if _runs(pid)]


@posix
@pytest.mark.parametrize("name", ["claims.jsonl", "claims"])
def test_power_cut_leaves_a_ledger_that_goes_on(tmp_path: Path, name: str) -> None:
    """What a disk may hold after a power cut: the ledger's log torn anywhere, or of an earlier moment than the files."""
    write_articles(tmp_path / "in", 120)
    out = tmp_path / name
    child = Child(out, tmp_path / "in", model="0.01")
    child.wait_for(90)
    child.kill(signal.SIGKILL)
    ledger = out / ".claimx/ledger.sqlite" if name == "claims" else tmp_path / "claims.jsonl.state"
    log = ledger.with_name(ledger.name + "-wal")
    whole = log.read_bytes()
    left = list(tmp_path.glob("claims*"))
    for part in left:
        part.rename(tmp_path / f"left-{part.name}")
    run(tmp_path / "fresh" / name, tmp_path / "in")
    kept = set()
    for share in (0.0, 0.4, 0.9, 0.997):
        for part in tmp_path.glob("claims*"):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
        for part in left:
            kept_part = tmp_path / f"left-{part.name}"
            (shutil.copytree if kept_part.is_dir() else shutil.copy)(kept_part, part)
        log.write_bytes(whole[: int(len(whole) * share)] + b"\0" * 100)
        summary, watch = run(out, tmp_path / "in")
        assert (summary.records, watch.gone_paths) == (120, [])
        kept.add(summary.counts.current)
        assert content(out) == content(tmp_path / "fresh" / name)
    assert max(kept) > min(kept) == 0


@posix
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, articles: Path) -> None:
    child = Child(tmp_path / "c.sqlite", articles, model="0.1")
    child.wait_for(20)
    assert child.kill(signal.SIGINT).rstrip().endswith("KeyboardInterrupt")
    assert not list(tmp_path.glob("c.sqlite-*"))
    summary, _ = run(tmp_path / "c.sqlite", articles)
    assert summary.counts.current > 0
    run(tmp_path / "fresh.sqlite", articles)
    assert content(tmp_path / "c.sqlite") == content(tmp_path / "fresh.sqlite")


@posix
def test_force_goes_on_where_it_was_stopped(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "c.jsonl", articles)
    child = Child(tmp_path / "c.jsonl", articles, model="0.1", force=True)
    child.wait_for(30)
    child.kill(signal.SIGKILL)
    summary, _ = run(tmp_path / "c.jsonl", articles)
    assert 0 < summary.counts.done < 40


def test_an_interrupt_between_two_statements_leaves_no_half(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimx.batch.state import Ledger

    noted = Ledger.note_done
    calls = []

    def stop(self: Ledger, *args: object, **more: object) -> None:
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        noted(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "note_done", stop)
    with pytest.raises(KeyboardInterrupt):
        run_batch([str(articles)], options(tmp_path / "c.sqlite"), Recorder())
    held = content(tmp_path / "c.sqlite")
    assert isinstance(held, dict)
    assert len(held["articles"]) <= 19
    assert {claim[1] for claim in held["claims"]} <= {article[0] for article in held["articles"]}
    monkeypatch.undo()
    assert run(tmp_path / "c.sqlite", articles)[0].records == 40


def _descendants(parent: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listing.splitlines():
        pid, ppid = map(int, line.split())
        children.setdefault(ppid, []).append(pid)
    found = list(children.get(parent, []))
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _runs(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
    state = found.stdout.strip()
    return bool(state) and not state.startswith("Z")
