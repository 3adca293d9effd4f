"""What a batch takes for an article: folders, lists, archives, JSONL, odd names, loops."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimx.batch.containers import Reader
from claimx.batch.inputs import Item, Problem, Wanted, find_items, glob_pattern, read_list, skipped_paths
from claimx.batch.names import candidates, folded, safe_name, shown, strip_suffix

links = pytest.mark.skipif(sys.platform == "win32", reason="needs links and byte names")


def write(path: Path, text: str = "Testo.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def find(*inputs: object, **wanted: object) -> tuple[list[Item], list[Problem]]:
    found = list(find_items([os.fspath(given) for given in inputs], Wanted(**wanted)))  # type: ignore[arg-type]
    return [item for item in found if isinstance(item, Item)], [one for one in found if isinstance(one, Problem)]


def names(top: Path, items: list[Item]) -> list[str]:
    return [os.path.relpath(item.path, top).replace(os.sep, "/") for item in items]


def test_a_folder_is_walked_by_name_and_by_suffix(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/y.html", "c.TXT", "foto.jpg", ".nascosto.txt", ".git/x.txt", "__MACOSX/x.txt"):
        write(tmp_path / name)
    items, problems = find(tmp_path)
    assert names(tmp_path, items) == ["b.txt", "c.TXT", "a/y.html", "a/z.md"]
    assert not problems


def test_globs_choose_by_name_or_by_path(tmp_path: Path) -> None:
    for name in ("2024/a.txt", "2024/x/b.txt", "2025/a.txt", "2025/note.org"):
        write(tmp_path / name)
    assert names(tmp_path, find(tmp_path, globs=("a.*",))[0]) == ["2024/a.txt", "2025/a.txt"]
    assert names(tmp_path, find(tmp_path, globs=("2024/*.txt",))[0]) == ["2024/a.txt"]
    assert names(tmp_path, find(tmp_path, globs=("2024/**",))[0]) == ["2024/a.txt", "2024/x/b.txt"]
    assert names(tmp_path, find(tmp_path, globs=("*.org", "x/*"))[0]) == ["2025/note.org"]


@pytest.mark.parametrize(
    ("glob", "fits", "fails"),
    [
        ("*.txt", "a/b.txt", "a/b.txtx"),
        ("[ab].txt", "a.txt", "c.txt"),
        ("[!ab].txt", "c.txt", "a.txt"),
        ("a?.txt", "x/ab.txt", "a/.txt"),
        ("a/**/b.txt", "a/b.txt", "b.txt"),
        ("a/**/b.txt", "a/x/y/b.txt", "c/a/b.txt"),
        ("[.txt", "[.txt", "a.txt"),
        ("[]].txt", "].txt", "[.txt"),
    ],
)
def test_globs(glob: str, fits: str, fails: str) -> None:
    assert glob_pattern(glob).fullmatch(fits)
    assert not glob_pattern(glob).fullmatch(fails)


def test_any_file_named_is_taken(tmp_path: Path) -> None:
    items, _ = find(write(tmp_path / "senza suffisso"), write(tmp_path / "x.log"))
    assert names(tmp_path, items) == ["senza suffisso", "x.log"]


def test_what_is_missing_is_a_problem_and_no_more(tmp_path: Path) -> None:
    items, problems = find(tmp_path / "no.txt", write(tmp_path / "a.txt"), "nome\0nullo")
    assert names(tmp_path, items) == ["a.txt"]
    assert problems[0].message == "does not exist; check the name"
    assert [problem.path for problem in problems] == [str(tmp_path / "no.txt"), "nome\0nullo"]


@links
def test_links_that_loop_end_and_broken_ones_are_told(tmp_path: Path) -> None:
    write(tmp_path / "a/x.txt")
    (tmp_path / "a/su").symlink_to(tmp_path)
    (tmp_path / "giro.txt").symlink_to("giro.txt")
    (tmp_path / "rotto.txt").symlink_to("niente")
    (tmp_path / "aa").symlink_to("a")
    items, problems = find(tmp_path)
    assert names(tmp_path, items) == ["a/x.txt"]
    assert sorted(os.path.basename(problem.path) for problem in problems) == ["giro.txt", "rotto.txt"]


@links
def test_a_linked_folder_elsewhere_is_walked(tmp_path: Path) -> None:
    write(tmp_path / "altrove/x.txt")
    (tmp_path / "qui").mkdir()
    (tmp_path / "qui/link").symlink_to(tmp_path / "altrove")
    assert names(tmp_path, find(tmp_path / "qui")[0]) == ["qui/link/x.txt"]


@links
def test_one_article_named_twice_has_one_identity(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    items, _ = find(path, tmp_path, tmp_path / "." / "a.txt")
    assert len(items) == 4
    assert len({item.identity for item in items}) == 1


@links
def test_hard_links_are_articles_of_their_own(tmp_path: Path) -> None:
    os.link(write(tmp_path / "a.txt"), tmp_path / "b.txt")
    assert len({item.identity for item in find(tmp_path)[0]}) == 2


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are always text")
def test_a_name_that_is_not_utf8_is_read_and_shown(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caff\xe8.txt")
    with open(path, "wb") as stream:
        stream.write("Il caffè è caro.".encode())
    ((item,), problems) = find(tmp_path)
    assert not problems
    assert shown(item.path).endswith(r"caff\xe8.txt")
    assert Reader("text", "id", "date").read(item.place).data == "Il caffè è caro.".encode()
    assert safe_name(os.path.basename(item.path)) == "caff%E8.txt"


def test_what_is_to_be_skipped_is_not_walked(tmp_path: Path) -> None:
    write(tmp_path / "a.txt"), write(tmp_path / "out/b.txt"), write(tmp_path / "c.jsonl")
    skip = skipped_paths([str(tmp_path / "out"), str(tmp_path / "c.jsonl")])
    assert names(tmp_path, find(tmp_path, skip=skip)[0]) == ["a.txt"]


def test_folders_that_cannot_be_listed_are_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a/x.txt"), write(tmp_path / "b/x.txt")
    scandir = os.scandir

    def denied(path: str) -> object:
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    items, (problem,) = find(tmp_path)
    assert names(tmp_path, items) == ["b/x.txt"]
    assert problem.message == "cannot be read: permission denied"


# -- Archives and lines


def read(item: Item) -> bytes:
    reader = Reader("text", "id", "date")
    try:
        return reader.read(item.place).data
    finally:
        reader.close()


def test_members_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "rassegna.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.txt", "due")
        archive.writestr("a/a.txt", "uno")
        archive.writestr("a/", "")
        archive.writestr("foto.jpg", "x")
        archive.writestr("__MACOSX/b.txt", "x")
        archive.writestr("c.txt.gz", gzip.compress(b"tre"))
        archive.writestr("d.jsonl", '{"text": "quattro"}\n{"text": "cinque", "id": 5}\n')
        archive.writestr("e.zip", "x")
    items, problems = find(path)
    assert names(path, items) == ["a/a.txt", "b.txt", "c.txt.gz", "d.jsonl#1", "d.jsonl#5"]
    assert [read(item) for item in items] == [b"uno", b"due", b"tre", b"quattro", b"cinque"]
    assert [problem.message for problem in problems] == ["is an archive in an archive; unpack it first"]
    assert names(path, find(path, globs=("a/*",))[0]) == ["a/a.txt"]


def test_a_damaged_archive_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 50_000)[:-40])
    (tmp_path / "c.txt.gz").write_bytes(b"no gzip")
    write(tmp_path / "d.txt")
    items, problems = find(tmp_path)
    assert [os.path.basename(problem.path) for problem in problems] == ["a.zip", "b.jsonl.gz"]
    bad = next(item for item in items if item.path.endswith("c.txt.gz"))
    with pytest.raises(Exception, match="cannot be read"):
        read(bad)


def test_a_damaged_member_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "prima parte")
        archive.writestr("b.txt", "seconda parte")
    path.write_bytes(path.read_bytes().replace(b"prima parte", b"prima pArte"))
    first, second = find(path)[0]
    with pytest.raises(Exception, match="Bad CRC"):
        read(first)
    assert read(second) == b"seconda parte"


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert [problem.message for problem in find(path)[1]] == ["is encrypted; unpack the archive first"]


def test_lines_of_json(tmp_path: Path) -> None:
    lines = [
        '{"text": "uno \\ud83d\\ude00 \\ud83d", "id": "a/b"}',
        "",
        '{"text": "due", "id": 7, "date": "2024-03-01"}',
        '{"testo": "tre"}',
        "[1]",
        "non JSON",
        '{"text": "quattro", "id": "a/b"}',
        '{"text": 5}',
    ]
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    items, problems = find(path)
    assert names(tmp_path, items) == ["x.jsonl#a/b", "x.jsonl#7", "x.jsonl#a/b"]
    assert [read(item).decode() for item in items] == ["uno 😀 �", "due", "quattro"]
    assert [problem.path.rpartition("#")[2] for problem in problems] == ["4", "5", "6", "8"]
    assert "it has testo: name one by --text-field" in problems[0].message
    reader = Reader("text", "id", "date")
    assert reader.read(items[1].place).date == "2024-03-01"
    assert [line.path for line in find(path, text_field="testo")[0]] == [f"{path}#4"]


@pytest.mark.parametrize("packed", [False, True])
def test_lines_are_read_in_any_order(tmp_path: Path, packed: bool) -> None:
    data = "".join(json.dumps({"text": f"testo {number} " + "x" * number}) + "\n" for number in range(300)).encode()
    path = tmp_path / ("x.jsonl.gz" if packed else "x.jsonl")
    path.write_bytes(gzip.compress(data) if packed else data)
    items, _ = find(path)
    reader = Reader("text", "id", "date")
    for number in (0, 1, 299, 5, 298, 2):
        assert reader.read(items[number].place).data.startswith(b"testo %d " % number)
    reader.close()


def test_a_line_that_changes_under_the_reader_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", '{"text": "uno"}\n')
    (item,), _ = find(path)
    write(path, '{"tex')
    with pytest.raises(Exception, match="is not JSON"):
        read(item)


# -- Lists and names


def test_lists() -> None:
    assert list(read_list(io.BytesIO(b"\xef\xbb\xbfa.txt\r\nb c.txt\n\n  \nd.txt"))) == [
        "a.txt",
        "b c.txt",
        "  ",
        "d.txt",
    ]
    assert list(read_list(io.BytesIO(b"a\nb.txt\0c.txt\0"), null=True)) == ["a\nb.txt", "c.txt"]
    assert list(read_list(io.BytesIO(b""))) == []
    long = [f"articolo-{number}" for number in range(20_000)]
    assert list(read_list(io.BytesIO("\n".join(long).encode()))) == long


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("2024/Caffè?.txt", "2024/Caffè%3F.txt"),
        ("/etc/../a.txt", "etc/a.txt"),
        ("con.txt", "%63on.txt"),
        ("a/nul", "a/%6Eul"),
        ("fine.", "fine%2E"),
        ("x.jsonl#http://a/b", "x.jsonl#http%3A/a/b"),
        ("..", "article"),
        ("100%", "100%25"),
    ],
)
def test_safe_names(path: str, safe: str) -> None:
    assert safe_name(path) == safe


@given(st.text(max_size=300))
def test_any_name_becomes_safe(path: str) -> None:
    name = safe_name(path)
    assert not name.startswith("/")
    for part in name.split("/"):
        assert part not in ("", ".", "..")
        assert len(part.encode()) < 200
        assert part[-1] not in ". "
    assert folded(name) == folded(folded(name))


def test_suffixes_and_candidates() -> None:
    assert [strip_suffix(name) for name in ("a.txt", "a.md.gz", "a.2024", ".txt", "a.HTML")] == [
        "a", "a", "a.2024", ".txt", "a",
    ]  # fmt: skip
    first, second, third, *_ = candidates("x/a.txt", b"key")
    assert (first, second) == ("x/a", "x/a.txt")
    assert third.startswith("x/a~")
