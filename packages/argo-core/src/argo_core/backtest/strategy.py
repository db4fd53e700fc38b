"""What is tried in a backtest: bars in, verdicts out."""

from collections.abc import Mapping
from typing import Protocol

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts


class Strategy(Protocol):
    """A pure function of bars with a name: what it says of a row depends on rows up to it alone.

    The look-ahead detector (`argo_core.backtest.research.lookahead`) checks that.
    """

    @property
    def name(self) -> str:
        """Printable ASCII, such as `sma-cross`."""
        ...

    @property
    def parameters(self) -> Mapping[str, str]:
        """Everything that it was made with, for reports and the ledger of trials."""
        ...

    def verdicts(self, panel: Panel) -> Verdicts:
        """What it says at the close of every row of `panel`."""
        ...
