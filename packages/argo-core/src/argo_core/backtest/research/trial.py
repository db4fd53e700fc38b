"""Everything that was tried, because the best of many is good by chance: the ledger of trials.

The deflated Sharpe ratio (Bailey and López de Prado 2014) needs how many trials there were and how
far their Sharpe ratios lie apart; both come from here.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, Self

import numpy as np
from attrs import Attribute, field, frozen

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.units import MOST_BARS
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.statistics.growth import YEAR
from argo_core.backtest.statistics.trials import Trials
from argo_core.errors import InvalidInput
from argo_core.market.moment import aware

_SHA256 = re.compile("[0-9a-f]{64}")
_NAME = re.compile("[ -~]{1,255}")


def _digest(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not _SHA256.fullmatch(value):
        fix = "give a SHA-256, 64 digits of lower-case hexadecimal"
        raise InvalidInput(attribute.name, f"{value[:80]!r} is no digest", fix)


def _finite(_instance: object, attribute: "Attribute[float]", value: float | None) -> None:
    if value is not None and not math.isfinite(value):
        raise InvalidInput(attribute.name, f"{value} is no number", "give a finite one, or None")


def _copied(parameters: Mapping[str, str]) -> dict[str, str]:
    return dict(parameters)


@frozen(kw_only=True)
class Trial:
    """One strategy that was traded once on bars, and how it went.

    `ground` and `data_sha256` are its panel's, `request_sha256` and `result_sha256` its own. `n`,
    `sharpe` (daily, not annualised), `skew` and `kurtosis` (raw) are those of `Sample`.
    """

    at: datetime
    strategy: str
    parameters: Mapping[str, str] = field(converter=_copied)
    ground: Ground = field(repr=False)
    data_sha256: str = field(validator=_digest)
    request_sha256: str = field(validator=_digest)
    result_sha256: str = field(validator=_digest)
    n: int
    sharpe: float | None = field(default=None, validator=_finite)
    skew: float | None = field(default=None, validator=_finite)
    kurtosis: float | None = field(default=None, validator=_finite)

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)
        if not _NAME.fullmatch(self.strategy):
            problem = f"{self.strategy[:80]!r} is no name"
            raise InvalidInput("strategy", problem, "give 1 to 255 characters of printable ASCII")
        if not 0 <= self.n <= MOST_BARS:
            raise InvalidInput("n", f"{self.n} returns", f"give 0 to {MOST_BARS}")

    @classmethod
    def of(cls, backtest: Backtest, at: datetime) -> Self:
        """The trial that `backtest` was, run at that moment."""
        sample = Sample.of(backtest.panel, backtest.traded)
        return cls(
            at=at,
            strategy=backtest.strategy,
            parameters=backtest.parameters,
            ground=Ground.of(backtest.panel),
            data_sha256=backtest.panel.sha256,
            request_sha256=backtest.request_sha256,
            result_sha256=backtest.result_sha256,
            n=sample.n,
            sharpe=sample.sharpe,
            skew=sample.skew,
            kurtosis=sample.kurtosis,
        )


class TrialLedger(Protocol):
    """Every trial, for ever; several processes may write to the same one.

    Its calls take as long as a disk does: ask from the thread that ran the backtest, never from an
    event loop's.
    """

    def add(self, trials: Sequence[Trial]) -> int:
        """Write down all of them durably, or none, and say how many were new.

        A trial whose request and result are there already is the same trial, and stays as it is.

        Raises:
            TrialError: nothing was written, or nobody can say; the same call may be repeated.
        """
        ...

    def newest(self, limit: int = 100, data_sha256: str | None = None) -> tuple[Trial, ...]:
        """At most so many, the last one added first; of these bars alone, or of all.

        Raises:
            TrialError: it cannot be read.
        """
        ...

    def tried(self, ground: Ground) -> Trials | None:
        """How much was tried on ground that meets this one; None if nothing was.

        Whoever tries on a few days more, or without one symbol, still looks for the best of the
        same moves of prices. It counts distinct requests: the same one run again with another
        result, as after a change of the program, is no further trial, and its newest Sharpe ratio
        counts.

        Raises:
            TrialError: it cannot be read.
        """
        ...


def counted(sharpes: Sequence[float | None]) -> Trials | None:
    """What these trials come to, by their daily Sharpe ratios, None where one is undefined.

    An undefined one is a trial and says nothing about the variance, which is annualised.
    """
    if not sharpes:
        return None
    # Sums of floats depend on their order, and a ledger's answer shall not.
    known = sorted(one for one in sharpes if one is not None)
    variance = 0.0 if len(sharpes) == 1 else None
    if len(known) > 1:
        variance = float(np.var(known, ddof=1)) * YEAR
    return Trials(count=len(sharpes), sharpe_variance=variance)
