"""`claimx info`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from claimx.cli.options import model_option
from claimx.cli.report import Report

# The scores of a spaCy pipeline worth a line, by their names in meta.json.
_SCORES = {
    "dep_uas": "dependencies, unlabelled (UAS)",
    "dep_las": "dependencies, labelled (LAS)",
    "pos_acc": "parts of speech",
    "morph_acc": "morphology",
    "lemma_acc": "lemmas",
    "sents_f": "sentences (F1)",
    "ents_f": "entities (F1)",
}


@click.command(short_help="Print version, pipeline, its scores and licence.")
@model_option
def info(model: str | None) -> int:
    """Print versions, and the pipeline with its scores and licence.

    The output is YAML. The pipeline is looked up, not loaded.

    \b
    Examples:
      claimx info
      claimx info --model it_core_news_lg
    """
    from claimx.errors import ClaimxError
    from claimx.meta import find_meta, read_meta

    report = Report()
    for line in _describe_versions():
        click.echo(line)
    try:
        file = find_meta(model)
        meta = read_meta(file)
    except ClaimxError as error:
        report.fail(None, error)
        return report.exit_code
    for line in _describe_pipeline(file, meta):
        click.echo(line)
    return report.exit_code


def _describe_versions() -> Iterator[str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from claimx import __version__

    yield f"claimx: {__version__}"
    yield f"python: {platform.python_version()}"
    try:
        yield f"spacy: {version('spacy')}"
    except PackageNotFoundError:
        yield "spacy: null"


def _describe_pipeline(file: Path, meta: dict[str, Any]) -> Iterator[str]:
    from claimx.writers.yaml import dump_value

    yield "pipeline:"
    # spaCy's packages are named language_name, which meta.json holds apart.
    facts = {
        "name": f"{meta.get('lang', '')}_{meta.get('name', '')}",
        "version": meta.get("version"),
        "folder": str(file.parent),
        "license": meta.get("license"),
        "description": meta.get("description"),
        "spacy": meta.get("spacy_version"),
        "components": meta.get("pipeline"),
    }
    for key, value in facts.items():
        if value:
            yield f"  {key}: {dump_value(value)}"
    performance = meta.get("performance") or {}
    scores = {label: performance[key] for key, label in _SCORES.items() if isinstance(performance.get(key), float)}
    if scores:
        yield "  scores:"
        yield from (f"    {label}: {score:.3f}" for label, score in scores.items())
