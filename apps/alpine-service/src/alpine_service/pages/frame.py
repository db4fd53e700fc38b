"""What surrounds every page: who looks, which theme, and how it stands with the log."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from aiohttp import web
from attrs import define, field, frozen

from alpine_service.api.asking import PRINCIPAL
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.errors import AlpineError, NotThere
from alpine_service.ports.outside import Clock
from alpine_service.services.log_view import LogShown, LogView

THEME_COOKIE = "theme"
DENSITY_COOKIE = "density"
T = TypeVar("T", bound=StrEnum)

# How the log stands is in every page, and told anew no more often than this.
_KEPT_S = 1.0


class Theme(StrEnum):
    """Which colours; `auto` leaves it to the browser."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """How much of a table is on a screen."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class LogState(StrEnum):
    """How it stands with what we show, in a word."""

    FRESH = "fresh"
    STALE = "stale"  # The log was not heard for long.
    UNHEARD = "unheard"  # It is read for the first time.
    HALTED = "halted"  # It contradicted itself, and nothing more is read of it.
    NONE = "none"  # None is read.
    UNKNOWN = "unknown"  # Our own database does not answer.


@frozen
class Looker:
    """Who looks at a page, in what pages ask about."""

    plan: str
    is_verified: bool
    is_realtime: bool
    is_staff: bool
    is_admin: bool


@frozen
class LogSeen:
    """How the log stands; `size` entries are verified, and it was heard `silent_s` ago."""

    state: LogState
    size: int = 0
    silent_s: float | None = None


@frozen
class Frame:
    """All of it; `path` is where the reader is, for coming back, `notice` the operator's word."""

    looker: Looker | None
    theme: Theme
    density: Density
    path: str
    now: datetime
    log: LogSeen
    public_url: str
    notice: str | None = None


@define
class Frames:
    """Makes frames; looks at the log once a second at most."""

    _clock: Clock
    _log: LogView | None
    public_url: str
    notice: str | None = None
    _seen: LogSeen = field(default=LogSeen(LogState.UNKNOWN), repr=False)
    _seen_at: float | None = None

    async def of(self, request: web.Request) -> Frame:
        """The frame of a page that answers that request."""
        return self.without_log(request, await self.log_seen())

    def without_log(self, request: web.Request, seen: LogSeen | None = None) -> Frame:
        """The same with what was known of the log before: for when nothing may be asked."""
        return Frame(
            looker=_looker(request.get(PRINCIPAL)),
            theme=_choice(Theme, request.cookies.get(THEME_COOKIE)) or Theme.AUTO,
            density=_choice(Density, request.cookies.get(DENSITY_COOKIE)) or Density.COMFORTABLE,
            path=request.rel_url.raw_path_qs,
            now=self._clock.now(),
            log=seen or self._seen,
            public_url=self.public_url,
            notice=self.notice,
        )

    async def log_seen(self) -> LogSeen:
        """How the log stands; what cannot be asked is said to be unknown, and fails nothing."""
        now = self._clock.monotonic()
        if self._log is not None and (self._seen_at is None or now - self._seen_at >= _KEPT_S):
            try:
                self._seen = _seen(await self._log.shown())
            except NotThere:
                self._seen = LogSeen(LogState.NONE)
            except AlpineError:
                self._seen = LogSeen(LogState.UNKNOWN)
            self._seen_at = now
        return self._seen


def _seen(shown: LogShown) -> LogSeen:
    standing = shown.facts.standing
    if standing.is_halted:
        state = LogState.HALTED
    else:
        silent = LogState.STALE if shown.facts.silent_s is not None else LogState.UNHEARD
        state = silent if shown.is_stale else LogState.FRESH
    return LogSeen(state, standing.size, shown.facts.silent_s)


def _looker(who: Principal | None) -> Looker | None:
    if who is None:
        return None
    has = who.entitlement
    return Looker(
        plan=has.plan,
        is_verified=who.is_verified,
        is_realtime=has.is_realtime,
        is_staff=who.role.includes(Role.SUPPORT),
        is_admin=who.role.includes(Role.ADMIN),
    )


def _choice(kind: type[T], text: str | None) -> T | None:
    return kind(text) if text in {each.value for each in kind} else None
