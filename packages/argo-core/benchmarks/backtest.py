"""SMA(10/30) long-only on bars, and the whole Argo strategy, beside loops by hand and other people.

Everybody has the same orders: 10,000 dollars in whole shares at the close, filled at the next open,
without costs, and never short of cash, so that equities can be compared to the cent. `argo_full`
and `numba_full` have shared cash that runs out, stops, spread and slippage. Every contender has a
process of its own for each work, so that memory is its own; in the short form one for all, so that
memory is that of the largest so far. Reading bars, imports and compiling are not in `seconds`.
The last line is one JSON object.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from benchmarks._about import about
from benchmarks._bars import minutes, stocks
from benchmarks._contender import OURS, PEERS
from benchmarks._work import FAST, SLOW, Ints, Work

HERE = Path(__file__).parents[1]
APART = ("pybroker", "nautilus_trader")
"""They want older libraries than the others, and so an environment of their own."""
SIMPLE = (
    "argo",
    "argo_reference",
    "numba",
    "numpy",
    *(name for name in PEERS if name not in APART),
)
CENT = 0.011
ON_FLOATS = "averages of floats: where both are equal, what was rounded decides"
OTHERWISE = {"nautilus_trader": "it fills at the very close that decides, not at the next open"}
NO_STRATEGY = "it has no such strategy; its fills are measured in portfolio_500"
Figures = dict[str, dict[str, Any]]


class Run(NamedTuple):
    """How long whoever is measured."""

    seconds: float
    limit_s: float
    together: bool
    apart: dict[str, str]


def contend(name: str, kind: str, files: dict[str, Path], run: Run) -> Figures:
    """One contender on works by name, in one process or one for each."""
    if run.together:
        return contend_at_once(name, kind, files, run)
    found: Figures = {}
    for work, file in files.items():
        found |= contend_at_once(name, kind, {work: file}, run)
    return found


def contend_at_once(name: str, kind: str, files: dict[str, Path], run: Run) -> Figures:
    python = run.apart.get(name, sys.executable)
    words = (python, "-m", "benchmarks._contender", name, str(run.seconds), kind)
    limit = run.limit_s
    with TemporaryDirectory() as folder:
        said, moaned = Path(folder) / "said", Path(folder) / "moaned"
        why = ""
        with said.open("w") as out, moaned.open("w") as err:
            try:
                subprocess.run(  # noqa: S603 - ourselves
                    (*words, *map(str, files.values())),
                    cwd=HERE,
                    stdout=out,
                    stderr=err,
                    timeout=limit,
                    check=True,
                )
            except subprocess.TimeoutExpired:
                why = f"stopped after {limit:g} s, imports and compiling included"
            except (OSError, subprocess.CalledProcessError) as error:
                why = f"{error}"
        lines = [line for line in said.read_text().splitlines() if line.startswith("{")]
        if why and not why.startswith("stopped"):
            why = (moaned.read_text().splitlines() or [why])[-1]
    told = [json.loads(line) for line in lines]
    told += [{"failed": why or "it said nothing"}] * (len(files) - len(told))
    return dict(zip(files, told, strict=True))


def ties(work: Work) -> int:
    """At how many closes both averages are the same, reckoned in whole units."""

    def sums(bars: int) -> Ints:
        total = np.cumsum(work.close, axis=0)
        total[bars:] -= total[:-bars].copy()
        return total[SLOW - 1 :]

    return int((sums(FAST) * SLOW == sums(SLOW) * FAST).sum())


def compared(found: Figures, pairs: dict[str, str]) -> None:
    """Note beside each how often the loop by hand fits in, and whether equities agree."""
    for name, figures in found.items():
        by_hand = found.get(pairs.get(name, "numba"), {})
        if "seconds" not in figures or "seconds" not in by_hand:
            continue
        figures["of_numba"] = round(figures["seconds"] / by_hand["seconds"], 2)
        apart = figures["equity"] - by_hand["equity"]
        figures["agrees"] = abs(apart) < CENT
        if not figures["agrees"]:
            figures["apart"] = round(apart, 4)
            if name in PEERS:
                figures["because"] = OTHERWISE.get(name, ON_FLOATS)


def show(work: str, found: Figures) -> None:
    print(f"\n{work:20} {'seconds':>12} {'ns a bar':>10} {'x numba':>9} {'MiB':>6}  equity")
    for name, one in found.items():
        if "seconds" not in one:
            print(f"{name:20} {next(iter(one))}: {next(iter(one.values()))}")
            continue
        ratio = one.get("of_numba", "-")
        agrees = {True: "agrees", False: f"{one.get('apart')}, {one.get('because', 'WRONG')}"}
        print(
            f"{name:20} {one['seconds']:12.6f} {one['ns_per_bar']:10,.1f} {ratio:>9}"
            f" {one['rss_mib']:6.0f}  {one['equity']:,.2f} {agrees.get(one.get('agrees'), '')}"
        )


def reached(work: dict[str, Figures]) -> dict[str, dict[str, object]]:
    """What was to be reached, beside what was; None where it was not measured."""
    portfolio, strategy = work["portfolio_500"], work["strategy_500"]
    plain, theirs = (portfolio[name].get("seconds") for name in ("argo_reference", "bt"))
    asked = {
        "argo, times numba": (portfolio["argo"].get("of_numba"), 3.0),
        "argo_full, times numba_full": (portfolio["argo_full"].get("of_numba"), 1.2),
        "strategy, ns a bar": (strategy["argo"].get("ns_per_bar"), 120.0),
        "argo_reference, times bt": (plain / theirs if plain and theirs else None, 1.0),
    }
    return {
        name: {"is": value, "most": most, "reached": None if value is None else value <= most}
        for name, (value, most) in asked.items()
    }


def measured(names: Sequence[str], works: dict[str, Work], run: Run) -> dict[str, Figures]:
    """Everybody's figures of all works, one contender after the other."""
    found: dict[str, Figures] = {name: {} for name in (*works, "strategy_500")}
    with TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.npz" for name in works}
        for label, work in works.items():
            work.save(files[label])
        for name in names:
            print(f"{name} ...", flush=True)
            for label, figures in contend(name, "simple", files, run).items():
                found[label][name] = figures
        portfolio = {"portfolio_500": files["portfolio_500"]}
        for label, name in (("argo_full", "argo"), ("numba_full", "numba_full")):
            found["portfolio_500"][label] = contend(name, "full", portfolio, run)["portfolio_500"]
        for name in OURS:
            figures = contend(name, "strategy", portfolio, run)["portfolio_500"]
            found["strategy_500"][name] = figures
    others = [name for name in names if name not in OURS]
    found["strategy_500"] |= {name: {"absent": NO_STRATEGY} for name in others}
    for label, told in found.items():
        compared(told, {"argo_full": "numba_full", "numba_full": "numba_full"})
        show(label, told)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="smaller works, about a minute")
    parser.add_argument("--seconds", type=float, default=3.0, help="about so long for each")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds, then it is stopped")
    known = (*SIMPLE, *APART)
    parser.add_argument("--only", nargs="+", choices=known, metavar="NAME", help="these alone")
    words = "another environment for a peer, such as pybroker=FOLDER/bin/python"
    parser.add_argument("--apart", action="append", default=[], metavar="NAME=PYTHON", help=words)
    given = parser.parse_args()
    short = given.short
    # The first compilation of vectorbt takes half a minute; afterwards it keeps what it has.
    run = Run(
        seconds=0.2 if short else given.seconds,
        limit_s=min(45.0, given.limit) if short else given.limit,
        together=short,
        apart=dict(one.split("=", 1) for one in given.apart),
    )
    works = {
        "single_1258": stocks(1),
        "single_100k": minutes(10_000 if short else 100_000),
        "portfolio_500": stocks(10 if short else 500),
    }
    facts = about("argo-core", "numba", "numpy")
    found = measured(given.only or (SIMPLE if short else known), works, run)
    # Goals are about the whole works, where what each row takes is shared by many symbols.
    goals = {} if short or given.only else reached(found)
    print()
    for goal, told in goals.items():
        print(f"{goal:30} {told['is']}  at most {told['most']}  reached: {told['reached']}")
    facts["reach"] = goals or "measured in the long form with everybody"
    facts["works"] = {
        name: {"origin": work.origin, "bars": work.bars, "ties": ties(work)}
        for name, work in works.items()
    }
    facts["equity"] = "agrees with numba's to the cent, or is so many dollars apart"
    if short:
        facts["short"] = "smaller works, and one process of a contender for all of them"
    print(json.dumps({"work": found, "about": facts}))


if __name__ == "__main__":
    main()
