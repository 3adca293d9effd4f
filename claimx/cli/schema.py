"""`claimx schema`."""

from __future__ import annotations

import click


@click.command(short_help="Print the JSON Schema of the records.")
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of the records.

    One record is a YAML document, a JSON object, or a line of JSONL. To check a file:

    \b
      claimx schema > claimx.schema.json
      claimx extract article.txt -o article.json
      check-jsonschema --schemafile claimx.schema.json article.json
    """
    import json

    from claimx.schema import build_schema

    click.echo(json.dumps(build_schema(), indent=2, ensure_ascii=False))
