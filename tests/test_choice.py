"""The choice among contents: what excludes what, and what a second look is told of a content's neighbours."""

from __future__ import annotations

from claimx.draft import Candidate, Cue
from claimx.rules.choice import LOOKED_AT, NEIGHBOUR_NAMES, Scored, choose, describe_neighbours, likeliest

SAID = Cue("verb", 10, 10, 11, "dire")  # «...», ha detto Rossi
ADDED = Cue("verb", 20, 20, 21, "aggiungere")
CLAIMED = Cue("verb", 4, 4, 5, "sostenere")  # inside what was said


def scored(cue: Cue, first: int, last: int, probability: float, index: int = 0) -> Scored:
    return Scored(Candidate(cue, ((first, last),), {"q-before"}), probability, index)


def neighbours(*items: Scored) -> list[dict[str, float]]:
    return [dict(zip(NEIGHBOUR_NAMES, row, strict=True)) for row in describe_neighbours(likeliest(items))]


def test_one_stretch_has_one_cue() -> None:
    chosen = choose([scored(SAID, 0, 9, 0.8), scored(ADDED, 0, 9, 0.6)], threshold=0.3, nested=0.4)
    assert [item.candidate.cue for item in chosen] == [SAID]


def test_one_cue_has_one_content() -> None:
    chosen = choose([scored(SAID, 0, 9, 0.5), scored(SAID, 12, 19, 0.6)], threshold=0.3, nested=0.4)
    assert [item.candidate.pieces for item in chosen] == [((12, 19),)]


def test_a_content_inside_another_must_be_likely() -> None:
    outer = scored(SAID, 0, 9, 0.8)
    assert len(choose([outer, scored(CLAIMED, 5, 8, 0.6)], threshold=0.3, nested=0.4)) == 2
    assert len(choose([outer, scored(CLAIMED, 5, 8, 0.35)], threshold=0.3, nested=0.4)) == 1


def test_the_unlikely_get_no_second_look() -> None:
    items = [scored(SAID, 0, last, 0.1 * last) for last in (2, 3, 4, 5, 6)]
    groups = likeliest([*items, scored(ADDED, 22, 25, 0.01)])
    assert [len(group) for group in groups] == [LOOKED_AT]
    assert [round(item.probability, 1) for item in groups[0]] == [0.6, 0.5, 0.4]


def test_rivals_for_a_stretch_are_told() -> None:
    mine, theirs = neighbours(scored(SAID, 0, 9, 0.5), scored(ADDED, 0, 8, 0.7))
    assert mine["rival for stretch"] == 0.7
    assert theirs["rival for stretch"] == 0.5
    assert mine["cue after"] == 0.7 and mine["cue before"] == 0.0
    assert theirs["cue before"] == 0.5


def test_a_cue_inside_the_content_is_told() -> None:
    nested, outer = neighbours(scored(SAID, 0, 9, 0.8), scored(CLAIMED, 5, 8, 0.6))
    assert outer["inside it"] == outer["cue inside it"] == 0.6
    assert outer["rival for stretch"] == outer["crossing"] == 0.0
    assert nested["around it"] == 0.8


def test_contents_that_cross_are_told() -> None:
    first, second = neighbours(scored(SAID, 0, 9, 0.5), scored(ADDED, 6, 19, 0.4))
    assert (first["crossing"], second["crossing"]) == (0.4, 0.5)


def test_contents_of_one_cue_support_one_another() -> None:
    best, other, apart = neighbours(scored(SAID, 0, 9, 0.5), scored(SAID, 0, 8, 0.25), scored(SAID, 12, 19, 0.25))
    assert best["support"] == 0.75 and best["support share"] == 0.75
    assert apart["support"] == 0.25
    assert [row["cue rank"] for row in (best, other, apart)] == [0, 1, 2]
    assert best["cue margin"] == 0.25 and other["cue margin"] == -0.25


def test_nothing_likely_gives_no_rows() -> None:
    assert neighbours() == []
