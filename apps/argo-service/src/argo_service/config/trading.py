"""Whether, where and within which limits signals are traded."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import Attribute, asdict, field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.resilience.secret import Secret
from argo_core.trading.limits import RiskLimits
from argo_core.trading.paper.settings import PaperSettings
from argo_service.config import checks, pacing

PAPER: Final = "paper"
ALPACA: Final = "alpaca"
ACCOUNT: Final = SourceName("alpaca_account")
"""Who is asked when the broker is, apart from the same company's market data."""

ACCOUNT_TIMEOUT_S: Final = 10.0
PAPER_HOST: Final = "paper-api.alpaca.markets"
LIVE_HOST: Final = "api.alpaca.markets"
_CLOSING: Final = (Direction.SELL.value, Direction.HOLD.value)
_LIMITS: Final = RiskLimits()
_PAPER: Final = PaperSettings()
_DEAREST: Final = 100
_UNIT: Final = "_s"
"""What the settings of spans of time end in; the core's own numbers carry their unit themselves."""


def _broker(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in {PAPER, ALPACA}:
        problem = f"{value[:40]!r} is no broker"
        raise InvalidInput(attribute.name, problem, f"give {PAPER} or {ALPACA}")


def _amount(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not 0 < value <= checks.LARGEST:
        problem = f"{value} is no amount"
        raise InvalidInput(attribute.name, problem, f"give more than 0, to {checks.LARGEST}")


def _part(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not 0 < value <= 1:
        raise InvalidInput(attribute.name, f"{value} is not a share", "give a number in (0, 1]")


def _fee(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not 0 <= value <= _DEAREST:
        problem = f"{value} is no fee"
        raise InvalidInput(attribute.name, problem, f"give 0 to {_DEAREST} dollars")


def _closing(
    _instance: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]
) -> None:
    for direction in value:
        if direction not in _CLOSING:
            problem = f"{direction[:40]!r} closes no position that was bought"
            raise InvalidInput(attribute.name, problem, f"give some of {', '.join(_CLOSING)}")


def _trail(
    _instance: object, attribute: "Attribute[Decimal | None]", value: Decimal | None
) -> None:
    if value is not None and not 0 < value < 1:
        problem = f"{value} is no distance"
        fix = "give a part of the price between 0 and 1, such as 0.02; leave it out for none"
        raise InvalidInput(attribute.name, problem, fix)


def _span(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not 0 <= value <= checks.LONGEST_S:
        problem = f"{value} is no span of time"
        raise InvalidInput(attribute.name, problem, f"give 0 to {checks.LONGEST_S} seconds")


def _seconds(name: str) -> Any:
    span: timedelta = getattr(_LIMITS, name)
    return field(default=span.total_seconds(), validator=_span)


@frozen(kw_only=True)
class Limits:
    """The numbers of the risk rules, with those of `RiskLimits`; shares of equity are fractions."""

    risk_per_trade: Decimal = _LIMITS.risk_per_trade
    order_cap: Decimal = _LIMITS.order_cap
    order_share: Decimal = _LIMITS.order_share
    adv_share: Decimal = _LIMITS.adv_share
    symbol_share: Decimal = _LIMITS.symbol_share
    sector_share: Decimal = _LIMITS.sector_share
    gross_share: Decimal = _LIMITS.gross_share
    positions: int = _LIMITS.positions
    collar: Decimal = _LIMITS.collar
    spread: Decimal = _LIMITS.spread
    divergence: Decimal = _LIMITS.divergence
    quote_age_s: float = _seconds("quote_age")
    edge_s: float = _seconds("edge")
    longest_signal_s: float = _seconds("longest_signal")
    orders_per_minute: int = _LIMITS.orders_per_minute
    symbol_orders_per_minute: int = _LIMITS.symbol_orders_per_minute
    orders_per_day: int = _LIMITS.orders_per_day
    cooldown_s: float = _seconds("cooldown")
    stop_cooldown_s: float = _seconds("stop_cooldown")
    stops: int = _LIMITS.stops
    stops_within_s: float = _seconds("stops_within")
    stops_rest_s: float = _seconds("stops_rest")
    daily_loss_reduce: Decimal = _LIMITS.daily_loss_reduce
    daily_loss_halt: Decimal = _LIMITS.daily_loss_halt
    drawdown_halt: Decimal = _LIMITS.drawdown_halt
    short_selling: bool = _LIMITS.short_selling

    def __attrs_post_init__(self) -> None:
        self.rules()

    def rules(self) -> RiskLimits:
        """What the rules go by.

        Raises:
            InvalidInput: a number is out of range, or contradicts another.
        """
        spans = {name for name in RiskLimits.names() if _is_span(name)}
        given: dict[str, Any] = {
            name.removesuffix(_UNIT): timedelta(seconds=value) if name.endswith(_UNIT) else value
            for name, value in asdict(self).items()
        }
        try:
            return RiskLimits(**given)
        except InvalidInput as error:
            name = error.field + _UNIT if error.field in spans else error.field
            raise InvalidInput(name, error.problem, error.fix) from error


def _is_span(name: str) -> bool:
    return isinstance(getattr(_LIMITS, name), timedelta)


@frozen
class PaperBroker:
    """The broker inside: orders are filled from the quotes that signals are made of.

    `participation` is the share of what trades that orders may have, `quote_size` the shares that a
    quote has where nobody knows what trades, and `spread` its width where a side is missing.
    `fee_per_share` is the commission, at least `fee_minimum` an order; what the regulators take of
    sales comes on top.
    """

    participation: Decimal = field(default=_PAPER.participation, validator=_part)
    quote_size: Decimal = field(default=_PAPER.quote_size, validator=_amount)
    spread: Decimal = field(default=_PAPER.spread, validator=_part)
    fee_per_share: Decimal = field(default=_PAPER.fees.per_share, validator=_fee)
    fee_minimum: Decimal = field(default=_PAPER.fees.minimum, validator=_fee)


@frozen
class AlpacaBroker:
    """The account at Alpaca: the address is a paper account's, unless real money is meant.

    The keys are the account's own; those of market data are not tried.
    """

    base_url: str = field(default=f"https://{PAPER_HOST}", validator=checks.url)
    limits: tuple[str, ...] = field(default=("within 200/min burst 50",), validator=pacing.limits)
    key_id: Secret | None = None
    key_id_file: Path | None = None
    secret_key: Secret | None = None
    secret_key_file: Path | None = None

    @property
    def host(self) -> str:
        """The name in the address; a dot at its end, which means the same, is left out."""
        return (urlsplit(self.base_url).hostname or "").removesuffix(".")


@frozen
class Trading:
    """Whether signals are traded, by whom and how.

    `capital` is what the paper account begins with. The journal lies beside the database unless it
    is named. `close_on` are the directions of a signal at which a position is sold. An entry that
    is filled in part is cancelled after `entry_patience_s`; `trail` is how far below the best price
    the stop follows, none where it stays. The broker's books are compared with ours every
    `reconcile_s`. `live` says that real money is meant. With `stream` prices between cycles and
    halts are taken from the stream of market data, the quotes of `stream_symbols` at a time.
    """

    enabled: bool = False
    broker: str = field(default=PAPER, validator=_broker)
    live: bool = False
    capital: Decimal = field(default=_PAPER.capital, validator=_amount)
    journal: Path | None = None
    close_on: tuple[str, ...] = field(default=(Direction.SELL.value,), validator=_closing)
    entry_patience_s: float = field(default=5.0, validator=checks.seconds)
    trail: Decimal | None = field(default=None, validator=_trail)
    reconcile_s: float = field(default=60.0, validator=checks.seconds)
    sectors_file: Path | None = None
    stream: bool = True
    stream_symbols: int = field(default=30, validator=checks.count)
    paper: PaperBroker = PaperBroker()
    alpaca: AlpacaBroker = AlpacaBroker()
    limits: Limits = Limits()

    def __attrs_post_init__(self) -> None:
        if self.live and self.broker == PAPER:
            problem = f"real money is meant, and the broker is {PAPER}"
            fix = f'set trading.broker = "{ALPACA}", or trading.live = false'
            raise InvalidSetting("trading.live", problem, fix)
        if self.live and self.alpaca.host != LIVE_HOST:
            problem = f"real money is meant, and {self.alpaca.host} is not {LIVE_HOST}"
            fix = f"set trading.alpaca.base_url to https://{LIVE_HOST}, or trading.live = false"
            raise InvalidSetting("trading.live", problem, fix)
        if self.limits.short_selling and self.broker == PAPER:
            problem = f"the broker {PAPER} lends no shares to sell"
            fix = f'leave it false, or set trading.broker = "{ALPACA}"'
            raise InvalidSetting("trading.limits.short_selling", problem, fix)
        # Not the live host alone: whatever stands in between may lead there.
        host = self.alpaca.host
        if not self.live and host != PAPER_HOST and not checks.is_loopback(host):
            problem = f"{host} is no paper account's host, and trading.live is not set"
            fix = f"use https://{PAPER_HOST}; if real money is meant, set trading.live = true"
            raise InvalidSetting("trading.alpaca.base_url", problem, fix)

    @property
    def asks_outside(self) -> bool:
        """Whether the broker is somewhere else."""
        return self.enabled and self.broker != PAPER

    def journal_of(self, database: Path) -> Path:
        """Where the facts of trading are written down."""
        if self.journal is not None:
            return self.journal
        return database.with_name(f"{database.stem}.trading.sqlite3")
