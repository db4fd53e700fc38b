"""Panels that several boards have, each about one kind of metric."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as grafana

from monitoring.panels import Bounds, Line, curve, figure, strip
from monitoring.queries import count, folded, rate, series, within

CONDITIONS: Final = {1.0: "well", 0.5: "degraded", 0.0: "down"}
_Panel = Builder[grafana.Panel]


def times(
    title: str,
    about: str,
    histogram: str,
    *percents: int,
    only: str = "",
    traced: bool = True,
    bounds: Bounds | None = None,
) -> _Panel:
    """How long so many of a hundred took at most; points lead to traces."""
    lines = (
        Line(within(percent, histogram, only=only), f"{percent} of 100", traced=traced)
        for percent in percents
    )
    return curve(title, about, *lines, unit="s", bounds=bounds)


def a_minute(title: str, about: str, bounds: Bounds | None = None, **counters: str) -> _Panel:
    """How often things happen in a minute; what is called `put_off` here is called put off."""
    lines = (
        Line(rate(counter, times=60), name.replace("_", " ")) for name, counter in counters.items()
    )
    return curve(title, about, *lines, bounds=bounds)


def divided(
    title: str,
    about: str,
    counter: str,
    *labels: str,
    only: str = "",
    piled: bool = True,
    bounds: Bounds | None = None,
    width: int = 12,
) -> _Panel:
    """How often it happens in a minute, by labels."""
    line = Line(rate(counter, *labels, only=only, times=60), named(labels))
    return curve(title, about, line, piled=piled, bounds=bounds, width=width)


def happened(
    title: str, about: str, counter: str, bounds: Bounds | None = None, width: int = 4
) -> _Panel:
    """How often it happened while we look back."""
    return figure(title, about, count(counter), bounds=bounds, width=width)


def conditions(title: str, about: str, only: str = "") -> _Panel:
    """What probes say: the worst that any picked process says of each."""
    worst = folded("min", series("alpine_health", only), "probe")
    return strip(title, about, Line(worst, named(["probe"])), CONDITIONS)


def named(labels: Sequence[str]) -> str:
    """A series by what its labels say."""
    return " ".join("{{" + label + "}}" for label in labels)
