"""How the settings would trade a recorded day on paper."""

from attrs import evolve

from argo_adapters.calendar.session_table import load_session_table
from argo_core.backtest.day.paper import PaperPlan
from argo_core.backtest.recording import About, Origin
from argo_service.config.trading import PAPER, AlpacaBroker
from argo_service.config.tree import Settings
from argo_service.demo.stage import on_paper
from argo_service.trading.policy import account_of, paper_of, policy_of
from argo_service.trading.sectors import read_sectors


def paper_plan(settings: Settings, about: About) -> PaperPlan:
    """The plan of `[trading]` in the settings, always on paper, whatever account is named there.

    What simulated vendors told is traded as `argo tape record` does it.

    Raises:
        InvalidSetting: the sectors cannot be read.
    """
    own = evolve(settings.trading, enabled=True)
    if about.origin is Origin.SIMULATED:
        own = on_paper(own)
    named = evolve(
        settings,
        trading=evolve(own, broker=PAPER, live=False, alpaca=AlpacaBroker()),
        log=evolve(settings.log, strategy=about.strategy),
    )
    paper = paper_of(named)
    return PaperPlan(
        calendar=load_session_table(),
        account=account_of(named, paper.name),
        policy=policy_of(named),
        paper=paper,
        sectors=read_sectors(own.sectors_file),
    )
