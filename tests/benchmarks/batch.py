"""How fast and how big `claimx batch` is, as ratios within one run on the same texts: `python tests/benchmarks/batch.py`.

Prints a Markdown table: what, the ratio, what it should be, the figures behind it. Articles are shuffled paragraphs of
`samples/`. Times are the best of several, taken in turns; one thread of algebra everywhere. Nothing else should run.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MEGABYTE = 1_000_000


def main() -> None:
    """Measure what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="another pipeline than the shipped one")
    parser.add_argument("--only", nargs="*", choices=[*MEASURES], default=[*MEASURES])
    parser.add_argument(
        "--scale", type=float, default=1.0, help="how much of the texts to use; below 1 for a rough look"
    )
    parser.add_argument("--child", nargs=3, metavar=("FOLDER", "JOBS", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure_run(*options.child, model=options.model)
        return
    print("| what | ratio | should be | figures |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="claimx-bench-") as folder:
        for name in options.only:
            for row in MEASURES[name](Path(folder), options.model, options.scale):
                print("| " + " | ".join(row) + " |", flush=True)


def compare_speed(folder: Path, model: str | None, scale: float) -> list[tuple[str, ...]]:
    """One worker against bare `nlp.pipe`, as spaCy loads the pipeline and as claimx does; two workers against one."""
    top = folder / "speed"
    texts = write_articles(top, round(400 * scale), paragraphs=8)
    words = sum(len(text.split()) for text in texts)
    import spacy

    from claimx.meta import DEFAULT_MODEL
    from claimx.nlp import load_pipeline

    def speed(nlp: spacy.language.Language) -> float:
        began = time.perf_counter()
        for _ in nlp.pipe(texts):
            pass
        return words / (time.perf_counter() - began)

    plain, ours = spacy.load(model or DEFAULT_MODEL), load_pipeline(model)
    bare, fast, one, two = 0.0, 0.0, 0.0, 0.0
    for _ in range(3):
        bare = max(bare, speed(plain))
        fast = max(fast, speed(ours))
        one = max(one, run_child(top, 1, model)["speed"])
        two = max(two, run_child(top, 2, model)["speed"])
    return [
        ("one worker to bare `nlp.pipe`, words/s", f"{one / bare:.2f}", ">= 0.8", f"{one:,.0f} to {bare:,.0f}"),
        ("the same, `nlp` loaded by claimx", f"{one / fast:.2f}", "-", f"{one:,.0f} to {fast:,.0f}"),
        ("two workers to one, words/s", f"{two / one:.2f}", ">= 1.7", f"{two:,.0f} to {one:,.0f}"),
    ]


def compare_memory(folder: Path, model: str | None, scale: float) -> list[tuple[str, ...]]:
    """Ten times as many articles."""
    few, many = folder / "few", folder / "many"
    write_articles(few, round(1_000 * scale), paragraphs=1)
    write_articles(many, round(10_000 * scale), paragraphs=1)
    small, big = run_child(few, 1, model), run_child(many, 1, model)
    return [
        (
            f"memory for {big['articles']:,} articles to {small['articles']:,}, {name}",
            f"{big[name] / small[name]:.2f}",
            "<= 1.10",
            f"{big[name] / MEGABYTE:,.0f} MB to {small[name] / MEGABYTE:,.0f} MB",
        )
        for name in ("worker", "parent")
    ]


def compare_start(folder: Path, model: str | None, scale: float) -> list[tuple[str, ...]]:
    """`claimx extract` on one article against loading spaCy and calling it."""
    from claimx.meta import DEFAULT_MODEL

    sample = min((ROOT / "samples").glob("*.txt"))
    call = f"import spacy; spacy.load({model or DEFAULT_MODEL!r})(open({str(sample)!r}, encoding='utf-8').read())"
    bare = [sys.executable, "-c", call]
    extract = [sys.executable, "-m", "claimx", "extract", str(sample), "-f", "json"]
    extract += ["--model", model] if model else []
    best = [float("inf"), float("inf")]
    for _ in range(max(3, round(7 * scale))):
        for index, command in enumerate((bare, extract)):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            best[index] = min(best[index], time.perf_counter() - began)
    ratio = best[1] / best[0]
    figures = f"{best[1]:.2f} s to {best[0]:.2f} s"
    return [("`claimx extract` of one article to `spacy.load` and one call", f"{ratio:.2f}", "<= 1.3", figures)]


def compare_length(folder: Path, model: str | None, scale: float) -> list[tuple[str, ...]]:
    """A file of 5 MB against one of a quarter of it."""
    write_articles(folder / "tiny", 1, paragraphs=1)
    load = run_child(folder / "tiny", 1, model)["seconds"]
    times = []
    for size in (1.25 * MEGABYTE * scale, 5 * MEGABYTE * scale):
        top = folder / f"long-{size:.0f}"
        write_long(top, round(size))
        times.append(run_child(top, 1, model))
    short, long = (time["seconds"] - load for time in times)
    ratio = long / short / 4
    figures = f"{long:.0f} s to {short:.0f} s, {times[1]['worker'] / MEGABYTE:,.0f} MB"
    return [
        (f"time a word in a file of {5 * scale:g} MB to one of {1.25 * scale:g} MB", f"{ratio:.2f}", "about 1", figures)
    ]


def try_extremes(folder: Path, model: str | None, scale: float) -> Iterator[tuple[str, ...]]:
    """Inputs that nobody writes: each must end, with a record or an error."""
    word = "parola "
    inputs = {
        "one article of 10 MB": None,
        "1 MB without a sentence end, on one line": word * round(150_000 * scale),
        "10,000 quotation marks": "«Sì», dice Anna Poli. " * round(2_500 * scale)
        + "\n\n"
        + "« “ " * round(2_500 * scale),
        "100,000 opening brackets": "(" * round(100_000 * scale),
    }
    for name, text in inputs.items():
        top = folder / name.replace(" ", "-")
        if text is None:
            write_long(top, round(10 * MEGABYTE * scale))
        else:
            top.mkdir(parents=True)
            (top / "articolo.txt").write_text(text, encoding="utf-8")
        found = run_child(top, 1, model)
        what = "done" if found["failed"] == 0 else "told as an error"
        figures = f"{found['seconds']:.0f} s, {found['worker'] / MEGABYTE:,.0f} MB, {found['claims']:,} claims"
        yield name, what, "ends", figures


MEASURES = {
    "speed": compare_speed,
    "memory": compare_memory,
    "start": compare_start,
    "length": compare_length,
    "extremes": try_extremes,
}


# -- Texts


def write_articles(top: Path, count: int, *, paragraphs: int) -> list[str]:
    """Articles of shuffled paragraphs, a thousand a folder; their texts."""
    source = _paragraphs()
    chance = random.Random(1)
    texts = []
    for number in range(count):
        path = top / f"{number // 1000:03}" / f"articolo-{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        texts.append("\n\n".join(chance.sample(source, paragraphs)) + f"\n\nArticolo numero {number}.\n")
        path.write_text(texts[-1], encoding="utf-8")
    return texts


def write_long(top: Path, size: int) -> None:
    """One article of about `size` bytes."""
    source = _paragraphs()
    chance = random.Random(2)
    top.mkdir(parents=True, exist_ok=True)
    with open(top / "lungo.txt", "w", encoding="utf-8") as stream:
        while stream.tell() < size:
            stream.write(chance.choice(source) + "\n\n")


def _paragraphs() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*.txt"))]
    return [paragraph for text in texts for paragraph in text.split("\n\n") if len(paragraph.split()) > 12]


# -- Runs, each in a process of its own, so that memory is its own


def run_child(top: Path, jobs: int, model: str | None) -> dict[str, float]:
    """A batch of all in `top`, and what it took."""
    with tempfile.TemporaryDirectory(prefix="claimx-bench-out-") as out:
        command = [sys.executable, __file__, "--child", str(top), str(jobs), f"{out}/claims.jsonl"]
        command += ["--model", model] if model else []
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def measure_run(folder: str, jobs: str, out: str, *, model: str | None) -> None:
    """Run and print; seconds and words count from the first article done, so without the loading of the pipeline."""
    from claimx.batch import BatchOptions, run_batch

    watch = Stopwatch()
    summary = run_batch([folder], BatchOptions(out=out, jobs=int(jobs), model=model, timeout=0), watch)
    end = time.perf_counter()
    alone = summary.counts.articles == 1
    seconds = summary.seconds if alone else end - watch.first
    words = summary.words - (0 if alone else watch.words)
    figures = {
        "articles": summary.counts.articles,
        "failed": summary.failed,
        "claims": summary.claims,
        "seconds": seconds,
        "speed": words / max(seconds, 0.001),
        "worker": watch.worker,
        "parent": _peak(os.getpid()),
    }
    print(json.dumps(figures))


class Stopwatch:
    """Notes when the first article was done, and the workers' memory."""

    def __init__(self) -> None:
        self.first = time.perf_counter()
        self.words = 0
        self.worker = 0
        self._moves = 0

    def planned(self, counts: object) -> None:
        """Nothing."""

    def moved(self, counts: object) -> None:
        """An article is done."""
        if not self._moves:
            self.first = time.perf_counter()
            self.words = counts.words  # type: ignore[attr-defined]
        self._moves += 1
        if self._moves % 100 == 1 or counts.seen == counts.articles:  # type: ignore[attr-defined]
            self.worker = max([self.worker, *map(_peak, _descendants(os.getpid()))])

    def failed(self, path: str, kind: str, message: str) -> None:
        """Told by the summary."""
        print(path, kind, message, file=sys.stderr)

    def warned(self, path: str, message: str) -> None:
        """Nothing."""

    def gone(self, path: str) -> None:
        """Nothing."""


def _descendants(parent: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found = [pid for pid, ppid in pairs if ppid == parent]
    for pid in found:
        found.extend(child for child, ppid in pairs if ppid == pid)
    return found


def _peak(pid: int) -> int:
    """The most memory that a process has had, in bytes (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
