"""Options of `argo backtest` that say how bars are mended."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from argo_core.errors import InvalidInput
from argo_service.cli.symbols import listed_symbols

_SPLIT: Final = "--split"
_RENAME: Final = "--rename"
_MEMBERS: Final = ("splits", "renames", "without", "refuse", "exclude", "closing", "adjust")


def add_data_options(command: argparse.ArgumentParser) -> None:
    """The options; `given_data` reads what came of them."""
    add = command.add_argument_group("bars that need mending").add_argument
    add(
        _SPLIT,
        action="append",
        dest="splits",
        metavar="SYMBOL=RATIO@DATE",
        help="a split that prices were not adjusted for, such as AAPL=4@2020-08-31",
    )
    add(
        _RENAME,
        action="append",
        dest="renames",
        metavar="OLD=NEW[@DATE]",
        help="a symbol that changed its name, such as FB=META@2022-06-09",
    )
    add("--without", metavar="SYMBOLS", help="symbols to leave out, such as NVR,BTC/USD")
    add(
        "--exclude",
        metavar="DEFECTS",
        help="leave out symbols that have such defects, such as jump,conflicting",
    )
    add("--refuse", metavar="DEFECTS", help="refuse bars that have such defects at all")
    add("--closing", metavar="WORD", help="what the closing auction is: mark, trade or drop")
    add(
        "--adjust",
        action=argparse.BooleanOptionalAction,
        help="scale prices by adjusted closes where there are such (default: yes)",
    )


def given_data(given: argparse.Namespace) -> dict[str, Any]:
    """What was given, as members of a request's `data`."""
    said = {name: getattr(given, name) for name in _MEMBERS}
    for name, read in (("splits", _split), ("renames", _rename)):
        if said[name] is not None:
            said[name] = [read(one) for one in said[name]]
    if said["without"] is not None:
        said["without"] = list(listed_symbols(said["without"], "--without"))
    for name in ("refuse", "exclude"):
        if said[name] is not None:
            said[name] = [one.strip() for one in said[name].split(",") if one.strip()]
    return {name: value for name, value in said.items() if value is not None}


def _split(text: str) -> Mapping[str, str]:
    symbol, ratio, on = _parts(_SPLIT, text)
    if not on:
        fix = "write it like AAPL=4@2020-08-31: four shares for one from that session on"
        raise InvalidInput(_SPLIT, f"{text[:40]!r} has no date", fix)
    return {"symbol": symbol, "ratio": ratio, "on": on}


def _rename(text: str) -> Mapping[str, str]:
    old, new, on = _parts(_RENAME, text)
    return {"old": old, "new": new} | ({"on": on} if on else {})


def _parts(option: str, text: str) -> tuple[str, str, str]:
    name, _, rest = text.partition("=")
    value, _, on = rest.partition("@")
    if not name.strip() or not value.strip():
        example = "AAPL=4@2020-08-31" if option == _SPLIT else "FB=META@2022-06-09"
        raise InvalidInput(option, f"{text[:40]!r} says too little", f"write it like {example}")
    return name.strip(), value.strip(), on.strip()
