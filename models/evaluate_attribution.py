"""Print the figures of the installed attribution models on annotated articles.

    python models/evaluate_attribution.py GOLD_FOLDER... [--model PIPELINE] [--only-held-out]

The measures are those of `claimx.scoring`; joint is content, source and level right. --only-held-out keeps the
articles whose number is 2 modulo 4: the quarter that train_attribution.py --holdout leaves out.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from claimx.extraction import extract_source
from claimx.model import Level
from claimx.nlp import load_pipeline
from claimx.reading import from_text
from claimx.scoring import Ratio, load_gold, score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--model", help="another spaCy pipeline, by name or folder")
    parser.add_argument("--only-held-out", action="store_true")
    args = parser.parse_args()
    nlp = load_pipeline(args.model)
    for folder in args.gold:
        gold = [a for a in load_gold(folder) if not args.only_held_out or a.held_out]
        predicted = {}
        for article in gold:
            record = extract_source(nlp, from_text(article.text)).to_dict()
            predicted[article.id] = [c for c in record["claims"] if c["level"] != Level.AUTHOR.value]
        figures = score(gold, predicted)
        print(f"\n{folder}{' (held-out quarter)' if args.only_held_out else ''}: {len(gold)} articles, "
              f"{figures.claim.gold} claims, {figures.claim.predicted} predicted")  # fmt: skip
        for name in ("claim", "source", "joint", "exact", "tokens"):
            print_ratio(name, getattr(figures, name))
        print("accuracy   " + "  ".join(f"{name} {value:.3f}" for name, value in figures.accuracy.items()))
        if figures.calibration_error is not None:
            print(f"expected calibration error of confidence {figures.calibration_error:.3f}")
        for title, ratios in (("mode", figures.by_mode), ("level", figures.by_level), ("cue", figures.by_cue)):
            print_ratios(f"joint by {title}", ratios)


def print_ratio(name: str, ratio: Ratio) -> None:
    print(f"{name:10} P {ratio.precision:.3f}  R {ratio.recall:.3f}  F1 {ratio.f1:.3f}")


def print_ratios(title: str, ratios: Mapping[str, Ratio]) -> None:
    print(title + ": " + ", ".join(f"{name} {r.f1:.2f} (n {r.gold})" for name, r in ratios.items()))


if __name__ == "__main__":
    main()
