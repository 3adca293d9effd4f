"""The sentences of tests/cases: what the engine must find in each, and what it must not.

    - text: "Secondo Anna Rossi il piano è pronto."
      claims:                               # all attributed claims of the text; none: it must not fire
      - {claim: ["il piano è pronto"], who: Anna Rossi, level: named-person}    # only the fields given are checked
      why: what the case is about
      loose: true                           # the words of the content may differ by a fifth
      partial: true                         # the text has further claims that are not listed

Cases that the engine has still wrong stand in cases/known_failures.yaml, by what is wrong first; one that comes right must
leave the list. `python -m tests.test_cases` prints what fails now, with `--write` it rewrites the list.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from spacy.language import Language

from claimx.extraction import extract_source
from claimx.lexicon import load_data
from claimx.nlp import load_pipeline
from claimx.reading import from_text, read_file
from claimx.scoring import Figures, load_gold, place_claim, score

HERE = Path(__file__).parent
CASES = HERE / "cases"
KNOWN = CASES / "known_failures.yaml"
SAMPLES = HERE.parent / "samples"
REFRESH = "python -m tests.test_cases --write"

KINDS = ("missed", "spurious", "span", "who", "source", "level", "cue", "mode", "certainty", "to", "via", "within")
FIELDS = frozenset(KINDS[3:])
LOOSE = 0.8
FLOOR = 0.6  # joint F1 on our own articles; lowered only by a commit that says why

Claim = Mapping[str, Any]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Case:
    """A text and what is to be found in it."""

    id: str  # FILE/NUMBER, from 1
    text: str
    claims: tuple[Claim, ...]
    why: str
    loose: bool = False
    partial: bool = False


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(CASES.glob("*.yaml")):
        if path == KNOWN:
            continue
        for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf8")), 1):
            claims = tuple(entry.pop("claims"))
            cases.append(Case(f"{path.stem}/{number}", claims=claims, **entry))
    return cases


def read_known() -> dict[str, str]:
    """The kind of failure of each case that is known to fail."""
    listed = yaml.safe_load(KNOWN.read_text(encoding="utf8")) if KNOWN.exists() else {}
    return {case: kind for kind, entry in (listed or {}).items() for case in entry["cases"]}


def extract_claims(nlp: Language, text: str) -> list[Claim]:
    """The attributed claims of a text, as plain records."""
    record = extract_source(nlp, from_text(text)).to_dict()
    return [claim for claim in record["claims"] if claim["level"] != "author"]


# Comparing


def find_faults(case: Case, found: Sequence[Claim]) -> Iterator[tuple[str, str]]:
    """What is wrong with the claims found: kind, and the two readings."""
    wanted = [place_claim(case.text, {"source": None, "cue": None, **claim}) for claim in case.claims]
    pairs = _pair(case.text, wanted, found)
    for i, claim in enumerate(wanted):
        if i not in pairs:
            yield "missed", " […] ".join(claim["claim"])
            continue
        given = found[pairs[i]]
        overlap = _overlap(case.text, claim, given)
        if overlap < (LOOSE if case.loose else 1):
            yield "span", f"{claim['claim']} is {given['claim']!r}"
        for field in KINDS[3:]:
            if field not in case.claims[i]:
                continue
            want = case.claims[i][field]
            if field == "within" and want is not None:  # an index here, an id there
                want = found[pairs[want]]["id"] if want in pairs else "missed"
            if _comparable(field, want) != _comparable(field, given[field]):
                yield field, f"of {claim['claim']}: {want!r} is {given[field]!r}"
    for j, given in enumerate(found):
        if j not in pairs.values() and not case.partial:
            yield "spurious", f"{given['claim']!r} ({given['cue']!r}, {given['who']!r}, {given['level']})"


def _comparable(field: str, value: Any) -> object:
    """The value less what does not count: articles, capitals, prepositions at a cue's end."""
    if field == "via":
        return [_names(name) for name in value]
    return _names(value) if field in ("who", "source", "to", "cue") else value


def _names(text: str | None) -> tuple[str, ...] | None:
    """The words that count; all of them where there are no others (*per*)."""
    if text is None:
        return None
    words = _WORD.findall(text.casefold())
    return tuple(word for word in words if word not in load_data("scoring")["stop"]) or tuple(words)


def _words(text: str, claim: Claim) -> set[int]:
    return {match.start() for start, end in claim["spans"]["claim"] for match in _WORD.finditer(text, start, end)}


def _overlap(text: str, one: Claim, other: Claim) -> float:
    first, second = _words(text, one), _words(text, other)
    return len(first & second) / len(first | second) if first or second else 0.0


def _pair(text: str, wanted: Sequence[Claim], found: Sequence[Claim]) -> dict[int, int]:
    """The claim found for each wanted one, the best overlap first; of equal ones the one with the wanted cue."""
    order = [
        (-_overlap(text, a, b), _names(a["cue"]) != _names(b["cue"]), i, j)
        for i, a in enumerate(wanted)
        for j, b in enumerate(found)
    ]
    pairs: dict[int, int] = {}
    for overlap, _, i, j in sorted(order):
        if -overlap >= 0.5 and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


# The tests

_KNOWN = read_known()


def _params() -> list[Any]:
    params = []
    for case in read_cases():
        kind = _KNOWN.get(case.id)
        reason = f"known: {kind}; where it is right now, {REFRESH}"
        marks = [pytest.mark.xfail(strict=True, reason=reason, raises=AssertionError)] if kind else []
        params.append(pytest.param(case, id=case.id, marks=marks))
    return params


@pytest.mark.model
@pytest.mark.parametrize("case", _params())
def test_case(nlp: Language, case: Case) -> None:
    faults = [f"{kind}: {detail}" for kind, detail in find_faults(case, extract_claims(nlp, case.text))]
    assert not faults, f"{case.why}\n{case.text}\n" + "\n".join(faults)


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.id)
def test_a_case_is_well_formed(case: Case) -> None:
    assert case.why
    assert case.claims or not case.partial, "a case with no claims and others allowed tests nothing"
    for claim in case.claims:
        assert set(claim) <= FIELDS | {"claim"}
        placed = place_claim(case.text, {"source": None, **claim, "cue": None})
        assert [case.text[start:end] for start, end in placed["spans"]["claim"]] == claim["claim"]
        assert claim.get("cue") is None or claim["cue"] in case.text
    assert not list(find_faults(case, perfect(case)))


def perfect(case: Case) -> list[dict[str, Any]]:
    """The claims of the case as an engine without faults would give them."""
    found = []
    for number, claim in enumerate(case.claims, 1):
        placed = place_claim(case.text, {"source": None, "cue": None, **claim})
        within = claim.get("within")
        inside = None if within is None else within + 1
        found.append({**dict.fromkeys(FIELDS), "via": [], **placed, "id": number, "within": inside})
    return found


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("who", {"who": "Bruno"}),
        ("who", {"who": None}),
        ("source", {"source": None}),
        ("level", {"level": "media"}),
        ("cue", {"cue": "dice"}),
        ("mode", {"mode": "direct"}),
        ("certainty", {"certainty": "hedged"}),
        ("to", {"to": "ANSA"}),
        ("via", {"via": ["ANSA"]}),
        ("within", {"within": 3}),
        ("span", {"spans": {"claim": [[20, 30]]}}),
        ("missed", {"spans": {"claim": [[31, 37]]}}),
    ],
)
def test_each_kind_of_fault_is_seen(kind: str, changes: dict[str, Any]) -> None:
    claim = {
        "claim": ["il piano è pronto"],
        "who": "Anna Rossi",
        "source": "Anna Rossi",
        "cue": "Secondo",
        "level": "named-person",
    }
    rest = {"mode": "indirect", "certainty": "asserted", "to": None, "via": [], "within": None}
    case = Case("made/1", "Secondo Anna Rossi, il piano è pronto.", ({**claim, **rest},), "made here")
    found = perfect(case)[0]
    assert not list(find_faults(case, [found]))
    assert [fault for fault, _ in find_faults(case, [found, found])] == ["spurious"]
    assert next(fault for fault, _ in find_faults(case, [{**found, **changes}])) == kind


def test_known_failures_are_cases_and_are_counted() -> None:
    ids = {case.id for case in read_cases()}
    assert set(_KNOWN) <= ids
    listed = yaml.safe_load(KNOWN.read_text(encoding="utf8")) or {}
    assert set(listed) <= set(KINDS)
    assert {kind: entry["count"] for kind, entry in listed.items()} == {
        kind: len(entry["cases"]) for kind, entry in listed.items()
    }


def score_samples(nlp: Language) -> Figures:
    """The engine on our own annotated articles."""
    paths = {path.stem: path for path in SAMPLES.iterdir() if path.suffix in (".txt", ".md")}
    sources = {name: read_file(path) for name, path in paths.items()}
    gold = load_gold(HERE / "gold", texts={name: source.text for name, source in sources.items()})
    return score(gold, {a.id: extract_source(nlp, sources[a.id]).to_dict()["claims"] for a in gold})


@pytest.mark.model
def test_our_own_articles_score_at_least_the_floor(nlp: Language) -> None:
    figures = score_samples(nlp)
    assert figures.joint.gold >= 150
    assert figures.joint.f1 >= FLOOR


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Print the cases that fail, by what is wrong first.")
    parser.add_argument("--write", action="store_true", help=f"rewrite {KNOWN.name}")
    parser.add_argument("--details", action="store_true", help="say what is wrong with each")
    parser.add_argument("--model", help="another pipeline")
    args = parser.parse_args(argv)
    nlp = load_pipeline(args.model)
    failing: dict[str, list[str]] = {}
    cases = read_cases()
    for case in cases:
        faults = sorted(find_faults(case, extract_claims(nlp, case.text)), key=lambda fault: KINDS.index(fault[0]))
        if faults:
            failing.setdefault(faults[0][0], []).append(case.id)
            if args.details:
                print(f"{case.id}: {case.text}", *(f"    {kind}: {detail}" for kind, detail in faults), sep="\n")
    listed = {kind: {"count": len(failing[kind]), "cases": failing[kind]} for kind in KINDS if kind in failing}
    head = f"# Cases that the engine has still wrong, by what is wrong first. Written by {REFRESH}.\n"
    text = head + yaml.safe_dump(listed, sort_keys=False, allow_unicode=True)
    print(text + f"# {sum(map(len, failing.values()))} of {len(cases)} cases; own articles: {score_samples(nlp).joint}")
    if args.write:
        KNOWN.write_text(text, encoding="utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
