"""Which claims of an article to give: by level, by who says it, by confidence."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from claimx.model import Article, Claim, Level


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that a claim must meet, all of them; of several names or levels, one.

    Ids stay as they are, and so does `within`, which may name a claim left out: the numbers are those of the whole record.
    """

    attributed: bool = False  # leave out what the article says in its own voice
    levels: frozenset[Level] = frozenset()  # empty: any
    who: tuple[str, ...] = ()  # parts of names, without regard to case and accents; empty: any, and nobody
    min_confidence: float = 0.0

    def has(self, claim: Claim) -> bool:
        """Whether `claim` meets every condition."""
        if self.attributed and claim.level is Level.AUTHOR:
            return False
        if self.levels and claim.level not in self.levels:
            return False
        if claim.confidence < self.min_confidence:
            return False
        return not self.who or (claim.who is not None and self._names(claim.who))

    def apply(self, article: Article) -> Article:
        """The article with the claims selected."""
        if self == Selection():
            return article
        return replace(article, claims=tuple(claim for claim in article.claims if self.has(claim)))

    def _names(self, who: str) -> bool:
        folded = fold(who)
        return any(fold(name) in folded for name in self.who)


def fold(text: str) -> str:
    """`text` without accents and case, apostrophes straight, white space single: *Nicolò D’Amico* is *nicolo d'amico*."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().split())
