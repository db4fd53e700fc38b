"""What the API refuses, as part of the error tree.

::

    ArgoError
    └── Refusal               the request was understood and is not answered
        ├── Unauthenticated       no API key, or not one of ours: send a valid one
        ├── Forbidden             the key lacks the scope: use another key
        ├── NotThere              the thing asked for does not exist
        ├── Misdirected           the Host header is not this machine's: use the real address
        ├── Unreadable            the body is not what the path takes: send JSON
        ├── TradingOff            trading is switched off here: switch it on, or ask elsewhere
        ├── BacktestsOff          backtests are switched off here: switch them on
        ├── NotReady              trading cannot answer yet: ask again soon
        ├── TooManyRequests       wait `retry_after_s`, then ask again
        ├── Crowded               others have taken every place: ask again later
        └── NotWell               a health check failed: do what its text says
"""

from argo_core.errors import ArgoError


class Refusal(ArgoError):
    """A request that is not answered; its text is for the caller."""


class Unauthenticated(Refusal):
    """There is no key, or it is unknown, revoked or expired; which of them is not said."""


class Forbidden(Refusal):
    """The key is good, and not for this."""


class NotThere(Refusal):
    """There is nothing of that name."""


class Misdirected(Refusal):
    """The request was meant for another host, as a page rebinding its name would send it."""


class Unreadable(Refusal):
    """The request's body is of another type than the one that is taken."""


class TradingOff(Refusal):
    """There is no trading here."""


class BacktestsOff(Refusal):
    """No backtests are run here."""


class NotReady(Refusal):
    """Trading has not seen the broker's account yet, or has other things to do first."""


class TooManyRequests(Refusal):
    """The caller's allowance is used up."""

    def __init__(self, problem: str, retry_after_s: float) -> None:
        super().__init__(problem)
        self.retry_after_s = retry_after_s


class Crowded(Refusal):
    """As many callers as can be served at once are being served."""


class NotWell(Refusal):
    """A part does not work as it should; shown in the health answer, never raised to a caller."""
