"""What a batch writes: every output, the same whatever the workers and the order; what is current, changed, gone, failed."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from batch_fakes import Recorder, options, write_articles

from claimx.batch import ChoiceError, Summary, run_batch
from claimx.batch.run import FailFast
from claimx.errors import WriteError
from claimx.model import Article, Level
from claimx.selection import Selection

OUTPUTS = ["claims.jsonl", "claims.csv", "claims.parquet", "claims.sqlite", "claims"]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    write_articles(tmp_path / "in", 40)
    return tmp_path / "in"


def run(out: Path, *inputs: object, **more: object) -> tuple[Summary, Recorder]:
    watch = Recorder()
    return run_batch([os.fspath(given) for given in inputs], options(out, **more), watch), watch


def content(out: Path) -> object:
    """All that an output holds; of a database what its tables do, since SQLite's pages depend on the order of writing."""
    if out.is_dir():
        return {
            str(path.relative_to(out)): path.read_bytes()
            for path in sorted(out.rglob("*.*"))
            if ".claimx" not in path.parts and path.is_file()
        }
    if out.suffix == ".sqlite":
        with sqlite3.connect(out) as db:
            tables = ("articles", "claims", "sources", "levels")
            return {table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}
    return out.read_bytes()


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


# -- Outputs


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_same_by_one_two_and_four_workers(tmp_path: Path, articles: Path, name: str) -> None:
    for jobs in (1, 2, 4):
        summary, _ = run(tmp_path / str(jobs) / name, articles, jobs=jobs)
        assert (summary.counts.done, summary.records, summary.counts.failed) == (40, 40, 0)
    first = content(tmp_path / "1" / name)
    assert first
    assert content(tmp_path / "2" / name) == first
    assert content(tmp_path / "4" / name) == first


def test_big_articles_are_begun_first_and_written_in_their_place(tmp_path: Path, articles: Path) -> None:
    (articles / "039").mkdir()
    (articles / "039/zz.txt").write_text("Lungo (Anna Poli)\n\n" + "parola " * 60_000, encoding="utf-8")
    seen: list[str] = []
    watch = Recorder()
    run_batch([str(articles)], options(tmp_path / "c.jsonl", jobs=1), watch)
    seen = [record["document"]["id"] for record in lines(tmp_path / "c.jsonl")]
    assert seen[-1] == "zz"
    assert seen == sorted(seen)


def test_lines_hold_whole_records_in_the_order_of_the_inputs(tmp_path: Path, articles: Path) -> None:
    paths = sorted(articles.rglob("*.txt"), reverse=True)
    run(tmp_path / "c.jsonl", *paths)
    records = lines(tmp_path / "c.jsonl")
    assert [record["document"]["path"] for record in records] == [str(path) for path in paths]
    for record in records:
        assert Article.from_dict(record).to_dict() == record


def test_a_folder_mirrors_the_inputs(tmp_path: Path, articles: Path) -> None:
    for format, load in (("yaml", yaml.safe_load), ("json", json.loads), ("jsonl", json.loads)):
        out = tmp_path / format
        run(out, articles, format=format)
        files = sorted(str(path.relative_to(out)).replace(os.sep, "/") for path in out.rglob(f"*.{format}"))
        assert files == [f"{number // 10:03}/articolo-{number:04}.{format}" for number in range(40)]
        record = load((out / files[7]).read_text(encoding="utf-8"))
        assert record["document"]["id"] == "articolo-0007"
        assert len(record["claims"]) == 7
    assert not list(tmp_path.rglob("*.tmp"))


def test_csv_has_one_heading(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "c.csv", articles)
    with open(tmp_path / "c.csv", newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == sum(number % 13 for number in range(40))
    assert rows[0]["path"].endswith("articolo-0001.txt")
    run(tmp_path / "e.csv", articles, excel=True)
    assert (tmp_path / "e.csv").read_bytes().startswith("\ufeffdocument;path".encode())


def test_parquet_reads_back(tmp_path: Path, articles: Path) -> None:
    import pyarrow.parquet

    run(tmp_path / "c.parquet", articles)
    run(tmp_path / "c.jsonl", articles)
    rows = pyarrow.parquet.read_table(tmp_path / "c.parquet").to_pylist()
    claims = [claim for record in lines(tmp_path / "c.jsonl") for claim in record["claims"]]
    assert [row["claim"] for row in rows] == [claim["claim"] for claim in claims]
    assert rows[0]["claim_span"] == claims[0]["spans"]["claim"]


def test_sqlite_answers_who_said_what(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "c.sqlite", articles)
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        found = db.execute(
            "SELECT claims.level, articles.date, claims.claim, articles.path FROM claims"
            " JOIN articles ON articles.id = claims.article WHERE who LIKE '%Persona 3%' ORDER BY level, date"
        ).fetchall()
        (counted,) = db.execute("SELECT claims FROM sources WHERE who = 'Persona 3'").fetchone()
        assert len(found) == counted > 0
        words = "SELECT COUNT(*) FROM claims_fts WHERE claims_fts MATCH ?"
        assert db.execute(words, ("lunedi riapre",)).fetchone() == db.execute("SELECT COUNT(*) FROM claims").fetchone()
        assert db.execute(words, ("who : persona AND 3",)).fetchone()[0] >= counted
        db.execute("INSERT INTO claims_fts (claims_fts, rank) VALUES ('integrity-check', 1)")
        (text,) = db.execute("SELECT text FROM articles WHERE name = 'articolo-0003'").fetchone()
        spans, claim = db.execute(
            "SELECT spans, claim FROM claims WHERE claim LIKE '%numero 2%' AND article = "
            "(SELECT id FROM articles WHERE name = 'articolo-0003')"
        ).fetchone()
        start, end = json.loads(spans)["claim"][0]
        assert text[start:end] == claim
    assert not list(tmp_path.glob("c.sqlite-*"))


def test_a_selection_leaves_claims_out(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "c.jsonl", articles, selection=Selection(who=("persona 3",)))
    assert {claim["who"] for record in lines(tmp_path / "c.jsonl") for claim in record["claims"]} == {"Persona 3"}
    run(tmp_path / "c.jsonl", articles, selection=Selection(levels=frozenset({Level.AUTHOR})), maker="words 1 author")
    assert not [claim for record in lines(tmp_path / "c.jsonl") for claim in record["claims"]]


def test_summary_by_level_and_source(tmp_path: Path, articles: Path) -> None:
    summary, _ = run(tmp_path / "c.jsonl", articles)
    claims = sum(number % 13 for number in range(40))
    assert summary.levels == [("named-person", claims, 36)]
    assert summary.claims == claims
    assert sum(count for _, _, count, _ in summary.sources) == claims
    assert summary.words > 0


# -- Names


@pytest.mark.skipif(not os.path.exists("/proc"), reason="needs a file system that knows case")
def test_names_that_differ_by_case_do_not_meet(tmp_path: Path) -> None:
    top = tmp_path / "in"
    top.mkdir()
    for name in ("Caffè.txt", "CAFFÈ.txt", "Caffe\u0300.txt", "caffè.md", "x.txt"):
        (top / name).write_text(f"Testo di {name} (Anna Poli)\n", encoding="utf-8")
    run(tmp_path / "out", top)
    files = sorted(path.name for path in (tmp_path / "out").glob("*.yaml"))
    assert len(files) == 5
    assert len({name.casefold() for name in files}) == 5
    again = sorted(top.iterdir(), reverse=True)
    run(tmp_path / "out2", *again)
    assert content(tmp_path / "out2") == content(tmp_path / "out")


def test_names_are_kept_when_others_come(tmp_path: Path) -> None:
    top = tmp_path / "in"
    top.mkdir()
    (top / "b.txt").write_text("Due (Anna Poli)\n", encoding="utf-8")
    run(tmp_path / "out", top)
    before = (tmp_path / "out/b.yaml").read_bytes()
    (top / "b.md").write_text("# Titolo\n\nUno (Ugo Neri)\n", encoding="utf-8")
    summary, _ = run(tmp_path / "out", top)
    assert (summary.counts.done, summary.counts.current) == (1, 1)
    assert (tmp_path / "out/b.yaml").read_bytes() == before
    assert (tmp_path / "out/b.md.yaml").exists()


def test_two_folders_keep_their_names(tmp_path: Path) -> None:
    write_articles(tmp_path / "a", 1), write_articles(tmp_path / "b", 1)
    run(tmp_path / "out", tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "out/a/000/articolo-0000.yaml").exists()
    assert (tmp_path / "out/b/000/articolo-0000.yaml").exists()


def test_lines_and_members_have_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/z.zip", "w") as archive:
        archive.writestr("../../fuori.txt", "Uno (Anna Poli)")
        archive.writestr("a/dentro.txt", "Due (Anna Poli)")
    with gzip.open(tmp_path / "in/l.jsonl.gz", "wt") as stream:
        stream.write('{"text": "Tre (Anna Poli)", "id": "http://x/1"}\n{"text": "Q (Ugo Neri)", "id": 2}\n' * 2)
    run(tmp_path / "out", tmp_path / "in")
    files = {
        str(path.relative_to(tmp_path / "out")).replace(os.sep, "/") for path in (tmp_path / "out").rglob("*.yaml")
    }
    assert files == {
        "z.zip/fuori.yaml", "z.zip/a/dentro.yaml", "l.jsonl.gz#2.yaml", "l.jsonl.gz#2~130.yaml",
        "l.jsonl.gz#http%3A/x/1.yaml", "l.jsonl.gz#http%3A/x/1~82.yaml",
    }  # fmt: skip
    assert not list(tmp_path.glob("*.yaml"))
    record = yaml.safe_load((tmp_path / "out/l.jsonl.gz#2.yaml").read_text())
    assert record["document"]["id"] == "2"
    assert record["document"]["path"].endswith("l.jsonl.gz#2")


# -- What is current, changed, gone


@pytest.mark.parametrize("name", OUTPUTS)
def test_only_what_changed_is_done_again(tmp_path: Path, articles: Path, name: str) -> None:
    out = tmp_path / name
    run(out, articles)
    summary, _ = run(out, articles)
    assert (summary.counts.done, summary.counts.current) == (0, 40)

    changed = articles / "001/articolo-0011.txt"
    stamp = changed.stat()
    changed.write_text(changed.read_text("utf-8").replace("lunedì", "sabato"), "utf-8")
    os.utime(changed, (stamp.st_atime, stamp.st_mtime))  # same length, same time: only the content tells
    os.utime(articles / "000/articolo-0001.txt")
    summary, _ = run(out, articles)
    assert (summary.counts.done, summary.counts.current) == (1, 39)

    run(tmp_path / "fresh" / name, articles)
    assert content(out) == content(tmp_path / "fresh" / name)


@pytest.mark.parametrize("more", [{"maker": "words 2"}, {"force": True}])
def test_another_maker_or_force_does_all_anew(tmp_path: Path, articles: Path, more: dict[str, object]) -> None:
    run(tmp_path / "c.sqlite", articles)
    before = content(tmp_path / "c.sqlite")
    summary, _ = run(tmp_path / "c.sqlite", articles, **more)
    assert (summary.counts.done, summary.counts.current) == (40, 0)
    assert content(tmp_path / "c.sqlite") == before


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_went_is_told_and_kept_until_pruned(tmp_path: Path, articles: Path, name: str) -> None:
    out = tmp_path / name
    run(out, articles)
    before = content(out)
    (articles / "003/articolo-0039.txt").unlink()
    summary, watch = run(out, articles)
    assert [Path(path).name for path in watch.gone_paths] == ["articolo-0039.txt"]
    assert (summary.counts.gone, summary.counts.current, summary.records) == (1, 39, 40)
    assert content(out) == before
    summary, _ = run(out, articles, prune=True)
    assert summary.records == 39
    run(tmp_path / "fresh" / name, articles)
    assert content(out) == content(tmp_path / "fresh" / name)
    assert run(out, articles)[0].counts.gone == 0


def test_other_inputs_are_added(tmp_path: Path, articles: Path) -> None:
    out = tmp_path / "all.jsonl"
    run(out, articles / "000")
    summary, watch = run(out, articles / "001")
    assert (summary.records, len(watch.gone_paths)) == (20, 10)
    ids = [record["document"]["id"] for record in lines(out)]
    assert sorted(ids) == [f"articolo-{number:04}" for number in range(20)]


@pytest.mark.parametrize("name", ["claims.jsonl", "claims.csv", "claims"])
def test_a_lost_output_is_made_again(tmp_path: Path, articles: Path, name: str) -> None:
    out = tmp_path / name
    run(out, articles)
    before = content(out)
    if out.is_dir():
        (out / "001/articolo-0013.yaml").unlink()
        (out / "001/articolo-0014.yaml").write_text("half")
    else:
        out.unlink()
    run(out, articles)
    assert content(out) == before


def test_the_same_inputs_by_other_ways_are_the_same(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "c.jsonl", "in")
    summary, watch = run(Path("c.jsonl"), "./in/")
    assert summary.counts.current == 40
    summary, watch = run(Path("c.jsonl"), articles)  # records name the path as given
    assert (summary.counts.done, summary.records, watch.gone_paths) == (40, 40, [])


def test_a_file_named_twice_is_done_once(tmp_path: Path, articles: Path) -> None:
    summary, _ = run(tmp_path / "c.jsonl", articles, articles / "000", articles / "000/articolo-0003.txt")
    assert (summary.counts.articles, summary.counts.repeated, summary.records) == (40, 11, 40)


def test_another_format_replaces_the_files(tmp_path: Path, articles: Path) -> None:
    run(tmp_path / "out", articles)
    run(tmp_path / "out", articles, format="json", maker="words 1 json")
    assert len(list((tmp_path / "out").rglob("*.json"))) == 40
    assert not list((tmp_path / "out").rglob("*.yaml"))


def test_a_folder_named_like_a_record_does_not_stand_in_its_way(tmp_path: Path) -> None:
    for name in ("a.txt", "a.yaml/b.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text("Uno (Anna Poli)\n", "utf-8")
    assert run(tmp_path / "out", tmp_path / "in")[0].records == 2
    assert sorted(content(tmp_path / "out")) == ["a%2Eyaml/b.yaml", "a.yaml"]  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["out.jsonl", "out"])
def test_an_output_inside_the_input_is_no_input(tmp_path: Path, articles: Path, name: str) -> None:
    (articles / "003/articolo-0039.txt").write_text("BOOM\n", "utf-8")
    for _ in range(2):
        summary, _ = run(articles / name, articles, **({} if "." in name else {"format": "jsonl"}))
        assert (summary.counts.articles, summary.records, summary.failed) == (40, 39, 1)


# -- Errors


def test_one_bad_article_is_told_and_no_more(tmp_path: Path, articles: Path) -> None:
    bad = articles / "001/articolo-0011.txt"
    empty = articles / "001/articolo-0012.txt"
    good = bad.read_text("utf-8")
    bad.write_text("BOOM\n", "utf-8")
    empty.write_text("", "utf-8")
    summary, watch = run(tmp_path / "c.jsonl", articles, tmp_path / "no.txt")
    assert (summary.counts.done, summary.counts.failed, summary.failed) == (38, 2, 3)
    assert summary.errors == tmp_path / "c.errors.jsonl"
    told = lines(summary.errors)
    assert [(error["kind"], error["message"].split(" (")[0]) for error in told] == [
        ("ValueError", "boom, as ordered"),
        ("ReadError", "is empty"),
        ("ReadError", "does not exist; check the name"),
    ]
    assert told[0]["path"] == str(bad)
    assert sorted(path for path, _, _ in watch.errors) == sorted(error["path"] for error in told)

    bad.write_text(good, "utf-8")
    empty.unlink()
    summary, _ = run(tmp_path / "c.jsonl", articles)
    assert (summary.counts.done, summary.counts.current, summary.errors) == (1, 38, None)
    assert not (tmp_path / "c.errors.jsonl").exists()


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_article_that_fails_loses_its_old_record(tmp_path: Path, articles: Path, name: str) -> None:
    run(tmp_path / name, articles)
    (articles / "001/articolo-0011.txt").write_text("BOOM\n", "utf-8")
    summary, _ = run(tmp_path / name, articles)
    assert (summary.records, summary.failed) == (39, 1)
    run(tmp_path / "fresh" / name, articles)
    assert content(tmp_path / name) == content(tmp_path / "fresh" / name)


def test_fail_fast_keeps_what_is_done(tmp_path: Path, articles: Path) -> None:
    (articles / "003/articolo-0039.txt").write_text("SLEEP 0.3\nBOOM\n", "utf-8")
    with pytest.raises(FailFast, match=r"articolo-0039.txt: boom"):
        run(tmp_path / "c.jsonl", articles, fail_fast=True, jobs=1)
    assert not (tmp_path / "c.jsonl").exists()
    summary, _ = run(tmp_path / "c.jsonl", articles, jobs=1)
    assert (summary.counts.done, summary.counts.current, summary.failed) == (0, 39, 1)


def test_outputs_that_cannot_be_written_are_told(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="is a file"):
        run(tmp_path / "file", articles)
    with pytest.raises(WriteError, match="cannot be written"):
        run(tmp_path / "file/out.jsonl", articles)
    with pytest.raises(ChoiceError, match="at odds"):
        run(tmp_path / "c.jsonl", articles, format="csv")
    with pytest.raises(WriteError, match="is an input too"):
        run(articles, articles)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(WriteError, match=r"claimx\[parquet\]"):
        run(tmp_path / "c.parquet", articles)


def test_a_database_of_others_is_left_alone(tmp_path: Path, articles: Path) -> None:
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    before = (tmp_path / "c.sqlite").read_bytes()
    with pytest.raises(WriteError, match="was not made by this version"):
        run(tmp_path / "c.sqlite", articles)
    assert (tmp_path / "c.sqlite").read_bytes() == before
    (tmp_path / "d.sqlite").write_text("no database at all, but long enough to be taken for one" * 9)
    with pytest.raises(WriteError, match="no database of claimx"):
        run(tmp_path / "d.sqlite", articles)


def test_two_batches_do_not_share_an_output(tmp_path: Path, articles: Path) -> None:
    def again(counts: object) -> None:
        with pytest.raises(WriteError, match="in use by another"):
            run(tmp_path / "c.jsonl", articles)
        watch.on_move = lambda counts: None

    watch = Recorder()
    watch.on_move = again
    assert run_batch([str(articles)], options(tmp_path / "c.jsonl"), watch).records == 40


def test_a_disk_that_fills_up_is_told_and_the_rest_done_later(
    tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "tmp" in path.parts[-2:] and path.name == "20":
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WriteError, match="No space left on device"):
        run(tmp_path / "out", articles, jobs=1)
    monkeypatch.undo()
    run(tmp_path / "out", articles)
    run(tmp_path / "fresh", articles)
    assert content(tmp_path / "out") == content(tmp_path / "fresh")


def test_no_articles_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    summary, _ = run(tmp_path / "c.jsonl", tmp_path / "in")
    assert (summary.records, summary.errors) == (0, None)
    assert (tmp_path / "c.jsonl").read_bytes() == b""
    shutil.rmtree(tmp_path / "in")
