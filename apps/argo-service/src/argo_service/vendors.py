"""The vendors as the settings have them; one without a key refuses, and the others go on."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import aiohttp
from attrs import frozen

from argo_adapters.http.key import FixedKey, Key
from argo_adapters.vendors.alpaca.liquidity import AlpacaLiquidity
from argo_adapters.vendors.alpaca.source import ALPACA, AlpacaQuotes, AlpacaSettings
from argo_adapters.vendors.alpaca.stream import AlpacaMarketStream
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_adapters.vendors.alpha_vantage.source import AlphaVantageOpinions, AlphaVantageSettings
from argo_adapters.vendors.grok import GrokOpinions, GrokSettings
from argo_adapters.vendors.massive.source import MassiveSettings, MassiveTechnicals
from argo_adapters.vendors.sonar import SonarOpinions, SonarSettings
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock, History, Liquidity, MarketStream, OpinionSource, Quotes
from argo_core.resilience.secret import Secret
from argo_service.config.reader import variable_of
from argo_service.config.sources import Source
from argo_service.config.tree import Settings
from argo_service.keyless import Keyless
from argo_service.turnstiles import Turnstiles

KnownPrice = Callable[[Symbol], Decimal | None]
Keys = Mapping[SourceName, Key]

# A call of the vendor's gives up before the engine gives up on the whole ask, which may need two.
_CALLS_OF_AN_ASK = 2
_LEAST_S = 0.5
_SOONER = 0.9


@frozen
class Vendors:
    """Whose opinions the engine asks for, and where it first looks for prices and their past."""

    sources: tuple[OpinionSource, ...]
    prices: Quotes
    history: History


def vendor_keys(settings: Settings) -> Mapping[str, Secret | None]:
    """The key setting of every vendor that is switched on, by its full name."""
    wanted = {
        f"sources.{name}.key": source.key
        for name, source in settings.sources.by_name().items()
        if source.enabled
    }
    alpaca = settings.alpaca
    return wanted | {"alpaca.key_id": alpaca.key_id, "alpaca.secret_key": alpaca.secret_key}


def fixed_keys(settings: Settings) -> Keys:
    """The keys that the settings have; each stays what it is."""
    return {
        source: FixedKey(*(part.reveal() for part in parts if part is not None))
        for source, names in key_settings(settings).items()
        if all(parts := [settings.secret(name) for name in names])
    }


def key_settings(settings: Settings) -> Mapping[SourceName, tuple[str, ...]]:
    """Which settings make up the key of each vendor that is asked for opinions, words or prices."""
    writes = {settings.reasoning.source} if settings.reasoning.enabled else set()
    own = {
        name: (f"sources.{name}.key",)
        for name, source in settings.sources.by_name().items()
        if source.enabled or name in writes
    }
    return own | {ALPACA: ("alpaca.key_id", "alpaca.secret_key")}


def plug_in(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    known_price: KnownPrice,
    *,
    turnstiles: Turnstiles,
    keys: Keys | None = None,
) -> Vendors:
    """Every vendor that is switched on, behind its turnstile; language models hear `known_price`.

    Without `keys` those of the settings stay what they are.

    Raises:
        InvalidSetting: a vendor refused one of its settings.
    """
    shown = fixed_keys(settings) if keys is None else keys
    makers = {
        MASSIVE: lambda key: _massive(settings, session, key, turnstiles),
        ALPHA_VANTAGE: lambda key: _alpha_vantage(settings, session, clock, key, turnstiles),
        GROK: lambda key: GrokOpinions(
            session,
            clock,
            grok_settings(settings, key),
            known_price,
            turnstile=turnstiles[GROK],
        ),
        SONAR: lambda key: SonarOpinions(
            session,
            clock,
            sonar_settings(settings, key),
            known_price,
            turnstile=turnstiles[SONAR],
        ),
    }
    sources = tuple(
        _keyed(name, shown.get(name), makers[name])
        for name, source in settings.sources.by_name().items()
        if source.enabled
    )
    alpaca = _alpaca(settings, session, clock, turnstiles, shown.get(ALPACA))
    return Vendors(sources, alpaca, alpaca)


def _keyed(
    name: SourceName, key: Key | None, make: Callable[[Key], OpinionSource]
) -> OpinionSource:
    return make(key) if key else Keyless(name, variable_of(f"sources.{name}.key"))


def _massive(
    settings: Settings, session: aiohttp.ClientSession, key: Key, turnstiles: Turnstiles
) -> OpinionSource:
    own = settings.sources.massive
    default = MassiveSettings(key)
    timeout_s = min(default.timeout_s, _call_s(own))
    # The snapshot comes first; opening indicators has what is left.
    warm_up_s = max(_LEAST_S, min(own.timeout_s * _SOONER - timeout_s, own.timeout_s / 2))
    return MassiveTechnicals(
        session,
        MassiveSettings(key, own.base_url, timeout_s=timeout_s, warm_up_s=warm_up_s),
        turnstile=turnstiles[MASSIVE],
    )


def _alpha_vantage(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    key: Key,
    turnstiles: Turnstiles,
) -> OpinionSource:
    own = settings.sources.alpha_vantage
    return AlphaVantageOpinions(
        session,
        clock,
        AlphaVantageSettings(
            key=key, entitlement=own.entitlement, base_url=own.base_url, timeout_s=_call_s(own)
        ),
        turnstile=turnstiles[ALPHA_VANTAGE],
    )


def grok_settings(settings: Settings, key: Key | str) -> GrokSettings:
    """How Grok is asked."""
    own = settings.sources.grok
    return GrokSettings(
        key=key,
        base_url=own.base_url,
        model=own.model,
        max_symbols=own.max_symbols,
        timeout_s=own.timeout_s * _SOONER,
    )


def sonar_settings(settings: Settings, key: Key | str) -> SonarSettings:
    """How Sonar is asked."""
    own = settings.sources.sonar
    return SonarSettings(
        key=key,
        base_url=own.base_url,
        model=own.model,
        max_symbols=own.max_symbols,
        timeout_s=own.timeout_s * _SOONER,
    )


def _alpaca(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    turnstiles: Turnstiles,
    key: Key | None,
) -> AlpacaQuotes | Keyless:
    own = settings.alpaca
    if key is None:
        missing = "key_id" if own.key_id is None else "secret_key"
        return Keyless(ALPACA, variable_of(f"alpaca.{missing}"))
    asked = AlpacaSettings(key, own.base_url, own.feed)
    return AlpacaQuotes(session, clock, asked, turnstile=turnstiles[ALPACA])


def plug_in_liquidity(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    turnstiles: Turnstiles,
    keys: Keys | None = None,
) -> Liquidity | None:
    """Who knows how much trades in a day; None where a key is missing."""
    own, key = settings.alpaca, (fixed_keys(settings) if keys is None else keys).get(ALPACA)
    if key is None:
        return None
    asked = AlpacaSettings(key, own.base_url, own.feed)
    return AlpacaLiquidity(session, clock, asked, turnstile=turnstiles[ALPACA])


def plug_in_stream(
    settings: Settings, session: aiohttp.ClientSession, clock: Clock, keys: Keys | None = None
) -> MarketStream | None:
    """What the market does between cycles; None where a key is missing, or nobody wants it.

    Raises:
        InvalidSetting: the address is none.
    """
    own, key = settings.alpaca, (fixed_keys(settings) if keys is None else keys).get(ALPACA)
    if key is None or not settings.trading.stream:
        return None
    asked = AlpacaStreamSettings(key, own.base_url, own.feed, settings.trading.stream_symbols)
    return AlpacaMarketStream(session, clock, asked, settings.instruments())


def _call_s(source: Source) -> float:
    return source.timeout_s / _CALLS_OF_AN_ASK
