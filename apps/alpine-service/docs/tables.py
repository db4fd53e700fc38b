"""Tables of Alpine's pages that are written from the code: `python -m docs.tables` writes them.

A table stands in a page between two comments, the first of which names it.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from alpine_service.adapters.observers.metric_tables import METRICS
from alpine_service.api.problems import KINDS
from alpine_service.domain.plans.plan import PLANS, TEST
from alpine_service.domain.signals.event import EventKind

HOME = Path(__file__).parents[1]
_PLACE = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(\n<!-- end -->)", re.DOTALL)
_ITEM = re.compile(r"v?([0-9]+)_([0-9]+)(?:_([0-9]+))?_(?:and_)?")
_EVENTS = {
    EventKind.STRATEGY_REGISTERED: ("everybody", "a strategy says by which rules it will decide"),
    EventKind.STRATEGY_RETIRED: ("everybody", "a strategy decides nothing more"),
    EventKind.SIGNAL_PUBLISHED: (
        "everybody; of a delayed strategy real-time plans",
        "a signal, as soon as it was verified",
    ),
    EventKind.SIGNAL_COMMITTED: ("everybody", "a delayed strategy has committed to a signal"),
    EventKind.SIGNAL_REVEALED: ("everybody", "a commitment was opened"),
    EventKind.OUTCOME_RESOLVED: (
        "everybody; of a sealed signal real-time plans",
        "what became of a signal, by the registered rule",
    ),
    EventKind.TRADE_REPORTED: (
        "everybody; of a sealed signal real-time plans",
        "what the publisher says of an order",
    ),
    EventKind.ENTRY_CORRECTED: ("everybody", "the publisher remarks on an earlier entry"),
}

Rows = Iterator[Sequence[str]]


def written(page: str) -> str:
    """The page with its tables as they are now."""
    return _PLACE.sub(lambda found: found[1] + _table(_TABLES[found[2]]()) + found[3], page)


def pages() -> list[Path]:
    """All of Alpine's pages."""
    return [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md"))]


def _plans() -> Rows:
    yield "plan", "real time", "ways", "per minute", "per day", "keys", "streams", "endpoints"
    for name, one in [*((name, plan.entitlement) for name, plan in PLANS.items()), ("test", TEST)]:
        yield (
            f"`{name}`",
            "yes" if one.is_realtime else "no",
            ", ".join(sorted(one.channels)),
            *(f"{count:,}" for count in (one.per_minute, one.per_day)),
            *(str(count) for count in (one.keys, one.streams, one.endpoints)),
        )


def _problems() -> Rows:
    yield "type", "status", "title", "what to do"
    for one in sorted(KINDS, key=lambda kind: (kind.status, kind.name)):
        yield f"`/problems/{one.name}`", str(one.status), one.title, one.meaning


def _events() -> Rows:
    yield "kind", "who may see it", "what it tells"
    for kind in EventKind:
        yield f"`{kind}`", *_EVENTS[kind]


def _metrics() -> Rows:
    yield "name", "type", "labels", "what it says"
    for one in METRICS:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        yield f"`{one.name}`", one.kind, labels, one.meaning


def _asvs() -> Rows:
    yield "item", "what the test says", "file"
    found: list[tuple[tuple[int, ...], str, str]] = []
    for path in sorted((HOME / "tests" / "security").glob("test_asvs_*.py")):
        for name in _tests(path):
            rest, items = name, []
            while item := _ITEM.match(rest):
                items.append(tuple(int(part) for part in item.groups() if part))
                rest = rest[item.end() :]
            found += [(item, rest.replace("_", " "), path.name) for item in items]
    for item, says, file in sorted(found):
        yield ".".join(map(str, item)), says, f"`{file}`"


def _tests(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_test(node.name):
            yield node.name.removeprefix("test_")


def _is_test(name: str) -> bool:
    return name.startswith("test_")


_TABLES: Mapping[str, Callable[[], Rows]] = {
    "plans": _plans,
    "problems": _problems,
    "events": _events,
    "metrics": _metrics,
    "asvs": _asvs,
}


def _table(rows: Rows) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    rule = "|" + " --- |" * (head.count(" | ") + 1)
    return "\n".join([head, rule, *body])


if __name__ == "__main__":
    for each in pages():
        old = each.read_text("utf-8")
        if (new := written(old)) != old:
            each.write_text(new, "utf-8")
