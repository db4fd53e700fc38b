"""What of a running service may be changed without a new start, and how that is done."""

from attrs import field, frozen

from alpine_service.adapters.mail.mailer import Exchangeable
from alpine_service.adapters.postgres.address import address_of
from alpine_service.adapters.postgres.database import Database
from alpine_service.api.platform import Limits
from alpine_service.domain.rotating import Rotating
from alpine_service.ports.outside import Clock
from alpine_service.settings import Settings
from alpine_service.wiring.accounts import mailer_of


@frozen
class Live:
    """Everything that is exchanged in its place; whoever uses it looks anew each time.

    `way` is how the service's role reaches an operator's database; a server of our own has none.
    """

    limits: Limits
    log_keys: Rotating = field(repr=False)
    mailer: Exchangeable
    database: Database
    way: Rotating = field(repr=False)
    clock: Clock

    async def apply(self, settings: Settings) -> None:
        """All of it, or nothing.

        Raises:
            InvalidSetting: a URL cannot be meant, and nothing was changed.
        """
        mailer = mailer_of(settings, self.clock)
        if settings.database_url is not None:
            await address_of(settings.database_url)
        # From here on nothing can fail.
        bounds, before = settings.bounds, settings.before
        self.limits.per_minute = bounds.per_minute
        self.limits.pages_per_minute = bounds.pages_per_minute
        self.limits.at_once = bounds.at_once
        self.log_keys.turn(settings.log.api_key, before.log_api_key)
        self.mailer.inner = mailer
        if settings.database_url is not None:
            known = set(self.way.values)
            self.way.turn(settings.database_url, before.database_url)
            if set(self.way.values) != known:
                await self.database.renew()
