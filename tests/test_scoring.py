"""The measures, on articles small enough to be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claimx.errors import FormatError
from claimx.scoring import GoldArticle, Ratio, calibration_error, cue_kind, load_gold, score

TEXT = "Secondo Anna Rossi, il piano è pronto. «Partiamo lunedì», ha detto il sindaco. Il sindaco ha detto di no."

CLAIMS: list[dict[str, Any]] = [
    {"claim": ["il piano è pronto"], "source": "Anna Rossi", "cue": "Secondo", "who": "Anna Rossi", "level": "named-person",
     "mode": "indirect", "certainty": "asserted", "via": [], "to": None, "within": None},
    {"claim": ["Partiamo lunedì"], "source": "il sindaco", "cue": "ha detto", "who": "il sindaco", "level": "unnamed-person",
     "mode": "direct", "certainty": "asserted", "via": [], "to": None, "within": None},
]  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> GoldArticle:
    return read_gold(tmp_path, CLAIMS)


def read_gold(folder: Path, claims: list[dict[str, Any]], text: str = TEXT) -> GoldArticle:
    (folder / "one.txt").write_text(text, encoding="utf8")
    (folder / "one.json").write_text(json.dumps({"id": "one", "claims": claims}), encoding="utf8")
    return load_gold(folder)[0]


def changed(claim: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of the claim; `content`, `source` and the like as text are looked up."""
    spans = dict(claim["spans"])
    content = changes.pop("content", None)
    if content:
        spans["claim"] = [[TEXT.index(content), TEXT.index(content) + len(content)]]
    if "mention" in changes:
        mention = changes.pop("mention")
        spans["source"] = mention and [TEXT.index(mention), TEXT.index(mention) + len(mention)]
    return {**claim, "spans": spans, **changes}


def test_each_string_is_placed_where_it_stands(gold: GoldArticle) -> None:
    for claim in gold.claims:
        assert [TEXT[start:end] for start, end in claim["spans"]["claim"]] == claim["claim"]
        for key in ("source", "cue"):
            start, end = claim["spans"][key]
            assert TEXT[start:end] == claim[key]


def test_a_cue_that_stands_twice_is_the_one_beside_the_content(gold: GoldArticle) -> None:
    assert gold.claims[1]["spans"]["cue"][0] == TEXT.index("ha detto")


def test_the_content_that_stands_twice_is_the_one_beside_its_cue(tmp_path: Path) -> None:
    text = "È vero. Così va la vita. Lo ripete da sempre Bruno: è un guaio, è un guaio vero. Lo nega Carla: è un guaio."
    claim = {**CLAIMS[0], "claim": ["è un guaio"], "source": "Carla", "cue": "Lo nega"}
    (start, _), = read_gold(tmp_path, [claim], text).claims[0]["spans"]["claim"]  # fmt: skip
    assert start == text.rindex("è un guaio")


def test_later_stretches_follow_the_first(tmp_path: Path) -> None:
    text = "«Noi no», dice Eva. «Noi – ha detto Lia – no», e non «no e no»."
    claim = {**CLAIMS[1], "claim": ["Noi", "no"], "source": "Lia", "cue": "ha detto"}
    spans = read_gold(tmp_path, [claim], text).claims[0]["spans"]["claim"]
    assert spans[1][0] == text.index("no", text.index("Lia"))


def test_a_string_that_is_not_in_the_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not in the text: 'Secondo'"):
        read_gold(tmp_path, [{**CLAIMS[0], "claim": ["il piano"]}], "Nessuno parla.")


def test_a_file_without_its_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"id": "one", "claims": []}', encoding="utf8")
    with pytest.raises(FormatError, match="one.json"):
        load_gold(tmp_path)
    assert load_gold(tmp_path, texts={"one": "Testo."})[0].text == "Testo."


def test_a_perfect_prediction_scores_one(gold: GoldArticle) -> None:
    figures = score([gold], {"one": gold.claims})
    for ratio in (figures.claim, figures.source, figures.joint, figures.exact, figures.tokens):
        assert (ratio.precision, ratio.recall, ratio.f1) == (1, 1, 1)
    assert set(figures.accuracy.values()) == {1.0}
    assert figures.calibration_error is None


def test_no_prediction_scores_nothing(gold: GoldArticle) -> None:
    figures = score([gold], {})
    assert figures.joint == Ratio(0, 2, 0, 0)
    assert figures.joint.f1 == 0 and figures.accuracy["level"] == 0


def test_half_the_words_are_enough_and_less_are_not(gold: GoldArticle) -> None:
    half = changed(gold.claims[0], content="è pronto")  # 2 words of 4
    less = changed(gold.claims[0], content="pronto")
    assert score([gold], {"one": [half]}).claim == Ratio(1, 2, 1, 1)
    assert score([gold], {"one": [half]}).exact == Ratio(0, 2, 0, 1)
    assert score([gold], {"one": [less]}).claim == Ratio(0, 2, 0, 1)


def test_marks_at_the_ends_do_not_count(gold: GoldArticle) -> None:
    quoted = changed(gold.claims[1], content="«Partiamo lunedì», ")
    assert score([gold], {"one": [quoted]}).exact.found == 1


def test_a_gold_claim_is_found_only_once(gold: GoldArticle) -> None:
    assert score([gold], {"one": [gold.claims[0], gold.claims[0]]}).claim == Ratio(1, 2, 1, 2)


def test_the_better_overlap_wins(gold: GoldArticle) -> None:
    wrong = changed(gold.claims[0], content="il piano è", level="media")
    assert score([gold], {"one": [wrong, gold.claims[0]]}).joint == Ratio(1, 2, 1, 2)


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"mention": None, "who": "la signora Rossi"}, True),  # half of the shorter name's words
        ({"mention": None, "who": "Bruno Neri"}, False),
        ({"mention": None, "who": None}, False),
        ({"mention": "Anna", "who": None}, True),  # one word of two
        ({"mention": "il sindaco", "who": "Rossi"}, True),  # the name alone is enough
        ({"level": "unspecified", "who": None}, False),
    ],
)
def test_a_source_is_right_by_mention_or_by_name(gold: GoldArticle, changes: dict[str, Any], right: bool) -> None:
    figures = score([gold], {"one": [changed(gold.claims[0], **changes)]})
    assert figures.claim.found == 1
    assert figures.source.found == right


def test_nobody_is_right_where_nobody_is_named(tmp_path: Path) -> None:
    hearsay = {**CLAIMS[0], "source": None, "cue": None, "who": None, "level": "unspecified"}
    gold = read_gold(tmp_path, [hearsay])
    assert score([gold], {"one": gold.claims}).joint.f1 == 1
    assert score([gold], {"one": [changed(gold.claims[0], level="media", who="ANSA")]}).source.found == 0


def test_little_words_make_no_name(gold: GoldArticle) -> None:
    other = changed(gold.claims[1], mention=None, who="il prefetto")  # shares only the article
    assert score([gold], {"one": [other]}).source.found == 0


def test_the_level_counts_in_the_joint_figure_alone(gold: GoldArticle) -> None:
    figures = score([gold], {"one": [changed(gold.claims[0], level="institution"), gold.claims[1]]})
    assert figures.source == Ratio(2, 2, 2, 2)
    assert figures.joint == Ratio(1, 2, 1, 2)
    assert figures.accuracy["level"] == 0.5
    assert figures.accuracy["mode"] == 1


def test_what_the_author_says_is_left_out(gold: GoldArticle) -> None:
    author = changed(gold.claims[0], level="author", content="Il sindaco")
    assert score([gold], {"one": [*gold.claims, author]}).claim == Ratio(2, 2, 2, 2)


def test_words_belong_to_the_innermost_claim(tmp_path: Path) -> None:
    inner = {
        **CLAIMS[1],
        "claim": ["piano è pronto"],
        "source": "Anna Rossi",
        "who": "Anna Rossi",
        "cue": None,
        "within": 0,
    }
    gold = read_gold(tmp_path, [{**CLAIMS[0], "who": "Bruno Neri", "source": None, "cue": None}, inner])
    figures = score([gold], {"one": [gold.claims[0]]})  # only *il* is Bruno's own
    assert (figures.tokens.found, figures.tokens.gold, figures.tokens.predicted) == (1, 4, 4)


def test_figures_are_broken_down_by_mode_level_and_cue(gold: GoldArticle) -> None:
    figures = score([gold], {"one": [changed(gold.claims[0], mode="mixed"), changed(gold.claims[1], level="media")]})
    assert figures.by_mode == {"direct": Ratio(0, 1, 0, 1), "indirect": Ratio(1, 1, 0, 0), "mixed": Ratio(0, 0, 1, 1)}
    assert figures.by_level["unnamed-person"] == Ratio(0, 1, 0, 0)
    assert figures.by_level["media"] == Ratio(0, 0, 0, 1)
    assert figures.by_cue == {"frame": Ratio(1, 1, 1, 1), "verb": Ratio(0, 1, 0, 1)}


@pytest.mark.parametrize(
    ("cue", "kind"),
    [
        (None, "layout"),
        ("Secondo", "frame"),
        ("a detta dei", "frame"),
        ("Così", "frame"),
        ("come riferisce", "frame"),
        ("L’accusa è di", "noun"),
        ("le parole di", "noun"),
        ("ha detto", "verb"),
        ("Ha poi aggiunto", "verb"),
        ("si è detto", "verb"),
    ],
)
def test_cues_fall_in_four_kinds(cue: str | None, kind: str) -> None:
    assert cue_kind(cue) == kind


def test_calibration_error_is_the_weighted_distance_in_each_bin() -> None:
    # 0.9 and 0.94, one of two right: |1.84 - 1| = 0.84; 0.15, wrong: 0.15; 1.0, right: 0
    assert calibration_error([(0.9, True), (0.94, False), (0.15, False)]) == pytest.approx((0.84 + 0.15) / 3)
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([]) is None


def test_confidence_is_judged_on_claim_source_and_level(gold: GoldArticle) -> None:
    right = changed(gold.claims[0], confidence=0.75)
    wrong = changed(gold.claims[1], confidence=0.25, level="media")
    assert score([gold], {"one": [right, wrong]}).calibration_error == pytest.approx(0.25)


def test_articles_are_added_up(gold: GoldArticle) -> None:
    other = GoldArticle("two", gold.text, gold.claims)
    figures = score([gold, other], {"one": gold.claims})
    assert figures.joint == Ratio(2, 4, 2, 2)
    assert figures.joint.f1 == pytest.approx(2 / 3)


def test_one_article_in_four_by_number_is_held_out() -> None:
    names = [f"art{number:03}" for number in range(8)]
    assert [name for name in names if GoldArticle(name, "", ()).held_out] == ["art002", "art006"]
