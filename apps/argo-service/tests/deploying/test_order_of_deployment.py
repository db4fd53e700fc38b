"""The order of a deployment is a table: complete, without a circle, and undone in reverse."""

from argo_service.deploying.order import BREAKABLE, FIRST, ON, TABLE, End, Step, following

Way = tuple[Step, ...]


def ways(place: Step | End = FIRST, gone: Way = ()) -> list[tuple[Way, End]]:
    if isinstance(place, End):
        return [(gone, place)]
    assert place not in gone, "a circle"
    here = (*gone, place)
    return [one for done in (True, False) for one in ways(following(place, done=done), here)]


def test_every_step_and_every_end_is_on_some_way() -> None:
    assert TABLE.keys() == set(Step)
    assert {step for way, _ in ways() for step in way} == set(Step)
    assert {end for _, end in ways()} == set(End)


def test_without_a_failure_it_goes_on_to_the_end() -> None:
    place: Step | End = FIRST
    for step in ON:
        assert place is step
        place = following(step, done=True)
    assert place is End.DONE


def test_requests_are_handed_over_before_the_lease_and_come_back_after_it() -> None:
    for way, _ in ways():
        if Step.RELEASE in way:
            assert way.index(Step.SWITCH) < way.index(Step.DRAIN) < way.index(Step.RELEASE)
        if Step.RECLAIM in way and Step.SWITCH_BACK in way:
            assert way.index(Step.RECLAIM) < way.index(Step.SWITCH_BACK)


def test_a_lease_that_was_given_away_is_always_asked_back_on_the_way_back() -> None:
    for way, end in ways():
        if end is End.ROLLED_BACK:
            assert (Step.RELEASE in way) == (Step.RECLAIM in way)


def test_the_old_colour_is_stopped_at_the_very_end_only() -> None:
    for way, _ in ways():
        assert Step.STOP not in way[:-1]
        if Step.STOP in way:
            assert way == ON


def test_nobody_has_seen_what_was_refused() -> None:
    for way, end in ways():
        if end is End.REFUSED:
            assert not {Step.SWITCH, Step.RELEASE} & set(way)


def test_the_way_back_is_not_broken_off() -> None:
    assert set(ON) - {Step.STOP} == BREAKABLE
