"""A mail as HTML for mail programs: tables for the layout, and nothing that is fetched."""

from collections.abc import Sequence
from html import escape
from typing import assert_never

from alpine_service.domain.letters.as_text import MARK
from alpine_service.domain.letters.blocks import (
    Block,
    Button,
    Cell,
    Code,
    Column,
    Facts,
    Heading,
    Link,
    Paragraph,
    Row,
    Table,
    plain,
)
from alpine_service.domain.letters.looks import WIDTH, look, sheet

_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
# From so many columns on a table is too wide for a telephone.
_MANY = 4
_STATE_SPAN = 2

# Outlook on Windows knows no max-width, and takes the width from a table that only it sees; nor
# does it hand fonts down into tables.
_OUTLOOK = f'<!--[if mso]>{_TABLE} width="{WIDTH}"><tr><td><![endif]-->'
_OUTLOOK_FONT = (
    "<!--[if mso]><style>body,td,th,p,h1,h2,a{font-family:'Segoe UI',Arial,sans-serif!important}"
    "</style><![endif]-->"
)
_OUTLOOK_END = "<!--[if mso]></td></tr></table><![endif]-->"


def as_html(title: str, preheader: str, blocks: Sequence[Block], footnotes: Sequence[Block]) -> str:
    """The document; `preheader` is what a list of mails shows beside the title."""
    body = "\n".join([f"<h1 {look('title')}>{_said(title)}</h1>", *map(_block, blocks)])
    foot = "\n".join(map(_block, footnotes))
    foot_row = f"<tr><td {look('foot')}>\n{foot}\n</td></tr>\n" if footnotes else ""
    return f"""<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<meta name="x-apple-disable-message-reformatting">
<title>{_said(title)}</title>
<style>
{sheet()}
</style>
{_OUTLOOK_FONT}
</head>
<body {look("page")}>
<div {look("hidden")}>{_said(preheader)}</div>
{_TABLE} width="100%" {look("page")}>
<tr><td align="center" {look("edge")}>
{_OUTLOOK}
{_TABLE} width="100%" style="max-width:{WIDTH}px;border-collapse:separate;text-align:left;">
<tr><td {look("mark")}><span {look("peak")} aria-hidden="true">&#9651;</span> {MARK}</td></tr>
<tr><td {look("card")}>
{body}
</td></tr>
{foot_row}</table>
{_OUTLOOK_END}
</td></tr>
</table>
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            said = f"<h2 {look('heading')}>{_said(text)}</h2>"
        case Paragraph(text, is_quiet):
            said = f"<p {look('quiet' if is_quiet else 'text')}>{_said(text)}</p>"
        case Button(label, url):
            said = (
                f'{_TABLE} style="margin:24px 0;"><tr><td {look("slot")}>'
                f'<a href="{escape(url)}" {look("button")}>{_said(label)}</a></td></tr></table>'
            )
        case Link(label, url, is_quiet):
            link = f'<a href="{escape(url)}" {look("link")}>{_said(label)}</a>'
            said = f"<p {look('quiet' if is_quiet else 'way')}>{link}</p>"
        case Code(label, value):
            said = (
                f"<p {look('quiet')}>{_said(label)}</p>\n"
                f'{_TABLE} width="100%" style="margin:0 0 16px;border-collapse:separate;">'
                f"<tr><td {look('box')}><code {look('code')}>{_said(value)}</code></td></tr>"
                "</table>"
            )
        case Facts(rows):
            said = _facts(rows)
        case Table():
            said = _table(block)
        case _:
            assert_never(block)
    return said


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    lines = "\n".join(
        f'<tr><th scope="row" align="left" {look("name")}>{_said(name)}</th>'
        f"<td {look('value')}>{_said(value)}</td></tr>"
        for name, value in rows
    )
    return (
        '<table cellpadding="0" cellspacing="0" border="0" width="100%"'
        f' style="margin:0 0 16px;">\n{lines}\n</table>'
    )


def _table(table: Table) -> str:
    titles = "".join(
        f'<th scope="col" {look("head-number" if each.is_numeric else "head")}>'
        f"{_said(each.title)}</th>"
        for each in table.columns
    )
    rows = "\n".join(_row(row, table.columns) for row in table.rows)
    # Around the table, because the table itself is how it looks.
    kind = "a-many" if len(table.columns) >= _MANY else "a-few"
    return (
        f'<div class="{kind}">'
        f'<table {look("table")} cellpadding="0" cellspacing="0" border="0" width="100%">\n'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _row(row: Row, columns: Sequence[Column]) -> str:
    first, *others = zip(row.cells, columns, strict=True)
    link = f'<a href="{escape(row.url)}" {look("subject")}>{_said(first[0].text)}</a>'
    cells = [_cell(link, first[1]), *(_cell(_toned(cell), column) for cell, column in others)]
    # As much of the second line as the state may need; the first column is never its.
    ends = min(_STATE_SPAN, len(columns) - 1)
    return (
        f"<tr {look('row')}>{''.join(cells)}</tr>\n"
        f'<tr><td colspan="{len(columns) - ends}" {look("note")}>{_said(row.note)}</td>'
        f'<td nowrap colspan="{ends}" {look("state")}>{_said(row.state)}</td></tr>'
    )


def _cell(inner: str, column: Column) -> str:
    if not column.is_numeric:
        return f"<td nowrap {look('cell')}>{inner}</td>"
    label = f"<span {look('label')}>{_said(column.title)}</span>"
    return f"<td nowrap {look('number')}>{label}{inner}</td>"


def _toned(cell: Cell) -> str:
    said = _said(cell.text)
    return said if cell.tone is None else f"<span {look(cell.tone.value)}>{said}</span>"


def _said(text: str) -> str:
    return escape(plain(text))
