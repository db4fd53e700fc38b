"""`argo explain`: a signal of the record with every input it was made of."""

import argparse
from datetime import datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from argo_core.codec.plain import rfc3339
from argo_core.consensus.opinion import STEPS
from argo_core.errors import InvalidInput
from argo_core.market.moment import to_micros
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json
from argo_service.drawing import DIRECTIONS, colour
from argo_service.explaining import Explanation, Voice, explain
from argo_service.settings import read_configuration

_PERCENT = STEPS / 100
_MOST_RAW = 2_000


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Show a signal with every input it was made of and the times of each, what a witness"
        " vouches for, and what became of it. Exit code 1 where the parts do not fit together."
    )
    command.add_argument("signal", help="its id, or its index in the log")
    command.add_argument("--log", type=Path, metavar="FILE", help="default: the log in force")
    command.add_argument("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    path = given.log or _in_force(given.config)
    if not path.exists():
        raise InvalidInput("--log", f"there is no log at {path}", "name the file of the log")
    told = explain(path, given.signal)
    if given.json:
        write_json(told)
    else:
        _draw(told)
    return Exit.FAILED if told.problems else Exit.DONE


def _in_force(config: Path | None) -> Path:
    settings = read_configuration(config).settings
    if settings.log.database_url is not None:
        problem = "the log in force is in PostgreSQL, and only files can be explained"
        raise InvalidInput("--log", problem, "ask the API about the signal, or name a file")
    return settings.database


def _draw(told: Explanation) -> None:
    shown, signal = console(), told.signal
    shown.print(
        Text.assemble(
            (signal.symbol, "bold"),
            " ",
            (signal.direction.value, DIRECTIONS[signal.direction]),
            f" {signal.confidence_bp / _PERCENT:+.2f} %, {signal.reason.replace('_', ' ')}",
        )
    )
    shown.print(Text(signal.reasoning))
    shown.print(_facts(told))
    shown.print(_voices(told))
    for voice in told.voices:
        named = f"by {voice.rule}, looks {voice.horizon_s} s ahead"
        shown.print(Text(f"{voice.source}: {named}", "dim"))
        shown.print(Text(f"{voice.source}: reply {voice.raw_sha256}", "dim"))
        for fact in voice.facts:
            about = f"{fact.kind} {fact.value} {fact.unit}".rstrip()
            shown.print(Text(f"{voice.source}: {about}, at {rfc3339(fact.as_of)}", "dim"))
    for voice in told.voices:
        if voice.raw is not None:
            shown.print(Text(f"{voice.source} replied: {_short(voice.raw)}", "dim"))
    for problem in told.problems:
        shown.print(Text(f"DOES NOT FIT: {problem}", "red"))
    if not told.problems:
        shown.print("signal, inputs and replies fit together by their hashes")


def _facts(told: Explanation) -> Table:
    signal, table = told.signal, Table(show_header=False, box=None, pad_edge=False)

    def row(name: str, value: object) -> None:
        table.add_row(Text(name, "dim"), Text(str(value)))

    kept = "committed to" if told.sealed else "in the open"
    row("entry", f"{told.index} of {told.log}, {kept}; {told.strategy}, number {told.seq}")
    if told.sealed:
        shown = "not yet" if told.revealed is None else f"by entry {told.revealed}"
        row("revealed", shown)
    row("id", signal.id)
    row("decided", rfc3339(signal.decided_at))
    vouched = "no witness vouches for its time"
    row("official", vouched if told.official_at is None else rfc3339(told.official_at))
    row("levels", f"entry {signal.entry}, stop {signal.stop or '-'}, target {signal.target or '-'}")
    if told.quote is not None:
        quote = told.quote
        row("price", f"{quote.price} ({quote.bid or '-'} / {quote.ask or '-'}), {quote.feed}")
        row("exchange time", _before(quote.at, signal.decided_at))
        row("fetched", _before(quote.fetched_at, signal.decided_at))
    row("regime", signal.regime.value)
    row("sigma", "unknown" if told.sigma is None else f"{told.sigma:.3g} per root of a second")
    for name, value in told.looked_at.items():
        row(name, value if value != "" else "-")
    row("words by", signal.reasoning_source)
    row("inputs", signal.inputs_sha256)
    row("outcome", _outcome(told))
    return table


def _outcome(told: Explanation) -> str:
    outcome = told.outcome
    if outcome is None:
        return "not known"
    if outcome.start is None or outcome.end is None:
        return f"{outcome.result.value}, entry {told.outcome_index}"
    return (
        f"{outcome.result.value} {outcome.return_bp:+} bp, from {outcome.start.price} at"
        f" {rfc3339(outcome.start.at)} to {outcome.end.price} at {rfc3339(outcome.end.at)},"
        f" entry {told.outcome_index}"
    )


def _voices(told: Explanation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("source", "part", "strength", "age", "as of"):
        right = title in {"part", "strength", "age"}
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    for voice in told.voices:
        table.add_row(
            Text(voice.source, colour(voice.source)),
            _part(voice),
            f"{voice.strength:+.4f}",
            f"{voice.age_s:.1f} s",
            rfc3339(voice.as_of),
        )
    return table


def _part(voice: Voice) -> str:
    return "did not count" if voice.phi_bp is None else f"{voice.phi_bp / _PERCENT:+.2f} %"


def _before(moment: datetime, decided: datetime) -> str:
    earlier_s = (to_micros(decided) - to_micros(moment)) / 1_000_000
    return f"{rfc3339(moment)}, {earlier_s:.3f} s before the decision"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_RAW else f"{text[:_MOST_RAW]} ... (--json has all of it)"
