"""The tables that pages take from the code. `python -m docs.tables` writes them anew.

A page marks the place: everything between `<!-- table: NAME -->` and `<!-- end -->` is replaced.
A test in `docs/tests` fails when a page and the code differ.
"""

import argparse
import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from importlib import import_module
from inspect import getdoc, getsource
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeAlias

import attrs
from docs.words import (
    BREAKER,
    CAUSES,
    DRIFTS,
    EXITS,
    FEES,
    MEMBERS,
    PACE,
    REASONS,
    RELIEFS,
    SETTINGS,
    SOURCE_SETTINGS,
)

from argo_adapters.observers.prometheus import catalogue
from argo_adapters.simulator.app import VENDORS
from argo_adapters.simulator.faults import Fault
from argo_core import errors, events, ports
from argo_core.backtest.statistics.overfitting import PBO
from argo_core.backtest.statistics.summary import MEANINGS
from argo_core.consensus.profile import Profile
from argo_core.execution.policy import TradingPolicy
from argo_core.ledger.entry import KINDS
from argo_core.ledger.kinds.common import COMMON
from argo_core.ledger.schema import (
    ANY_TEXT,
    COUNT,
    DECIMAL,
    DIGEST,
    FLAG,
    MICROS,
    WORD,
    Rule,
    Text,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import diagram
from argo_core.resilience.lease_table import lease_diagram
from argo_core.trading.denial import Denial
from argo_core.trading.drift import Difference, DriftKind
from argo_core.trading.holding import ExitReason
from argo_core.trading.limits import RiskLimits
from argo_core.trading.monitor import MonitorPolicy
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.risk.rows import rows as risk_rows
from argo_core.trading.risk.table import RULES
from argo_core.trading.state import TABLE as STATES
from argo_core.trading.step import Pace
from argo_service.api import errors as api_errors
from argo_service.api.problems import KINDS as PROBLEMS
from argo_service.api.routes import OPERATIONS
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import parser
from argo_service.config.reader import leaves
from argo_service.config.tree import Settings

ROOT = Path(__file__).parent
Branches: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

# Everybody knows --help and --version.
_PLAIN = (argparse._HelpAction, argparse._VersionAction)
_PLACE = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page with a table in it."""
    return [page for page in sorted(ROOT.rglob("*.md")) if _PLACE.search(page.read_text("utf-8"))]


def renewed(text: str) -> str:
    """The page's text with every table as the code has it now."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]().strip()}\n\n{found[3]}", text)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", r"\|").replace("\n", " ")


def _code(value: object) -> str:
    return f"`{value}`"


def _drawing(module: ModuleType) -> str:
    """The picture that stands after `::` in a module's docstring."""
    _, _, drawing = (getdoc(module) or "").partition("::\n\n")
    return f"```text\n{drawing.rstrip()}\n```"


def _settings() -> str:
    defaults = Settings()
    rows = []
    for key, leaf in leaves(Settings).items():
        if key.startswith("sources."):
            continue
        rows.append(
            (_code(key), _shown(_value(defaults, key)), _code(leaf.variable), SETTINGS[key])
        )
    return _table(("key", "default", "environment", "meaning"), rows)


def _value(tree: object, key: str) -> object:
    for name in key.split("."):
        tree = getattr(tree, name, "-")
    return tree


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if value == "-":
        return ""
    if isinstance(value, tuple):
        return _code(", ".join(map(str, value)))
    return _code(str(value).lower() if isinstance(value, bool) else value)


def _sources() -> str:
    sources = Settings().sources.by_name()
    rows = [
        (_code(key), *(_shown(_value(each, key)) for each in sources.values()), meaning)
        for key, meaning in SOURCE_SETTINGS.items()
    ]
    return _table(("key", *map(_code, sources), "meaning"), rows)


def _reasons() -> str:
    return _table(("reason", "meaning"), ((_code(one), said) for one, said in REASONS.items()))


def _members(rules: Mapping[str, Rule]) -> Iterator[tuple[str, str, str]]:
    for name, rule in rules.items():
        yield _code(name), _VALUES.get(rule) or _accepted(rule), MEMBERS[name]


_VALUES = {
    ANY_TEXT: "text",
    WORD: "text of 1 to 255 characters",
    DIGEST: "SHA-256",
    DECIMAL: "decimal",
    COUNT: "0 or more",
    MICROS: "microseconds",
    FLAG: "0 or 1",
}


def _accepted(rule: Rule) -> str:
    if isinstance(rule, Text):
        return rule.says
    return f"{rule.low:,} to {rule.high:,}" if rule.low < rule.high else f"{rule.low}"


def _common() -> str:
    return _table(("member", "value", "meaning"), _members(COMMON))


def _entry(kind: str) -> str:
    made = KINDS[kind]
    groups = {name: rule for group in made.groups for name, rule in group.members.items()}
    own = {name: rule for name, rule in made.required.items() if name not in COMMON}
    return _table(("member", "value", "meaning"), _members({**own, **made.optional, **groups}))


_EXACT = {
    ANY_TEXT: "text",
    WORD: "word",
    DIGEST: "digest",
    DECIMAL: "decimal",
    COUNT: "count",
    MICROS: "time",
    FLAG: "flag",
}


def _rules() -> str:
    rows = []
    for name, kind in KINDS.items():
        own = {key: rule for key, rule in kind.required.items() if key not in COMMON}
        groups = {key: rule for group in kind.groups for key, rule in group.members.items()}
        for members, needed in ((own, "yes"), (kind.optional, "no"), (groups, "group")):
            rows += [(_code(name), _code(key), _exact(one), needed) for key, one in members.items()]
    common = [("all", _code(key), _exact(rule), "yes") for key, rule in COMMON.items()]
    return _table(("kind", "member", "value", "needed"), [*common, *rows])


def _exact(rule: Rule) -> str:
    if rule in _EXACT:
        return _EXACT[rule]
    return _code(rule.pattern) if isinstance(rule, Text) else f"integer {rule.low} to {rule.high}"


def _routes() -> str:
    rows = (
        (
            _code(f"{one.method} {one.template}"),
            _code(one.scope.value) if one.scope else "none",
            f"{one.summary}.".replace("?.", "?"),
        )
        for one in OPERATIONS
    )
    return _table(("path", "scope", "what it answers"), rows)


def _parameters() -> str:
    rows = {
        (_code(each.name), each.meaning, _limits(each.schema))
        for one in OPERATIONS
        for each in one.parameters
        if each.where == "query"
    }
    return _table(("parameter", "meaning", "accepts"), sorted(rows))


def _limits(schema: Mapping[str, object]) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        accepted = ", ".join(map(_code, choices))
    elif "maximum" in schema:
        accepted = f"{schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        accepted = f"{schema['minimum']} or more"
    else:
        accepted = str(schema.get("format", "a symbol" if "pattern" in schema else "text"))
    return accepted + (f"; default {schema['default']}" if "default" in schema else "")


def _problems() -> str:
    rows = ((_code(one.slug), one.status.value, f"{one.title}. {one.meaning}") for one in PROBLEMS)
    return _table(("problem", "status", "meaning"), rows)


def _metrics() -> str:
    rows = (
        (_code(one.name), one.kind.value, ", ".join(map(_code, one.labels)), one.meaning)
        for one in catalogue()
    )
    return _table(("metric", "type", "labels", "meaning"), rows)


def _exits() -> str:
    return _table(("code", "meaning"), ((one.value, one.meaning) for one in Exit))


def _commands() -> str:
    # The command line knows the options of a command only once that is among its words.
    names = [name for branch in _branches(parser(())) for name in branch.choices]
    return "\n\n".join(_command(parser(names)))


def _branches(at: argparse.ArgumentParser) -> list[Branches]:
    return [action for action in at._actions if isinstance(action, argparse._SubParsersAction)]


def _command(
    at: argparse.ArgumentParser, path: tuple[str, ...] = (), said: str = ""
) -> Iterator[str]:
    branches = _branches(at)
    rows = [
        (_option(action), action.help or "")
        for action in at._actions
        if not isinstance(action, _PLAIN) and action not in branches
    ]
    if path and not branches:
        yield f"### `argo {' '.join(path)}`"
        yield f"{said[:1].upper()}{said[1:]}."
    if rows:
        yield _table(("argument", "meaning"), rows)
    for branch in branches:
        helps = {each.dest: each.help or "" for each in branch._choices_actions}
        for name, child in branch.choices.items():
            yield from _command(child, (*path, name), helps[name])


def _option(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else action.metavar or action.dest.upper()
    if action.choices:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    return _code(" ".join(part for part in (", ".join(action.option_strings), str(value)) if part))


def _ports() -> str:
    modules = [
        import_module(f"{ports.__name__}.{each.name}") for each in iter_modules(ports.__path__)
    ]
    return "\n\n".join(
        _port(node)
        for module in modules
        for node in ast.parse(getsource(module)).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    )


def _port(node: ast.ClassDef) -> str:
    promise = re.sub(r"(?<=[a-z]\.) (?=[A-Z])", "\n", _one_line(ast.get_docstring(node)))
    lines = [f"### {node.name}", "", promise, ""]
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            word = "async " if isinstance(method, ast.AsyncFunctionDef) else ""
            property_ = bool(method.decorator_list)
            arguments = "" if property_ else f"({_arguments(method)})"
            answer = ast.unparse(method.returns) if method.returns else ""
            said = _one_line(ast.get_docstring(method))
            lines.append(f"- `{word}{method.name}{arguments} -> {answer}`: {said}")
    return "\n".join(lines)


def _arguments(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ast.unparse(method.args).removeprefix("self").removeprefix(", ")


def _one_line(docstring: str | None) -> str:
    return " ".join((docstring or "").replace("Raises:", "Raises").split())


def _events() -> str:
    rows = []
    for kind in events.Event.__args__:
        fields = ", ".join(_code(each.name) for each in attrs.fields(kind))
        rows.append((_code(kind.__name__), _one_line(kind.__doc__), fields))
    return _table(("event", "when", "members"), rows)


def _policies() -> str:
    rows = []
    for name, one in Profile().sources.items():
        kind = "market data" if one.market_data else "paid AI"
        numbers = (one.refresh_after_s, one.half_life_s, one.max_age_s, one.min_interval_s)
        shown = [f"{each:g} s" for each in (*numbers, one.timeout_s)]
        rows.append((_code(name), kind, f"{one.weight:.0%}", *shown, one.max_symbols))
    head = ("source", "kind", "weight", "refresh", "half-life", "gone after", "not sooner than")
    return _table((*head, "timeout", "symbols an ask"), rows)


def _vendors() -> str:
    rows = (
        (
            _code(one.name),
            f"{one.latency_s * 1000:.0f} ms",
            f"{one.limit.requests:,} in {one.limit.seconds:,g} s",
        )
        for one in VENDORS
    )
    return _table(("vendor", "usual latency", "requests admitted"), rows)


def _faults() -> str:
    return ", ".join(_code(each.value) for each in Fault) + "."


def _roles() -> str:
    return f"```mermaid\n{lease_diagram()}```"


def _breaker() -> str:
    return f"```mermaid\n{diagram()}\n```"


def _breaker_policy() -> str:
    rows = (
        (
            _code(one.name),
            "by source" if one.default is attrs.NOTHING else f"{one.default:g}",
            BREAKER[one.name],
        )
        for one in attrs.fields(BreakerPolicy)
    )
    return _table(("number", "default", "meaning"), rows)


def _risk_rules() -> str:
    rows = (
        (
            _code(one.rule),
            one.bounds,
            ", ".join(f"{_code(_limit_key(name))} {value}" for name, value in one.settings),
            one.unit,
            ", ".join(_code(code) for code, _ in one.denials),
            one.source,
        )
        for one in risk_rows()
    )
    head = ("rule", "what it allows", "settings and defaults", "margin in", "codes", "source")
    return _table(head, rows)


def _limit_key(name: str) -> str:
    """A limit as the settings call it: spans of time end in their unit there."""
    return f"{name}_s" if isinstance(getattr(RiskLimits(), name), timedelta) else name


def _for_all() -> str:
    return ", ".join(_code(one.rule) for one in risk_rows() if one.applies_to == "every order")


def _denials() -> str:
    rows = (
        (
            _code(one.value),
            one.meaning,
            ", ".join(_code(rule.name) for rule in RULES if one in rule.denials),
        )
        for one in Denial
    )
    return _table(("code", "meaning", "rule"), rows)


def _states() -> str:
    rows = (
        (_code(cause), CAUSES[cause], _code(rule.state), RELIEFS[rule.relief])
        for cause, rule in STATES.items()
    )
    return _table(("cause", "it stands because", "state", "what ends it"), rows)


def _exit_reasons() -> str:
    rows = ((number, _code(one), EXITS[one]) for number, one in enumerate(ExitReason, 1))
    return _table(("", "reason", "when"), rows)


def _drifts() -> str:
    rows = ((_code(one), _said_of(one), DRIFTS[one]) for one in DriftKind)
    return _table(("difference", "as it is shown", "what it is"), rows)


def _said_of(kind: DriftKind) -> str:
    return Difference(kind, "…", "…", Symbol("…"), "…").text


def _fees() -> str:
    schedule = FeeSchedule()
    rows = (
        (_code(one.name), f"{getattr(schedule, one.name):f}", FEES[one.name])
        for one in attrs.fields(FeeSchedule)
    )
    return _table(("fee", "default", "what it is"), rows)


def _statistics() -> str:
    rows = (
        (_code(one.name), one.unit, one.definition, one.source, one.undefined)
        for one in (*MEANINGS, PBO)
    )
    return _table(("name", "unit", "definition", "source", "undefined"), rows)


def pace() -> Mapping[str, object]:
    """Every number by which trading is patient, with its default."""
    groups: tuple[tuple[type[attrs.AttrsInstance], object], ...] = (
        (TradingPolicy, TradingPolicy()),
        (Pace, Pace()),
        (MonitorPolicy, MonitorPolicy()),
    )
    numbers = {
        one.name: getattr(policy, one.name) for kind, policy in groups for one in attrs.fields(kind)
    }
    # The limits and the two policies inside have tables of their own; the rest is for operators.
    apart = {"limits", "pace", "monitor", "close_on", "trail"}
    return {name: value for name, value in numbers.items() if name not in apart}


def _pace() -> str:
    rows = ((_code(name), _span(value), PACE[name]) for name, value in pace().items())
    return _table(("number", "default", "meaning"), rows)


def _span(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():,g} s"
    return f"{value:g} s" if isinstance(value, float) else str(value)


TABLES: Mapping[str, Callable[[], str]] = {
    "errors": partial(_drawing, errors),
    "refusals": partial(_drawing, api_errors),
    "settings": _settings,
    "sources": _sources,
    "reasons": _reasons,
    "common": _common,
    **{f"entry-{kind}": partial(_entry, kind) for kind in KINDS},
    "rules": _rules,
    "routes": _routes,
    "parameters": _parameters,
    "problems": _problems,
    "metrics": _metrics,
    "exits": _exits,
    "commands": _commands,
    "ports": _ports,
    "events": _events,
    "policies": _policies,
    "vendors": _vendors,
    "faults": _faults,
    "breaker": _breaker,
    "roles": _roles,
    "breaker-policy": _breaker_policy,
    "risk-rules": _risk_rules,
    "risk-for-all": _for_all,
    "denials": _denials,
    "states": _states,
    "exit-reasons": _exit_reasons,
    "drifts": _drifts,
    "fees": _fees,
    "pace": _pace,
    "statistics": _statistics,
}


if __name__ == "__main__":
    for each in pages():
        each.write_text(renewed(each.read_text("utf-8")), "utf-8")
