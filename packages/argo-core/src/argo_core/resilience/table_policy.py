"""The fixed TTLs Argo was first run with: configuration, and the baseline of the benchmarks."""

from attrs import frozen

from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.session import Phase
from argo_core.resilience.door import positive


@frozen
class TablePolicy:
    """TTLs in seconds, looked up.

    Stocks in the regular session live `stock_s`, when volatile `stock_volatile_s`, and
    `stock_outside_s` outside of it; crypto lives `crypto_s`, when volatile `crypto_volatile_s`. A
    symbol is volatile when its sigma, per square root of a session second, exceeds `volatile_sigma`
    (2e-4 is about 0.15 % a minute).
    """

    stock_s: float = 20.0
    stock_volatile_s: float = 10.0
    stock_outside_s: float = 300.0
    crypto_s: float = 30.0
    crypto_volatile_s: float = 10.0
    volatile_sigma: float = 2e-4

    def __attrs_post_init__(self) -> None:
        for name in (
            "stock_s",
            "stock_volatile_s",
            "stock_outside_s",
            "crypto_s",
            "crypto_volatile_s",
            "volatile_sigma",
        ):
            positive(name, getattr(self, name))

    def ttl_s(self, instrument: Instrument, phase: Phase, sigma: float | None) -> float:
        """Wall-clock seconds an answer about the instrument may live."""
        volatile = sigma is not None and sigma > self.volatile_sigma
        if instrument.asset_class is AssetClass.CRYPTO:
            return self.crypto_volatile_s if volatile else self.crypto_s
        if phase is not Phase.REGULAR:
            return self.stock_outside_s
        return self.stock_volatile_s if volatile else self.stock_s
