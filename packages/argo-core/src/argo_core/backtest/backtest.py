"""One backtest that was run: what went in, what came out, and hashes that name both."""

import hashlib
import json
from collections.abc import Mapping

from attrs import asdict, field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import RULES_VERSION, Plan
from argo_core.backtest.bars.trading_result import Traded


@frozen(kw_only=True)
class Backtest:
    """`strategy` with its `parameters` traded on `panel` as `plan` says."""

    strategy: str
    parameters: Mapping[str, str]
    plan: Plan
    panel: Panel = field(repr=False)
    traded: Traded = field(repr=False)

    @property
    def request_sha256(self) -> str:
        """Names what decides the result: strategy, parameters, plan, rules and the data's hash."""
        return request_name(self.strategy, self.parameters, self.plan, self.panel.sha256)

    @property
    def result_sha256(self) -> str:
        """Names the result: the account after every row, and every fill."""
        return result_name(self.request_sha256, self.traded)


def request_name(strategy: str, parameters: Mapping[str, str], plan: Plan, data: str) -> str:
    """The SHA-256 of a request on the bars named `data`; see `Backtest.request_sha256`."""
    told = {
        "rules": RULES_VERSION,
        "strategy": strategy,
        "parameters": dict(parameters),
        "plan": asdict(plan),
        "data": data,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def result_name(request: str, traded: Traded) -> str:
    """The SHA-256 of what came of the request named so; see `Backtest.result_sha256`."""
    told = hashlib.sha256(request.encode())
    for column in (traded.equity, traded.cash, traded.gross, traded.fills):
        told.update(column.astype("<i8").tobytes())
    return told.hexdigest()
