#!/usr/bin/env python3
"""Make the training documents from the data folder, in the order in which they are learnt.

    python prepare.py DATA OUT --silver [--jobs 2]
    python prepare.py DATA OUT [--words 13000000] [--entity-words 6000000]

The first writes OUT/silver, which `teachers.py` corrects (OUT/taught); the second makes the rest of that:

OUT/silver      silver sentences, with the silver parser's POS and the trial pipeline's morphology
OUT/parse       train.spacy (streamed: first the broad mix, last the news and the gold), labels.spacy, dev.spacy
OUT/finish      train.spacy for a last phase on news and gold
OUT/ner         train.spacy, labels.spacy, dev.spacy for the entity recogniser
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Container, Iterator, Sequence
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import spacy
from corpora import ATTRS, read_entities, read_gold, read_silver, silver_doc, write
from habits import Habits, Infinitives, Inflection
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

# ISDT's and VIT's test files are held out; of ISDT's dev file every sixth document (ten sentences) watches the training.
GOLD = [
    "it_isdt-ud-dev",
    "it_vit-ud-dev",
    "it_partut-ud-train",
    "it_partut-ud-dev",
    "it_parlamint-ud-train",
    "it_markit-ud-train",
    "it_markit-ud-dev",
    "it_postwita-ud-dev",
    "it_pud-ud-test",
    "it_partut-ud-test",
    "it_parlamint-ud-test",
    "it_markit-ud-test",
    "it_postwita-ud-test",
]
NEWSLIKE = {
    "it_isdt-ud-dev": 3, "it_vit-ud-dev": 2, "it_partut-ud-train": 2, "it_partut-ud-test": 2, "it_pud-ud-test": 2.5,
    "it_parlamint-ud-train": 1, "it_parlamint-ud-test": 1,
}  # fmt: skip
OF_ITS_MAKE = ("isdt", "vit", "partut", "parlamint")  # the treebanks with ISDT's set of features
LIKE_ISDT = ["it_isdt-ud-dev", "it_partut-ud-train", "it_partut-ud-dev"]
HELD_OUT = ["it_isdt-ud-test", "it_vit-ud-test"]
SILVER = {"wikinews": 1.0, "modern": 1.0, "wikipedia": 1.0, "degasperi": 1.0, "crime": 0.45}  # share taken
BROAD = {"wikinews": 1.5, "modern": 1.5, "wikipedia": 1.0, "degasperi": 0.7, "crime": 1.0}  # copies, broad phase
LATE = {"wikinews": 1.0, "modern": 1.0, "wikipedia": 0.1}  # copies, last phase


# --- silver, tagged -------------------------------------------------------------------------------------------------


class Morphology:
    """Features for tokens whose POS is known: of the trial pipeline's labels the likeliest that has this POS."""

    def __init__(self, data: Path, known: Container[tuple[str, str]] | None = None) -> None:
        """Only pairs of POS and features in `known` are given, where there is such a list."""
        self.nlp = spacy.load(data / "trial/it_trial", exclude=["parser", "trainable_lemmatizer", "ner"])
        self.tagger = self.nlp.get_pipe("morphologizer")
        poses, features = self.tagger.cfg["labels_pos"], self.tagger.cfg["labels_morph"]
        self.with_pos: dict[str, dict[int, str]] = {}  # features by label, by POS
        for i, label in enumerate(self.tagger.labels):
            pair = self.nlp.vocab.strings[poses.get(label, 0)], features.get(label, "") or ""
            if known is None or pair in known:
                self.with_pos.setdefault(pair[0], {})[i] = pair[1]

    def give(self, docs: Sequence[Doc]) -> None:
        """Put the features on the tokens of the documents, by their words and their POS."""
        vocab = self.nlp.vocab
        bare = [Doc(vocab, words=[t.text for t in d], spaces=[bool(t.whitespace_) for t in d]) for d in docs]
        scores = self.tagger.model.predict(list(self.nlp.get_pipe("tok2vec").pipe(bare, batch_size=200)))
        for doc, table in zip(docs, scores, strict=True):
            for token, values in zip(doc, table, strict=True):
                choice = self.with_pos.get(token.pos_)
                token.set_morph(choice[max(choice, key=values.__getitem__)] if choice else "")


def tag_silver(name: str, *, data: Path, out: Path, share: float) -> str:
    """Write the part's sentences with the teacher's POS, and morphology to fit."""
    rng = random.Random(name)
    morphology = Morphology(data)
    blocks: list[list[list[tuple]]] = []
    for i, rows in enumerate(read_silver(data / f"silver/{name}.conllu.gz")):
        if i % 20 == 0:
            blocks.append([])
        if len(rows) <= 100:
            blocks[-1].append(rows)
    sentences = [rows for block in blocks if rng.random() < share for rows in block]

    def finished() -> Iterator[Doc]:
        for start in range(0, len(sentences), 200):
            batch = sentences[start : start + 200]
            docs = [silver_doc(morphology.nlp.vocab, rows) for rows in batch]
            for rows, doc in zip(batch, docs, strict=True):
                for row, token in zip(rows, doc, strict=True):
                    token.pos_ = row[2]
            morphology.give(docs)
            yield from docs

    count = write(finished(), out / f"silver/{name}.spacy")
    return f"{name}: {count} sentences"


def load_sentences(path: Path, vocab: Vocab) -> list[Doc]:
    return list(DocBin().from_disk(path).get_docs(vocab))


# --- building documents ----------------------------------------------------------------------------------------------


def groups(sentences: list[Doc], rng: random.Random) -> Iterator[Doc]:
    """Documents of one to nine neighbouring sentences."""
    at = 0
    while at < len(sentences):
        size = rng.choice((1, 1, 2, 3, 4, 5, 6, 7, 9))
        part = sentences[at : at + size]
        doc = Doc.from_docs(part) if len(part) > 1 else part[0]
        doc.has_unknown_spaces = part[0].has_unknown_spaces
        yield doc
        at += size


def changed(doc: Doc, words: list[str], *, last: int | None = None) -> Doc:
    """The document with other words of the same number, or without what follows token `last`.

    A word in other letters loses its lemma: the lemmatizer's edit trees copy letters as they are.
    """
    new = Doc(doc.vocab, words=words, spaces=[bool(t.whitespace_) for t in doc])
    values = doc.to_array(ARRAY)
    for i, token in enumerate(doc):
        if token.text != words[i] and token.text.isalpha():
            values[i, ARRAY.index("LEMMA")] = 0
    new.from_array(ARRAY, values)
    new = new[: last + 1].as_doc() if last is not None else new
    new.has_unknown_spaces = doc.has_unknown_spaces
    return new


ARRAY = [attr for attr in ATTRS if attr not in ("ORTH", "SPACY")]


def augmented(doc: Doc, rng: random.Random) -> Doc:
    """Now and then a change that news brings and the treebanks lack: titles, capitals, dashes, no final stop."""
    chance, words = rng.random(), [token.text for token in doc]
    end = doc[-1]
    if chance < 0.08 and len(doc) > 3 and end.text in (".", ";", "!") and not list(end.children):
        return changed(doc, words, last=len(doc) - 2)
    if chance < 0.10:
        return changed(doc, [word.upper() for word in words])
    if chance < 0.12:
        return changed(doc, [word.lower() for word in words])
    if chance < 0.13:
        return changed(doc, [word[:1].upper() + word[1:] if len(word) > 3 else word for word in words])
    if chance < 0.25 and "-" in words:
        return changed(doc, ["–" if word == "-" else word for word in words])
    return doc


# --- the two corpora -------------------------------------------------------------------------------------------------


def gold_docs(data: Path, vocab: Vocab) -> tuple[dict[str, list[Doc]], list[Doc]]:
    """Training treebanks by name, and the documents held out of ISDT's dev file."""
    barred = {_key(sent) for name in HELD_OUT for doc in read_gold(data / f"ud/{name}.conllu") for sent in doc.sents}
    gold, dev = {}, []
    for name in GOLD:
        docs = list(read_gold(data / f"ud/{name}.conllu"))
        if name == "it_isdt-ud-dev":
            dev = docs[::6]
            docs = [doc for i, doc in enumerate(docs) if i % 6]
            barred |= {_key(sent) for doc in dev for sent in doc.sents}
        kept = [sent.as_doc() for doc in docs for sent in doc.sents if _key(sent) not in barred]
        print(f"{name}: {len(kept)} sentences of {sum(len(list(doc.sents)) for doc in docs)}")
        gold[name] = list(DocBin(docs=kept, attrs=ATTRS).get_docs(vocab))
    return gold, dev


def _key(sent) -> str:
    return "".join(token.text.lower() for token in sent if token.text.isalpha())


def parse_corpus(data: Path, out: Path, words: int, vocab: Vocab, rng: random.Random) -> None:
    gold, dev = gold_docs(data, vocab)
    silver = {name: load_sentences(out / f"taught/{name}.spacy", vocab) for name in SILVER}
    impose_make(gold, data)
    like_isdt = [doc for name in LIKE_ISDT for doc in gold[name]]
    habits, inflection = Habits(like_isdt), Inflection(like_isdt, (doc for sents in silver.values() for doc in sents))
    for name, sents in [*gold.items(), *silver.items()]:
        for doc in sents if name not in LIKE_ISDT else ():
            habits.impose(doc)
            inflection.impose(doc)
    size = {name: sum(map(len, sents)) for name, sents in silver.items()}
    gold_size = {name: sum(map(len, sents)) for name, sents in gold.items()}
    early_gold = sum(2 * n for n in gold_size.values())
    late_gold = sum(3 * NEWSLIKE.get(name, 0.7) * n for name, n in gold_size.items())
    early = sum(size[name] * times for name, times in BROAD.items())
    late = sum(size[name] * times for name, times in LATE.items())
    print(f"words: gold {gold_size}, silver {size}")
    print(f"one round: broad {early + early_gold:.0f}, last {late + late_gold:.0f}")
    first, second = words * 0.68 / (early + early_gold), words * 0.32 / (late + late_gold)
    print(f"rounds: {first:.2f} broad, {second:.2f} last")

    def phase(silver_times: dict[str, float], gold_times: dict[str, float], rounds: float) -> list[Doc]:
        docs = []
        for name, times in silver_times.items():
            docs += _rounds(silver[name], times * rounds, rng)
        for name, times in gold_times.items():
            docs += _rounds(gold[name], times * rounds, rng)
        rng.shuffle(docs)
        return docs

    late_times = {name: 3 * NEWSLIKE.get(name, 0.7) for name in gold}
    docs = phase(BROAD, dict.fromkeys(gold, 2.0), first) + phase(LATE, late_times, second)
    for name, part in (("parse", docs), ("finish", phase(LATE, late_times, 1.15))):
        count = write((augmented(doc, rng) for doc in part), out / name / "train.spacy")
        print(f"{name}: {count} documents, {sum(map(len, part))} words")
    labels = [doc for sents in gold.values() for doc in sents] + rng.sample(silver["modern"], 16000)
    write(labels, out / "parse/labels.spacy")
    write(dev, out / "parse/dev.spacy")


def impose_make(gold: dict[str, list[Doc]], data: Path) -> None:
    """PUD, MarkIT and PoSTWITA have another set of features (PUD's names have gender, its verbs no form): they get ISDT's.

    VIT's infinitives get the labels that the others give them.
    """
    own = [name for name in gold if any(maker in name for maker in OF_ITS_MAKE)]
    known = {(token.pos_, str(token.morph)) for name in own for doc in gold[name] for token in doc}
    morphology = Morphology(data, known)
    for name in gold.keys() - set(own):
        morphology.give(gold[name])
    infinitives = Infinitives(doc for name in gold if "vit" not in name for doc in gold[name])
    for doc in gold["it_vit-ud-dev"]:
        infinitives.impose(doc)


def _rounds(sentences: list[Doc], times: float, rng: random.Random) -> list[Doc]:
    """The sentences grouped anew for each round."""
    docs = []
    for _ in range(int(times)):
        docs += groups(sentences, rng)
    docs += [doc for doc in groups(sentences, rng) if rng.random() < times % 1]
    return docs


def ner_corpus(data: Path, out: Path, words: int, vocab: Vocab, rng: random.Random) -> None:
    """Entities: KIND's Wikinews most of all, its other parts, the silver less its Wikinews (which is KIND's text)."""
    kind = {p: list(read_entities(data / f"ner/kind-{p}.tsv", vocab)) for p in ("wn-train", "fic-train", "adg-train")}
    silver = {n: load_sentences(out / f"taught/{n}.spacy", vocab) for n in ("modern", "wikipedia", "crime")}
    parts = {**kind, **silver}
    size = {name: sum(map(len, docs)) for name, docs in parts.items()}
    early = {"wn-train": 2, "fic-train": 1, "adg-train": 1, "modern": 1.5, "wikipedia": 0.7, "crime": 0.5}
    late = {"wn-train": 4, "fic-train": 0.3, "adg-train": 0.5, "modern": 1}
    print(f"words: {size}")
    first = words * 0.65 / sum(size[n] * t for n, t in early.items())
    second = words * 0.35 / sum(size[n] * t for n, t in late.items())
    print(f"rounds: {first:.2f} broad, {second:.2f} last")
    docs = []
    for times, rounds in ((early, first), (late, second)):
        part = [doc for name, n in times.items() for doc in _rounds(parts[name], n * rounds, rng)]
        rng.shuffle(part)
        docs += part
    count = write((augmented(doc, rng) for doc in docs), out / "ner/train.spacy")
    print(f"ner: {count} documents, {sum(map(len, docs))} words")
    write(kind["wn-train"], out / "ner/labels.spacy")
    write(read_entities(data / "ner/kind-wn-dev.tsv", vocab), out / "ner/dev.spacy")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--words", type=int, default=13_000_000, help="words that the parser's run reads")
    parser.add_argument("--entity-words", type=int, default=6_000_000, help="words that the entity run reads")
    parser.add_argument("--silver", action="store_true", help="only tag the silver")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if args.silver:
        with Pool(args.jobs) as pool:
            jobs = [
                pool.apply_async(partial(tag_silver, name, data=args.data, out=args.out, share=SILVER[name]))
                for name in reversed(SILVER)
            ]
            for job in jobs:
                print(job.get())
        return
    vocab = spacy.blank("it").vocab
    ner_corpus(args.data, args.out, args.entity_words, vocab, random.Random(1))
    parse_corpus(args.data, args.out, args.words, vocab, random.Random(0))


if __name__ == "__main__":
    main()
