"""The cue lexicon: every entry on its own examples, the matchers, the conjugator, and what a wrong entry says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from claimx.errors import LexiconError
from claimx.lexicon import load_data
from claimx.lexicon.conjugation import FormTable, conjugate, is_conditional
from claimx.lexicon.cue_entries import FrameCue, NounCue, RelayCue, VerbCue, read_frame, read_noun, read_row, read_verb
from claimx.lexicon.cues import CueLexicon, load_cues
from claimx.lexicon.patterns import compile_pattern, split_words
from claimx.text import normalise

TOKENIZER = spacy.blank("it")
VERB_EXAMPLES = load_data("examples/cue_verbs")
NOUN_EXAMPLES = load_data("examples/cue_nouns")


def words_of(text: str) -> list[str]:
    return [token.lower_ for token in TOKENIZER(normalise(text))]


@pytest.fixture(scope="module")
def cues() -> CueLexicon:
    return load_cues()


def wrong_examples(entries: Iterator[tuple[object, str | None, Callable[[list[str]], bool], bool]]) -> list[str]:
    """The entries whose example is missing or is not matched as wanted."""
    wrong = []
    for entry, text, matches, wanted in entries:
        if text is None or matches(words_of(text)) is not wanted:
            wrong.append(f"{entry}: {text!r} {'not ' if wanted else ''}matched")
    return wrong


# ---- every entry on its own examples ----


def test_verbs_are_found_by_form_in_both_examples(cues: CueLexicon) -> None:
    """`miss` holds the verb too, where it attributes nothing: that is for the engine to tell."""

    def entries() -> Iterator[tuple[object, str | None, Callable[[list[str]], bool], bool]]:
        examples = [(cue, VERB_EXAMPLES["verbs"]) for cue in cues.verbs.values()]
        examples += [(cue, VERB_EXAMPLES["reflexive"]) for cue in cues.reflexives.values()]
        for cue, known in examples:

            def holds(words: list[str], cue: VerbCue = cue) -> bool:
                return any(cue.base in cues.lemmas_of(word) for word in words)

            yield cue.lemma, known.get(cue.lemma, {}).get("hit"), holds, True
            yield cue.lemma, known.get(cue.lemma, {}).get("miss"), holds, True

    assert wrong_examples(entries()) == []


def test_nouns_are_found_by_form_in_both_examples(cues: CueLexicon) -> None:
    def entries() -> Iterator[tuple[object, str | None, Callable[[list[str]], bool], bool]]:
        known = NOUN_EXAMPLES["nouns"]
        for cue in cues.nouns.values():

            def holds(words: list[str], cue: NounCue = cue) -> bool:
                return any(cues.noun_of(word) is cue for word in words)

            yield cue.lemma, known.get(cue.lemma, {}).get("hit"), holds, True
            yield cue.lemma, known.get(cue.lemma, {}).get("miss"), holds, True

    assert wrong_examples(entries()) == []


def test_multiword_verbs_match_the_one_example_and_not_the_other(cues: CueLexicon) -> None:
    def entries() -> Iterator[tuple[object, str | None, Callable[[list[str]], bool], bool]]:
        known = VERB_EXAMPLES["multiword"]
        for cue in cues.multiwords:

            def holds(words: list[str], cue: VerbCue = cue) -> bool:
                return any(cues.matches_multiword(cue, words, start) for start in range(len(words)))

            yield cue.lemma, known.get(cue.lemma, {}).get("hit"), holds, True
            yield cue.lemma, known.get(cue.lemma, {}).get("miss"), holds, False

    assert wrong_examples(entries()) == []


def test_no_example_is_of_an_entry_that_is_gone(cues: CueLexicon) -> None:
    assert set(VERB_EXAMPLES["verbs"]) == set(cues.verbs)
    assert set(VERB_EXAMPLES["reflexive"]) == {cue.lemma for cue in cues.reflexives.values()}
    assert set(VERB_EXAMPLES["multiword"]) == {cue.lemma for cue in cues.multiwords}
    assert set(NOUN_EXAMPLES["nouns"]) == set(cues.nouns)


def test_frames_and_relays_match_the_one_example_and_not_the_other(cues: CueLexicon) -> None:
    def entries() -> Iterator[tuple[object, str | None, Callable[[list[str]], bool], bool]]:
        patterns: list[FrameCue | RelayCue] = [*cues.frames, *cues.relays]
        for cue in patterns:

            def holds(words: list[str], cue: FrameCue | RelayCue = cue) -> bool:
                return any(cues.matches_pattern(cue, words, start) for start in range(len(words)))

            yield cue.words, cue.hit, holds, True
            yield cue.words, cue.miss, holds, False

    assert wrong_examples(entries()) == []


def test_no_entry_stands_twice(cues: CueLexicon) -> None:
    for name in (
        [cue.lemma for cue in cues.multiwords],
        [cue.words for cue in cues.frames],
        [cue.words for cue in cues.relays],
    ):
        assert sorted(set(name)) == sorted(name)


def test_the_lexicon_is_as_wide_as_news_language(cues: CueLexicon) -> None:
    assert len(cues.verbs) >= 450
    assert len(cues.multiwords) >= 300
    assert len(cues.nouns) >= 200
    assert len(cues.frames) >= 150


# ---- matchers ----


def test_frames_are_leftmost_longest_and_do_not_overlap(cues: CueLexicon) -> None:
    words = words_of("Secondo quanto riferito dall'agenzia, e a detta degli esperti, pare che il ponte ceda.")
    found = [(" ".join(words[m.start : m.end]), m.frame.source, m.frame.unspecified) for m in cues.match_frames(words)]
    assert found == [
        ("secondo quanto riferito dall'", "after", False),
        ("a detta degli", "after", False),
        ("pare che", "none", True),
    ]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Secondo le prime ricostruzioni, l'auto era ferma.", "secondo le prime ricostruzioni"),
        ("A dirlo è stato il sindaco.", "a dirlo è stato"),  # the longer of two words of a group
        ("Come ha poi ripetutamente spiegato il perito.", "come ha poi ripetutamente spiegato"),
        ("A quanto si apprende, il vertice salta.", "a quanto si apprende"),
        ("Stando a quanto è stato riferito dal teste.", "stando a quanto è stato riferito dal"),
        ("A suo avviso non basta.", "a suo avviso"),
        ("È quanto è emerso ieri.", "è quanto è emerso"),
        ("E così il capitano: «Avanti».", "così"),
    ],
)
def test_frame_with_slots_and_groups(cues: CueLexicon, text: str, frame: str) -> None:
    words = words_of(text)
    assert frame in [" ".join(words[m.start : m.end]) for m in cues.match_frames(words)]


@pytest.mark.parametrize(
    "text",
    [
        "Nel secondo tempo entra il capitano.",
        "Come stai?",
        "Come possiamo fare?",
        "È stato rinviato a giudizio della Corte.",
        "Un muro così alto.",
        "Ha lavorato per il Comune.",
    ],
)
def test_words_that_are_no_frame(cues: CueLexicon, text: str) -> None:
    assert cues.match_frames(words_of(text)) == []


def test_multiword_verb_allows_clitics_adverbs_and_agreement(cues: CueLexicon) -> None:
    words = words_of(
        "La ditta ha fatto più volte sapere di essere pronta; la lista è stata resa nota; si sono dette convinte."
    )
    found = [(" ".join(words[m.start : m.end]), m.cue.lemma) for m in cues.match_multiwords(words)]
    assert found == [
        ("fatto più volte sapere", "fare sapere"),
        ("resa nota", "rendere noto"),
        ("dette convinte", "dirsi convinto"),
    ]


def test_reflexive_multiword_verb_needs_its_pronoun(cues: CueLexicon) -> None:
    assert [m.cue.lemma for m in cues.match_multiwords(words_of("Dicendosi convinto, firma."))] == ["dirsi convinto"]
    assert cues.match_multiwords(words_of("Dice convinto che firma.")) == []


def test_relay_says_what_stands_behind_it(cues: CueLexicon) -> None:
    words = words_of("Il sito, citando fonti militari, e il ct ai microfoni di Radio Lago.")
    assert [(m.relay.words, m.relay.gives) for m in cues.match_relays(words)] == [
        ("citando", "source"),
        ("ai microfoni di", "to"),
    ]


def test_continuation_before_a_new_quotation(cues: CueLexicon) -> None:
    words = words_of("«Avanti». E poi ancora: «Uniti».")
    assert cues.match_continuation(words, 4) == 7
    assert cues.match_continuation(words, 1) is None
    assert cues.match_continuation(words, len(words)) is None


@given(st.lists(st.text(max_size=8), max_size=12))
def test_any_words_at_all_give_matches_within_them(tokens: list[str]) -> None:
    lexicon = load_cues()
    spans = [(m.start, m.end) for m in lexicon.match_frames(tokens)]
    spans += [(m.start, m.end) for m in lexicon.match_multiwords(tokens)]
    spans += [(m.start, m.end) for m in lexicon.match_relays(tokens)]
    assert all(0 <= start < end <= len(tokens) for start, end in spans)


# ---- forms ----


@pytest.mark.parametrize(
    ("form", "lemma", "mood", "tense", "person", "number"),
    [
        ("disse", "dire", "ind", "rem", 3, "s"),
        ("aggiunsero", "aggiungere", "ind", "rem", 3, "p"),
        ("denuncerà", "denunciare", "ind", "fut", 3, "s"),
        ("neghi", "negare", "sub", "pres", 3, "s"),
        ("giudichi", "giudicare", "sub", "pres", 3, "s"),
        ("smentisce", "smentire", "ind", "pres", 3, "s"),
        ("avverte", "avvertire", "ind", "pres", 3, "s"),
        ("proponeva", "proporre", "ind", "impf", 3, "s"),
        ("sostenne", "sostenere", "ind", "rem", 3, "s"),
        ("escluderebbe", "escludere", "cond", "pres", 3, "s"),
        ("promettessero", "promettere", "sub", "impf", 3, "p"),
        ("ripeté", "ripetere", "ind", "rem", 3, "s"),
        ("ripetè", "ripetere", "ind", "rem", 3, "s"),
        ("affermera'", "affermare", "ind", "fut", 3, "s"),
        ("applaude", "applaudire", "ind", "pres", 3, "s"),
        ("applaudisce", "applaudire", "ind", "pres", 3, "s"),
        ("accusandolo", "accusare", "ger", "pres", None, None),
        ("proporgli", "proporre", "inf", None, None, None),
        ("dir", "dire", "inf", None, None, None),
    ],
)
def test_forms_are_read(
    cues: CueLexicon, form: str, lemma: str, mood: str, tense: str, person: int | None, number: str | None
) -> None:
    read = [(r.lemma, r.mood, r.tense, r.person, r.number) for r in cues.readings(form)]
    assert (lemma, mood, tense, person, number) in read


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("detto", "dire"),
        ("chieste", "chiedere"),
        ("offeso", "offendere"),
        ("scritto", "scrivere"),
        ("riconosciuto", "riconoscere"),
        ("condiviso", "condividere"),
        ("respinta", "respingere"),
        ("dedotto", "dedurre"),
        ("scoperto", "scoprire"),
        ("discusso", "discutere"),
        ("dichiaratosi", "dichiarare"),
    ],
)
def test_participles_lead_to_their_verb(cues: CueLexicon, form: str, lemma: str) -> None:
    assert cues.lemma_of(form) == lemma
    assert any(r.mood == "part" for r in cues.readings(form))


@pytest.mark.parametrize("form", ["tavolo", "", "x", "allo", "ministro", "sono", "r", "'"])
def test_other_words_have_no_cue_lemma(cues: CueLexicon, form: str) -> None:
    assert cues.lemma_of(form) is None


@pytest.mark.parametrize("noun", ["accuse", "critiche", "annunci", "denunce", "dogmi", "voci", "tesi"])
def test_plurals_of_nouns(cues: CueLexicon, noun: str) -> None:
    assert cues.noun_of(noun) is not None


def test_conditional_by_its_ending() -> None:
    assert is_conditional("partirebbe") and is_conditional("sarebbero")
    assert not is_conditional("ebbe") and not is_conditional("crebbero") and not is_conditional("febbre")


def test_every_form_reads_back(cues: CueLexicon) -> None:
    lost = [
        (form, reading.lemma)
        for lemma in [*cues.verbs, *cues.reflexives]
        for form, reading in conjugate(lemma)
        if reading not in cues.readings(form)
    ]
    assert lost == []


def test_irregular_verbs_in_full() -> None:
    table = {form for form, _ in conjugate("proporre")}
    assert {
        "propongo",
        "proponiamo",
        "proponga",
        "proponiate",
        "propose",
        "proponesti",
        "proporrà",
        "proposto",
    } <= table
    assert {"diamo", "diate", "desse", "diede", "darebbe", "dando"} <= {form for form, _ in conjugate("dare")}
    assert {"sono", "era", "fosse", "furono", "sarebbe", "stato", "essendo"} <= {f for f, _ in conjugate("essere")}


def test_conjugating_a_word_that_is_no_infinitive() -> None:
    with pytest.raises(LexiconError, match="'tavolo' is no infinitive"):
        list(conjugate("tavolo"))


def test_a_form_of_two_verbs_has_both(cues: CueLexicon) -> None:
    assert {reading.lemma for reading in FormTable(["dire", "dettare"]).readings("detta")} == {"dire", "dettare"}


def test_a_verb_conjugated_when_called_for_has_all_its_forms(cues: CueLexicon) -> None:
    """Every form of every verb is found by how it begins: *esco* of uscire, *denuncerà* of denunciare, *fu* of essere."""
    lemmas = [*cues.verbs, *(cue.base for cue in (*cues.reflexives.values(), *cues.multiwords))]
    table = FormTable(lemmas)
    missing = [
        (lemma, form)
        for lemma in dict.fromkeys(lemmas)
        for form, reading in conjugate(lemma)
        if reading not in table.readings(form)
    ]
    assert missing == []


# ---- wrong entries ----

GOOD = {"lemma": "dire", "class": "say", "takes": ["che"], "strength": "strong", "certainty": "asserted"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class": "shout"}, "class 'shout' is not one of"),
        ({"takes": ["che", "cosa"]}, "takes 'cosa' is not one of"),
        ({"strength": None}, "has no 'strength'"),
        ({"yes": "Dice."}, "unknown keys yes"),
        ({True: "Dice."}, "unknown keys True"),
        ({"lemma": "tavolo"}, "no infinitive in 'tavolo'"),
    ],
)
def test_a_wrong_verb_is_named(change: dict[object, object], message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        read_verb({**GOOD, **change})


def test_wrong_lines_are_named() -> None:
    with pytest.raises(LexiconError, match="has 2 columns; write lemma"):
        read_row("dire | say", "agree")
    with pytest.raises(LexiconError, match="its last column is 'yes'"):
        read_row("dirsi certo | say | che | strong | asserted | yes", "agree")
    assert read_row("tweet | write | che quote | strong | asserted | tweets", "forms")["forms"] == ["tweets"]


def test_wrong_nouns_and_frames_are_named() -> None:
    with pytest.raises(LexiconError, match="is no mapping"):
        read_noun("accusa")
    with pytest.raises(LexiconError, match="source 'behind' is not one of"):
        read_frame({"words": "a detta di", "source": "behind", "class": "say"}, {}, {})
    with pytest.raises(LexiconError, match="there is no group 'det'"):
        compile_pattern("secondo {det}", {}, {})
    with pytest.raises(LexiconError, match="must begin with a word"):
        compile_pattern("{finite} che", {}, {})


def test_words_are_cut_as_the_tokenizer_cuts_them() -> None:
    assert list(split_words("un'intervista c'è l'ultima")) == words_of("un'intervista c'è l'ultima")
