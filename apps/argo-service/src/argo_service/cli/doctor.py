"""`argo doctor`: what is in force, where it came from, what is wrong, and how to mend it."""

import argparse
import asyncio

from rich.table import Table
from rich.text import Text

from argo_adapters.clocks.system import SystemClock
from argo_service.checkup import InForce, in_force, local_findings, remote_findings
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json
from argo_service.config.reader import DEFAULT
from argo_service.finding import Finding, State
from argo_service.settings import Configuration, read_configuration

# Sections of many numbers that hardly anybody sets.
_FINE = frozenset({"breaker", "table"})
# So many columns have room for the longest name and something beside it.
_WIDE = 72
_COLOURS = {State.GOOD: "green", State.WARNING: "yellow", State.FAULT: "red"}


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--offline", action="store_true", help="do not try to reach vendors and shared state"
    )
    command.add_argument("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Exit code 1 when something is at fault."""
    configuration = read_configuration(given.config)
    settings = in_force(configuration)
    findings = _findings(configuration, offline=given.offline)
    if given.json:
        write_json({"settings": settings, "findings": findings})
    else:
        _draw(settings, findings)
    at_fault = any(finding.state is State.FAULT for finding in findings)
    return Exit.FAILED if at_fault else Exit.DONE


def _findings(configuration: Configuration, *, offline: bool) -> list[Finding]:
    clock = SystemClock()
    findings = list(local_findings(configuration, clock.now()))
    if not offline:
        findings += asyncio.run(_remote(configuration, clock))
    return findings


async def _remote(configuration: Configuration, clock: SystemClock) -> list[Finding]:
    return [finding async for finding in remote_findings(configuration, clock)]


def _draw(settings: tuple[InForce, ...], findings: list[Finding]) -> None:
    shown, hidden = console(), 0
    whole = shown.width >= _WIDE
    force = _table("setting", "value", "from", title="In force", whole=whole)
    for row in settings:
        if row.origin == DEFAULT and any(part in _FINE for part in row.key.split(".")):
            hidden += 1
        else:
            force.add_row(row.key, Text(row.value), Text(row.origin))
    force.caption = f"{hidden} finer numbers have their defaults; --json lists them all"
    health = _table("looked at", "state", "found", "what to do", title="Findings", whole=whole)
    for finding in findings:
        state = Text(finding.state.value, style=_COLOURS[finding.state])
        health.add_row(Text(finding.name), state, Text(finding.detail), Text(finding.fix))
    shown.print(force)
    shown.print(health)


def _table(*titles: str, title: str, whole: bool) -> Table:
    """What does not fit goes on in the next line: names that are cut off cannot be set.

    With `whole` the first column's are not broken either: then they can be found and copied.
    """
    table = Table(title=title, title_justify="left")
    for each in titles:
        table.add_column(each, overflow="fold", no_wrap=whole and each == titles[0])
    return table
