"""How a source puts its content, and how much of it is quoted."""

from __future__ import annotations

import pytest
from spacy.language import Language

from claimx.draft import Block, Draft
from claimx.lexicon import load_data
from claimx.lexicon.certainty import load_certainty
from claimx.model import Mode
from claimx.nlp import parse
from claimx.rules.certainty import judge_certainty
from claimx.rules.mode import judge_mode
from claimx.rules.quotes import find_quotations
from claimx.syntax import Tokens


def _span(text: str, piece: str) -> tuple[int, int]:
    start = text.index(piece)
    return start, start + len(piece)


def _judge(nlp: Language, text: str, cue: str | None, content: str, lemma: str, **options: bool) -> str:
    block = Block(0, len(text))
    tokens = Tokens(parse(nlp, text, [block]))
    head = None
    kind = "layout"
    if cue is not None:
        first, last = tokens.cover(*_span(text, cue))
        inside = [i for i in range(first, last) if not first <= tokens.head[i] < last or tokens.head[i] == i]
        head, kind = inside[0], "verb"
        if cue in content:
            kind = "conditional"
    span = _span(text, content)
    draft = Draft(kind, (span,), _span(text, cue) if cue else None, None, head, lemma or None)
    mode = judge_mode(text, draft.content, find_quotations(text, [block]))
    verdict, evidence = judge_certainty(tokens, draft, lexicon=load_certainty(), mode=mode, **options)
    assert evidence.startswith("certainty:")
    return verdict.value


CASES = [
    # denied, and what only looks so
    ("Il sindaco nega di aver ricevuto denaro.", "nega", "aver ricevuto denaro", "negare", "denied"),
    ("L'azienda ha smentito la vendita della fabbrica.", "ha smentito", "la vendita della fabbrica", "smentire", "denied"),
    ("La procura esclude che si tratti di un omicidio.", "esclude", "si tratti di un omicidio", "escludere", "denied"),
    ("La procura non esclude che si tratti di un omicidio.", "esclude", "si tratti di un omicidio", "escludere", "hedged"),
    ("Il sindaco non nega di conoscere l'imprenditore.", "nega", "conoscere l'imprenditore", "negare", "asserted"),
    ("Il sindaco smentisce: «La notizia è falsa».", "smentisce", "La notizia è falsa", "smentire", "asserted"),
    ("I sindacati non condividono il piano del governo.", "condividono", "il piano del governo", "condividere", "denied"),
    # intended
    ("I genitori chiedono che la scuola riapra subito.", "chiedono", "la scuola riapra subito", "chiedere", "intended"),
    ("Il ministro ha invitato i cittadini a restare a casa.", "ha invitato", "restare a casa", "invitare", "intended"),
    ("Il presidente ha promesso di abbassare le tasse.", "ha promesso", "abbassare le tasse", "promettere", "intended"),
    ("Il gruppo minaccia di chiudere lo stabilimento.", "minaccia", "chiudere lo stabilimento", "minacciare", "intended"),
    ("La società annuncia che chiuderà tre negozi.", "annuncia", "chiuderà tre negozi", "annunciare", "intended"),
    ("La società annuncia di aver chiuso tre negozi.", "annuncia", "aver chiuso tre negozi", "annunciare", "asserted"),
    ("La giornalista ha chiesto se il piano fosse pronto.", "ha chiesto", "il piano fosse pronto", "chiedere", "asserted"),
    ("«Quanto costa il piano?», chiede il consigliere.", "chiede", "Quanto costa il piano?", "chiedere", "asserted"),
    ("Ha detto di sperare che la guerra finisca.", "Ha detto", "sperare che la guerra finisca", "dire", "intended"),
    # hedged
    ("Gli inquirenti temono che ci siano altre vittime.", "temono", "ci siano altre vittime", "temere", "hedged"),
    ("La donna avrebbe lasciato il paese a maggio.", "avrebbe lasciato", "La donna avrebbe lasciato il paese a maggio",
     "lasciare", "hedged"),
    ("Il ministro ha detto che la legge potrebbe cambiare.", "ha detto", "la legge potrebbe cambiare", "dire", "hedged"),
    ("Il perito ha detto che forse il freno era rotto.", "ha detto", "forse il freno era rotto", "dire", "hedged"),
    # asserted
    ("Il sindaco ha detto che il ponte è sicuro.", "ha detto", "il ponte è sicuro", "dire", "asserted"),
    ("Il ministro ha detto che bisogna investire di più.", "ha detto", "bisogna investire di più", "dire", "asserted"),
    ("La difesa afferma che se fosse colpevole sarebbe fuggito.", "afferma", "se fosse colpevole sarebbe fuggito",
     "affermare", "asserted"),
]  # fmt: skip


@pytest.mark.model
@pytest.mark.parametrize(("text", "cue", "content", "lemma", "expected"), CASES)
def test_certainty(nlp: Language, text: str, cue: str, content: str, lemma: str, expected: str) -> None:
    assert _judge(nlp, text, cue, content, lemma) == expected


@pytest.mark.model
def test_a_law_lays_down_what_a_person_foresees(nlp: Language) -> None:
    text, content = "La legge stabilisce che le scuole chiudano a giugno.", "le scuole chiudano a giugno"
    assert _judge(nlp, text, "stabilisce", content, "stabilire", document=True) == "intended"
    assert _judge(nlp, text, "stabilisce", content, "stabilire") == "asserted"


@pytest.mark.model
def test_a_draft_without_cue(nlp: Language) -> None:
    assert _judge(nlp, "Il sindaco: «Il ponte è sicuro».", None, "Il ponte è sicuro", "") == "asserted"


def test_every_group_fits_its_examples() -> None:
    lexicon = load_certainty()
    for name, entry in load_data("certainty")["cues"].items():
        assert all(name in lexicon.group.get(lemma, ()) for lemma in entry["matches"]), name
        assert not any(name in lexicon.group.get(lemma, ()) for lemma in entry["not"]), name
    assert lexicon.groups_of("smentisce", "smentiscere", "VERB") == {"deny"}
    assert lexicon.groups_of("tavolo", "tavolo", "NOUN") == frozenset()


def test_words_of_doubt_fit_their_examples() -> None:
    lexicon = load_certainty()
    doubt = load_data("certainty")["doubt"]
    words = lexicon.doubt_clause | lexicon.doubt_noun
    assert all(words & set(text.lower().split()) for text in doubt["matches"])
    assert not any(words & set(text.lower().split()) for text in doubt["not"])


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ("«Il ponte è sicuro», ha detto.", ["Il ponte è sicuro"], Mode.DIRECT),
        ("— Il ponte è sicuro — disse.", ["Il ponte è sicuro"], Mode.DIRECT),
        ("«Il ponte», ha detto, «è sicuro».", ["Il ponte", "è sicuro"], Mode.DIRECT),
        ("Ha detto che il ponte è «sicuro».", ["il ponte è «sicuro"], Mode.MIXED),
        ("Il ponte è «sicuro» ma «costa troppo».", ["sicuro» ma «costa troppo"], Mode.MIXED),
        ("Ha detto che il ponte è sicuro.", ["il ponte è sicuro"], Mode.INDIRECT),
        ('Ha detto che il film "La Grande Sete" è finito.', ['il film "La Grande Sete" è finito'], Mode.INDIRECT),
        ("Ha detto che l'accordo dell'anno è fatto.", ["l'accordo dell'anno è fatto"], Mode.INDIRECT),
        ("«Hanno detto che il ponte è sicuro», racconta.", ["il ponte è sicuro"], Mode.DIRECT),
    ],
)
def test_mode(text: str, content: list[str], expected: Mode) -> None:
    spans = [_span(text, piece) for piece in content]
    assert judge_mode(text, spans, find_quotations(text, [Block(0, len(text))])) is expected


def test_the_mode_of_nothing_is_indirect() -> None:
    assert judge_mode("", [], []) is Mode.INDIRECT
