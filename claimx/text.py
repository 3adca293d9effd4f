"""Characters and lines: normalisation that keeps every offset, and the cutting of a text into blocks.

The treebanks know only the straight apostrophe and quotation mark, so *l’accordo* and *“sì”* are misread unless the parser
sees *l'accordo* and *"sì"*. Each character is exchanged for exactly one, so `normalise(text)[a:b]` and `text[a:b]` are the
same stretch.
"""

from __future__ import annotations

_EXCHANGE = {
    **dict.fromkeys("’‘ʼ`´‛‹›′＇", "'"),
    **dict.fromkeys("“”„‟«»″＂❝❞", '"'),
    **dict.fromkeys("\u00a0\u202f\u2007\u2009\u200a\u2002\u2003\u3000\t\v\f", " "),
}
_TABLE = str.maketrans(_EXCHANGE)


def normalise(text: str) -> str:
    """The text with typographic marks and odd spaces exchanged, one character for one: same length, same offsets."""
    return text.translate(_TABLE)
