"""What a batch is given -> its articles: files, folders, lists, `.zip`, `.gz` and JSONL, found but not yet read.

Found in a fixed order (the inputs as given, each folder by name), one after the other, so that a million cost no memory. A
folder is walked once however its links loop; an article that two inputs name is told apart by `identity`, later. What cannot
be opened is a `Problem`, never the end of the walk.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from claimx.batch.containers import UNREADABLE, Container, Place, find_lines
from claimx.batch.names import ARTICLE_SUFFIXES, LINES_SUFFIXES, shown
from claimx.errors import ReadError

GZIP_RATIO = 3  # how much longer a text is than its .gz, about: only for the balance and the time left


@dataclass(frozen=True, slots=True)
class Item:
    """One article found: where its bytes lie, and what tells it from others."""

    place: Place
    inner: str  # what follows the file's path: "", "/member" of an archive, "#id" of a line
    size: int  # bytes, about
    root: str  # the folder that its output's place is seen from
    identity: bytes  # the same for one article named twice

    @property
    def path(self) -> str:
        """The path as given (it may hold surrogates)."""
        return self.place.file + self.inner


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that gives no article: its path, the kind of error and what to try."""

    path: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of folders and archives are articles, and which fields of a JSON line hold what."""

    globs: tuple[str, ...] = ()
    skip: frozenset[str] = frozenset()  # real paths that are not inputs: what the batch itself writes
    text_field: str = "text"
    id_field: str = "id"
    date_field: str = "date"
    patterns: tuple[re.Pattern[str], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Compile the globs once."""
        object.__setattr__(self, "patterns", tuple(glob_pattern(glob) for glob in self.globs))

    def takes(self, relative: str, *, by_suffix: bool = False) -> bool:
        """Whether a file of a folder or archive is wanted: by the globs, or else by its suffix."""
        relative = relative.replace(os.sep, "/")
        plain = relative[:-3] if relative.lower().endswith(".gz") else relative
        if self.patterns and not by_suffix:
            return any(pattern.fullmatch(name) for pattern in self.patterns for name in (relative, plain))
        suffix = os.path.splitext(plain)[1].lower()
        return suffix in ARTICLE_SUFFIXES or suffix in LINES_SUFFIXES or suffix == ".zip"


def find_items(inputs: Iterable[str], wanted: Wanted) -> Iterator[Item | Problem]:
    """The articles that `inputs` (files and folders) hold, in order."""
    for given in inputs:
        path = os.path.normpath(given)
        try:
            kind = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            yield Problem(given, "ReadError", _reason(error, given))
            continue
        if stat.S_ISDIR(kind):
            yield from _walk(path, wanted)
        elif not stat.S_ISREG(kind):
            yield Problem(given, "ReadError", "is neither a file nor a folder; give a file")
        else:
            root = os.path.dirname(os.path.abspath(path))
            yield from _open_file(path, root, wanted, by_suffix=False)


def read_list(stream: IO[bytes], *, null: bool = False) -> Iterator[str]:
    """The paths of a list: one a line, or with `null` between NUL characters (`find -print0`)."""
    rest = stream.read(3)
    rest = b"" if rest == b"\xef\xbb\xbf" else rest  # a list written by a Windows editor
    end = b"\0" if null else b"\n"
    while block := stream.read(65_536):
        *whole, rest = (rest + block).split(end)
        yield from (_path_of(raw, null=null) for raw in whole if raw.strip(b"\r\n"))
    if rest.strip(b"\r\n"):
        yield _path_of(rest, null=null)


def _path_of(raw: bytes, *, null: bool) -> str:
    raw = raw if null else raw.rstrip(b"\r")
    return raw.decode("utf-8", "surrogateescape") if sys.platform == "win32" else os.fsdecode(raw)


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern over a path below the folder: one without `/` looks at the name alone; `**` crosses folders."""
    if "/" not in glob:
        glob = "**/" + glob
    out: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            out.append(".*")
            at += 2
        elif glob[at] == "[" and (close := glob.find("]", at + 2)) > 0:
            inside = glob[at + 1 : close].replace("\\", "\\\\")
            out.append(f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]")
            at = close + 1
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(glob[at], re.escape(glob[at])))
            at += 1
    flags = re.IGNORECASE | re.DOTALL if os.path.normcase("A") == "a" else re.DOTALL
    return re.compile("".join(out), flags)


def _walk(top: str, wanted: Wanted) -> Iterator[Item | Problem]:
    """The articles below `top`, by name, links after what they may point to; each folder once, so loops end."""
    root = os.path.abspath(top)
    if os.path.realpath(top) in wanted.skip:
        yield Problem(top, "ReadError", "is the output of this batch; give another folder to one of them")
        return
    seen: set[tuple[int, int]] = set()
    pending = [top]
    linked: list[str] = []
    while pending or linked:
        folder = pending.pop() if pending else linked.pop(0)
        try:
            facts = os.stat(folder)
            if (facts.st_dev, facts.st_ino) in seen or os.path.realpath(folder) in wanted.skip:
                continue
            seen.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: (entry.is_symlink(), os.fsencode(entry.name)))
        except OSError as error:
            yield Problem(folder, "ReadError", _reason(error, folder))
            continue
        below: list[str] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            try:
                folder_like = entry.is_dir()
            except OSError as error:  # a link to itself
                yield Problem(entry.path, "ReadError", _reason(error, entry.path))
                continue
            if folder_like:
                (linked if entry.is_symlink() else below).append(entry.path)
            else:
                yield from _take_entry(entry, top, root, wanted)
        pending.extend(reversed(below))


def _take_entry(entry: os.DirEntry[str], top: str, root: str, wanted: Wanted) -> Iterator[Item | Problem]:
    if not wanted.takes(os.path.relpath(entry.path, top)):
        return
    try:
        if entry.is_file():
            if os.path.realpath(entry.path) not in wanted.skip:
                yield from _open_file(entry.path, root, wanted, by_suffix=True)
        elif entry.is_symlink():
            yield Problem(entry.path, "ReadError", "is a link that leads nowhere; mend or remove it")
    except OSError as error:
        yield Problem(entry.path, "ReadError", _reason(error, entry.path))


def _open_file(path: str, root: str, wanted: Wanted, *, by_suffix: bool) -> Iterator[Item | Problem]:
    """The articles of one file: itself, the members of a `.zip`, the lines of a JSONL file."""
    try:
        facts = os.stat(path)
    except OSError as error:
        yield Problem(path, "ReadError", _reason(error, path))
        return
    identity = _identity(path, facts)
    lower = path.lower()
    if lower.endswith(".zip"):
        yield from _open_zip(path, root, identity, wanted, by_suffix=by_suffix)
        return
    packed = lower.endswith(".gz")
    place = Place(path, packed=packed)
    plain = lower[:-3] if packed else lower
    if os.path.splitext(plain)[1] in LINES_SUFFIXES:
        yield from _open_lines("", place, root, identity, wanted)
    elif packed and os.path.splitext(plain)[1] in (".zip", ".tar") or plain.endswith((".tgz", ".tar")):
        yield Problem(path, "ReadError", "is an archive of a kind that is not read; unpack it, or make a .zip of it")
    else:
        yield Item(place, "", facts.st_size * (GZIP_RATIO if packed else 1), root, identity)


def _open_zip(path: str, root: str, identity: bytes, wanted: Wanted, *, by_suffix: bool) -> Iterator[Item | Problem]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except UNREADABLE as error:
        yield Problem(path, "ReadError", f"cannot be opened as a .zip archive ({_reason(error, path)})")
        return
    order = sorted(range(len(members)), key=lambda index: (members[index].filename, index))
    for index in order:
        name = members[index].filename
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
        if members[index].is_dir() or hidden or not wanted.takes("/".join(parts), by_suffix=by_suffix):
            continue
        inner = "/" + "/".join(parts)
        packed = name.lower().endswith(".gz")
        place = Place(path, member=index, packed=packed)
        mark = identity + b"\0%d" % index
        plain = name.lower()[:-3] if packed else name.lower()
        if members[index].flag_bits & 1:
            yield Problem(path + inner, "ReadError", "is encrypted; unpack the archive first")
        elif plain.endswith(".zip"):
            yield Problem(path + inner, "ReadError", "is an archive in an archive; unpack it first")
        elif os.path.splitext(plain)[1] in LINES_SUFFIXES:
            yield from _open_lines(inner, place, root, mark, wanted)
        else:
            yield Item(place, inner, members[index].file_size * (GZIP_RATIO if packed else 1), root, mark)


def _open_lines(member: str, place: Place, root: str, identity: bytes, wanted: Wanted) -> Iterator[Item | Problem]:
    path = place.file + member
    try:
        with Container(place) as stream:
            for line in find_lines(stream, wanted.text_field, wanted.id_field):
                inner = f"{member}#{line.id if line.id is not None else line.number}"
                if line.problem:
                    yield Problem(place.file + inner, "ReadError", f"line {line.number} {line.problem}")
                    continue
                where = Place(place.file, place.member, place.packed, line.offset, line.length)
                yield Item(where, inner, line.length, root, identity + b"\0%d" % line.offset)
    except UNREADABLE as error:
        yield Problem(path, "ReadError", _reason(error, path))
    except ReadError as error:
        yield Problem(path, "ReadError", str(error))


def _identity(path: str, facts: os.stat_result) -> bytes:
    """The same for two names of one file: the same path but for links, or where the file has one name only, its inode."""
    if facts.st_nlink == 1 and facts.st_ino:
        return b"%d:%d" % (facts.st_dev, facts.st_ino)  # catches names that differ by case on a disk that ignores it
    return os.fsencode(os.path.normcase(os.path.realpath(path)))


def _reason(error: BaseException, path: str) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist; check the name"
    if isinstance(error, PermissionError):
        return "cannot be read: permission denied"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {shown(text or type(error).__name__)}"


def skipped_paths(paths: Sequence[str]) -> frozenset[str]:
    """Real paths of what must not be taken for an input."""
    return frozenset(os.path.realpath(path) for path in paths)
