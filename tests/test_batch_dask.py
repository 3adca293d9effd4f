"""A batch on a Dask cluster of processes, one of which is killed midway."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_fakes import Recorder, options, write_articles
from distributed import LocalCluster
from test_batch import content, lines, run

from claimx.batch import run_batch
from claimx.errors import ClaimxError


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", memory_limit=0
    ) as cluster:
        yield cluster


def pids(cluster: LocalCluster) -> list[int]:
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


@pytest.mark.parametrize("name", ["claims.jsonl", "claims.sqlite"])
def test_a_cluster_gives_the_same_records(tmp_path: Path, cluster: LocalCluster, name: str) -> None:
    write_articles(tmp_path / "in", 40)
    summary, _ = run(tmp_path / name, tmp_path / "in", dask=cluster.scheduler_address)
    assert (summary.counts.done, summary.failed) == (40, 0)
    run(tmp_path / "here" / name, tmp_path / "in")
    assert content(tmp_path / name) == content(tmp_path / "here" / name)
    summary, _ = run(tmp_path / name, tmp_path / "in")  # what a cluster did is current here too
    assert summary.counts.current == 40


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_killed_midway_costs_nothing(tmp_path: Path, cluster: LocalCluster) -> None:
    write_articles(tmp_path / "in", 60)
    victims = pids(cluster)
    watch = Recorder()

    def kill(counts: Any) -> None:
        if counts.done >= 20 and victims:
            os.kill(victims.pop(), signal.SIGKILL)
            victims.clear()

    watch.on_move = kill
    settings = options(tmp_path / "c.jsonl", dask=cluster.scheduler_address, model="0.02")
    summary = run_batch([str(tmp_path / "in")], settings, watch)
    assert not victims, "a worker was killed"
    assert (summary.counts.done, watch.errors) == (60, [])
    run(tmp_path / "here.jsonl", tmp_path / "in")
    assert content(tmp_path / "c.jsonl") == content(tmp_path / "here.jsonl")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_article_that_kills_every_worker_is_reported(tmp_path: Path) -> None:
    import dask

    write_articles(tmp_path / "in", 6)
    (tmp_path / "in/000/articolo-0002.txt").write_text("DIE\n", "utf-8")
    (tmp_path / "in/000/articolo-0003.txt").write_text("BOOM\n", "utf-8")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
    ):
        summary, watch = run(tmp_path / "c.jsonl", tmp_path / "in", dask=cluster.scheduler_address)
    assert (summary.counts.done, summary.counts.failed) == (4, 2)
    assert sorted((Path(path).stem, kind) for path, kind, _ in watch.errors) == [
        ("articolo-0002", "WorkerDied"),
        ("articolo-0003", "ValueError"),
    ]
    assert len(lines(tmp_path / "c.jsonl")) == 4


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from claimx.batch import dask

    monkeypatch.setattr(dask, "PATIENCE", 1)
    write_articles(tmp_path / "in", 3)
    with pytest.raises(ClaimxError, match="no Dask cluster with a worker answers at tcp://127.0.0.1:9"):
        run(tmp_path / "c.jsonl", tmp_path / "in", dask="tcp://127.0.0.1:9")
    with pytest.raises(ClaimxError, match="no Dask cluster"):
        run(tmp_path / "c.jsonl", tmp_path / "in", dask="not an address")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClaimxError, match=r"claimx\[dask\]"):
        run(tmp_path / "c.jsonl", tmp_path / "in", dask="tcp://127.0.0.1:9")


def test_a_worker_with_another_claimx_is_refused(cluster: LocalCluster) -> None:
    from claimx.batch.dask import run_chunk
    from claimx.batch.work import Setup
    from claimx.errors import ModelError

    with pytest.raises(ModelError, match="another claimx or pipeline"):
        run_chunk(
            Setup("jsonl", maker="other", engine="batch_fakes:WordEngine", model=os.fspath(Path(__file__).parent)), []
        )
