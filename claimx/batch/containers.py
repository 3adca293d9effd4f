"""The bytes of an article, wherever they lie: a file, a `.gz`, a member of a `.zip`, a line of a JSONL file in any of these.

`Reader` keeps the last container open, so that articles taken in their order cost one opening: `#17` of `rassegna.jsonl.gz`
is read right after `#16`, with no way back.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import IO, Any

from claimx.errors import ReadError

# What opening and reading a damaged, locked or encrypted container raises.
UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article's bytes lie: a file, a member of it by index if it is a `.zip`, packed by gzip or not, a line."""

    file: str
    member: int | None = None
    packed: bool = False
    offset: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """An article's bytes, with what a JSON line says beside them."""

    data: bytes
    id: str | None = None
    date: str | None = None
    format: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a JSONL file: its number from 1, where it lies, its id, or what is wrong with it."""

    number: int
    offset: int
    length: int
    id: str | None = None
    problem: str | None = None


class Container:
    """A stream over a file, unpacked; `place` says which member."""

    def __init__(self, place: Place) -> None:
        self.place = replace(place, offset=None, length=None)
        self._open: list[IO[bytes] | zipfile.ZipFile | gzip.GzipFile] = []
        self.stream: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes]:
        if self.stream is None:
            try:
                self.stream = self._open_stream()
            except BaseException:
                self.close()
                raise
        return self.stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream and all below it."""
        for opened in reversed(self._open):
            opened.close()
        self._open.clear()
        self.stream = None

    def _open_stream(self) -> IO[bytes]:
        stream: Any = open(self.place.file, "rb")  # noqa: SIM115 - closed by close()
        self._open.append(stream)
        if self.place.member is not None:
            archive = zipfile.ZipFile(stream)
            self._open.append(archive)
            stream = archive.open(archive.infolist()[self.place.member])
            self._open.append(stream)
        if self.place.packed:
            stream = gzip.GzipFile(fileobj=stream)
            self._open.append(stream)
            return io.BufferedReader(stream)
        return stream  # type: ignore[no-any-return]


class Reader:
    """Reads the bytes of articles, with the last container of lines kept open."""

    def __init__(self, text_field: str, id_field: str, date_field: str) -> None:
        self._fields = (text_field, id_field, date_field)
        self._kept: Container | None = None
        self._archive: tuple[str, zipfile.ZipFile] | None = None

    def read(self, place: Place) -> Loaded:
        """The article at `place`; raises ReadError where it cannot be read."""
        try:
            if place.offset is not None:
                return self._read_line(place)
            if place.member is not None:
                return Loaded(self._read_member(place))
            with Container(place) as stream:
                return Loaded(stream.read())
        except MemoryError as error:
            raise ReadError("is too long for this machine's memory") from error
        except UNREADABLE as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ReadError(f"cannot be read: {reason or type(error).__name__}") from error

    def close(self) -> None:
        """Close what is kept open."""
        if self._kept:
            self._kept.close()
            self._kept = None
        if self._archive:
            self._archive[1].close()
            self._archive = None

    def _read_member(self, place: Place) -> bytes:
        if self._archive is None or self._archive[0] != place.file:
            self.close()
            self._archive = (place.file, zipfile.ZipFile(place.file))
        archive = self._archive[1]
        data = archive.read(archive.infolist()[place.member or 0])
        return gzip.decompress(data) if place.packed else data

    def _read_line(self, place: Place) -> Loaded:
        container = replace(place, offset=None, length=None)
        if self._kept is None or self._kept.place != container:
            self.close()
            self._kept = Container(container)
        stream = self._kept.__enter__()
        if stream.tell() != place.offset:
            stream.seek(place.offset or 0)
        return load_line(stream.read(place.length or 0), *self._fields)


def find_lines(stream: IO[bytes], text_field: str, id_field: str) -> Iterator[Line]:
    """The lines of a JSONL stream that are not empty; one without a text says what is wrong."""
    offset = 0
    for number, raw in enumerate(stream, start=1):
        start, offset = offset, offset + len(raw)
        if not raw.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        try:
            record = _parse(raw)
            _text(record, text_field)
        except ReadError as error:
            yield Line(number, start, len(raw), problem=str(error))
            continue
        found = record.get(id_field)
        yield Line(number, start, len(raw), id=None if found is None or found == "" else _plain(found))


def load_line(raw: bytes, text_field: str, id_field: str, date_field: str) -> Loaded:
    """The article of one JSON line."""
    record = _parse(raw)
    found, date = record.get(id_field), record.get(date_field)
    return Loaded(
        # A lone surrogate of a \ud83d escape is no character: it becomes the replacement character.
        _text(record, text_field).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8"),
        id=None if found is None or found == "" else _plain(found),
        date=None if date is None or date == "" else _plain(date),
        format="text",
        encoding="utf-8",
    )


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        record = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"is not JSON in UTF-8: {error}") from error
    if not isinstance(record, dict):
        raise ReadError('is not a JSON object; each line must be one, such as {"text": "..."}')
    return record


def _text(record: dict[str, Any], field: str) -> str:
    text = record.get(field)
    if isinstance(text, str):
        return text
    others = ", ".join(_plain(name) for name in list(record)[:8])
    raise ReadError(f"has no text in the field {field!r}; it has {others or 'no field'}: name one by --text-field")


def _plain(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")
