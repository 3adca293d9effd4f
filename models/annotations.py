"""Build annotated articles from our own stand-off annotations and the raw texts that they point into.

    python models/annotations.py RAW_FOLDER OUT

RAW_FOLDER holds modern.txt.gz and wikinews.txt.gz; OUT gets ID.txt and ID.json for each line of annotations.jsonl, for
train_attribution.py's --extra. No text of those articles is kept here: a stretch is [start, end) in the article's text, which
is the lines [first, last) of its file, joined by blank lines, up to the character `end`.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {}
    stored = Path(__file__).with_name("annotations.jsonl").read_text(encoding="utf8")
    for entry in map(json.loads, stored.splitlines()):
        if entry["file"] not in lines:
            with gzip.open(args.raw / f"{entry['file']}.txt.gz", "rt", encoding="utf8") as file:
                lines[entry["file"]] = file.read().split("\n")
        text = "\n\n".join(lines[entry["file"]][entry["first"] : entry["last"]])[: entry["end"]]
        claims = [restore(text, claim) for claim in entry["claims"]]
        (args.out / f"{entry['id']}.txt").write_text(text + "\n", encoding="utf8")
        record = json.dumps({"id": entry["id"], "claims": claims}, ensure_ascii=False)
        (args.out / f"{entry['id']}.json").write_text(record + "\n", encoding="utf8")


def restore(text: str, claim: dict[str, Any]) -> dict[str, Any]:
    """A claim with its stretches as strings; who, via and to are strings where they do not stand in the text."""
    return {
        **claim,
        "claim": [text[start:end] for start, end in claim["claim"]],
        **{key: words(text, claim[key]) for key in ("source", "cue", "who", "to")},
        "via": [words(text, name) for name in claim["via"]],
    }


def words(text: str, value: Any) -> Any:
    """The stretch of the text that a pair stands for, anything else as it is."""
    return text[value[0] : value[1]] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
