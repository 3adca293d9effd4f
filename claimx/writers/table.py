"""The table for reviewers: who says what, how well sourced, in the article's own words.

Wraps to the width given, colours by level where the stream is a terminal that shows colours (rich decides, and heeds
NO_COLOR). Everything that comes from the article goes through `show_line`: no control character reaches the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from claimx.model import Article, Certainty, Claim, Level
from claimx.visible import show_line
from claimx.writers import WriteOptions
from claimx.writers.labels import COLUMNS, Labels, load_labels

_LEVEL_STYLES = {
    Level.NAMED_PERSON: "green",
    Level.INSTITUTION: "cyan",
    Level.DOCUMENT: "blue",
    Level.MEDIA: "magenta",
    Level.UNNAMED_PERSON: "yellow",
    Level.UNNAMED_GROUP: "yellow",
    Level.UNNAMED_SOURCES: "bold yellow",
    Level.UNSPECIFIED: "red",
    Level.AUTHOR: "dim",
}
_CERTAINTY_STYLES = {
    Certainty.ASSERTED: "",
    Certainty.HEDGED: "yellow",
    Certainty.DENIED: "red",
    Certainty.INTENDED: "blue",
}
_MIN_WIDTH = 60  # below it columns would be a letter wide; the terminal may wrap instead
_WIDE = 100  # from here on there is room for two spaces between columns
_TRAILING = re.compile(r" +$", re.MULTILINE)


def write(articles: Iterable[Article], stream: TextIO, options: WriteOptions) -> None:
    """Writes for each article its title, its table and a line of counts."""
    labels = load_labels(options.lang)
    width = max(options.width, _MIN_WIDTH)
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)
    first = True
    for article in articles:
        with console.capture() as capture:
            if not first:
                console.print()
            console.print(_heading(article))
            if article.claims:
                console.print(_table(article, labels, width, explain=options.explain))
            attributed = sum(claim.level is not Level.AUTHOR for claim in article.claims)
            console.print(Text(labels.summary.format(claims=len(article.claims), attributed=attributed), style="dim"))
        stream.write(_TRAILING.sub("", capture.get()))
        stream.flush()
        first = False


def _heading(article: Article) -> Text:
    document = article.document
    heading = Text(show_line(document.title or document.id), style="bold")
    details = [show_line(detail) for detail in (document.path, document.date) if detail]
    return heading.append("\n").append("  ".join(details), style="not bold dim")


def _table(article: Article, labels: Labels, width: int, *, explain: bool) -> Table:
    gap = 2 if width >= _WIDE else 1
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, gap - 1, 0, 0), leading=1)
    for column, room in _share_width(article, labels, width - gap * (len(COLUMNS) - 1)).items():
        justify: Literal["left", "right"] = "right" if column in ("id", "line") else "left"
        table.add_column(labels.columns[column], justify=justify, width=room, overflow="fold")
    for claim in article.claims:
        style = _LEVEL_STYLES[claim.level]
        table.add_row(
            str(claim.id),
            Text(show_line(claim.who or "–"), style=style),
            Text(labels.levels[claim.level], style=style),
            Text(labels.certainties[claim.certainty], style=_CERTAINTY_STYLES[claim.certainty]),
            _content(claim, labels, explain=explain),
            Text(show_line(claim.cue or "–")),
            str(claim.line),
        )
    return table


def _content(claim: Claim, labels: Labels, *, explain: bool) -> Text:
    content = Text(show_line(claim.claim), style="dim" if claim.level is Level.AUTHOR else "")
    if explain:
        for reason in (labels.confidence.format(confidence=f"{claim.confidence:.2f}"), *claim.evidence):
            content.append(f"\n· {show_line(reason)}", style="not bold italic dim")
    return content


def _share_width(article: Article, labels: Labels, room: int) -> dict[str, int]:
    """How wide each column is: numbers and labels as they need, the rest for who, claim and cue."""
    words = {
        "id": [str(claim.id) for claim in article.claims],
        "level": labels.levels.values(),
        "certainty": labels.certainties.values(),
        "line": [str(claim.line) for claim in article.claims],
    }
    widths = {column: _word_width(labels.columns[column], *words.get(column, ())) for column in COLUMNS}
    left = room - sum(widths[column] for column in words)
    widths["who"] = max(left // 4, 9)
    cues = [show_line(claim.cue) for claim in article.claims if claim.cue]
    widths["cue"] = min(_word_width(labels.columns["cue"], *cues), left // 4)
    widths["claim"] = left - widths["who"] - widths["cue"]
    return widths


def _word_width(*labels: str) -> int:
    """The narrowest column that breaks none of the labels' words."""
    return max(cell_len(word) for label in labels for word in label.split())
