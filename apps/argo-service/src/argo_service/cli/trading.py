"""`argo trading ...`: a running service's trading, looked at and held back over its API."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from yarl import URL

from argo_core.errors import InvalidInput
from argo_core.market.instrument import parse_symbol
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json
from argo_service.cli.trading_tables import (
    draw_control,
    draw_denials,
    draw_fills,
    draw_order,
    draw_orders,
    draw_positions,
    draw_risk,
    draw_status,
)
from argo_service.settings import read_api_key, read_configuration
from argo_service.trading.remote import Remote, address_of, open_remote
from argo_service.verifying.http_shelf import read_address

Answer: TypeAlias = dict[str, Any]
Asking: TypeAlias = Callable[[Remote, argparse.Namespace], Awaitable[Answer]]
Drawing: TypeAlias = Callable[[Any, Answer], None]

MOST = 500
_ACTIVE = "ACTIVE"


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Trading of a running service, over its API. Where that has keys, show one with the scope"
        " trading, or admin to halt, resume and flatten, in the environment as ARGO_API_KEY."
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, said: str, asking: Asking, drawing: Drawing) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=said)
        action.add_argument("--url", help="where the service answers (default: by the settings)")
        action.add_argument("--json", action="store_true", help="for machines")
        action.set_defaults(run=run, asking=asking, drawing=drawing)
        return action

    add("status", "state, money, and what is left of the tightest limits", _status, draw_status)
    add("positions", "what is held, and how it is protected", _positions, draw_positions)
    orders = add("orders", "orders, newest first", _orders, draw_orders)
    orders.add_argument("--status", choices=("open", "closed", "all"), default="all")
    order = add("order", "one order, what the rules said, and its history", _order, draw_order)
    order.add_argument("id", help="the order's id")
    fills = add("fills", "executions, newest first", _fills, draw_fills)
    denials = add("denials", "orders that were denied, newest first", _denials, draw_denials)
    add("risk", "state, causes, limits and margins", _risk, draw_risk)
    for listing in (orders, fills, denials):
        listing.add_argument("--symbol", help="only those of this symbol")
        listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    for name, said in (
        ("halt", "let positions only shrink until somebody resumes"),
        ("resume", "trade again (exit code 1 while something else stands against it)"),
        ("flatten", "close a position, or halt and close all"),
    ):
        action = add(name, said, _control, draw_control)
        action.add_argument("--reason", required=True, help="why, for the journal")
        if name == "flatten":
            action.add_argument("--symbol", help="only this one, and without halting")


def run(given: argparse.Namespace) -> int:
    """Ask, and show the answer."""
    if given.url is None:
        address = address_of(read_configuration(given.config).settings.listen)
    else:
        address = read_address(given.url)
    answer = asyncio.run(_asked(given, address))
    if given.json:
        write_json(answer)
    else:
        given.drawing(console(), answer)
    resumed = given.action != "resume" or answer["state"] == _ACTIVE
    return Exit.DONE if resumed else Exit.FAILED


async def _asked(given: argparse.Namespace, address: URL) -> Answer:
    async with open_remote(address, read_api_key()) as remote:
        answer: Answer = await given.asking(remote, given)
        return answer


async def _status(remote: Remote, given: argparse.Namespace) -> Answer:
    return {"account": await remote.get("account"), "risk": await remote.get("risk")}


async def _positions(remote: Remote, given: argparse.Namespace) -> Answer:
    return await remote.get("positions")


async def _orders(remote: Remote, given: argparse.Namespace) -> Answer:
    return await remote.get("orders", status=given.status, **_filters(given))


async def _order(remote: Remote, given: argparse.Namespace) -> Answer:
    if not given.id or "/" in given.id or given.id in {".", ".."}:
        raise InvalidInput("id", f"{given.id[:40]!r} is no order's id", "see `argo trading orders`")
    return await remote.get(f"orders/{given.id}")


async def _fills(remote: Remote, given: argparse.Namespace) -> Answer:
    return await remote.get("fills", **_filters(given))


async def _denials(remote: Remote, given: argparse.Namespace) -> Answer:
    return await remote.get("denials", **_filters(given))


async def _risk(remote: Remote, given: argparse.Namespace) -> Answer:
    return await remote.get("risk")


async def _control(remote: Remote, given: argparse.Namespace) -> Answer:
    body = {"reason": given.reason}
    if getattr(given, "symbol", None) is not None:
        body["symbol"] = str(parse_symbol(given.symbol))
    return await remote.post(given.action, body)


def _filters(given: argparse.Namespace) -> dict[str, str]:
    if not 1 <= given.limit <= MOST:
        raise InvalidInput("--limit", f"{given.limit} is out of range", f"give 1 to {MOST}")
    filters = {"limit": str(given.limit)}
    if given.symbol is not None:
        filters["symbol"] = str(parse_symbol(given.symbol))
    return filters
