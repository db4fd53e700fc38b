"""Who goes first: the most volatile symbols."""

from collections.abc import Iterable, Mapping

from argo_core.market.instrument import Symbol


def prioritise(
    symbols: Iterable[Symbol], sigmas: Mapping[Symbol, float | None]
) -> tuple[Symbol, ...]:
    """Symbols by falling volatility, unknown volatility first, ties by name.

    A symbol we know nothing about yet is the one that can surprise most.
    """
    return tuple(sorted(symbols, key=lambda symbol: (-_rank(sigmas.get(symbol)), symbol)))


def _rank(sigma: float | None) -> float:
    return float("inf") if sigma is None else sigma
