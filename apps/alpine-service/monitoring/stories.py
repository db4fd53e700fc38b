"""The kinds of story that are played to alarms.

A story is a set of series in promtool's notation, a value a minute. All is told by the process a:1.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

LENGTH: Final = 45
_ANSWERS = "alpine_http_request_seconds"
_LAG = "alpine_event_loop_lag_seconds_bucket"
HERE: Final[Mapping[str, str]] = {"instance": "a:1"}

Story = Mapping[str, str]


@frozen
class Play:
    """At `minute` the alarm is heard with `words` and the labels that it was `grouped` by.

    `calm` is a story at whose same minute it is not heard.
    """

    alarm: str
    loud: Story
    calm: Story
    words: str
    grouped: Mapping[str, str] = field(factory=dict)
    minute: int = 30


def of(metric: str, instance: str = "a:1", **labels: str) -> str:
    told = {"job": "alpine", "instance": instance} | labels
    return metric + "{" + ", ".join(f'{name}="{value}"' for name, value in told.items()) + "}"


def stays(value: float) -> str:
    return f"{value:g}+0x{LENGTH}"


def grows(by: float) -> str:
    return f"0+{by:g}x{LENGTH}"


def appears(value: float, minute: int = 25) -> str:
    return f"_x{minute} {stays(value)}"


def gauge(alarm: str, metric: str, words: str, *, loud: float, calm: float, **grouped: str) -> Play:
    """An alarm about one value; labels of the series that are no process's are in `grouped`."""
    own = {name: value for name, value in grouped.items() if name != "instance"}
    series = of(metric, **own)
    return Play(alarm, {series: stays(loud)}, {series: stays(calm)}, words, grouped)


def counter(alarm: str, metric: str, a_minute: float, words: str) -> Play:
    """An alarm about what happens; calm is what has happened once, long ago."""
    series = of(metric)
    return Play(alarm, {series: grows(a_minute)}, {series: stays(1)}, words)


def first(alarm: str, metric: str, words: str, **labels: str) -> Play:
    """An alarm about what happens for the first time, five minutes before."""
    series = of(metric, **labels)
    only = {name: value for name, value in labels.items() if name in {"what", "reason"}}
    return Play(alarm, {series: appears(1)}, {series: stays(7)}, words, only)


def answered(well: float, badly: float) -> Story:
    route = {"method": "GET", "route": "/v1/signals"}
    return {
        of(f"{_ANSWERS}_count", status="200", **route): grows(well),
        of(f"{_ANSWERS}_count", status="503", **route): grows(badly),
    }


def took(longer_than: str, at_most: str, route: str = "/v1/signals") -> Story:
    """Sixty answers a minute, all of them between two edges."""
    edges = {longer_than: stays(0), at_most: grows(60), "+Inf": grows(60)}
    labels = {"method": "GET", "route": route, "status": "200"}
    return {of(f"{_ANSWERS}_bucket", le=edge, **labels): values for edge, values in edges.items()}


def turns(later_than: str, at_most: str) -> Story:
    edges = {later_than: stays(0), at_most: grows(60), "+Inf": grows(60)}
    return {of(_LAG, le=edge): values for edge, values in edges.items()}


def attempts(delivered: float, others: float) -> Story:
    return {
        of("alpine_delivery_attempts_total", state="delivered"): grows(delivered),
        of("alpine_delivery_attempts_total", state="pending"): grows(others),
    }


def share(part: str, whole: str, value: float) -> Story:
    return {of(part): stays(value), of(whole): stays(100)}
