"""Fixtures for all tests."""

from __future__ import annotations

import signal

import pytest
from spacy.language import Language

from claimx.nlp import load_pipeline

# A job in the background ignores Ctrl-C, and so would the processes that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The shipped pipeline, loaded once."""
    return load_pipeline()
