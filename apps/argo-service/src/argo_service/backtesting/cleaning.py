"""What a request says about mending bars: its member `data`."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.options import Closing, Options, Rename, Split
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol
from argo_service.backtesting import members

OF_DATA: Final = ("splits", "renames", "without", "exclude")
"""Members that are checked against the bars as well, once these are read."""

MOST: Final = 2_000
"""Splits, renames or symbols."""

_DATA: Final = "data"
_MEMBERS: Final = (*OF_DATA, "refuse", "closing", "adjust")

Made = TypeVar("Made")
Word = TypeVar("Word", bound=StrEnum)


def read_data(value: object) -> Options:
    """How bars are to be mended, from the object that a request has for it.

    Raises:
        InvalidInput: a member is unknown, malformed or out of range.
    """
    given = members.an_object(value, _DATA)
    members.refuse_unknown(given, _MEMBERS, _DATA)
    there = {name: one for name, one in given.items() if one is not None}
    try:
        return Options(
            splits=_each("splits", there, _split),
            renames=_each("renames", there, _rename),
            without=_each("without", there, _symbol),
            refuse=_each("refuse", there, _defect),
            exclude=_each("exclude", there, _defect),
            closing=_word(Closing, there.get("closing", Closing.MARK.value), f"{_DATA}.closing"),
            adjust=members.a_choice(there.get("adjust", True), f"{_DATA}.adjust"),
        )
    except InvalidInput as error:
        if error.field.startswith(_DATA):
            raise
        raise InvalidInput(f"{_DATA}.{error.field}", error.problem, error.fix) from error


def told_data(options: Options) -> dict[str, Any]:
    """What `read_data` reads back; of what has no order, sorted."""
    return {
        "splits": [
            {"symbol": one.symbol, "on": one.on.isoformat(), "ratio": format(one.ratio, "f")}
            for one in sorted(options.splits, key=lambda one: (one.symbol, one.on))
        ],
        "renames": [
            {"old": one.old, "new": one.new, "on": None if one.on is None else one.on.isoformat()}
            for one in sorted(options.renames, key=lambda one: one.old)
        ],
        "without": sorted(options.without),
        "refuse": sorted(one.value for one in options.refuse),
        "exclude": sorted(one.value for one in options.exclude),
        "closing": options.closing.value,
        "adjust": options.adjust,
    }


def _each(
    name: str, given: Mapping[str, object], read: Callable[[object, str], Made]
) -> list[Made]:
    called, every = f"{_DATA}.{name}", given.get(name, [])
    if not isinstance(every, list):
        raise InvalidInput(called, "it is no list", "give a JSON list, or leave it out")
    if len(every) > MOST:
        raise InvalidInput(called, f"{len(every):,} are too many", f"give {MOST:,} at most")
    return [read(one, f"{called}[{place}]") for place, one in enumerate(every)]


def _split(value: object, name: str) -> Split:
    given = _whole(value, name, ("symbol", "on", "ratio"))
    ratio = members.an_amount(given["ratio"], f"{name}.ratio")
    symbol, on = (
        _symbol(given["symbol"], f"{name}.symbol"),
        members.a_date(given["on"], f"{name}.on"),
    )
    try:
        return Split(symbol, on, ratio)
    except InvalidInput as error:
        raise InvalidInput(f"{name}.{error.field}", error.problem, error.fix) from error


def _rename(value: object, name: str) -> Rename:
    given = _whole(value, name, ("old", "new"), ("on",))
    on = None if given.get("on") is None else members.a_date(given["on"], f"{name}.on")
    old, new = (_symbol(given[one], f"{name}.{one}") for one in ("old", "new"))
    try:
        return Rename(old, new, on)
    except InvalidInput as error:
        raise InvalidInput(name, error.problem, error.fix) from error


def _whole(
    value: object, name: str, needed: tuple[str, ...], more: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    given = members.an_object(value, name)
    members.refuse_unknown(given, (*needed, *more), name)
    for one in needed:
        if one not in given:
            raise InvalidInput(f"{name}.{one}", "it is missing", "give it")
    return given


def _symbol(value: object, name: str) -> Symbol:
    try:
        return parse_symbol(members.a_text(value, name))
    except InvalidInput as error:
        raise InvalidInput(name, error.problem, error.fix) from error


def _defect(value: object, name: str) -> Defect:
    return _word(Defect, value, name)


def _word(kind: type[Word], value: object, name: str) -> Word:
    known = [one.value for one in kind]
    if value not in known:
        fix = f"give one of {', '.join(known)}"
        raise InvalidInput(name, f"{str(value)[:40]!r} is none of the words", fix)
    return kind(value)
