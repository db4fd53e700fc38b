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
        told = {
            "rules": RULES_VERSION,
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "plan": asdict(self.plan),
            "data": self.panel.sha256,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def result_sha256(self) -> str:
        """Names the result: the account after every row, and every fill."""
        told = hashlib.sha256(self.request_sha256.encode())
        traded = self.traded
        for column in (traded.equity, traded.cash, traded.gross, traded.fills):
            told.update(column.astype("<i8").tobytes())
        return told.hexdigest()
