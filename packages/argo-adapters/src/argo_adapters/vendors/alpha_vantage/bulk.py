"""Rows of REALTIME_BULK_QUOTES, and the ways they say that there is no number."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.vendors.alpha_vantage.eastern import EASTERN, moment_in
from argo_core.consensus.rules.quotes_and_news import QuoteRow
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.instrument import Symbol

SKEW = timedelta(seconds=5)
"""How far the vendor's clock may be ahead of ours."""

OLDEST = timedelta(days=7)
"""Past the longest pause the exchange makes, a row is of a symbol that no longer trades."""

_MARKS = {"", ".", "-", "None"}


@frozen
class Rows:
    """What a reply says: rows by symbol, who honestly has none, and whose cannot be used; and why.

    Before the day's first trade a stock has no prices, which is nobody's fault.
    """

    usable: dict[Symbol, QuoteRow]
    absent: dict[Symbol, str]
    unusable: dict[Symbol, str]


@frozen
class _Absent:
    """The name of a number that is not there."""

    name: str


def read_bulk(names: Mapping[str, Symbol], root: Node, now: datetime) -> Rows:
    """The rows about the symbols in `names`, which is by the vendor's spelling.

    Raises:
        VendorGarbled: there are no rows, one is about a symbol nobody asked for, or one has a stamp
            that is no time. The samples beside a refusal have both, so nothing of it is used.
    """
    usable: dict[Symbol, QuoteRow] = {}
    absent = dict.fromkeys(names.values(), "not answered")
    unusable: dict[Symbol, str] = {}
    seen: set[Symbol] = set()
    for row in root["data"].rows():
        symbol = names.get(row["symbol"].text())
        if symbol is None:
            raise VendorGarbled(root.source, f"{row.path} is about a symbol nobody asked for")
        at = moment_in(EASTERN, row["timestamp"])
        outcome = "quoted twice" if symbol in seen else _row(row, at, now)
        seen.add(symbol)
        for place in (usable, absent, unusable):
            place.pop(symbol, None)
        match outcome:
            case QuoteRow():
                usable[symbol] = outcome
            case _Absent(name):
                absent[symbol] = f"{name} is absent"
            case problem:
                unusable[symbol] = problem
    return Rows(usable, absent, unusable)


def number_or_none(row: Node, name: str) -> float | None:
    """The number written as a string at `name`; None where a mark or nothing stands for it.

    Raises:
        VendorGarbled: something else stands there.
    """
    value = row.get(name)
    if value is None or value.value in _MARKS:
        return None
    return value.number_in_text()


def _row(row: Node, at: datetime, now: datetime) -> "QuoteRow | _Absent | str":
    if at > now + SKEW:
        return "quoted in the future"
    if at < now - OLDEST:
        return "the quote is more than a week old"
    numbers: dict[str, float] = {}
    for name in ("close", "open", "high", "low", "previous_close"):
        try:
            value = number_or_none(row, name)
        except VendorGarbled:
            return f"{name} is not a number"
        if value is None:
            return _Absent(name)
        numbers[name] = value
    try:
        return QuoteRow(price=numbers.pop("close"), **numbers, at=at)
    except InvalidInput as error:
        return f"{error.field}: {error.problem}"
