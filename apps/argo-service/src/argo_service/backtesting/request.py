"""What a backtest is asked for: the same value whether it came as JSON or as options."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import asdict, evolve, frozen

from argo_core.backtest.bars.plan import RULES_VERSION, Plan
from argo_core.backtest.data.options import Options
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol
from argo_service.backtesting import members
from argo_service.backtesting.cleaning import read_data, told_data

MOST_SYMBOLS: Final = 2_000
_MOST_PARAMETERS: Final = 50
_LONGEST: Final = 500
_PARAMETER: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
NAME_OF_DATASET: Final = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,99})?"
)
_ALIKE: Final = frozenset(("capital", "costs", "limits", "exits", "patience_rows"))
_HORIZON: Final = "horizon_s"
_MEMBERS: Final = (
    "dataset",
    "symbols",
    "start",
    "end",
    "strategy",
    "parameters",
    "capital",
    "costs",
    "limits",
    "exits",
    "patience_rows",
    "data",
    "benchmarks",
    "lookahead",
)


@frozen(kw_only=True)
class Asked:
    """A backtest that somebody wants.

    `dataset` is a name in the catalogue, never a path. Without `symbols` all of them are traded.
    `start` and `end` are the first and the last session, both included. `parameters` are the
    strategy's, as texts. `data` says how bars are mended. With `fit_horizon` nobody gave a horizon,
    and there is none where the plan's is no longer than a bar. With `benchmarks` and `lookahead`
    those are run beside it.
    """

    dataset: str
    strategy: str
    parameters: Mapping[str, str]
    symbols: tuple[Symbol, ...] = ()
    start: date | None = None
    end: date | None = None
    plan: Plan = Plan()
    fit_horizon: bool = True
    data: Options = Options()
    benchmarks: bool = True
    lookahead: bool = False

    def __attrs_post_init__(self) -> None:
        if self.start and self.end and self.start > self.end:
            problem = f"it is before the start, {self.start}"
            raise InvalidInput("end", problem, "give a range with a session in it")
        if both := sorted(self.data.without.intersection(self.symbols)):
            problem = f"{both[0]} is asked for as well"
            raise InvalidInput("data.without", problem, "leave it out of `symbols`, or of this")

    def told(self) -> dict[str, Any]:
        """Everything that was asked for, as JSON has it; `read_asked` reads it back."""
        plan = asdict(self.plan)
        if self.fit_horizon:
            del plan["exits"][_HORIZON]
        return {
            "dataset": self.dataset,
            "symbols": [str(one) for one in self.symbols],
            "start": None if self.start is None else self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "strategy": self.strategy,
            "parameters": dict(sorted(self.parameters.items())),
            **_plain(plan),
            "data": told_data(self.data),
            "benchmarks": self.benchmarks,
            "lookahead": self.lookahead,
        }

    def named(self, *more: str) -> str:
        """A digest of what was asked for and of all that it depends on besides, in hexadecimal."""
        told = json.dumps([RULES_VERSION, self.told(), *more], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def read_asked(given: Mapping[str, object], *, dataset: str, strategy: str) -> Asked:
    """The backtest that a JSON object asks for; what it leaves out has its default.

    `dataset` and `strategy` are taken where it names none. Whether there are such is not looked at.

    Raises:
        InvalidInput: a member is unknown, malformed or out of range.
    """
    members.refuse_unknown(given, _MEMBERS)
    # What need not be there may be null as well.
    there = {name: value for name, value in given.items() if value is not None}
    plan = members.read_tree(Plan, {name: there[name] for name in there if name in _ALIKE})
    asked = Asked(
        dataset=_dataset(there.get("dataset", dataset)),
        strategy=members.a_text(there.get("strategy", strategy), "strategy"),
        parameters=_parameters(there.get("parameters", {})),
        symbols=_symbols(there.get("symbols", [])),
        start=members.a_date(there["start"], "start") if "start" in there else None,
        end=members.a_date(there["end"], "end") if "end" in there else None,
        plan=plan,
        fit_horizon=members.an_object(there.get("exits", {}), "exits").get(_HORIZON) is None,
        data=read_data(there.get("data", {})),
    )
    return evolve(
        asked,
        benchmarks=members.a_choice(there.get("benchmarks", True), "benchmarks"),
        lookahead=members.a_choice(there.get("lookahead", False), "lookahead"),
    )


def _dataset(value: object) -> str:
    name = members.a_text(value, "dataset")
    if not NAME_OF_DATASET.fullmatch(name):
        fix = "give a data set's name, not a path"
        raise InvalidInput("dataset", f"{name[:40]!r} is no name of one", fix)
    return name


def _parameters(value: object) -> dict[str, str]:
    given = members.an_object(value, "parameters")
    if len(given) > _MOST_PARAMETERS:
        raise InvalidInput("parameters", "there are too many", f"give {_MOST_PARAMETERS} at most")
    found = {}
    for name, one in given.items():
        if not _PARAMETER.fullmatch(name):
            fix = "give names of a-z, 0-9 and _"
            raise InvalidInput(f"parameters.{name[:40]}", "it is no name", fix)
        if not isinstance(one, str | int | float | bool) or len(str(one)) > _LONGEST:
            fix = "give a number, a text, true or false"
            raise InvalidInput(f"parameters.{name}", "it is no single value", fix)
        found[name] = str(one).lower() if isinstance(one, bool) else str(one)
    return found


def _symbols(value: object) -> tuple[Symbol, ...]:
    if not isinstance(value, list):
        fix = 'give a list of texts such as ["AAPL", "MSFT"], or leave it out for all'
        raise InvalidInput("symbols", "it is no list", fix)
    if len(value) > MOST_SYMBOLS:
        raise InvalidInput("symbols", f"{len(value):,} are too many", f"give {MOST_SYMBOLS:,}")
    found: dict[Symbol, None] = {}
    for place, text in enumerate(value):
        called = f"symbols[{place}]"
        try:
            symbol = parse_symbol(members.a_text(text, called))
        except InvalidInput as error:
            raise InvalidInput(called, error.problem, error.fix) from error
        if symbol in found:
            raise InvalidInput(called, f"{symbol} is there twice", "list each symbol once")
        found[symbol] = None
    # Taken in the order of the data whatever was named first, so it shall not look like two things.
    return tuple(sorted(found))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return format(value, "f") if isinstance(value, Decimal) else value
