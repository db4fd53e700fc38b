"""Reading Alpaca's account, positions and movements of money."""

from datetime import datetime
from decimal import Decimal

from argo_adapters.brokers.alpaca.days import eastern_midnight
from argo_adapters.brokers.alpaca.orders import identity
from argo_adapters.brokers.alpaca.symbols import symbol_of
from argo_adapters.http.fields import Node
from argo_core.errors import VendorGarbled
from argo_core.trading.broker_view import BrokerAccount, BrokerPosition, CashFlow

FLOWS = ("CSD", "CSW", "JNLC", "ACATC")
"""Deposits, withdrawals, journals between accounts, transfers of accounts: money from outside."""

EARNED = (
    *("DIV", "DIVCGL", "DIVCGS", "DIVFEE", "DIVFT", "DIVNRA", "DIVROC", "DIVTW", "DIVTXEX"),
    *("INT", "INTNRA", "INTTW", "FEE", "CFEE", "PTC", "PTR"),
)
"""Dividends, interest, fees, charges passed on: what positions and the account earn and cost."""

# The flags of an account that may not trade, and what they mean.
_FLAGS = {
    "trading_blocked": "trading is blocked",
    "account_blocked": "the account is blocked",
    "trade_suspended_by_user": "its owner has suspended trading",
}


def read_account(node: Node) -> BrokerAccount:
    """`GET /v2/account`."""
    return BrokerAccount(
        id=identity(node["id"]),
        cash=node["cash"].decimal_in_text(),
        equity=node["equity"].decimal_in_text(),
        last_equity=node["last_equity"].decimal_in_text(),
        buying_power=node["buying_power"].decimal_in_text(),
        blocked=_blocked(node),
    )


def read_position(node: Node) -> BrokerPosition | None:
    """One row of `GET /v2/positions`, None where it is flat."""
    quantity = node["qty"].decimal_in_text()
    side = node["side"].text()
    if side not in {"long", "short"} or (quantity and (quantity < 0) != (side == "short")):
        raise VendorGarbled(node.source, f"{node.path} is {side[:20]!a} with {quantity}")
    if not quantity:
        return None
    return BrokerPosition(
        symbol_of(node["symbol"], node.get("asset_class")),
        quantity,
        node["avg_entry_price"].positive_price_in_text(),
    )


def read_flow(node: Node) -> CashFlow | None:
    """One row of `GET /v2/account/activities`, None where it did not happen."""
    kind, status = node["activity_type"].text(), node.get("status")
    if kind not in FLOWS + EARNED:
        raise node["activity_type"].refused("a movement of cash")
    if status is not None and status.text() in {"canceled", "cancelled"}:
        return None
    amount: Decimal = node["net_amount"].decimal_in_text()
    return CashFlow(identity(node["id"]), _moment(node), amount, earned=kind in EARNED)


def _moment(node: Node) -> datetime:
    exact = node.get("created_at") or node.get("transaction_time")
    if exact is not None and "T" in exact.text():
        return exact.moment_from_iso()
    return eastern_midnight(node["date"])


def _blocked(node: Node) -> str | None:
    status = node["status"].text()
    if status != "ACTIVE":
        return f"the account is {status[:40]!a}"
    for name, meaning in _FLAGS.items():
        flag = node.get(name)
        if flag is not None and flag.flag():
            return meaning
    return None
