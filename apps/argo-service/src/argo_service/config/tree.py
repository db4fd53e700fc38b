"""Everything an operator may decide, with its default: one typed tree."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import Attribute, evolve, field, frozen

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.market.instrument import Instrument, instrument
from argo_service.config import checks
from argo_service.config.secret import Secret

ROUNDING = 1e-9
LONGEST_NAME = 255
ENTITLEMENTS = ("realtime", "delayed")
_LOG_NAME = re.compile(r"[a-z0-9.-]+(?:/[A-Za-z0-9._-]+)*")
_STRATEGY = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_SEED = Profile()
_POLICIES = _SEED.sources


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
    """`requests_per_minute` bounds each API key, or each address while there are no keys."""

    requests_per_minute: int = field(default=600, validator=checks.count)


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


@frozen
class Source:
    """One vendor of opinions.

    `key` is the vendor's key; `key_file` names a file that holds it. The rest are the numbers of
    its `SourcePolicy`.
    """

    weight: float = field(validator=checks.share)
    base_url: str = field(validator=checks.url)
    half_life_s: float = field(validator=checks.seconds)
    refresh_after_s: float = field(validator=checks.seconds)
    min_interval_s: float = field(validator=checks.seconds)
    timeout_s: float = field(validator=checks.seconds)
    max_symbols: int = field(validator=checks.count)
    enabled: bool = True
    key: Secret | None = None
    key_file: Path | None = None


def _entitlement(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in ENTITLEMENTS:
        problem = f"{value[:40]!r} is no entitlement of Alpha Vantage"
        raise InvalidInput(attribute.name, problem, f"give {' or '.join(ENTITLEMENTS)}")


@frozen
class AlphaVantageSource(Source):
    """`entitlement` is what the key's plan allows: `realtime` or `delayed`."""

    entitlement: str = field(default=ENTITLEMENTS[0], validator=_entitlement)


@frozen
class ModelSource(Source):
    """A vendor of a language model; `model` is the name it is asked by, pinned."""

    model: str = field(default="-", validator=checks.ascii_name)


def _numbers(name: SourceName) -> dict[str, Any]:
    policy = _POLICIES[name]
    return {
        "weight": policy.weight,
        "half_life_s": policy.half_life_s,
        "refresh_after_s": policy.refresh_after_s,
        "min_interval_s": policy.min_interval_s,
        "timeout_s": policy.timeout_s,
        "max_symbols": policy.max_symbols,
    }


@frozen
class Sources:
    """The four vendors of opinions."""

    massive: Source = Source(base_url="https://api.massive.com", **_numbers(MASSIVE))
    alpha_vantage: AlphaVantageSource = AlphaVantageSource(
        base_url="https://www.alphavantage.co", **_numbers(ALPHA_VANTAGE)
    )
    grok: ModelSource = ModelSource(
        base_url="https://api.x.ai/v1", model="grok-4.20-non-reasoning", **_numbers(GROK)
    )
    sonar: ModelSource = ModelSource(
        base_url="https://api.perplexity.ai", model="perplexity/sonar", **_numbers(SONAR)
    )

    def by_name(self) -> dict[SourceName, Source]:
        return {
            MASSIVE: self.massive,
            ALPHA_VANTAGE: self.alpha_vantage,
            GROK: self.grok,
            SONAR: self.sonar,
        }

    def each(self, changes: Callable[[SourceName], Mapping[str, Any]]) -> "Sources":
        """These sources with the attributes changed that `changes` names for each."""
        return Sources(
            massive=evolve(self.massive, **changes(MASSIVE)),
            alpha_vantage=evolve(self.alpha_vantage, **changes(ALPHA_VANTAGE)),
            grok=evolve(self.grok, **changes(GROK)),
            sonar=evolve(self.sonar, **changes(SONAR)),
        )


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
    key_id: Secret | None = None
    key_id_file: Path | None = None
    secret_key: Secret | None = None
    secret_key_file: Path | None = None


@frozen
class YFinance:
    """The fallback for prices, asked only when Alpaca does not answer."""

    enabled: bool = True


def _log_name(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if len(value) > LONGEST_NAME or not _LOG_NAME.fullmatch(value):
        problem = f"{value[:60]!r} cannot name a log"
        raise InvalidInput(attribute.name, problem, "write it like argo.example.com/signals")


def _strategy(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not _STRATEGY.fullmatch(value):
        problem = f"{value[:60]!r} cannot name a strategy"
        raise InvalidInput(attribute.name, problem, "use a-z, 0-9, dot, _ and -")


@frozen
class Log:
    """`name` is the log's origin, a URL without scheme; `strategy` whose sequence we continue."""

    name: str = field(default="argo.local/signals", validator=_log_name)
    strategy: str = field(default="weighted-consensus", validator=_strategy)


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
    log: Log = Log()

    def __attrs_post_init__(self) -> None:
        if not self.symbols:
            raise InvalidSetting("symbols", "the list is empty", "name at least one symbol")
        self.instruments()
        self.profile()

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
                sources={name: _policy(name, source) for name, source in sources.items()},
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


def _policy(name: SourceName, source: Source) -> SourcePolicy:
    return SourcePolicy(
        weight=source.weight,
        half_life_s=source.half_life_s,
        refresh_after_s=source.refresh_after_s,
        min_interval_s=source.min_interval_s,
        timeout_s=source.timeout_s,
        max_symbols=source.max_symbols,
        market_data=_POLICIES[name].market_data,
        paid_ai=_POLICIES[name].paid_ai,
    )
