"""How many streams each account has open."""

from collections import Counter

from attrs import Factory, define

from alpine_service.domain.accounts.principal import Principal
from alpine_service.errors import TooMany

# What a listener that is over the count should wait, in seconds.
_COME_BACK_S = 15.0


@define
class Listeners:
    """How many streams each account has open in this process."""

    open: Counter[str] = Factory(Counter)

    def enter(self, who: Principal) -> None:
        """Count one more.

        Raises:
            TooMany: the plan does not have as many.
        """
        if self.open[who.user_id] >= who.entitlement.streams:
            raise TooMany("open streams", _COME_BACK_S)
        self.open[who.user_id] += 1

    def leave(self, who: Principal) -> None:
        self.open[who.user_id] -= 1
        if not self.open[who.user_id]:
            del self.open[who.user_id]
