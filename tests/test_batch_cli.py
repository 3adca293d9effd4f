"""`claimx batch` as a user runs it: options, progress, summary, exit codes."""

from __future__ import annotations

import functools
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from batch_fakes import ENGINE, write_articles
from test_batch import lines

import claimx.batch
from claimx.cli import progress, run

ROOT = Path(__file__).parent.parent


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Articles in the working folder, and the engine of words behind the command."""
    write_articles(tmp_path / "in", 12)
    monkeypatch.chdir(tmp_path)
    words = functools.partial(claimx.batch.BatchOptions, engine=ENGINE, maker="words 1")
    monkeypatch.setattr(claimx.batch, "BatchOptions", words)
    return tmp_path / "in"


def test_a_folder_to_a_database(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "in", "-o", "c.sqlite", "-j", "2"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "claimx: 12 articles: 12 done, 0 up to date" in err
    assert re.search(r"^  level +claims +articles\n  named-person +66 +11\n", err, re.MULTILINE)
    assert re.search(r"^  Persona \d \(named-person\) +\d+ +\d+$", err, re.MULTILINE)
    with sqlite3.connect("c.sqlite") as db:
        assert db.execute("SELECT COUNT(*) FROM claims").fetchone() == (66,)


def test_lists_and_standard_input(
    articles: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("list").write_bytes(b"in/000/articolo-0003.txt\0in/001\0")
    assert run(["batch", "--files-from", "list", "-0", "-o", "c.jsonl"]) == 0
    assert len(lines(Path("c.jsonl"))) == 3
    stdin = io.TextIOWrapper(io.BytesIO(b"in/000/articolo-0004.txt\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(["batch", "--files-from", "-", "in/001", "-o", "d.jsonl"]) == 0
    assert [record["document"]["id"] for record in lines(Path("d.jsonl"))] == [
        "articolo-0010", "articolo-0011", "articolo-0004",
    ]  # fmt: skip


def test_fields_of_lines(articles: Path) -> None:
    Path("x.jsonl").write_text('{"body": "Il porto riapre (Anna Poli)", "url": "u1", "day": "2024-03-01"}\n')
    fields = ["--text-field", "body", "--id-field", "url", "--date-field", "day"]
    assert run(["batch", "x.jsonl", *fields, "-o", "c.jsonl"]) == 0
    (record,) = lines(Path("c.jsonl"))
    assert (record["document"]["id"], record["document"]["date"]) == ("u1", "2024-03-01")
    assert record["document"]["path"] == "x.jsonl#u1"


def test_errors_are_told_and_counted(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (articles / "000/articolo-0005.txt").write_text("BOOM\n", "utf-8")
    (articles / "000/articolo-0006.txt").write_bytes(b"")
    assert run(["batch", "in", "no.txt", "-o", "out", "-f", "json", "--errors", "e.jsonl"]) == 1
    err = capsys.readouterr().err
    assert "claimx: in/000/articolo-0006.txt: is empty" in err
    assert "claimx: in/000/articolo-0005.txt: ValueError: boom, as ordered" in err
    assert "claimx: no.txt: does not exist; check the name" in err
    assert "10 done, 0 up to date, 3 failed, see e.jsonl" in err
    assert [error["path"] for error in lines(Path("e.jsonl"))] == [
        "in/000/articolo-0005.txt", "in/000/articolo-0006.txt", "no.txt",
    ]  # fmt: skip
    assert run(["batch", "in", "-o", "out", "-f", "json", "--fail-fast"]) == 1
    assert "stopped at the first error; what was done is kept" in capsys.readouterr().err
    assert not Path("out.errors.jsonl").exists()


def test_quiet_tells_errors_only(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "in", "-o", "out", "-q"]) == 0
    assert capsys.readouterr().err == ""
    (articles / "000/articolo-0005.txt").write_text("BOOM\n", "utf-8")
    assert run(["batch", "in", "-o", "out", "-q"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "boom" in line


def test_many_errors_are_not_all_told(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = [f"no-{number}.txt" for number in range(30)]
    assert run(["batch", *missing, "-o", "c.jsonl"]) == 1
    err = capsys.readouterr().err
    assert err.count("does not exist") == progress.MOST_LINES
    assert "more errors are not shown" in err
    assert len(lines(Path("c.errors.jsonl"))) == 30


def test_lines_every_so_often_where_there_is_no_terminal(
    articles: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    assert run(["batch", "in", "-o", "c.jsonl", "-j", "1"]) == 0
    err = capsys.readouterr().err
    assert re.search(r"^claimx: 5 of 12 articles, [\d,]+ words/s, \d+ claims, 0 errors", err, re.MULTILINE)
    assert "\x1b" not in err


def test_a_bar_where_there_is_one(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    (articles / "000/articolo-0005.txt").write_text("BOOM\n", "utf-8")
    assert run(["batch", "in", "-o", "c.jsonl"]) == 1
    shown = terminal.getvalue()
    assert "of 12 articles" in shown
    assert "claims" in shown
    assert "articolo-0005.txt: ValueError: boom" in shown.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "c.jsonl"], "give an INPUT"),
        (["in"], "Missing option '-o'"),
        (["in", "-o", "c.jsonl", "-0"], "--files-from"),
        (["in", "-o", "c.jsonl", "-f", "csv"], "at odds"),
        (["in", "-o", "c.jsonl", "-j", "0"], "x>=1"),
        (["in", "-o", "out", "--excel"], "--excel"),
    ],
)
def test_wrong_usage(articles: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("c.jsonl.state").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_says_how_to_go_on(
    articles: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, code: int
) -> None:
    (articles / "000/articolo-0005.txt").write_text("SLEEP 30\n", "utf-8")

    def stop() -> None:
        while not Path("c.jsonl.state").exists():
            time.sleep(0.01)
        time.sleep(1)
        os.kill(os.getpid(), number)

    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop).start()
    assert run(["batch", "in", "-o", "c.jsonl", "-j", "1"]) == code
    assert "of 12 articles seen to; run the same line again to go on" in capsys.readouterr().err
    assert not Path("c.jsonl").exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_help_is_quick_and_names_every_option() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "claimx", "batch", "--help"],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    for heavy in ("spacy", "numpy", "rich.progress", "sqlite3", "multiprocessing"):
        assert not re.search(rf"\| +{heavy}$", result.stderr, re.MULTILINE), heavy
    for option in ("--files-from", "--text-field", "--dask", "--fail-fast", "--prune", "--jobs"):
        assert option in result.stdout


@pytest.mark.model
def test_the_real_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "c.jsonl"
    assert run(["batch", "samples", "-o", str(out), "-j", "2", "--attributed"]) == 0, capsys.readouterr().err
    records = lines(out)
    assert len(records) >= 5
    from claimx.extraction import extract_source
    from claimx.nlp import load_pipeline
    from claimx.reading import read_file
    from claimx.selection import Selection

    nlp = load_pipeline()
    for record in records:
        article = Selection(attributed=True).apply(extract_source(nlp, read_file(record["document"]["path"])))
        assert json.loads(json.dumps(article.to_dict())) == record
    assert run(["batch", "samples", "-o", str(out), "-j", "2", "--attributed"]) == 0
    assert "0 done" in capsys.readouterr().err
