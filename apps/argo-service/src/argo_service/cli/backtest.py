"""`argo backtest`: a strategy tried on recorded bars, offline, and what to think of the result."""

import argparse
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_adapters.tapes.file import SUFFIX
from argo_core.backtest.strategy import Strategy
from argo_core.errors import InvalidInput
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.dataset import Dataset, dataset_at
from argo_service.backtesting.defaults import DATASET, STRATEGY, refuse
from argo_service.backtesting.request import Asked, read_asked
from argo_service.backtesting.run import Progress
from argo_service.cli.backtest_data import add_data_options, given_data
from argo_service.cli.backtest_progress import progress_shown
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, console, write_json
from argo_service.cli.symbols import listed_symbols
from argo_service.config.tree import Settings
from argo_service.settings import read_configuration

MOST_REQUEST_BYTES = 1_000_000
_FIXED: Mapping[str, object] = {"true": True, "false": False}
_GROUPS = ("costs", "limits", "exits")
_FILES = (".parquet", ".pq", ".csv", ".txt", SUFFIX)


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Try a strategy on recorded bars: what it says at a bar's close is traded at the next"
        " open. Without any option the Argo strategy trades a recorded week that comes along."
    )
    add = command.add_argument
    add(
        "dataset",
        nargs="?",
        help=f"a data set's name, or a file or folder of bars (default: {DATASET})",
    )
    add("--list", action="store_true", help="show data sets and strategies, and stop")
    add("--request", type=Path, metavar="FILE", help="what to run, in JSON as the API takes it")
    add(
        "--strategy",
        metavar="NAME|FILE.py[:CLASS]",
        help=f"which strategy, or a file with your own (default: {STRATEGY})",
    )
    _add_pairs(command, "parameters", "--parameter", "-p", said="such as fast=20")
    add("--symbols", help="some of the data set's, such as NVR,BTC/USD")
    add("--start", metavar="DATE", help="the first session, such as 2024-11-25")
    add("--end", metavar="DATE", help="the last session")
    add("--capital", metavar="DOLLARS", help="what the account begins with (default: 100000)")
    _add_pairs(command, "costs", "--cost", said="such as spread_ppm=300 or fees.minimum=1")
    _add_pairs(command, "limits", "--limit", said="such as positions=20 or short_selling=true")
    _add_pairs(command, "exits", "--exit", said="such as horizon_s=0 or stops=false")
    add_data_options(command)
    add("--patience", type=int, metavar="ROWS", help="how many rows an entry waits for a bar")
    add(
        "--benchmarks",
        action=argparse.BooleanOptionalAction,
        help="run buy and hold, equal weight and others beside it (default: yes)",
    )
    add(
        "--lookahead",
        action="store_true",
        default=None,
        help="check that no verdict changes with what comes after it (exit code 1 if one does)",
    )
    add("--trials", type=Path, metavar="FILE", help="the ledger of trials (default: the service's)")
    add("--no-trial", action="store_true", help="do not write this one down")
    add("--json", action="store_true", help="for machines")
    add("--html", type=Path, metavar="FILE", help="write a page with charts")
    add("--csv", type=Path, metavar="DIR", help="write trades.csv and equity.csv")
    add("--parquet", type=Path, metavar="DIR", help="write trades.parquet and equity.parquet")
    command.set_defaults(run=run)


def _add_pairs(command: argparse.ArgumentParser, name: str, *options: str, said: str) -> None:
    command.add_argument(
        *options,
        action="append",
        default=[],
        dest=name,
        metavar="NAME=VALUE",
        help=f"{said}; may be given several times",
    )


def run(given: argparse.Namespace) -> int:
    """Run it, write what was wished for, show the rest."""
    settings = read_configuration(given.config).settings
    catalogue = Catalogue(settings.backtest.folder)
    if given.list:
        return _list(catalogue, as_json=given.json)
    dataset, asked = _asked(given, catalogue)
    own = _own(given.strategy, asked)
    refuse(asked, own)
    _refuse_places(given)
    # Behind these stand the kernel, the indicators and the reading of files.
    from argo_core.backtest.report.as_json import to_json  # noqa: PLC0415 - see above
    from argo_service.backtesting.job import MOST_TRADES  # noqa: PLC0415 - see above
    from argo_service.backtesting.ledger import ledger_in  # noqa: PLC0415 - see above
    from argo_service.backtesting.perform import LEAK, perform  # noqa: PLC0415 - see above
    from argo_service.backtesting.versions import versions  # noqa: PLC0415 - see above
    from argo_service.cli.backtest_tables import draw  # noqa: PLC0415 - see above

    if find_spec("numba") is None:
        complain("numba is not installed: the same results, slower; argo-core[fast] brings it")
    clock, trials = SystemClock(), _trials(given, settings)
    with progress_shown(clock) as tell:
        tell(Progress("reading"))
        report = perform(
            asked,
            dataset.read(asked, settings.backtest.most_bars),
            tell=tell,
            trials=ledger_in(trials),
            at=clock.now(),
            versions=versions(),
            own=own,
        )
        tell(Progress("writing"))
        if given.html is not None:
            _write_page(given.html, report)
        for form in ("csv", "parquet"):
            if getattr(given, form) is not None:
                _write_tables(form, getattr(given, form), report)
        written = to_json(report, most_trades=MOST_TRADES) if given.json else b""
    if given.json:
        write_json(parse(written))
    else:
        draw(console(), report)
        if trials is not None:
            console().print(f"Ledger of trials: {trials}", markup=False, soft_wrap=True)
    return Exit.FAILED if any(note.startswith(LEAK) for note in report.notes) else Exit.DONE


def _asked(given: argparse.Namespace, catalogue: Catalogue) -> tuple[Dataset, Asked]:
    """What the options mean; they go before what a request's file says."""
    body = {} if given.request is None else _body(given.request)
    for name, value in {
        "strategy": given.strategy,
        "start": given.start,
        "end": given.end,
        "capital": given.capital,
        "patience_rows": given.patience,
        "benchmarks": given.benchmarks,
        "lookahead": given.lookahead,
    }.items():
        if value is not None:
            body[name] = value
    if data := given_data(given):
        body["data"] = {**_object(body.get("data"), "data"), **data}
    if given.symbols is not None:
        body["symbols"] = list(listed_symbols(given.symbols))
    for name in ("parameters", *_GROUPS):
        for pair in getattr(given, name):
            _put(body, name, pair)
    dataset = None
    if given.dataset is not None:
        dataset = _file(given.dataset)
        body["dataset"] = given.dataset if dataset is None else dataset.name
    asked = read_asked(body, dataset=DATASET, strategy=STRATEGY)
    return dataset or catalogue.find(asked.dataset), asked


def _own(named: str | None, asked: Asked) -> Strategy | None:
    """The strategy in that file; None where a name is meant. A request's file brings no code."""
    from argo_service.backtesting.own_strategy import is_file, own_strategy  # noqa: PLC0415 - heavy

    if named is None or not is_file(named):
        return None
    return own_strategy(named, asked.parameters)


def _file(name: str) -> Dataset | None:
    """The bars at that path, None where it is not meant as one."""
    path = Path(name)
    meant = "/" in name and path.exists()
    return dataset_at(path) if meant or name.endswith(_FILES) or path.is_dir() else None


def _body(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            value = parse(file.read(MOST_REQUEST_BYTES))
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise InvalidInput("--request", problem, "name a file with a JSON object") from error
    except StrictJsonError as error:
        problem = f"{path} is not JSON: {error}"
        raise InvalidInput("--request", problem, "correct it, or leave it out") from error
    if not isinstance(value, dict):
        raise InvalidInput("--request", f"{path} is no JSON object", "write what the API takes")
    return value


def _put(body: dict[str, Any], group: str, pair: str) -> None:
    name, equals, text = pair.partition("=")
    if not equals or not name or not text:
        fix = "write it like positions=20"
        raise InvalidInput(group, f"{pair[:40]!r} is not a name and a value", fix)
    # What stands in the request's file is not changed, but told anew.
    inner = body[group] = dict(_object(body.get(group), group))
    *outer, last = name.split(".")
    for one in outer:
        inner[one] = dict(_object(inner.get(one), f"{group}.{one}"))
        inner = inner[one]
    inner[last] = text if group == "parameters" else _value(text)


def _object(value: object, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(name, "it is no object", "give a JSON object")
    return value


def _value(text: str) -> object:
    """As JSON would have it: a choice, a whole number, or the text of an amount."""
    if text in _FIXED:
        return _FIXED[text]
    try:
        return int(text)
    except ValueError:
        return text


def _trials(given: argparse.Namespace, settings: Settings) -> Path | None:
    if given.no_trial:
        return None
    path: Path = given.trials or settings.backtest.trials_of(settings.database)
    return path


def _refuse_places(given: argparse.Namespace) -> None:
    """Refuse at once where nothing could be written once all is done."""
    for option in ("html", "csv", "parquet"):
        path: Path | None = getattr(given, option)
        if path is None:
            continue
        if option == "html" and (path.is_dir() or not path.parent.is_dir()):
            problem = f"{path} cannot be written (there is no such folder, or it is one)"
            raise InvalidInput(f"--{option}", problem, "name a file in a folder that is there")
        if option != "html" and path.exists() and not path.is_dir():
            raise InvalidInput(f"--{option}", f"{path} is no folder", "name a folder, or a new one")


def _write_tables(form: str, folder: Path, report: Any) -> None:
    from argo_adapters.bars.results import write_results  # noqa: PLC0415 - brings the kernel

    try:
        write_results(folder, report.backtest, [form])
    except InvalidInput as error:
        raise InvalidInput(f"--{form}", error.problem, error.fix) from error


def _write_page(path: Path, report: Any) -> None:
    from argo_core.backtest.report.tearsheet import tearsheet  # noqa: PLC0415 - draws charts

    page = tearsheet(report)
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror})"
        raise InvalidInput("--html", problem, "name a file you may write") from error


def _list(catalogue: Catalogue, *, as_json: bool) -> int:
    from argo_core.backtest.strategies.table import TABLE  # noqa: PLC0415 - brings indicators
    from argo_service.cli.backtest_tables import draw_choices  # noqa: PLC0415 - draws tables

    found: Sequence[Dataset] = catalogue.all()
    if as_json:
        write_json(
            {
                "datasets": [
                    {"name": one.name, "kind": one.kind.value, "bars": one.bars} for one in found
                ],
                "strategies": {
                    name: {
                        "meaning": entry.meaning,
                        "parameters": {each.name: each.default for each in entry.parameters},
                    }
                    for name, entry in TABLE.items()
                },
            }
        )
    else:
        draw_choices(console(), found, TABLE)
    return Exit.DONE
