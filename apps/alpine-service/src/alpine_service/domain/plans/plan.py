"""The plans, as data, and what a subscription's plan, state and end entitle to.

What a plan without real time sees is what the log itself has made public: signals of open
strategies at once, signals of delayed strategies as commitments, and whole once they are revealed.
Alpine holds nothing back from it that the log already shows, and adds no delay of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import evolve, frozen

from alpine_service.domain.plans.entitlement import Channel, Entitlement


@frozen
class Plan:
    """One plan. `monthly_cents` is for 30 days; `meaning` is for whoever chooses.

    The price is the operator's decision. The program only uses how prices relate, to turn paid
    time of one plan into time of another of the same worth.
    """

    name: str
    monthly_cents: int
    entitlement: Entitlement
    meaning: str


# Where the numbers come from: the log gets a batch about every 5 s, so whoever asks for each batch
# asks 12 times a minute and 17,280 times a day; whoever asks once a minute asks 1,440 times a day.
#
#        per minute              per day              keys              streams        endpoints
# free   30: one batch after     2,000: once a        2: one in use,    0              0
#        another, and pages      minute, all day      one to try
# basic  120: ten batches'       50,000: each batch   5: one for each   2: one in use, 0
#        worth at once           for two programs,    program           one that is
#                                and pages                              taking over
# pro    600: 30,000 signals a   200,000: each batch  20: one for each  10: programs   10: programs
#        minute, in pages of     for ten programs,    program and       of a team      of a team
#        50, to catch up         and catching up      place
#
# A webhook endpoint costs us attempts over days when its receiver is gone, hence only on pro.
_PLANS = (
    Plan(
        "free",
        0,
        Entitlement(
            plan="free",
            is_realtime=False,
            channels=frozenset({Channel.API, Channel.DIGEST}),
            per_minute=30,
            per_day=2_000,
            keys=2,
            streams=0,
            endpoints=0,
        ),
        "What the log itself has made public, by API and as a daily digest: signals of open"
        " strategies at once, those of delayed strategies once they are revealed.",
    ),
    Plan(
        "basic",
        2_900,
        Entitlement(
            plan="basic",
            is_realtime=True,
            channels=frozenset({Channel.API, Channel.STREAM, Channel.DIGEST}),
            per_minute=120,
            per_day=50_000,
            keys=5,
            streams=2,
            endpoints=0,
        ),
        "Every signal once it is verified, by API, stream and digest.",
    ),
    Plan(
        "pro",
        9_900,
        Entitlement(
            plan="pro",
            is_realtime=True,
            channels=frozenset(Channel),
            per_minute=600,
            per_day=200_000,
            keys=20,
            streams=10,
            endpoints=10,
        ),
        "Every signal once it is verified, on all ways, webhooks included, with room for a team.",
    ),
)

PLANS: Mapping[str, Plan] = MappingProxyType({plan.name: plan for plan in _PLANS})
FREE = PLANS["free"].entitlement

# What a test key has, whatever its owner's plan: the public data of the free plan, and one stream
# of the public events, so that a program that listens can be tried before anything is paid. Its
# plan is named `test`, which is how answers to it are marked, and it is counted on its own.
TEST = evolve(
    FREE, plan="test", channels=frozenset({Channel.API, Channel.STREAM}), keys=0, streams=1
)

# What the user of a disabled account has.
NOTHING = Entitlement(
    plan="none",
    is_realtime=False,
    channels=frozenset(),
    per_minute=0,
    per_day=0,
    keys=0,
    streams=0,
    endpoints=0,
)

_ENDED = "expired"


def entitlement_of(
    plan: str | None, state: str | None, until: datetime | None, now: datetime
) -> Entitlement:
    """What a row of `subscriptions` entitles to at `now`; without a row, the free plan.

    `until` is the first moment at which the state no longer entitles to the plan, so nobody has it
    longer because the state was not brought up to date in time. A plan that this program does not
    know entitles to no more than the free one.
    """
    if plan is None or state in {None, _ENDED} or until is None or now >= until:
        return FREE
    known = PLANS.get(plan)
    return known.entitlement if known else FREE
