"""Settings read again while the service runs: all that changed takes effect, or nothing does."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.engine.engine import Engine
from argo_core.engine.purse import Purse
from argo_core.engine.revision import Revision
from argo_core.errors import ArgoError, InvalidSetting
from argo_core.events import Reloaded
from argo_core.ports import Clock, Observer
from argo_core.resilience.allowance import LimitPolicy
from argo_core.resilience.budget import DayLimit
from argo_service.api.allowance import Allowances
from argo_service.config.tree import Settings
from argo_service.fingerprint import config_sha256
from argo_service.reloadable import DECIDING, changed, is_reloadable
from argo_service.shields import day_limits
from argo_service.trading.limits_in_force import LimitsInForce
from argo_service.turnstiles import Turnstiles

APPLIED: Final = "applied"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"

Read = Callable[[], Awaitable[Settings]]


@frozen
class Adjustable:
    """What of a running service can be set anew; `refresh` reads the keys of vendors.

    `risk` are the limits of trading, None where nothing is traded.
    """

    engine: Engine
    turnstiles: Turnstiles
    allowances: Allowances
    public_allowances: Allowances
    clock: Clock
    observer: Observer
    refresh: Callable[[], Awaitable[object]] | None = None
    risk: LimitsInForce | None = None


class Reloader:
    """Holds the settings in force. One reload at a time: whoever owns it asks one after another."""

    def __init__(self, settings: Settings, read: Read, running: Adjustable) -> None:
        self.settings = settings
        self._read = read
        self._running = running

    async def reload(self) -> Reloaded:
        """Read the settings; what became of it, which observers are told as well. Never raises.

        Weights and thresholds are decided by from the next cycle on, and are on record before; an
        order is judged by the limits of the moment at which it is decided on.
        """
        keys: tuple[str, ...] = ()
        try:
            after = await self._read()
            keys = changed(self.settings, after)
            self._apply(after, keys)
        except ArgoError as error:
            told = Reloaded(self._running.clock.now(), REFUSED, keys, str(error))
        except Exception as error:  # noqa: BLE001 - or nobody would hear the next SIGHUP
            # By its class alone, because a text that nobody foresaw may quote what was read.
            problem = f"it was not foreseen: {type(error).__name__}"
            told = Reloaded(self._running.clock.now(), REFUSED, keys, problem)
        else:
            self.settings = after
            told = Reloaded(self._running.clock.now(), APPLIED if keys else UNCHANGED, keys)
            if self._running.refresh is not None:
                await self._running.refresh()
        self._running.observer.notice(told)
        return told

    def _apply(self, after: Settings, keys: tuple[str, ...]) -> None:
        """Check everything, then change everything.

        Raises:
            InvalidInput: something cannot change, or cannot be meant; nothing has changed.
        """
        fixed = [key for key in keys if not is_reloadable(key)]
        if fixed:
            problem = "restart needed: it cannot change while the service runs"
            fix = "undo the change, or start the service again; nothing was changed"
            raise InvalidSetting(", ".join(fixed), problem, fix)
        budgets = tuple(self._budgets(after))
        limits, risk = self._limits(after), after.trading.limits.rules()
        if any(DECIDING.fullmatch(key) for key in keys):
            # The only step that may still be refused, so it is the first.
            self._running.engine.revise(Revision(after.profile(), config_sha256(after)))
        for purse, limit in budgets:
            purse.relimit(limit)
        for name, policy in limits.items():
            self._running.turnstiles[name].relimit(policy)
        if self._running.risk is not None:
            self._running.risk.relimit(risk)
        self._running.allowances.relimit(after.api.requests_per_minute)
        self._running.public_allowances.relimit(after.api.public_requests_per_minute)
        if after.logging != self.settings.logging:
            logging.getLogger().setLevel(after.logging.level.upper())

    def _budgets(self, after: Settings) -> Iterator[tuple[Purse, DayLimit]]:
        before, wanted = day_limits(self.settings), day_limits(after)
        for name in before.keys() | wanted.keys():
            limit = wanted.get(name, DayLimit())
            if limit == before.get(name, DayLimit()):
                continue
            shield = self._running.engine.outside.shields.get(name)
            if shield is None or shield.purse is None:
                problem = "restart needed: there was no budget, and nothing counts against one"
                fix = "start the service again; nothing was changed"
                raise InvalidSetting(f"sources.{name}.budget", problem, fix)
            yield shield.purse, limit

    def _limits(self, after: Settings) -> Mapping[SourceName, LimitPolicy]:
        before, wanted = self.settings.limits(), after.limits()
        moved = {name: policy for name, policy in wanted.items() if policy != before.get(name)}
        for name, policy in moved.items():
            if len(policy.allowances) != len(before[name].allowances):
                problem = "restart needed: there are more or fewer limits than before"
                fix = "start the service again; nothing was changed"
                raise InvalidSetting(f"{name}.limits", problem, fix)
        return moved
