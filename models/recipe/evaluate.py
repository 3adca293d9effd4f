#!/usr/bin/env python3
"""Print the score table of a pipeline on files that it never saw.

    python models/recipe/evaluate.py PIPELINE DATA [--json FILE] [--raw] [--no-speed]

As `spacy evaluate` scores: predicted tokens and tags, multiword tokens merged, punctuation left out of LAS and UAS.
Characters are normalised as the engine does; --raw leaves them as they stand in the files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import spacy
from corpora import ATTRS, normalise, read_entities, read_gold
from spacy import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example

TREEBANKS = {"ISDT test": "it_isdt-ud-test", "VIT test": "it_vit-ud-test"}
RELATIONS = ("ccomp", "nsubj", "parataxis", "advcl", "obl")
TAGGING = {"POS": "pos_acc", "morph": "morph_acc", "lemma": "lemma_acc", "sentences": "sents_f"}


def score_treebank(nlp: Language, docs: Iterable[Doc]) -> dict[str, float]:
    """LAS, UAS, tagging, sentences and F1 of the relations that reported speech needs."""
    gold = DocBin(attrs=ATTRS, docs=docs).get_docs(nlp.vocab)
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold])
    table = {"LAS": scores["dep_las"], "UAS": scores["dep_uas"]}
    table |= {name: scores.get(key) or 0.0 for name, key in TAGGING.items()}
    return table | {label: scores["dep_las_per_type"].get(label, {"f": 0.0})["f"] for label in RELATIONS}


def score_entities(nlp: Language, docs: Iterable[Doc]) -> dict[str, float]:
    """Entity F1, all and by type; the words are the file's own."""
    with nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in ("tok2vec", "ner")]):
        scores = nlp.evaluate([Example(Doc(nlp.vocab, words=[t.text for t in doc]), doc) for doc in docs])
    types = {label: value["f"] for label, value in sorted(scores["ents_per_type"].items())}
    return {"entities": scores["ents_f"], **types}


def small_architecture(nlp: Language, docs: Iterable[Doc]) -> Language:
    """A blank pipeline of the layout of spaCy's small one (width 96, depth 4).

    Labels as this one's; edit trees of the trainable lemmatizer from the documents. Its tagger is left out.
    """
    small = spacy.blank("it")
    tok2vec = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 96,
            "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
            "rows": [5000, 1000, 2500, 2500],
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 96,
            "depth": 4,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }
    shared = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": shared}
    transitions = {"@architectures": "spacy.TransitionBasedParser.v2", "extra_state_tokens": False}
    transitions |= {"hidden_width": 64, "maxout_pieces": 2, "use_upper": True}
    models = {
        "tok2vec": tok2vec,
        "morphologizer": tagger,
        "parser": {**transitions, "state_type": "parser", "tok2vec": shared},
        "trainable_lemmatizer": tagger,
        "ner": {**transitions, "state_type": "ner", "tok2vec": tok2vec},
    }
    for name, model in models.items():
        small.add_pipe(name, config={"model": model})
    examples = [Example(small.make_doc(doc.text), doc) for doc in DocBin(attrs=ATTRS, docs=docs).get_docs(small.vocab)]
    for name in models:
        labels = getattr(nlp.get_pipe(name), "label_data", None) if name in nlp.pipe_names else None
        small.get_pipe(name).initialize(lambda: examples, nlp=small, **({"labels": labels} if labels else {}))
    return small


def words_a_second(nlp: Language, texts: list[str]) -> float:
    """Best of three readings of the texts, by the time of the processor: one core, whatever else the machine does."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        words = sum(len(doc) for doc in nlp.pipe(texts))
        best = max(best, words / (time.process_time() - start))
    return best


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def evaluate(nlp: Language, data: Path, *, normal: bool = True, speed: bool = True) -> dict[str, dict[str, float]]:
    table = {}
    for name, file in TREEBANKS.items():
        table[name] = score_treebank(nlp, read_gold(data / f"ud/{file}.conllu", normal=normal))
    path = data / "ner/kind-wn-test.tsv"
    table["KIND Wikinews test"] = score_entities(nlp, read_entities(path, nlp.vocab, normal=normal))
    if speed:
        with gzip.open(data / "raw/modern.txt.gz", "rt", encoding="utf8") as lines:
            texts = [normalise(line.strip()) for line, _ in zip(lines, range(1500), strict=False)]
        small = small_architecture(nlp, read_gold(data / "ud/it_isdt-ud-test.conllu"))
        own, base = words_a_second(nlp, texts), words_a_second(small, texts)
        table["speed"] = {"words a second": own, "small architecture": base, "ratio": own / base}
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pipeline", help="folder or package name")
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path, help="write the scores there too")
    parser.add_argument("--raw", action="store_true", help="characters as in the files")
    parser.add_argument("--no-speed", dest="speed", action="store_false")
    args = parser.parse_args()
    nlp = spacy.load(args.pipeline)
    table = evaluate(nlp, args.data, normal=not args.raw, speed=args.speed)
    if Path(args.pipeline).is_dir():
        table["size"] = {"MB": size_mb(Path(args.pipeline))}
    for name, scores in table.items():
        print(f"{name}: " + ", ".join(f"{key} {value:.{3 if value < 2 else 0}f}" for key, value in scores.items()))
    if args.json:
        args.json.write_text(json.dumps(table, indent=1), encoding="utf8")


if __name__ == "__main__":
    main()
