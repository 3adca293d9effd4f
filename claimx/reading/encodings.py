"""Bytes to characters: UTF-8, UTF-16 or Windows-1252, as the bytes themselves show or as the caller says.

Nothing is changed but the byte-order mark, which is no character of the text: line ends and odd spaces stay.
"""

from __future__ import annotations

import codecs
import re

from claimx.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How files that are not text begin, what they are, and what to do about it.
_KINDS = (
    (rb"\s{0,8}%PDF-", "a PDF file", "extract its text first (pdftotext)"),
    (rb"PK\x03\x04.{26}mimetypeapplication/epub", "an e-book", "save its text first (pandoc -t plain)"),
    (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", "an OpenDocument file", "save it as plain text first"),
    (rb"PK\x03\x04.{0,4000}(?:word/|\[Content_Types\])", "an Office document", "save it as plain text first"),
    (rb"PK\x03\x04", "a zip archive", "unpack it first"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", "save it as plain text first"),
    (rb"\{\\rtf", "an RTF document", "save it as plain text first"),
    (rb"\x1f\x8b|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|7z\xbc\xaf", "a compressed file", "unpack it first"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}(?:WEBP|WAVE)", "an image or recording", "give a text"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no writer can write it
_SAMPLE = 8192  # bytes that tell the encoding
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ]")


def decode(
    data: bytes, name: str, *, encoding: str | None = None, declared: str | None = None
) -> tuple[str, list[str]]:
    """The characters of `data`, and warnings; `encoding` is an order, `declared` (by an HTML page) a hint.

    Raises ReadError, with `name` in the message, where the bytes are no text or not in that encoding.
    """
    for start, kind, advice in _KINDS:
        if re.match(start, data[:4096], re.DOTALL):
            raise ReadError(f"{name} is {kind}, not text; {advice}")
    text, warnings = _decode_as(data, name, encoding) if encoding else _detect(data, name, declared)
    text = _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))
    if encoding and (_is_binary(text) or (not _is_latin(text) and _decode_utf8(data) is not None)):
        raise ReadError(f"{name} is no text in {encoding}; give its true encoding, or leave --encoding out")
    if _is_binary(text):
        raise ReadError(f"{name} is binary, not text; give a text, Markdown or HTML file")
    return text, warnings


def _decode_as(data: bytes, name: str, encoding: str) -> tuple[str, list[str]]:
    try:
        codec = codecs.lookup(encoding).name
        text = data.decode(codec)
    except UnicodeError as error:
        where = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise ReadError(
            f"{name} is not in {encoding}{where}; give its true encoding, or leave --encoding out"
        ) from error
    except (LookupError, ValueError) as error:
        raise ReadError(f"no text encoding is called {encoding!r}; try utf-8, utf-16 or cp1252") from error
    if codec not in ("utf-8", "utf-8-sig") and not data.isascii() and _decode_utf8(data) not in (None, text):
        return text, [f"its bytes are valid UTF-8, but were read as {encoding}; accents may be wrong"]
    return text, []


def _detect(data: bytes, name: str, declared: str | None) -> tuple[str, list[str]]:
    codec = next((codec for mark, codec in _MARKS if data.startswith(mark)), None) or _guess_utf16(data)
    text = _decode_utf8(data) if codec in (None, "utf-8") else None
    if text is not None:
        return text, []
    loose = data.decode(codec or "utf-8", errors="replace")
    bad = loose.count("\ufffd")
    good = len(loose) - len(loose.encode("ascii", "ignore")) - bad
    if codec or good > 5 * bad:  # broken here and there, but not in another encoding
        return loose, [f"{bad} of its characters are broken, and read as \ufffd"] if bad else []
    for candidate in (declared, "cp1252"):
        text = _decode_single(data, candidate)
        if text is not None and _is_latin(text):
            return text, []
    if b"\0" in data:
        raise ReadError(f"{name} is binary, not text; give a text, Markdown or HTML file")
    raise ReadError(f"{name} is neither UTF-8, UTF-16 nor Windows-1252; say which with --encoding")


def _decode_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_single(data: bytes, codec: str | None) -> str | None:
    if codec is None or codec.lower().replace("_", "-") in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        codec = "cp1252"  # what pages that declare Latin-1 are in truth
    try:
        return data.decode(codec)
    except (LookupError, ValueError):
        return None


def _guess_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: nearly every other byte is null, and few of the rest."""
    sample = data[: min(_SAMPLE, len(data) // 2 * 2)]
    pairs = len(sample) // 2
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if pairs < 2 or len(data) % 2:
        return None
    if high > 0.6 * pairs and low < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if low > 0.6 * pairs and high < 0.05 * pairs else None


def _is_binary(text: str) -> bool:
    sample = _sample(text)
    return "\0" in text or len(_CONTROLS.findall(sample)) > 0.02 * len(sample)


def _is_latin(text: str) -> bool:
    """Whether the characters are mostly Latin letters, as Italian's are whatever else stands there."""
    sample = _sample(text)
    return sample.isascii() or len(_LETTERS.findall(sample)) >= 0.3 * len(sample)


def _sample(text: str) -> str:
    """Some of what shows."""
    middle = len(text) // 2
    return "".join((text[:_SAMPLE] + text[middle : middle + _SAMPLE]).split())
