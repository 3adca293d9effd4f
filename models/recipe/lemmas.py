"""Tables for spaCy's own rule lemmatizer: what the treebanks say, then morph-it, then suffix rules learnt from both.

A form's lemma hangs on its POS; "cercarlo" has the lemma "cercare lo", as `spacy convert --merge-subtokens` writes it.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import resources

from spacy.lookups import Lookups
from spacy.tokens import Doc

Lexicon = dict[str, dict[str, str]]  # POS in small letters -> form -> lemma
OPEN = ("noun", "verb", "adj")  # morph-it is asked for these only: its habits differ for the others
LONGEST = 7
SUPPORT = {1: 1, 2: 4, 3: 8, 4: 15, 5: 15, 6: 15, 7: 15}  # forms that a rule of this length must explain


def gold_lexicon(docs: Iterable[Doc]) -> Lexicon:
    """The lemma most often given to each form and POS; names keep their form and are left out."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for doc in docs:
        for token in doc:
            if token.pos_ not in ("", "PROPN", "PUNCT", "SYM") and token.lemma_:
                counts[token.pos_.lower(), token.text.lower()][token.lemma_] += 1
    lexicon: Lexicon = defaultdict(dict)
    for (pos, form), lemmas in counts.items():
        lexicon[pos][form] = lemmas.most_common(1)[0][0]
    return lexicon


def add_morph_it(lexicon: Lexicon) -> Lexicon:
    """The lexicon with morph-it's forms added. It writes no clitics in lemmas, so those forms are left to the rules."""
    whole = {pos: dict(forms) for pos, forms in lexicon.items()}
    for pos in OPEN:
        rules = learn_rules(lexicon[pos], clitics=True)
        forms = whole[pos]
        file = resources.files("spacy_lookups_data") / f"data/it_lemma_lookup_{pos}.json.gz"
        for form, lemma in json.loads(gzip.decompress(file.read_bytes())).items():
            if form in forms or not form.isalpha() or not lemma.isalpha() or form != form.lower():
                continue
            by_rule = apply_rules(form, rules)
            if " " not in by_rule or by_rule.split(" ")[0] != lemma:
                forms[form] = lemma
    return whole


def learn_rules(forms: dict[str, str], *, clitics: bool = False) -> list[tuple[str, str]]:
    """Suffix rules, longest first; those that write a clitic apart ("arlo", "are lo"), or those that do not."""
    seen: dict[str, Counter[str | None]] = defaultdict(Counter)
    for form, lemma in forms.items():
        if " " in lemma and not clitics:
            continue
        same = 0
        while same < min(len(form), len(lemma)) and form[same] == lemma[same]:
            same += 1
        for length in range(1, min(LONGEST, len(form)) + 1):
            at = len(form) - length
            seen[form[at:]][form[at:same] + lemma[same:] if at <= same else None] += 1
    rules: dict[str, str] = {}
    for suffix in sorted(seen, key=len):
        new, count = max(seen[suffix].items(), key=lambda item: (item[1], str(item[0])))
        if new is None or (" " in new) != clitics:
            continue
        if count < (2 if clitics else SUPPORT[len(suffix)]) or clitics and count < 0.8 * seen[suffix].total():
            continue
        shorter = next((suffix[i:] for i in range(1, len(suffix)) if suffix[i:] in rules), None)
        if shorter is None or suffix[: -len(shorter)] + rules[shorter] != new:
            rules[suffix] = new
    return sorted(rules.items(), key=lambda rule: (-len(rule[0]), rule))


def apply_rules(form: str, rules: list[tuple[str, str]]) -> str:
    """As spaCy's `rule_lemmatize` does with an empty index: the first that fits, but any with a space before others."""
    fitting = [form[: len(form) - len(old)] + new for old, new in rules if form.endswith(old)]
    return next((lemma for lemma in fitting if lemma and not lemma.isalpha()), next(filter(None, fitting), form))


def make_lookups(docs: Iterable[Doc]) -> Lookups:
    """The three tables; forms that the rules get right are not listed."""
    gold = gold_lexicon(docs)
    lexicon = add_morph_it(gold)
    as_it_is = ("", "")  # the last rule: the form in small letters; foreign words (X) keep their capitals
    rules = {pos: [as_it_is] for pos in lexicon if pos != "x"}
    rules |= {pos: [*learn_rules(gold[pos], clitics=True), *learn_rules(lexicon[pos]), as_it_is] for pos in OPEN}
    exceptions = {
        pos: {form: [lemma] for form, lemma in forms.items() if apply_rules(form, rules.get(pos, [])) != lemma}
        for pos, forms in lexicon.items()
    }
    lookups = Lookups()
    lookups.add_table("lemma_rules", {pos: [list(rule) for rule in pairs] for pos, pairs in rules.items()})
    lookups.add_table("lemma_exc", exceptions)
    lookups.add_table("lemma_index", {pos: [] for pos in rules})
    return lookups
