"""A started engine with what belongs to it, and what the API shows of both."""

from collections.abc import Awaitable, Callable
from functools import partial

from attrs import frozen

from argo_adapters.calendar.session_table import UNTIL
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_adapters.tapes.recorder import Recorder
from argo_core.engine.engine import Engine
from argo_core.engine.publication import Publication
from argo_core.execution.trader import Trader
from argo_core.ports import Clock, Observer
from argo_service.api.app import Served
from argo_service.api.cluster_probe import cluster_probe
from argo_service.api.engine_probes import engine_probes, never
from argo_service.api.probes import Probe
from argo_service.api.record_probe import self_check_probe
from argo_service.api.recording_probe import recording_probe
from argo_service.api.standby_probes import standby_probes
from argo_service.api.store_probe import postgres_write_probe, write_probe
from argo_service.api.trading_health import trading_probe
from argo_service.backtesting.opened import desk_by
from argo_service.config.tree import Settings
from argo_service.record import OpenLog
from argo_service.sharing import spending_path
from argo_service.skill.spending import spent_so_far
from argo_service.standing_by.duty import Duty
from argo_service.standing_by.post import Post
from argo_service.tally import Tally
from argo_service.tracing import NOTHING_TRACED, Tracing
from argo_service.trading.limits_in_force import LimitsInForce
from argo_service.turnstiles import Turnstiles
from argo_service.vendors import vendor_keys


@frozen(kw_only=True)
class Running:
    """A started engine and what belongs to it; `code` is the digest of the program.

    With a standby the engine is not started: that is the `duty`'s, from `post`. `limits` are those
    of trading, None where nothing is traded.
    """

    settings: Settings
    engine: Engine
    log: OpenLog
    publication: Publication
    clock: Clock
    observer: Observer
    metrics: PrometheusMetrics
    tally: Tally
    turnstiles: Turnstiles
    recorder: Recorder | None = None
    trader: Trader | None = None
    limits: LimitsInForce | None = None
    code: str = ""
    refresh_keys: Callable[[], Awaitable[bool]] | None = None
    post: Post | None = None
    duty: Duty | None = None
    skew: Probe | None = None
    tracing: Tracing = NOTHING_TRACED

    def served(self, notice: str = "") -> Served:
        """What the API shows of it."""
        missing = [key for key, secret in vendor_keys(self.settings).items() if secret is None]
        return Served(
            engine=self.engine,
            log=self.log,
            index=self.log,
            clock=self.clock,
            metrics=self.metrics,
            tally=self.tally,
            probes=self.probes(),
            missing_keys=missing,
            notice=notice,
            prose_of=self.prose_of,
            publication=self.publication,
            trading=self.trader,
            store=self.log,
            post=self.post,
            backtests=desk_by(self.settings, self.code),
            spent=partial(
                spent_so_far, spending_path(self.settings.database), self.tally, self.clock.now()
            ),
            folder=self.settings.database.parent,
            tracing=self.tracing,
        )

    def probes(self) -> tuple[Probe, ...]:
        """What its health is made of."""
        shadowed_s = never if self.duty is None else self.duty.last_shadow
        probes = engine_probes(
            self.engine, self.log, self.tally, self.clock, UNTIL, shadowed_s=shadowed_s
        )
        if self.settings.log.database_url is None:
            probes += (write_probe(self.settings.database),)
        else:
            probes += (postgres_write_probe(self.settings.log.database_url),)
        if self.skew is not None:
            probes += (self.skew,)
        if self.engine.shards is not None:
            probes += (cluster_probe(self.engine, self.tally),)
        if self.recorder is not None:
            probes += (recording_probe(self.recorder),)
        if self.trader is not None:
            probes += (trading_probe(self.trader, self.clock),)
        if self.post is not None:
            probes += standby_probes(self.post, self.log, self.clock)
        return (*probes, self_check_probe(self.log))

    def prose_of(self, signal_id: str) -> tuple[str, str] | None:
        """A language model's words about a signal, and who wrote them."""
        words = self.engine.writer.prose(signal_id)
        return None if words is None else (words.text, words.source)
