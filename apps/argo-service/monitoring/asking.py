"""The few questions that panels ask Prometheus, about the processes that are chosen on the page."""

from typing import Final

CHOSEN: Final = 'job="argo",colour=~"$colour",instance=~"$instance"'
# As long as a rate needs, given how often Prometheus scrapes; Grafana knows that.
WINDOW: Final = "$__rate_interval"


def chosen(metric: str, where: str = "") -> str:
    """The metric of the chosen processes; `where` narrows it further, as PromQL writes it."""
    return f"{metric}{{{CHOSEN}{',' if where else ''}{where}}}"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def per_second(counter: str, by: str = "", where: str = "") -> str:
    """How often something happens, all chosen processes together."""
    return f"sum{_by(by)} (rate({chosen(counter, where)}[{WINDOW}]))"


def happened(counter: str, by: str = "", where: str = "", span: str = "$__range") -> str:
    """How often something happened within the time that is shown."""
    return f"sum{_by(by)} (increase({chosen(counter, where)}[{span}]))"


def total(gauge: str, by: str = "", where: str = "") -> str:
    """What all chosen processes have together."""
    return f"sum{_by(by)} ({chosen(gauge, where)})"


def most(gauge: str, by: str = "", where: str = "") -> str:
    """The largest that any of the chosen processes shows."""
    return f"max{_by(by)} ({chosen(gauge, where)})"


def least(gauge: str, by: str = "", where: str = "") -> str:
    """The smallest that any of the chosen processes shows."""
    return f"min{_by(by)} ({chosen(gauge, where)})"


def share(part: str, whole: str) -> str:
    """One as a share of another, from 0 to 1; nothing where there is nothing to share."""
    return f"{part} / ({whole} > 0)"


def mean(histogram: str, by: str = "", where: str = "") -> str:
    """What one of them took, on the average."""
    return share(
        per_second(f"{histogram}_sum", by, where), per_second(f"{histogram}_count", by, where)
    )


def quantile(part: float, histogram: str, by: str = "", where: str = "") -> str:
    """What that part of them did not exceed, as the histogram's edges allow to say."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({part:g}, {per_second(f'{histogram}_bucket', labels, where)})"
