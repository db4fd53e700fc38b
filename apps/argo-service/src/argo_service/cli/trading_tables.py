"""The service's answers about trading as tables for people."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from argo_service.trading.tightest import tightest

Answer = Mapping[str, Any]

_STATES = {"ACTIVE": "green", "REDUCING": "yellow", "HALTED": "bold red"}
_SECONDS = 19
_WIDEST = 400


def draw_status(console: Console, answer: Answer) -> None:
    """State, money and the tightest limits."""
    account, risk = answer["account"], answer["risk"]
    console.print(_state(risk), Text(f"broker {_said(account['broker'])}"))
    _draw_causes(console, risk["causes"])
    money = _table(right=("equity", "day", "open", "realised", "fees", "cash", "held", "orders"))
    money.add_row(
        _money(account["equity"]),
        _gain(account["day_pnl"]),
        _gain(account["open_pnl"]),
        _gain(account["realised"]),
        _money(account["fees"]),
        _money(account["cash"]),
        str(account["positions"]),
        str(account["open_orders"]),
    )
    _draw(console, money)
    console.print(_rules(tightest(risk["rules"], measured)))
    console.print(_books(risk["reconciliation"]))


def draw_positions(console: Console, answer: Answer) -> None:
    """A row for each position."""
    if not answer["positions"]:
        console.print("nothing is held")
        return
    prices = ("shares", "cost", "price", "unrealised", "stop", "target", "protected")
    table = _table("symbol", right=prices, then=("until (UTC)", "exit"))
    for one in answer["positions"]:
        plan = one["plan"] or {}
        whole = abs(Decimal(one["quantity"])) == Decimal(one["protected"])
        table.add_row(
            Text(_said(one["symbol"])),
            _said(one["quantity"]),
            _price(one["average"]),
            _price(one["mark"]),
            _gain(one["unrealised"]),
            _price(plan.get("stop")),
            _price(plan.get("target")),
            Text(_said(one["protected"]), "green" if whole else "bold red"),
            _moment(plan.get("until")),
            Text(_said(plan.get("exit"))),
        )
    _draw(console, table)


def draw_orders(console: Console, answer: Answer) -> None:
    """A row for each order."""
    if not answer["orders"]:
        console.print("no orders")
        return
    told = ("placed (UTC)", "symbol", "side", "leg", "type")
    table = _table(*told, right=("shares", "filled", "price"), then=("status", "id", "problem"))
    for one in answer["orders"]:
        price = one["average"] or one["limit"] or one["stop"]
        table.add_row(
            _moment(one["placed_at"]),
            *(Text(_said(one[name])) for name in ("symbol", "side", "leg", "type")),
            _said(one["quantity"]),
            _said(one["filled"]),
            _price(price),
            Text(_said(one["status"]), "bold" if one["open"] else "dim"),
            Text(_said(one["id"])),
            Text(_said(one["problem"], none="")),
        )
    _draw(console, table)
    _more(console, answer)


def draw_order(console: Console, answer: Answer) -> None:
    """The order, what the rules said, what happened."""
    if answer["order"] is not None:
        draw_orders(console, {"orders": [answer["order"]], "next": None})
    if answer["certificate"] is not None:
        _draw_certificate(console, answer["certificate"])
    history = _table("number", "at (UTC)", "fact")
    history.add_column("said", overflow="fold")
    for one in answer["history"]:
        said = ", ".join(f"{name} {value}" for name, value in one["said"].items())
        history.add_row(
            str(one["number"]), _moment(one["at"]), Text(_said(one["fact"])), Text(_said(said))
        )
    console.print(history)


def draw_fills(console: Console, answer: Answer) -> None:
    """A row for each fill."""
    if not answer["fills"]:
        console.print("no fills")
        return
    paid = ("shares", "price", "worth", "fee", "earned")
    table = _table("at (UTC)", "symbol", "side", "leg", right=paid, then=("order",))
    for one in answer["fills"]:
        table.add_row(
            _moment(one["at"]),
            *(Text(_said(one[name])) for name in ("symbol", "side", "leg")),
            _said(one["quantity"]),
            _price(one["price"]),
            _money(one["value"]),
            _money(one["fee"]),
            _gain(one["realised"]),
            Text(_said(one["order_id"])),
        )
    _draw(console, table)
    _more(console, answer)


def draw_denials(console: Console, answer: Answer) -> None:
    """A row for each order that was denied."""
    if not answer["denials"]:
        console.print("nothing was denied")
        return
    table = _table("at (UTC)", "symbol", "side", right=("shares",), then=("because of", "order"))
    for one in answer["denials"]:
        table.add_row(
            _moment(one["at"]),
            *(Text(_said(one[name])) for name in ("symbol", "side", "quantity")),
            Text(_said(", ".join(one["denials"]))),
            Text(_said(one["order_id"])),
        )
    _draw(console, table)


def draw_risk(console: Console, answer: Answer) -> None:
    """State, causes, every limit with what is left of it."""
    console.print(_state(answer), Text(f"broker {_said(answer['broker'])}"))
    _draw_causes(console, answer["causes"])
    console.print(_rules(answer["rules"]))
    for title in ("symbols", "sectors"):
        if answer[title]:
            table = _table(title.removesuffix("s"), right=("limit", "left"))
            for name, one in answer[title].items():
                table.add_row(Text(_said(name)), _money(one["limit"]), _gain(one["margin"]))
            _draw(console, table)
    console.print(_books(answer["reconciliation"]))


def draw_control(console: Console, answer: Answer) -> None:
    """Where an operator's word has left trading."""
    console.print(_state(answer))
    _draw_causes(console, answer["causes"])
    if answer["closing"]:
        console.print(Text(f"being closed: {_said(', '.join(answer['closing']))}"))


def measured(rule: Answer) -> tuple[str, Decimal | None]:
    """A rule's limit and what is left of it."""
    margin = rule["margin"]
    return rule["limit"], None if margin is None else Decimal(margin)


def _rules(rules: Iterable[Answer]) -> Table:
    table = _table("rule", right=("limit", "left"), then=("unit",))
    table.add_column("what it allows", overflow="fold")
    for one in rules:
        broken = one["denial"] is not None
        table.add_row(
            Text(_said(one["rule"]), "bold red" if broken else ""),
            Text(_measure(one["limit"], one["unit"])),
            Text(_measure(one["margin"], one["unit"]), "bold red" if broken else ""),
            Text(_said(one["unit"])),
            Text(_said(one["meaning"] if broken else one["bounds"])),
        )
    return table


def _draw_certificate(console: Console, certificate: Answer) -> None:
    verdict = (
        "allowed" if certificate["allowed"] else f"denied: {', '.join(certificate['denials'])}"
    )
    said = f"{_moment(certificate['at'])} UTC, {certificate['version']}: {verdict}"
    console.print(Text(_said(said), "green" if certificate["allowed"] else "bold red"))
    console.print(_rules(one for one in certificate["rules"] if not one["skipped"]))


def _draw_causes(console: Console, causes: Iterable[Answer]) -> None:
    for one in causes:
        said = (
            f"{one['cause']} since {_moment(one['since'])} UTC: {one['why']}"
            f" (ends by {one['ends_by']})"
        )
        console.print(Text(_said(said), _STATES.get(one["state"], "")))


def _books(reconciliation: Answer) -> Text:
    differences = reconciliation["differences"]
    age = reconciliation["age_s"]
    said = "never" if age is None else f"{age:.0f} s ago"
    if not differences:
        return Text(f"the broker's books were compared {said}: equal", "dim")
    texts = "; ".join(_said(one["text"]) for one in differences)
    return Text(f"the broker's books were compared {said}: {texts}", "bold red")


def _state(answer: Answer) -> Text:
    return Text(_said(answer["state"]), _STATES.get(answer["state"], "bold"))


def _more(console: Console, answer: Answer) -> None:
    if answer["next"] is not None:
        console.print(Text("there are more; ask with a larger --limit", "dim"))


def _table(*titles: str, right: Iterable[str] = (), then: Iterable[str] = ()) -> Table:
    """A table without lines: texts, then numbers on the `right` edge of theirs, then texts."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, no_wrap=True)
    for title in right:
        table.add_column(title, justify="right", no_wrap=True)
    for title in then:
        table.add_column(title, no_wrap=True)
    return table


def _draw(console: Console, table: Table) -> None:
    """As wide as it is: a number that is cut off is worse than a line that goes on."""
    width = console.width
    wide = console.options.update_width(_WIDEST)
    console.width = max(width, Measurement.get(console, wide, table).maximum)
    console.print(table)
    console.width = width


def _said(value: object, none: str = "-") -> str:
    """As text, without what a terminal would obey."""
    text = none if value is None else str(value)
    return "".join(one if one.isprintable() else "?" for one in text)


def _money(value: str | None) -> str:
    return "-" if value is None else f"{Decimal(value):,.2f}"


def _price(value: str | None) -> str:
    """To the cent at least, and to a hundredth of it where the price has that."""
    if value is None:
        return "-"
    whole, _, part = f"{Decimal(value):,.4f}".partition(".")
    return f"{whole}.{part.rstrip('0'):0<2}"


def _measure(value: str | None, unit: str) -> str:
    """A limit or what is left of it; what is no number is a word, and is left as it is."""
    try:
        amount = Decimal(value or "-")
    except InvalidOperation:
        return _said(value)
    if unit == "money":
        return f"{amount:,.2f}"
    if unit == "price":
        return _price(value)
    # Spans of microseconds say no more to anybody than those of tenths.
    return f"{round(amount, 1):,}" if unit == "seconds" and amount % 1 else f"{amount:,}"


def _gain(value: str | None) -> Text:
    if value is None:
        return Text("-")
    amount = Decimal(value)
    colour = "green" if amount > 0 else "red" if amount < 0 else "dim"
    return Text(f"{amount:+,.2f}", colour)


def _moment(value: str | None) -> str:
    return "-" if value is None else _said(value)[:_SECONDS].replace("T", " ")
