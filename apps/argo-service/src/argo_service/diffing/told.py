"""A comparison for machines."""

from collections.abc import Mapping
from typing import Any

from argo_core.backtest.day.compare import Pair, Verdict
from argo_core.backtest.day.inputs import Member
from argo_core.backtest.day.paper import PaperDay
from argo_core.codec.plain import rfc3339
from argo_core.market.moment import from_micros
from argo_core.trading.trade import Trade, TradeEvent
from argo_service.diffing.difference import Compared
from argo_service.fingerprint import code_sha256


def told(found: Compared, most: int) -> Mapping[str, Any]:
    """All of it, and of what is not the same the first `most`."""
    day, comparison = found.day, found.comparison
    first_input = comparison.first_input
    others = [one for one in comparison.pairs if one.verdict is not Verdict.SAME]
    return {
        "log": day.about.log,
        "strategy": day.about.strategy,
        "origin": day.about.origin.value,
        "same_code": day.about.code_sha256 == code_sha256(),
        "as_recorded": day.as_recorded,
        "begins": None if day.begins is None else rfc3339(day.begins),
        "ends": None if day.ends is None else rfc3339(day.ends),
        "cycles": day.cycles,
        "inputs": day.inputs,
        "signals": len(day.signals),
        "sha256": day.sha256,
        "counts": {str(verdict): count for verdict, count in comparison.counts.items()},
        "beyond": found.beyond,
        "missing": found.missing,
        "settings": _members(comparison.settings),
        "first_input": None
        if first_input is None
        else {
            "signal": None if first_input[0] is None else told_pair(first_input[0]),
            **_members((first_input[1],))[0],
        },
        "first": None if comparison.first is None else told_pair(comparison.first),
        "listed": [told_pair(one) for one in others[:most]],
        "not_listed": max(0, len(others) - most),
        "paper": None if day.paper is None else _paper(day.paper, day.recorded_trades),
    }


def told_pair(pair: Pair) -> Mapping[str, Any]:
    """One signal of either or both."""
    look = pair.look
    return {
        "verdict": pair.verdict.value,
        "decided_at": rfc3339(from_micros(pair.decided_us)),
        "symbol": pair.symbol,
        "direction": pair.direction,
        "index": None if pair.live is None else pair.live.index,
        "inputs": None if pair.inputs is None else _members(pair.inputs),
        "members": _members(pair.members),
        "backtest": None
        if look is None
        else {
            "outcome": look.outcome,
            "direction": look.direction,
            "reason": look.reason,
            "confidence_bp": look.confidence_bp,
        },
    }


def _members(members: tuple[Member, ...]) -> list[dict[str, str]]:
    return [{"name": one.name, "log": one.live, "backtest": one.tried} for one in members]


def _paper(paper: PaperDay, live: tuple[Trade, ...]) -> Mapping[str, Any]:
    last = paper.worth[-1] if paper.worth else None
    return {
        "fills": [_fill(one) for one in paper.fills],
        "live_fills": [_fill(one) for one in live if one.event is TradeEvent.FILLED],
        "equity": None if last is None else str(last.equity),
        "cash": None if last is None else str(last.cash),
        "denied": {one.value: count for one, count in paper.denied.items()},
        "alarms": list(paper.alarms),
    }


def _fill(one: Trade) -> Mapping[str, Any]:
    return {
        "at": rfc3339(one.at),
        "symbol": one.symbol,
        "side": one.side.value,
        "quantity": str(one.quantity),
        "price": str(one.price),
        "fee": str(one.fee),
        "signal_index": one.signal_index,
    }
