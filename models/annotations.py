"""Build annotated articles from our own annotations: those of raw texts, kept stand-off, and those of texts written for it.

    python models/annotations.py RAW_FOLDER OUT

RAW_FOLDER holds modern.txt.gz and the like; OUT gets ID.txt and ID.json for each line of annotations.jsonl and written.jsonl, for
train_attribution.py's --extra. A stretch is [start, end) in the article's text. No text of the articles of annotations.jsonl is kept
here: it is the lines [first, last) of its file, joined by blank lines, up to the character `end`.
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
    for name in ("annotations.jsonl", "written.jsonl"):
        stored = Path(__file__).with_name(name).read_text(encoding="utf8")
        for entry in map(json.loads, stored.splitlines()):
            text = entry["text"] if "text" in entry else find_text(entry, args.raw, lines)
            claims = [restore(text, claim) for claim in entry["claims"]]
            (args.out / f"{entry['id']}.txt").write_text(text + "\n", encoding="utf8")
            record = json.dumps({"id": entry["id"], "claims": claims}, ensure_ascii=False)
            (args.out / f"{entry['id']}.json").write_text(record + "\n", encoding="utf8")


def find_text(entry: dict[str, Any], raw: Path, lines: dict[str, list[str]]) -> str:
    """The text that an entry points to; `lines` keeps the files that were read."""
    if entry["file"] not in lines:
        with gzip.open(raw / f"{entry['file']}.txt.gz", "rt", encoding="utf8") as file:
            lines[entry["file"]] = file.read().split("\n")
    return "\n\n".join(lines[entry["file"]][entry["first"] : entry["last"]])[: entry["end"]]


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
