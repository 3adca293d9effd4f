"""Characters, lines and blocks."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimx.text import BLANK, LONGEST, find_blocks, line_of, line_starts, normalise, visible_span

# Texts of what an article may hold and of what none should: marks, breaks, invisible characters, anything.
ENGINE = "\U0001f469\u200d\U0001f692"  # one emoji of three characters
PIECES = st.sampled_from(
    ["Il porto riapre", "di notte", "«Sì»", "— Sono stanco — disse.", "- turni", "1. ", "Fine.", "e poi", ENGINE]
    + ["\n", "\n\n", "\r\n", "\r", "\t", "\u00a0", "\u00ad", "\u200b", "\ufeff", "\u2028", "\x85", "\f", "\x1c"]
    + [" ", "\0", ":", ",", "e\u0300"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))

PARAGRAPHS = [
    "Il porto di Vallescura riapre oggi, dopo undici giorni di sciopero che hanno fermato quaranta navi. «Abbiamo "
    "firmato alle tre di notte», ha detto la segretaria Lidia Marotti. Il prefetto non ha voluto commentare.",
    "Secondo fonti sindacali la ratifica dei lavoratori arriverà lunedì; il presidente dei terminalisti, Aldo Serra, "
    "ha detto di aspettarsi un sì largo. Il ministro Carlo Benci ha ringraziato «chi ha scelto la ragione».",
    "Restano aperti due nodi: i turni del sabato e il premio del 2023, di cui secondo l'accordo si parlerà in aprile.",
]


def shown(text: str) -> list[tuple[str, str]]:
    """Kind and words of each block."""
    return [(block.kind, text[block.start : block.end]) for block in find_blocks(text)]


def kinds(text: str) -> list[str]:
    return [kind for kind, _ in shown(text)]


@given(TEXTS)
def test_normalise_keeps_length(text: str) -> None:
    assert len(normalise(text)) == len(text)


def test_normalise_exchanges_marks_only() -> None:
    text = "L’accordo\u00a0c’è: «sì», “no”, „forse“, ‹boh›"
    assert normalise(text) == 'L\'accordo c\'è: "sì", "no", "forse", \'boh\''
    text = f"perche\u0301 — \u00ad{ENGINE}"
    assert normalise(text) == text


@given(TEXTS)
def test_blocks_hold_every_visible_character_once_and_in_order(text: str) -> None:
    at = 0
    for block in find_blocks(text):
        assert not text[at : block.start].strip(BLANK)
        assert at <= block.start < block.end <= len(text)
        assert text[block.start] not in BLANK
        assert text[block.end - 1] not in BLANK
        at = block.end
    assert not text[at:].strip(BLANK)


@given(TEXTS, st.integers(0, 60))
def test_blocks_from_an_offset_begin_there(text: str, start: int) -> None:
    start = min(start, len(text))
    assert all(block.start >= start for block in find_blocks(text, start=start))


def test_blank_holds_all_spaces() -> None:
    assert all(char in BLANK for char in map(chr, range(0x110000)) if char.isspace())


@given(TEXTS)
def test_line_of_counts_line_ends_before(text: str) -> None:
    starts = line_starts(text)
    for offset in range(len(text)):
        before = text[:offset]
        ends = before.replace("\r\n", "\n")
        count = ends.count("\n") + ends.count("\r")
        if before.endswith("\r") and text[offset] == "\n":
            count -= 1  # inside a \r\n
        assert line_of(starts, offset) == count + 1


def test_visible_span() -> None:
    assert visible_span("\t\u200b sì. \ufeff\n", 0, 9) == (3, 6)
    assert visible_span(" \u00ad\n", 0, 3) is None


def test_a_title_and_paragraphs() -> None:
    text = "Il porto riapre\n\nIl prefetto ha firmato.\n\nLa segretaria ha detto sì."
    assert kinds(text) == ["title", "paragraph", "paragraph"]


@pytest.mark.parametrize(
    "text",
    [
        "Il prefetto ha firmato.\nLa segretaria ha detto sì.",  # ends in a full stop, and nothing sets it apart
        "Secondo le fonti, l'accordo c'è",  # nothing follows it
        "Ecco i punti:\n\nTurni di sei ore e un premio di duecento euro per tutti.",
        "— Sono stanco\n\nLo disse piano, e nessuno gli rispose.",
        "Il prefetto ha firmato. La segretaria ha detto sì.\n\n" + PARAGRAPHS[0],  # two sentences
        "x" * 300 + "\n\n" + PARAGRAPHS[0],
    ],
)
def test_no_title(text: str) -> None:
    assert "title" not in kinds(text)


def test_a_title_with_a_full_stop_stands_apart() -> None:
    assert kinds("Il porto riapre.\n\n" + PARAGRAPHS[0])[0] == "title"
    assert kinds("Il porto riapre.\n" + PARAGRAPHS[0])[0] == "paragraph"


def test_each_line_is_a_paragraph_in_newspapers() -> None:
    text = "Il porto riapre\n" + "\n".join(PARAGRAPHS)
    assert [words for _, words in shown(text)] == ["Il porto riapre", *PARAGRAPHS]


def test_a_short_line_without_full_stop_is_a_heading() -> None:
    text = f"{PARAGRAPHS[0]}\nI nodi dell’accordo\n{PARAGRAPHS[1]}\nChe cosa accadrà?\n{PARAGRAPHS[2]}"
    assert kinds(text) == ["paragraph", "heading", "paragraph", "paragraph", "paragraph"]


@pytest.mark.parametrize("width", [50, 64, 78, 100])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_hard_wrapped_paragraphs_are_one_block_each(width: int, newline: str) -> None:
    wrapped = [
        textwrap.fill(paragraph, width, break_on_hyphens=False) for paragraph in ["Il porto riapre", *PARAGRAPHS]
    ]
    text = "\n\n".join(wrapped).replace("\n", newline)
    assert [" ".join(words.split()) for _, words in shown(text)] == ["Il porto riapre", *PARAGRAPHS]


def test_hard_wrapped_with_headings_and_indented_first_lines() -> None:
    wrapped = [textwrap.fill(paragraph, 72, initial_indent="   ") for paragraph in PARAGRAPHS]
    text = f"Il porto riapre\n{wrapped[0]}\n{wrapped[1]}\n\nI nodi\n{wrapped[2]}"
    assert kinds(text) == ["title", "paragraph", "paragraph", "heading", "paragraph"]


def test_a_sentence_over_two_lines_is_one_block() -> None:
    assert kinds("Il prefetto ha detto che il porto\nnon chiuderà.") == ["paragraph"]
    assert kinds("Turni di sei ore,\nPremio di duecento euro.") == ["paragraph"]


def test_list_items() -> None:
    text = "L'intesa prevede:\n- turni di sei ore;\n• un premio\n1. due pause\n2) ferie\n– asilo;\nNe seguirà un'altra."
    assert kinds(text) == ["paragraph", "item", "item", "item", "item", "item", "paragraph"]


def test_an_item_goes_on_over_its_lines() -> None:
    assert kinds("Prevede:\n- turni di sei ore, con pausa\n  di mezz'ora\n- un premio") == ["paragraph", "item", "item"]


@pytest.mark.parametrize(
    "line",
    [
        "— Sono stanco — disse il capitano.",
        "– Sono stanco.",
        "- Sono stanco - disse il capitano.",
        "2024 fu l'anno dello sciopero.",
        "3.500 euro di multa.",
        "-10 gradi a Vallescura.",
        "* * *",
    ],
)
def test_no_list_items(line: str) -> None:
    assert kinds(f"{PARAGRAPHS[0]}\n{line}\n{PARAGRAPHS[1]}")[1:-1] == ["paragraph"]


def test_a_byline_is_apart() -> None:
    text = "Il porto riapre\ndi Lidia Marotti\n" + PARAGRAPHS[0]
    assert shown(text)[0] == ("title", "Il porto riapre")
    assert shown(text)[2] == ("paragraph", PARAGRAPHS[0])


def test_lines_of_invisible_characters_part_blocks() -> None:
    text = "Il porto riapre\n\u200b\n" + PARAGRAPHS[0] + "\n\u00a0\u00ad\n"
    assert shown(text) == [("title", "Il porto riapre"), ("paragraph", PARAGRAPHS[0])]


def test_a_very_long_block_is_cut_after_sentences() -> None:
    text = " ".join(PARAGRAPHS * 200)
    blocks = find_blocks(text)
    assert len(blocks) > 2
    assert all(block.end - block.start <= LONGEST for block in blocks)
    assert all(text[block.end - 1] in ".»" for block in blocks)


@pytest.mark.parametrize("text", ["a" * 50_001, "parola " * 10_000, "«" * 45_000, "1." * 30_000])
def test_a_very_long_block_without_sentences_is_cut_all_the_same(text: str) -> None:
    blocks = find_blocks(text)
    assert all(block.end - block.start <= LONGEST for block in blocks)
    assert sum(block.end - block.start for block in blocks) >= len(text.strip()) - len(blocks)


@pytest.mark.parametrize("piece", [PARAGRAPHS[0] + "\n\n", PARAGRAPHS[0] + "\n", "»", "- ", "\u200b ", ".", "Sì\r\n"])
def test_time_grows_with_length_only(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    begin = time.process_time()
    find_blocks(text)
    assert (
        time.process_time() - begin < 10
    )  # a fraction of a second but for the shortest lines; quadratic would be hours
