"""Output files: whole or not at all, with the links and permissions that they had."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from claimx.errors import WriteError
from claimx.writers.output import open_output

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str, *, keep: bool = True) -> None:
    with open_output(path) as output:
        output.stream.write(text)
        output.keep = keep


def test_text_goes_out_as_it_is() -> None:
    write("a.txt", "è 🚢\r\nb\n")
    assert Path("a.txt").read_bytes() == "è 🚢\r\nb\n".encode()
    assert os.listdir() == ["a.txt"]


def test_the_old_text_stays_till_the_end() -> None:
    write("a.txt", "vecchio")
    with open_output("a.txt") as output:
        output.stream.write("nuovo")
        output.stream.flush()
        assert Path("a.txt").read_text() == "vecchio"
        output.keep = True
    assert Path("a.txt").read_text() == "nuovo"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, BrokenPipeError])
def test_failure_leaves_nothing(error: type[BaseException]) -> None:
    with pytest.raises(error), open_output("a.txt") as output:
        output.stream.write("metà")
        output.keep = True
        raise error
    assert os.listdir() == []


def test_not_kept_is_not_there() -> None:
    write("a.txt", "x", keep=False)
    assert os.listdir() == []


@posix
def test_permissions_of_a_new_file_follow_the_umask() -> None:
    before = os.umask(0o027)
    try:
        write("a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("a.txt").st_mode) == 0o640


@posix
def test_permissions_of_an_old_file_stay() -> None:
    write("a.txt", "x")
    os.chmod("a.txt", 0o604)
    write("a.txt", "y")
    assert stat.S_IMODE(os.stat("a.txt").st_mode) == 0o604 and Path("a.txt").read_text() == "y"


@posix
def test_links_stay_links() -> None:
    Path("vero").mkdir()
    Path("vero/a.txt").write_text("x")
    Path("link.txt").symlink_to("vero/a.txt")
    write("link.txt", "y")
    assert Path("link.txt").is_symlink() and Path("vero/a.txt").read_text() == "y"
    Path("appeso.txt").symlink_to("vero/b.txt")
    write("appeso.txt", "z")
    assert Path("appeso.txt").is_symlink() and Path("vero/b.txt").read_text() == "z"
    assert sorted(os.listdir("vero")) == ["a.txt", "b.txt"]


@posix
def test_devices_and_pipes_are_written_through() -> None:
    write(os.devnull, "x")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)
    os.mkfifo("tubo")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("tubo").read_text()))
    reader.start()
    write("tubo", "x")
    reader.join(10)
    assert read == ["x"] and stat.S_ISFIFO(os.stat("tubo").st_mode)


@posix
@pytest.mark.parametrize(
    ("path", "words"),
    [("manca/a.txt", "folder does not exist"), (".", "is a folder"), ("nuova/", "is a folder"), ("file/a.txt", "is a file"),
     ("a" * 300, "cannot be written"), ("giro", "cannot be written")],
)  # fmt: skip
def test_what_cannot_be_written(path: str, words: str) -> None:
    Path("file").write_text("x")
    Path("giro").symlink_to("giro")
    with pytest.raises(WriteError, match=words) as caught, open_output(path):
        pass
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_protected_folders_and_files() -> None:
    Path("chiusa").mkdir()
    Path("chiusa").chmod(0o500)
    Path("chiuso.txt").write_text("x")
    Path("chiuso.txt").chmod(0o400)
    for path in ("chiusa/a.txt", "chiuso.txt"):
        with pytest.raises(WriteError), open_output(path):
            pass
