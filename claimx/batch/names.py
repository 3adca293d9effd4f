"""Names: how a path is shown, and what an article's output is called.

A file name need be no text at all on Linux, and two names may differ only by case, which Windows and macOS hold to be the
same: so what is shown is always text, and an output's name is one that every file system takes, told apart by more than
case. `articoli/2024/Caffè?.txt` gives `2024/Caffè%3F`, to which the format adds its suffix.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

ARTICLE_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"})
LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_LONGEST = (
    180  # bytes of one part of a name: file systems take 255, and a suffix, a mark and a temporary name are added
)
_UNSAFE = re.compile(r'[<>:"\\|?*%\x00-\x1f\x7f\ud800-\udfff]')
_RECORD = re.compile(r"\.(yaml|json|jsonl|csv)$", re.IGNORECASE)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


def shown(path: str) -> str:
    r"""The path as text that can be printed and stored: a byte that is no UTF-8 becomes `\xe8`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def relative_to(folder: str, path: str) -> str:
    """`path` seen from `folder`; absolute where there is no way (another drive)."""
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return os.path.abspath(path)


def common_folder(first: str | None, second: str) -> str | None:
    """The folder that two absolute folders have in common; None where they have none (two drives)."""
    if first is None:
        return second
    try:
        return os.path.commonpath([first, second])
    except ValueError:
        return os.path.abspath(os.sep)


def below(folder: str, path: str) -> str:
    """What follows `folder` in an absolute path, or all of it but a drive; nothing is resolved: `a.zip/..` is a name."""
    return os.path.splitdrive(path.removeprefix(folder))[1].replace(os.sep, "/")


def safe_name(path: str) -> str:
    """`path` (with any separators) as a relative path that every file system takes, with `/` between its parts."""
    parts = [part for part in re.split(r"[/\\]" if os.sep == "\\" else "/", path) if part not in ("", ".", "..")]
    safe = [_safe_part(part) for part in parts]
    # A folder `x.json` would stand where the record of `x.txt` goes.
    safe[:-1] = [_RECORD.sub(lambda match: f"%2E{match[1]}", part) for part in safe[:-1]]
    return "/".join(safe) or "article"


def candidates(name: str, key: bytes) -> Iterator[str]:
    """Names for the output of the article `name`, the plainest first; the last is the article's own and nobody else's."""
    whole = PurePosixPath(name)
    stem = strip_suffix(whole.name)
    yield str(whole.with_name(stem))
    if stem != whole.name:
        yield str(whole)
    mark = hashlib.sha256(key).hexdigest()
    for length in range(8, 65, 8):
        yield str(whole.with_name(f"{stem}~{mark[:length]}"))


def strip_suffix(name: str) -> str:
    """A file's name without `.gz` and without the suffix of an article; other endings are part of the name."""
    stem = name[:-3] if name.lower().endswith(".gz") and len(name) > 3 else name
    root, suffix = os.path.splitext(stem)
    return root if root and suffix.lower() in ARTICLE_SUFFIXES else stem


def folded(name: str) -> str:
    """What two names share that a file system may hold to be one: case and composition of accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _safe_part(part: str) -> str:
    safe = _UNSAFE.sub(_escaped, part)
    if safe[-1] in ". ":  # Windows drops them
        safe = safe[:-1] + f"%{ord(safe[-1]):02X}"
    if _RESERVED.match(safe):
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    raw = safe.encode("utf-8")
    if len(raw) > _LONGEST:
        mark = hashlib.sha256(raw).hexdigest()[:8]
        root, suffix = os.path.splitext(safe)
        suffix = suffix if len(suffix) < 16 else ""
        safe = root.encode("utf-8")[: _LONGEST - 30].decode("utf-8", "ignore") + "~" + mark + suffix
    return safe


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%{code:02X}"
