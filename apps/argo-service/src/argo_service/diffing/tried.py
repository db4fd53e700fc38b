"""What is to be tried on a recorded day, as the command line says it."""

from collections.abc import Iterable, Mapping
from typing import Final

from argo_core.backtest.day.what_if import NUMBERS, WhatIf
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput

_OF_SOURCES: Final = ("half_life_s", "refresh_after_s")


def read_what_if(
    theta_bp: str | None,
    weights: Iterable[str],
    disabled: Iterable[str],
    numbers: Iterable[str],
) -> WhatIf:
    """`--theta-bp`, each `--weight SOURCE=SHARE`, `--disable SOURCE` and `--set NAME=VALUE`.

    A name of `--set` is one of a profile's numbers, or `half_life_s.SOURCE` and the like.

    Raises:
        InvalidInput: one of them is not written so.
    """
    plain: dict[str, float] = {}
    of_sources: dict[str, dict[SourceName, float]] = {name: {} for name in _OF_SOURCES}
    for name, value in _pairs("--set", numbers).items():
        what, dot, source = name.partition(".")
        if dot and what in of_sources:
            of_sources[what][SourceName(source)] = value
        elif name in NUMBERS:
            plain[name] = value
        else:
            more = " and ".join(f"{each}.SOURCE" for each in _OF_SOURCES)
            fix = f"use {', '.join(NUMBERS)}, {more}"
            raise InvalidInput("--set", f"{name[:40]!r} cannot be tried on a recorded day", fix)
    if theta_bp is not None:
        plain["theta_bp"] = _number("--theta-bp", theta_bp)
    return WhatIf(
        numbers=plain,
        weights={SourceName(name): each for name, each in _pairs("--weight", weights).items()},
        half_life_s=of_sources["half_life_s"],
        refresh_after_s=of_sources["refresh_after_s"],
        disabled=frozenset(map(SourceName, disabled)),
    )


def _pairs(option: str, texts: Iterable[str]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or name in found:
            fix = "write each once, like NAME=0.5"
            raise InvalidInput(option, f"{text[:40]!r} is not a name and a number", fix)
        found[name] = _number(option, value)
    return found


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInput(option, f"{text[:40]!r} is not a number", "give one") from error
