"""PromQL for Alpine's boards.

Some gauges are of the process, such as its memory, and are added up or shown one by one. Others are
facts of the database that every process tells alike, such as deliveries that wait: of those one
takes any, here the largest.
"""

from typing import Final

PICKED: Final = 'job="alpine",colour=~"$colour",instance=~"$instance"'
# Listeners stay for hours; how long they stayed says nothing about how quickly we answer.
NO_STREAMS: Final = 'route!~".*/stream"'
_PACE: Final = "$__rate_interval"


def series(metric: str, only: str = "") -> str:
    """That metric of the picked processes."""
    return metric + "{" + ",".join(filter(None, (PICKED, only))) + "}"


def folded(fold: str, inner: str, *by: str) -> str:
    """Several series as one, or as one for each value of some labels."""
    wanted = f" by ({', '.join(by)})" if by else ""
    return f"{fold}{wanted} ({inner})"


def rate(counter: str, *by: str, only: str = "", times: int = 1) -> str:
    """So many a second, of all picked processes; `times` 60 makes it so many a minute."""
    pace = folded("sum", f"rate({series(counter, only)}[{_PACE}])", *by)
    return pace if times == 1 else f"{times} * {pace}"


def count(counter: str, *by: str, only: str = "") -> str:
    """So many while we look back."""
    return folded("sum", f"increase({series(counter, only)}[$__range])", *by)


def fact(gauge: str, *by: str) -> str:
    """What every process tells alike, or the worst of what they tell."""
    return folded("max", series(gauge), *by)


def added(gauge: str, *by: str) -> str:
    """What all picked processes have together."""
    return folded("sum", series(gauge), *by)


def within(percent: int, histogram: str, *by: str, only: str = "") -> str:
    """How long that many of a hundred took at most."""
    buckets = rate(f"{histogram}_bucket", *by, "le", only=only)
    return f"histogram_quantile({percent / 100:g}, {buckets})"


def ratio(part: str, whole: str) -> str:
    """From 0 to 1: a part that has no series yet is none, and of nothing there is no part."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"
