"""The order of a deployment is one table, and every way through it comes to an end."""

import pytest

from alpine_service.domain.deploy.switching import FIRST, NEXT, UNBROKEN, End, Step, after


def ends(place: Step | End, so_far: tuple[Step, ...] = ()) -> set[tuple[End, tuple[Step, ...]]]:
    if isinstance(place, End):
        return {(place, so_far)}
    assert place not in so_far, "a deployment goes in a circle"
    ways = [ends(after(place, is_done=done), (*so_far, place)) for done in (True, False)]
    return ways[0] | ways[1]


def test_every_step_is_in_the_table_and_can_be_reached() -> None:
    assert set(NEXT) == set(Step)
    assert {step for _, way in ends(FIRST) for step in way} == set(Step)
    assert {end for end, _ in ends(FIRST)} == set(End)


def test_the_plain_way_is_the_documented_order() -> None:
    way: list[Step] = []
    place: Step | End = FIRST
    while isinstance(place, Step):
        way.append(place)
        place = after(place, is_done=True)
    assert way == ["look", "start", "gate", "switch", "drain", "watch", "stop"]
    assert place is End.DONE


def test_nobody_sees_a_colour_that_was_refused() -> None:
    for end, way in ends(FIRST):
        if end is End.REFUSED:
            assert Step.SWITCH not in way
        if end is End.ROLLED_BACK:
            assert way[-1] is Step.STOP_NEW
            assert Step.BACK in way


def test_the_old_colour_is_stopped_only_after_the_new_one_was_watched() -> None:
    for _, way in ends(FIRST):
        if Step.STOP in way:
            assert way[: way.index(Step.STOP)] == tuple(Step)[:6]


@pytest.mark.parametrize("step", sorted(UNBROKEN))
def test_what_is_not_broken_off_decides_nothing_more(step: Step) -> None:
    assert Step.WATCH not in {after(step, is_done=True), after(step, is_done=False)}
