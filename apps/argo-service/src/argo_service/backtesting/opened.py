"""The desk of a running service, by its settings."""

from argo_adapters.clocks.system import SystemClock
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.desk import Desk, Workplace
from argo_service.backtesting.shelf import Shelf
from argo_service.config.tree import Settings


def desk_by(settings: Settings, code: str) -> Desk | None:
    """Where backtests are asked for, None where they are switched off.

    It has a clock of its own: workers reckon in the machine's time, whatever day is played.
    """
    chosen = settings.backtest
    if not chosen.enabled:
        return None
    bounds = chosen.bounds()
    return Desk(
        Workplace(
            shelf=Shelf(chosen.results_of(settings.database), bounds.kept, bounds.kept_mb),
            catalogue=Catalogue(chosen.folder),
            bounds=bounds,
            clock=SystemClock(),
            code=code,
            trials=chosen.trials_of(settings.database),
        )
    )
