"""README tells the truth: its examples are run, and what they print is what it shows.

A `console` block holds a command after `$ ` and its output; `python tests/test_readme.py` writes the outputs anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CONSOLE = re.compile(r"```console\n\$ (.+)\n((?:.*\n)*?)```")
PYTHON = re.compile(r"```python\n((?:.*\n)*?)```")
SHELL = re.compile(r"```sh\n((?:.*\n)*?)```")


def run(command: str) -> str:
    """What a claimx command prints at 100 columns."""
    words = shlex.split(command)
    assert words[0] == "claimx"
    environment = {**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "claimx", *words[1:]], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return done.stdout.decode("utf8")


@pytest.mark.model
@pytest.mark.parametrize(("command", "output"), CONSOLE.findall(README.read_text(encoding="utf8")))
def test_an_example_prints_what_readme_shows(command: str, output: str) -> None:
    assert run(command) == output, "write it anew: python tests/test_readme.py"


@pytest.mark.model
@pytest.mark.parametrize("code", [c for c in PYTHON.findall(README.read_text(encoding="utf8")) if "dask" not in c])
def test_the_python_examples_find_claims(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert re.search(r"Rossi|fonti", capsys.readouterr().out)


def test_the_quick_start_is_two_commands_of_their_own() -> None:
    start = README.read_text(encoding="utf8").partition("## Quick start")[2].partition("\n## ")[0]
    first, second = SHELL.findall(start)
    for block in (first, second):
        assert block.startswith("python3 -m venv .venv")
        assert block.count("\n") == 1
    assert "claimx extract samples/" in first
    assert "pytest" in second


def main() -> None:
    text = README.read_text(encoding="utf8")
    README.write_text(CONSOLE.sub(lambda m: f"```console\n$ {m[1]}\n{run(m[1])}```", text), encoding="utf8")


if __name__ == "__main__":
    main()
