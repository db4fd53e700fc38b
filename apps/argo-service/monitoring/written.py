"""The files that are made from Python, and what is in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from monitoring.pages import (
    api,
    cache,
    optimisation,
    record,
    service,
    signals,
    sources,
    standby,
    trading,
)
from monitoring.parts import Page
from monitoring.rules import tests

HERE: Final = Path(__file__).parent
PAGES: Final[tuple[Page, ...]] = (
    signals.PAGE,
    sources.PAGE,
    cache.PAGE,
    api.PAGE,
    optimisation.PAGE,
    trading.PAGE,
    record.PAGE,
    standby.PAGE,
    service.PAGE,
)


def written() -> Mapping[Path, str]:
    """Every file with its text."""
    boards = HERE / "grafana" / "dashboards"
    return {
        **{boards / f"{page.uid}.json": page.text() for page in PAGES},
        HERE / "prometheus" / "argo.test.yml": tests(),
    }
