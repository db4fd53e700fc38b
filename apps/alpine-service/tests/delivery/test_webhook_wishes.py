from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.wishes import Filters, Listener, choose, may_be_told
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.signals.event import Audience, Event, EventKind

PRO = Entitlement("pro", True, frozenset(Channel), 600, 200_000, 20, 10, 10)
DELAYED = evolve(PRO, is_realtime=False)
NO_WEBHOOKS = evolve(PRO, channels=frozenset({Channel.API}))


def event(
    number: int = 1,
    kind: EventKind = EventKind.SIGNAL_PUBLISHED,
    audience: Audience = Audience.EVERYBODY,
    symbol: str | None = "AAPL",
    strategy: str = "trend",
) -> Event:
    return Event(number, kind, audience, number, strategy, b"{}", 0, symbol)


def listener(
    name: str = "whk_1", user: str = "usr_1", after: int = 0, **wants: frozenset[str]
) -> Listener:
    return Listener(name, user, Filters(**wants), after)  # type: ignore[arg-type]


EVENTS = st.builds(
    event,
    number=st.integers(1, 5),
    kind=st.sampled_from([EventKind.SIGNAL_PUBLISHED, EventKind.OUTCOME_RESOLVED]),
    audience=st.sampled_from(Audience),
    symbol=st.sampled_from(["AAPL", "TSLA", None]),
    strategy=st.sampled_from(["trend", "mean"]),
)
FILTERS = st.builds(
    Filters,
    kinds=st.frozensets(st.sampled_from([EventKind.SIGNAL_PUBLISHED, EventKind.OUTCOME_RESOLVED])),
    symbols=st.frozensets(st.sampled_from(["AAPL", "TSLA"])),
    strategies=st.frozensets(st.sampled_from(["trend", "mean"])),
)


@given(EVENTS, FILTERS)
def test_a_filter_wants_what_is_in_each_of_its_sets(told: Event, filters: Filters) -> None:
    sets = [
        (filters.kinds, told.kind),
        (filters.symbols, told.symbol),
        (filters.strategies, told.strategy),
    ]

    assert filters.want(told) == all(not wanted or value in wanted for wanted, value in sets)


@given(EVENTS, FILTERS, st.sampled_from([PRO, DELAYED, NO_WEBHOOKS]), st.integers(0, 5))
def test_exactly_what_is_wanted_allowed_and_new_is_chosen(
    told: Event, filters: Filters, entitlement: Entitlement, after: int
) -> None:
    ears = [Listener("whk_1", "usr_1", filters, after)]

    chosen = choose([told], ears, {"usr_1": entitlement})

    expected = (
        told.number > after
        and filters.want(told)
        and entitlement is not NO_WEBHOOKS
        and (entitlement is PRO or told.audience is Audience.EVERYBODY)
    )
    assert [each.event_number for each in chosen] == [told.number] * expected


def test_a_delayed_plan_is_told_what_everybody_may_know() -> None:
    assert may_be_told(DELAYED, Audience.EVERYBODY)
    assert not may_be_told(DELAYED, Audience.REALTIME)
    assert not may_be_told(NO_WEBHOOKS, Audience.EVERYBODY)


def test_an_owner_that_nobody_knows_is_told_nothing() -> None:
    assert choose([event()], [listener()], {}) == []


def test_only_the_oldest_endpoints_count_that_the_plan_has() -> None:
    ears = [
        listener("whk_1"),
        listener("whk_2"),
        listener("whk_3", user="usr_2"),
        listener("whk_4"),
    ]
    plans = {"usr_1": evolve(PRO, endpoints=2), "usr_2": evolve(PRO, endpoints=1)}

    chosen = choose([event()], ears, plans)

    assert [each.endpoint_id for each in chosen] == ["whk_1", "whk_2", "whk_3"]
