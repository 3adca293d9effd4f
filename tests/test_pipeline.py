"""The shipped Italian pipeline: loads, reads a plain sentence rightly, says whose it is, stays small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

spacy = pytest.importorskip("spacy")

FOLDER = Path(__file__).parent.parent / "models" / "it_claimx_news"
SENTENCE = "Il ministro Carla Bruschi ha detto che la fabbrica di Terni riaprirà a maggio."


@pytest.fixture(scope="module")
def doc():
    return spacy.load(FOLDER)(SENTENCE)


def test_reads_reported_speech(doc):
    verb, clause = (next(token for token in doc if token.text == word) for word in ("detto", "riaprirà"))
    assert (verb.dep_, verb.lemma_, verb.pos_) == ("ROOT", "dire", "VERB")
    assert (clause.dep_, clause.head) == ("ccomp", verb)
    assert [token.text for token in verb.children if token.dep_ == "nsubj"] == ["ministro"]
    assert "Tense=Fut" in str(clause.morph)
    assert len(list(doc.sents)) == 1


def test_finds_entities(doc):
    found = {(SENTENCE[ent.start_char : ent.end_char], ent.label_) for ent in doc.ents}
    assert {("Carla Bruschi", "PER"), ("Terni", "LOC")} <= found


def test_same_alone_and_in_a_batch():
    nlp = spacy.load(FOLDER)
    texts = [SENTENCE, "Secondo il sindaco, la strada resterà chiusa.", "Nuova protesta dei tassisti a Roma"]
    for alone, batch in zip([nlp(text) for text in texts], nlp.pipe(texts), strict=True):
        assert [(t.dep_, t.head.i, t.lemma_) for t in alone] == [(t.dep_, t.head.i, t.lemma_) for t in batch]
        assert [str(ent) for ent in alone.ents] == [str(ent) for ent in batch.ents]


def test_claimx_loads_it_with_numpys_products_and_reads_the_same():
    from thinc.api import NumpyOps, get_current_ops

    from claimx.nlp import load_pipeline

    before = get_current_ops()
    fast = load_pipeline(FOLDER)
    assert get_current_ops() is before
    ops = fast.get_pipe("parser").model.ops
    assert type(ops) is not NumpyOps or not ops.use_blis
    columns = ["HEAD", "DEP", "MORPH", "LEMMA", "ENT_TYPE"]
    assert (fast(SENTENCE).to_array(columns) == spacy.load(FOLDER)(SENTENCE).to_array(columns)).all()


def test_says_its_licence_and_scores():
    meta = json.loads((FOLDER / "meta.json").read_text(encoding="utf8"))
    assert (meta["lang"], meta["name"]) == ("it", "claimx_news")
    assert "CC BY-NC-SA" in meta["license"]
    assert meta["performance"]["dep_las"] >= 0.84
    assert meta["performance"]["ents_f"] >= 0.74


def test_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 40e6
