"""Everything an operator may decide, with its default: one typed tree."""

import math
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from attrs import Attribute, field, frozen

from argo_adapters.vendors.alpaca.source import ALPACA
from argo_adapters.vendors.yfinance.fetched import YFINANCE
from argo_adapters.vendors.yfinance.source import YfinanceSettings
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.market.instrument import Instrument, instrument
from argo_core.resilience.allowance import LimitPolicy
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.secret import Secret
from argo_service.config import checks, pacing
from argo_service.config.backtest import BacktestSettings
from argo_service.config.cluster import Cluster
from argo_service.config.freshness import Freshness
from argo_service.config.log import Log
from argo_service.config.log_lines import Logging
from argo_service.config.pacing import Breaker, read_limits
from argo_service.config.prose import Reasoning
from argo_service.config.redis import Redis
from argo_service.config.secrets import SecretStores
from argo_service.config.sources import Sources, source_policy
from argo_service.config.standby import Standby
from argo_service.config.tracing import Tracing
from argo_service.config.trading import ACCOUNT, ACCOUNT_TIMEOUT_S, Trading

ROUNDING = 1e-9
_SEED = Profile()


@frozen
class Listen:
    """Where the API answers. Without API keys only a loopback host is accepted."""

    host: str = "127.0.0.1"
    port: int = field(default=8090, validator=checks.port)

    @property
    def is_local(self) -> bool:
        return checks.is_loopback(self.host)


@frozen
class Api:
    """`requests_per_minute` bounds each API key, or each address while there are no keys.

    What needs no key, the record itself, is bounded by `public_requests_per_minute` an address.
    Requests come from where `X-Forwarded-For` says if one of `trusted_proxies` passes them on.
    """

    requests_per_minute: int = field(default=600, validator=checks.count)
    public_requests_per_minute: int = field(default=6_000, validator=checks.count)
    trusted_proxies: tuple[str, ...] = field(default=(), validator=checks.networks)

    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The addresses of trusted proxies; a single one is a network of one."""
        return tuple(map(ip_network, self.trusted_proxies))


@frozen
class Consensus:
    """The numbers of Weighted Consensus; the units are those of `Profile`."""

    tau: float = _SEED.tau
    lam: float = _SEED.lam
    quorum: float = field(default=_SEED.quorum, validator=checks.fraction)
    theta_bp: int = _SEED.theta_bp
    horizon_s: int = field(default=_SEED.horizon_s, validator=checks.seconds)
    publish_move: float = _SEED.publish_move
    publish_step_bp: int = field(default=_SEED.publish_step_bp, validator=checks.count)
    max_quote_age_s: float = field(default=_SEED.max_quote_age_s, validator=checks.seconds)
    beat_s: float = field(default=_SEED.beat_s, validator=checks.seconds)
    price_deadline_s: float = field(default=_SEED.price_deadline_s, validator=checks.seconds)
    price_timeout_s: float = field(default=_SEED.price_timeout_s, validator=checks.seconds)
    fallback_interval_s: float = field(default=_SEED.fallback_interval_s, validator=checks.seconds)


def _feed(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    feeds = ("iex", "sip", "delayed_sip")
    if value not in feeds:
        problem = f"{value[:40]!r} is not a feed of Alpaca"
        raise InvalidInput(attribute.name, problem, f"give one of {', '.join(feeds)}")


@frozen
class Alpaca:
    """The primary market data. `feed` decides which exchanges are seen: `iex` is free."""

    base_url: str = field(default="https://data.alpaca.markets", validator=checks.url)
    feed: str = field(default="iex", validator=_feed)
    limits: tuple[str, ...] = field(default=("within 200/min burst 20",), validator=pacing.limits)
    breaker: Breaker = Breaker()
    key_id: Secret | None = None
    key_id_file: Path | None = None
    secret_key: Secret | None = None
    secret_key_file: Path | None = None


@frozen
class YFinance:
    """The fallback for prices, asked only when Alpaca does not answer."""

    enabled: bool = True
    limits: tuple[str, ...] = field(default=("20/min burst 20",), validator=pacing.limits)
    breaker: Breaker = Breaker()


@frozen
class Settings:
    """What is in force. `seed` feeds every draw the engine makes, so a replay repeats it."""

    symbols: tuple[str, ...] = ("AAPL", "NVDA", "TSLA", "MSFT", "BTC/USD", "ETH/USD")
    database: Path = Path("argo.sqlite3")
    seed: int = field(default=0, validator=checks.seed)
    listen: Listen = Listen()
    api: Api = Api()
    consensus: Consensus = Consensus()
    sources: Sources = Sources()
    alpaca: Alpaca = Alpaca()
    yfinance: YFinance = YFinance()
    freshness: Freshness = Freshness()
    reasoning: Reasoning = Reasoning()
    redis: Redis = Redis()
    cluster: Cluster = Cluster()
    log: Log = Log()
    trading: Trading = Trading()
    backtest: BacktestSettings = BacktestSettings()
    tracing: Tracing = Tracing()
    standby: Standby = Standby()
    secrets: SecretStores = SecretStores()
    logging: Logging = Logging()

    def __attrs_post_init__(self) -> None:
        if not self.symbols:
            raise InvalidSetting("symbols", "the list is empty", "name at least one symbol")
        self.instruments()
        self.profile()

    def secret(self, key: str) -> Secret | None:
        """The secret setting of that full name; None where it has no value.

        Raises:
            InvalidInput: no secret is called so.
        """
        value: object = self
        for name in key.split("."):
            value = getattr(value, name, value)
        if value is None or isinstance(value, Secret):
            return value
        raise InvalidInput("key", f"{key[:80]!r} is no secret setting", "give a full name")

    def instruments(self) -> tuple[Instrument, ...]:
        """The symbols, each once, as instruments.

        Raises:
            InvalidSetting: one is malformed or repeated.
        """
        found: dict[str, Instrument] = {}
        for place, text in enumerate(self.symbols):
            try:
                one = instrument(text)
            except InvalidInput as error:
                raise InvalidSetting(f"symbols[{place}]", error.problem, error.fix) from error
            if one.symbol in found:
                fix = "name each symbol once"
                raise InvalidSetting(f"symbols[{place}]", f"{text!r} is there twice", fix)
            found[one.symbol] = one
        return tuple(found.values())

    def profile(self) -> Profile:
        """The consensus profile these settings mean; disabled sources leave it, renormalised.

        Raises:
            InvalidSetting: the weights do not sum to 1, or a number is out of range.
        """
        sources = self.sources.by_name()
        total = math.fsum(source.weight for source in sources.values())
        if abs(total - 1) > ROUNDING:
            each = ", ".join(f"{name} {source.weight:g}" for name, source in sources.items())
            raise InvalidSetting(
                "sources.*.weight",
                f"the weights sum to {total:.6g} ({each})",
                "make all four sum to 1; those of disabled sources are shared out for you",
            )
        if not any(source.enabled for source in sources.values()):
            fix = "enable at least one"
            raise InvalidSetting("sources.*.enabled", "every source is disabled", fix)
        numbers = self.consensus
        try:
            return Profile(
                sources={name: source_policy(name, source) for name, source in sources.items()},
                tau=numbers.tau,
                lam=numbers.lam,
                quorum=numbers.quorum,
                theta_bp=numbers.theta_bp,
                horizon_s=numbers.horizon_s,
                publish_move=numbers.publish_move,
                publish_step_bp=numbers.publish_step_bp,
                max_quote_age_s=numbers.max_quote_age_s,
                beat_s=numbers.beat_s,
                price_deadline_s=numbers.price_deadline_s,
                price_timeout_s=numbers.price_timeout_s,
                fallback_interval_s=numbers.fallback_interval_s,
            ).without(*(name for name, source in sources.items() if not source.enabled))
        except InvalidSetting:
            raise
        except InvalidInput as error:
            raise InvalidSetting(f"consensus.{error.field}", error.problem, error.fix) from error

    def limits(self) -> Mapping[SourceName, LimitPolicy]:
        """How fast each vendor may be asked, those of prices and the broker among them."""
        asked = {name: source.limits for name, source in self.sources.by_name().items()}
        asked |= {ALPACA: self.alpaca.limits, YFINANCE: self.yfinance.limits}
        if self.trading.asks_outside:
            asked[ACCOUNT] = self.trading.alpaca.limits
        return {name: read_limits(texts) for name, texts in asked.items()}

    def breakers(self) -> Mapping[SourceName, BreakerPolicy]:
        """When each vendor is left alone, those of prices and the broker among them."""
        sources = self.sources.by_name()
        kept = {name: source.breaker.policy(source.timeout_s) for name, source in sources.items()}
        if self.trading.asks_outside:
            kept[ACCOUNT] = Breaker().policy(ACCOUNT_TIMEOUT_S)
        return kept | {
            ALPACA: self.alpaca.breaker.policy(self.consensus.price_timeout_s),
            YFINANCE: self.yfinance.breaker.policy(YfinanceSettings().timeout_s),
        }
