"""The drawings of the explanation pages: boxes and arrows, as SVG.

python docs/pictures/drawings.py
"""

from __future__ import annotations

from html import escape
from pathlib import Path

HERE = Path(__file__).parent
INK, LINE, PAPER = "#1f2d2b", "#4b6b66", "#fbfaf6"
FILLS = {"plain": "#ffffff", "code": "#dcefe9", "work": "#e4e6f7", "gone": "#f6e1dc", "warn": "#fbeecb"}
FONT = "font-family='ui-sans-serif, system-ui, Helvetica, Arial, sans-serif'"


class Drawing:
    """A picture of a fixed size on paper of its own, so that it reads on a dark page too."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._head = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' "
            f"aria-label='{escape(title, quote=True)}' {FONT} font-size='14'>"
            f"<title>{escape(title)}</title><defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' "
            f"markerWidth='8' markerHeight='8' orient='auto'><path d='M0 0 8 4 0 8z' fill='{LINE}'/></marker>"
            f"</defs><rect width='{width}' height='{height}' rx='10' fill='{PAPER}'/>"
        )
        self._parts: list[str] = []

    def box(self, x: int, y: int, width: int, height: int, *lines: str, fill: str = "plain") -> None:
        """A box; its first line is bold."""
        self._parts.append(
            f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='7' "
            f"fill='{FILLS[fill]}' stroke='{LINE}'/>"
        )
        top = y + height / 2 - (len(lines) - 1) * 9 + 5
        for number, line in enumerate(lines):
            weight = " font-weight='600'" if number == 0 else " font-size='12.5'"
            self.text(x + width // 2, int(top + number * 18), line, weight)

    def text(self, x: int, y: int, line: str, more: str = "", anchor: str = "middle") -> None:
        """A line of text."""
        self._parts.append(
            f"<text x='{x}' y='{y}' text-anchor='{anchor}' fill='{INK}'{more}>{escape(line)}</text>"
        )

    def arrow(self, x1: int, y1: int, x2: int, y2: int, label: str = "") -> None:
        """An arrow; its label stands above the middle."""
        self._parts.append(
            f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{LINE}' stroke-width='1.6' "
            "marker-end='url(#tip)'/>"
        )
        if label:
            self.text((x1 + x2) // 2, (y1 + y2) // 2 - 7, label, " font-size='12.5'")

    def svg(self) -> str:
        """The picture."""
        return self._head + "".join(self._parts) + "</svg>\n"


def overview() -> Drawing:
    """Two servers, what each keeps, and the bridge."""
    picture = Drawing(820, 300, "Two servers and the bridge between them")
    picture.box(20, 115, 130, 70, "MCP host", "an agent works", fill="plain")
    picture.box(250, 30, 240, 80, "codebase-server", "where is the code that does X?", fill="code")
    picture.box(250, 190, 240, 80, "workflow-server", "what is to be done, by whom?", fill="work")
    picture.box(590, 30, 210, 80, "your repository", "chunks with lasting ids", fill="code")
    picture.box(590, 190, 210, 80, "one file a project", "items, history, snapshots", fill="work")
    picture.arrow(150, 140, 246, 85)
    picture.arrow(150, 160, 246, 215)
    picture.arrow(490, 70, 586, 70, "reads")
    picture.arrow(490, 230, 586, 230, "keeps")
    picture.arrow(370, 190, 370, 114)
    picture.text(380, 156, "the bridge: is this code still there?", " font-size='12.5'", "start")
    return picture


def identity() -> Drawing:
    """One id through an edit, a move, a rename and the end."""
    picture = Drawing(860, 250, "A chunk keeps its id through an edit, a move and a rename")
    steps = (
        ("orders.py", "reserve()", "as written", "code"),
        ("orders.py", "reserve()", "body edited", "code"),
        ("stock.py", "reserve()", "moved", "code"),
        ("stock.py", "hold_items()", "renamed", "code"),
        ("tombstone", "last place, code", "deleted", "gone"),
    )
    for number, (place, name, what, fill) in enumerate(steps):
        x = 20 + number * 170
        picture.text(x + 70, 45, what, " font-size='12.5'")
        picture.box(x, 60, 140, 74, place, name, fill=fill)
        if number:
            picture.arrow(x - 30, 97, x - 4, 97)
    picture.box(20, 175, 820, 44, "c_zfidhmdb67ts", fill="work")
    for number in range(5):
        picture.arrow(90 + number * 170, 173, 90 + number * 170, 138)
    return picture


def states() -> Drawing:
    """How the state of a reference is decided."""
    picture = Drawing(640, 420, "The states of a reference and how they are decided")
    questions = (
        (("Can it be asked?", "is the index complete?"), ("unchecked", "last known state given"), "warn"),
        (("Is its code alive?", "by id, else by snapshot"), ("stale", "what it was, candidates"), "gone"),
        (("Is it the same code?", "by content"), ("changed", "a diff, and where to"), "warn"),
        (("In the same place?", "path and symbol"), ("moved", "both places given"), "code"),
    )
    for number, (question, state, fill) in enumerate(questions):
        y = 20 + number * 85
        picture.box(20, y, 230, 56, *question)
        picture.box(380, y, 230, 56, *state, fill=fill)
        picture.arrow(250, y + 28, 376, y + 28, "no")
        picture.arrow(135, y + 56, 135, y + 81)
        picture.text(148, y + 76, "yes", " font-size='12.5'", "start")
    picture.box(20, 360, 230, 44, "valid", fill="code")
    return picture


def ranking() -> Drawing:
    """From a question to an answer."""
    picture = Drawing(860, 270, "From a question to an answer")
    picture.box(20, 100, 120, 60, "question", "words, names")
    picture.box(190, 30, 190, 74, "by words", "symbol, path, signature,", "doc, body", fill="code")
    picture.box(190, 160, 190, 74, "by meaning", "a static model", "inside the package", fill="code")
    picture.box(430, 95, 150, 74, "features", "shares and flags", "of each candidate", fill="work")
    picture.box(620, 95, 100, 74, "weights", "learned,", "shipped", fill="work")
    picture.box(750, 95, 92, 74, "answer", "joined,", "budgeted")
    picture.arrow(140, 120, 186, 80)
    picture.arrow(140, 140, 186, 185)
    picture.arrow(380, 70, 428, 115)
    picture.arrow(380, 195, 428, 150)
    picture.arrow(580, 132, 616, 132)
    picture.arrow(720, 132, 746, 132)
    return picture


DRAWINGS = {"overview": overview, "identity": identity, "states": states, "ranking": ranking}


def main() -> None:
    """Write the pictures beside this file."""
    for name, draw in DRAWINGS.items():
        (HERE / f"{name}.svg").write_text(draw().svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
