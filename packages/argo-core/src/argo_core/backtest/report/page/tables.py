"""Tables of a page."""

import re
from collections.abc import Iterable, Sequence

from attrs import frozen

from argo_core.backtest.report.page.html import Child, Html, el, join

_DATE = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")


@frozen
class Column:
    """A heading; `number` is set to the right, `text` may break anywhere."""

    name: str
    number: bool = False

    @property
    def kind(self) -> str:
        """The class of its cells."""
        return "num" if self.number else "text"


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[Child]], *, kind: str = "", caption: str = ""
) -> Html:
    """A table whose first cell of each row names the row; wide ones scroll by themselves."""
    head = (el("th", one.name, scope="col", class_=one.kind) for one in columns)
    body = (el("tr", _name(row[0]), *_cells(columns[1:], row[1:])) for row in rows)
    made = el(
        "table",
        el("caption", caption) if caption else None,
        el("thead", el("tr", *head)),
        el("tbody", *body),
        class_=kind or None,
    )
    return el("div", made, class_="scroll")


def _name(cell: Child) -> Html:
    return el("th", cell, scope="row", class_="date" if _DATE.fullmatch(cell or "") else None)


def _cells(columns: Sequence[Column], cells: Sequence[Child]) -> Iterable[Html]:
    for column, cell in zip(columns, cells, strict=True):
        kind = "date" if _DATE.fullmatch(cell or "") else column.kind
        yield el("td", cell, class_=kind, data_label=column.name)


def toned(told: str, amount: float) -> Html:
    """Text in the colour of gain or loss; its sign says the same."""
    return el("span", told, class_="good" if amount > 0 else "bad" if amount < 0 else None)


def fold(title: str, *children: Child) -> Html:
    """What opens when it is asked for."""
    return el("details", el("summary", title), join(*children), class_="fold")
