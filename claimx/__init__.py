"""claimx: who said what, in Italian news.

>>> import claimx
>>> article = claimx.extract("Il ministro Rossi ha detto che il ponte riapre lunedì.")
>>> article.claims[0].who
'Rossi'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Article", "Claim", "Extractor", "extract", "load"]

if TYPE_CHECKING:
    from claimx.extraction import Extractor, extract, load
    from claimx.model import Article, Claim

_HOMES = {
    "Article": "claimx.model",
    "Claim": "claimx.model",
    "Extractor": "claimx.extraction",
    "extract": "claimx.extraction",
    "load": "claimx.extraction",
}


def __getattr__(name: str) -> Any:  # spaCy takes a second to import: `claimx --help` must not wait for it
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
