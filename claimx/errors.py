"""The errors that claimx raises on purpose: each message says what failed and what to try, in one line."""

from __future__ import annotations


class ClaimxError(Exception):
    """Base of all errors that a caller can expect; `str(error)` is fit to show to a user as it is."""


class ReadError(ClaimxError):
    """An input that cannot be read as an article: missing, a folder, binary, empty, in another encoding."""


class WriteError(ClaimxError):
    """An output that cannot be written."""


class ModelError(ClaimxError):
    """A spaCy pipeline that cannot be found, loaded or used."""


class LexiconError(ClaimxError):
    """A lexicon file that does not hold what it should."""


class FormatError(ClaimxError):
    """A record that is not of the output schema."""
