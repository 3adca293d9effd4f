#!/usr/bin/env python3
"""A short last phase on news and gold, from the end of the long run; then the mean of the weights of both.

    python finish.py OUT

Reads OUT/parse/model/model-last and OUT/finish/train.spacy, writes OUT/finish/model. One starts from the other, so that
their mean is a pipeline too, and reads a little better than each of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import spacy
from spacy import Language
from spacy.training import Corpus
from spacy.training.batchers import minibatch_by_words
from thinc.api import Adam
from train import count_steps, filled

RATE = 0.0004  # the highest learning rate; it rises over 50 steps and falls to nothing
WEIGHTS = (0.4, 0.6)  # of the long run, of the last phase


def finish(start: Path, documents: Path) -> Language:
    """The pipeline trained further on the documents, read once; its weights are the averages that Adam keeps."""
    spacy.util.fix_random_seed(0)
    nlp = spacy.load(start)
    training = filled("parse", {})["training"]
    batcher, steps = training["batcher"], count_steps("parse", documents)
    optimizer = Adam(L2=0.01, use_averages=True)
    examples = Corpus(documents)(nlp)
    batches = minibatch_by_words(examples, size=batcher["size"], tolerance=batcher["tolerance"])
    losses: dict[str, float] = {}
    for step, batch in enumerate(batches):
        optimizer.learn_rate = max(0.0, RATE * min(1.0, step / 50) * (1 - step / steps))
        nlp.update(batch, sgd=optimizer, drop=training["dropout"], losses=losses)
        if step % 200 == 0:
            print(f"{documents.name}: {step} of {steps}, {losses}", flush=True)
            losses = {}
    with nlp.use_params(optimizer.averages):
        nlp.to_disk(documents.with_suffix(""))
    return spacy.load(documents.with_suffix(""))


def mean(pipelines: Sequence[Language], weights: Sequence[float]) -> Language:
    """The first pipeline with the weighted mean of all their weights."""
    for name in pipelines[0].pipe_names:
        nodes = [nlp.get_pipe(name).model.walk() for nlp in pipelines]
        for node, *others in zip(*nodes, strict=True):
            for param in node.param_names:
                if node.has_param(param):
                    values = [each.get_param(param) for each in (node, *others)]
                    node.set_param(param, sum(w * v for w, v in zip(weights, values, strict=True)))
    return pipelines[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    start = out / "parse/model/model-last"
    finished = finish(start, out / "finish/train.spacy")
    mean([spacy.load(start), finished], WEIGHTS).to_disk(out / "finish/model")


if __name__ == "__main__":
    main()
