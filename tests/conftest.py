"""Fixtures for all tests."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.nlp import load_pipeline


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The shipped pipeline, loaded once."""
    return load_pipeline()
