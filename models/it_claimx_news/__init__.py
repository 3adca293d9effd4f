"""claimx's Italian pipeline: `spacy.load("it_claimx_news")`."""

from pathlib import Path

from spacy import Language
from spacy.util import get_model_meta, load_model_from_path

__version__: str = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides) -> Language:
    """Load the pipeline from this folder."""
    return load_model_from_path(Path(__file__).parent, **overrides)
