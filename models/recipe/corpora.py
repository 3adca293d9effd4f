"""Readers of the data folder: gold treebanks, silver parses and KIND's entities as spaCy documents.

Every form is normalised as the engine normalises its text, one character for one (see `normalise`).
Missing annotation is left missing, which spaCy's trainers skip.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.training.converters import conllu_to_docs
from spacy.vocab import Vocab

NORMAL = str.maketrans({**dict.fromkeys("’‘ʼ`´‹›", "'"), **dict.fromkeys("“”„«»", '"'), "\u00a0": " "})
ATTRS = ["ORTH", "SPACY", "TAG", "POS", "MORPH", "LEMMA", "HEAD", "DEP", "ENT_IOB", "ENT_TYPE", "SENT_START"]


def normalise(text: str) -> str:
    """Typographic apostrophes and quotation marks made straight."""
    return text.translate(NORMAL)


def read_gold(path: Path, *, sentences: int = 10, normal: bool = True) -> Iterator[Doc]:
    """Documents of a treebank, as `spacy convert -n SENTENCES --merge-subtokens` makes them."""
    text = path.read_text(encoding="utf8")
    text = "\n\n".join(
        "\n".join(line for line in block.split("\n") if not line.startswith("#"))
        for block in text.strip().split("\n\n")
    )
    for doc in conllu_to_docs(text, n_sents=sentences, merge_subtokens=True, no_print=True):
        yield _normalised(doc) if normal else doc


def _normalised(doc: Doc) -> Doc:
    return Doc(
        doc.vocab,
        words=[normalise(token.text) for token in doc],
        spaces=[bool(token.whitespace_) for token in doc],
        tags=[token.tag_ for token in doc],
        pos=[token.pos_ for token in doc],
        morphs=[str(token.morph) for token in doc],
        lemmas=[normalise(token.lemma_) for token in doc],
        heads=[token.head.i for token in doc],
        deps=[token.dep_ for token in doc],
    )


def read_entities(path: Path, vocab: Vocab, *, sentences: int = 1, normal: bool = True) -> Iterator[Doc]:
    """Documents of a KIND file: words and IOB tags; an I- with no B- before it is read as B-."""
    group: list[Doc] = []
    for rows in _blocks(path.open(encoding="utf8")):
        words, tags = [], []
        for row in rows:
            words.append(normalise(row[0]) if normal else row[0])
            tag = row[-1]
            if tag.startswith("I-") and (not tags or tags[-1][2:] != tag[2:]):
                tag = "B" + tag[1:]
            tags.append(tag)
        group.append(Doc(vocab, words=words, ents=tags, sent_starts=[i == 0 for i in range(len(words))]))
        if len(group) == sentences:
            yield _joined(group)
            group = []
    if group:
        yield _joined(group)


def _joined(group: list[Doc]) -> Doc:
    doc = Doc.from_docs(group) if len(group) > 1 else group[0]
    doc.has_unknown_spaces = True  # the trainer then takes the words as they are
    return doc


def read_silver(path: Path) -> Iterator[list[tuple]]:
    """Sentences of a silver file as rows (word, space after, POS, head index, label, entity tag)."""
    with gzip.open(path, "rt", encoding="utf8") as lines:
        for rows in _blocks(lines):
            yield list(_merged(rows))


def _blocks(lines: Iterable[str]) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for line in lines:
        line = line.rstrip("\n")
        if line.startswith("# "):
            continue
        if line.strip():
            rows.append(line.split("\t"))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _merged(rows: list[list[str]]) -> Iterator[tuple]:
    """Multiword tokens as one: head and label of the part nearest to the root, so that no cycle can arise."""
    surface: list[tuple[list[str], list[list[str]]]] = []
    of, parts = {0: -1}, 0
    for row in rows:
        if "-" in row[0]:
            first, last = map(int, row[0].split("-"))
            parts = last - first + 1
            surface.append((row, []))
            continue
        if parts:
            parts -= 1
        else:
            surface.append((row, []))
        of[int(row[0])] = len(surface) - 1
        surface[-1][1].append(row)
    up = {int(part[0]): int(part[6]) for _, inner in surface for part in inner}
    depth = {0: 0}
    for node in list(up):
        path = []
        while node not in depth:
            path.append(node)
            node = up[node]
        for node in reversed(path):
            depth[node] = depth[up[node]] + 1
    for i, (row, inner) in enumerate(surface):
        head = min(inner, key=lambda part: depth[int(part[0])])
        misc = row[9].split("|")
        tag = next((m[3:] for m in misc if m.startswith("NE=")), "O")
        to = of[int(head[6])]
        label = "ROOT" if to < 0 else head[7]
        yield normalise(row[1]), "SpaceAfter=No" not in misc, head[3], i if to < 0 else to, label, tag


def silver_doc(vocab: Vocab, rows: list[tuple]) -> Doc:
    """One silver sentence: heads, labels, entities; no tags, morphology or lemmas."""
    words, spaces, _, heads, deps, ents = map(list, zip(*rows, strict=True))
    return Doc(vocab, words=words, spaces=spaces, heads=heads, deps=deps, ents=ents)


def write(docs: Iterable[Doc], path: Path) -> int:
    """Write the documents in their order; gives their number."""
    store = DocBin(attrs=ATTRS)
    for doc in docs:
        store.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    store.to_disk(path)
    return len(store)
