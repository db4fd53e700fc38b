"""A deployment takes its steps, and whatever fails, somebody who is well gets the requests."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.deploy.colour import Behind, Colour, Said, Traffic
from alpine_service.domain.deploy.judging import Tolerance, gate
from alpine_service.domain.deploy.switching import FIRST, End, Step
from alpine_service.errors import InvalidInput
from alpine_service.services.deploying import Deploying, Deployment, DeployNeeds, Patience
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_deploy import SICK, WELL, Counts, FakeColours

NEW, RUNNING = Traffic.NEW, Traffic.RUNNING
BLUE, GREEN = Colour.BLUE, Colour.GREEN


async def deploy(
    colours: FakeColours,
    *,
    meanwhile: Callable[[float], None] = lambda _: None,
    stop: asyncio.Event | None = None,
    to: Colour | None = None,
    until: frozenset[Step] = frozenset(Step),
) -> Deployment:
    clock = FakeClock()
    needs = DeployNeeds(colours, colours, colours, clock)
    deploying = Deploying(
        needs, to, Patience(), Tolerance(), lambda _: None, stop=stop or asyncio.Event()
    )
    task = asyncio.create_task(deploying.run(until))
    for _ in range(2_000):
        meanwhile(clock.monotonic())
        await clock.advance(0.5)
        if task.done():
            break
    return await asyncio.wait_for(task, 1)


def way(deployment: Deployment) -> list[str]:
    return [taken.step.value for taken in deployment.steps]


async def test_the_new_colour_takes_over_and_the_old_one_is_stopped() -> None:
    colours = FakeColours(after_switch=Counts(answers=500))
    deployment = await deploy(colours)
    assert deployment.end is End.DONE
    assert (deployment.new, deployment.serves) == (GREEN, GREEN)
    assert way(deployment) == ["look", "start", "gate", "switch", "drain", "watch", "stop"]
    assert colours.running == {GREEN}
    assert colours.behinds[GREEN].traffic is NEW
    assert colours.behinds[BLUE].traffic is Traffic.NOTHING
    assert colours.unserved == []
    assert deployment.steps[5].took_s == pytest.approx(60)


async def test_a_second_deployment_goes_back_to_blue() -> None:
    colours = FakeColours()
    await deploy(colours)
    deployment = await deploy(colours)
    assert (deployment.end, deployment.serves, colours.running) == (End.DONE, BLUE, {BLUE})


# Each step that can fail, by what makes it fail; and where it leads.
FAILURES = [
    (Step.LOOK, {"behind"}, End.REFUSED, BLUE),
    (Step.LOOK, {"ask blue ready"}, End.REFUSED, BLUE),
    (Step.START, {"start green"}, End.REFUSED, BLUE),
    (Step.START, {"ask green ready"}, End.REFUSED, BLUE),
    (Step.START, {"send green nothing"}, End.STUCK, BLUE),
    (Step.GATE, {"ask green deep"}, End.REFUSED, BLUE),
    (Step.WITHDRAW, {"ask green deep", "stop green"}, End.STUCK, BLUE),
    (Step.SWITCH, {"send green new requests"}, End.ROLLED_BACK, BLUE),
    (Step.SWITCH, {"send blue what runs already"}, End.ROLLED_BACK, BLUE),
    (Step.BACK, {"send blue what runs already", "send blue new requests"}, End.STUCK, None),
    (Step.STOP, {"stop blue"}, End.STUCK, GREEN),
    (Step.STOP, {"send blue nothing"}, End.STUCK, GREEN),
]


@pytest.mark.parametrize(
    ("fails", "end", "serves"),
    [
        ("start green", End.REFUSED, BLUE),
        ("send blue what runs already", End.ROLLED_BACK, BLUE),
        ("stop blue", End.STUCK, GREEN),
    ],
)
async def test_a_mistake_of_ours_leads_back_as_well(fails: str, end: End, serves: Colour) -> None:
    deployment = await deploy(FakeColours(frozenset({fails}), OSError))
    assert (deployment.end, deployment.serves) == (end, serves)
    said = [taken.says for taken in deployment.steps if not taken.is_done]
    assert said == [f"a mistake of ours: OSError: cannot {fails}"]


@pytest.mark.parametrize(("step", "fails", "end", "serves"), FAILURES)
async def test_each_failure_leads_where_the_table_says(
    step: Step, fails: set[str], end: End, serves: Colour | None
) -> None:
    colours = FakeColours(frozenset(fails))
    deployment = await deploy(colours)
    assert step in {taken.step for taken in deployment.steps if not taken.is_done}
    assert deployment.end is end
    assert colours.unserved == []
    if serves is not None:
        assert serves in colours.running
        assert colours.behinds[serves].traffic is NEW


async def test_a_watch_that_fails_hands_back_and_stops_the_new_one() -> None:
    colours = FakeColours(after_switch=Counts(answers=100, failures=2))
    deployment = await deploy(colours)
    assert way(deployment)[5:] == ["watch", "switch back", "drain the new", "stop the new"]
    assert deployment.steps[5].says == "2 of 100 answers failed"
    assert (deployment.end, deployment.serves) == (End.ROLLED_BACK, BLUE)
    assert colours.running == {BLUE}
    assert colours.unserved == []


async def test_a_new_colour_that_cannot_be_stopped_after_a_rollback_is_said() -> None:
    colours = FakeColours(frozenset({"stop green"}), after_switch=Counts(failures=9, answers=9))
    deployment = await deploy(colours)
    assert (deployment.end, deployment.serves) == (End.STUCK, BLUE)
    assert deployment.steps[-1].says == "cannot stop green"


async def test_answers_that_take_too_long_lead_back() -> None:
    colours = FakeColours(after_switch=Counts(answers=10, answer_ms=2_001))
    deployment = await deploy(colours)
    assert deployment.end is End.ROLLED_BACK
    assert deployment.steps[5].says == "answers take 2001 ms"


async def test_one_bad_look_is_borne_and_two_in_a_row_are_not() -> None:
    colours = FakeColours()

    def once(now: float) -> None:
        colours.says[GREEN] = SICK if now == 10 else WELL

    assert (await deploy(colours, meanwhile=once)).end is End.DONE
    again = FakeColours()

    def for_good(now: float) -> None:
        again.says[GREEN] = SICK if now >= 10 else WELL

    deployment = await deploy(again, meanwhile=for_good)
    assert deployment.end is End.ROLLED_BACK
    assert deployment.steps[5].says == "its health was bad 2 times in a row"


async def test_a_new_colour_that_dies_while_it_is_watched_leads_back() -> None:
    colours = FakeColours()

    def dies(now: float) -> None:
        if now >= 10:
            colours.running.discard(GREEN)

    deployment = await deploy(colours, meanwhile=dies)
    assert deployment.end is End.ROLLED_BACK
    assert deployment.steps[5].says == "the proxy finds it down"
    assert colours.behinds[BLUE].traffic is NEW


async def test_a_colour_that_is_worse_than_the_old_one_is_refused() -> None:
    colours = FakeColours()
    colours.says[GREEN] = Said("degraded", "2", {"ingest": "degraded"}, ("ingest: silent",))
    deployment = await deploy(colours)
    assert deployment.end is End.REFUSED
    assert deployment.steps[2].says == (
        "worse than what serves now: ingest (ingest: silent), after 30 s"
    )
    assert "send green new requests" not in colours.deeds
    assert colours.running == {BLUE}


async def test_what_is_degraded_for_both_keeps_no_new_version_back() -> None:
    colours = FakeColours()
    colours.says = dict.fromkeys(Colour, Said("degraded", "2", {"ingest": "degraded"}))
    assert (await deploy(colours)).end is End.DONE


def test_a_colour_that_is_down_is_refused_even_if_the_old_one_is_too() -> None:
    assert gate(SICK, SICK) == "database: away"
    assert gate(SICK, Said("down")) == "it is down"
    assert gate(WELL, Said("ok", "2", {"database": "what?"})) == (
        "worse than what serves now: database"
    )


async def test_a_gate_is_waited_for() -> None:
    colours = FakeColours()
    colours.says[GREEN] = Said("ok", "2", {"ingest": "degraded"})

    def late(now: float) -> None:
        if now > 20:
            colours.says[GREEN] = WELL

    assert (await deploy(colours, meanwhile=late)).end is End.DONE


async def test_requests_that_do_not_end_are_cut_off_after_their_time() -> None:
    colours = FakeColours(under_way={BLUE: 3, GREEN: 0})
    deployment = await deploy(colours)
    assert deployment.end is End.DONE
    assert deployment.steps[4].says == "blue still works on 3 requests, which are cut off"
    assert deployment.steps[4].took_s == pytest.approx(30)


async def test_a_proxy_that_dies_while_it_drains_leads_back_as_far_as_that_goes() -> None:
    # One look of LOOK, two of SWITCH, then the drain's, which fail for good.
    colours = FakeColours(frozenset({"4 behind"}))
    deployment = await deploy(colours)
    assert way(deployment)[4:] == ["drain", "switch back"]
    assert deployment.end is End.STUCK
    assert colours.unserved == []


async def test_what_the_new_one_does_not_finish_does_not_keep_it_running() -> None:
    colours = FakeColours(after_switch=Counts(answers=9, failures=9), under_way={BLUE: 0, GREEN: 5})
    deployment = await deploy(colours)
    assert way(deployment)[-2:] == ["drain the new", "stop the new"]
    assert (deployment.end, colours.running) == (End.ROLLED_BACK, {BLUE})


@pytest.mark.parametrize(
    "behinds",
    [
        dict.fromkeys(Colour, Behind(NEW, is_up=True)),
        dict.fromkeys(Colour, Behind(RUNNING, is_up=True)),
        {BLUE: Behind(NEW, is_up=False), GREEN: Behind(RUNNING, is_up=True)},
    ],
)
async def test_where_nobody_knows_who_serves_nothing_is_done(
    behinds: dict[Colour, Behind],
) -> None:
    colours = FakeColours(behinds=behinds)
    deployment = await deploy(colours)
    assert (deployment.end, way(deployment)) == (End.REFUSED, ["look"])
    assert set(colours.deeds) == {"behind"}


async def test_whoever_serves_already_is_not_deployed() -> None:
    deployment = await deploy(FakeColours(), to=BLUE)
    assert deployment.end is End.REFUSED
    assert deployment.steps[0].says == "blue serves already"


async def test_a_dry_run_only_looks() -> None:
    colours = FakeColours()
    deployment = await deploy(colours, until=frozenset({FIRST}))
    assert (deployment.end, way(deployment)) == (None, ["look"])
    assert colours.deeds == ["behind", "ask blue ready"]


async def test_a_state_that_cannot_be_kept_is_said_and_changes_nothing() -> None:
    deployment = await deploy(FakeColours(frozenset({"remember"})))
    assert deployment.end is End.DONE
    assert "after a restart the proxy will not know it" in deployment.steps[3].says


@pytest.mark.parametrize(("at_s", "end"), [(10, End.ROLLED_BACK), (0, End.REFUSED)])
async def test_whoever_asks_to_stop_gets_the_old_colour_back(at_s: float, end: End) -> None:
    colours, stop = FakeColours(), asyncio.Event()
    if end is End.REFUSED:
        # The gate is waited for, and nobody has seen the new colour yet.
        colours.says[GREEN] = Said("ok", "2", {"ingest": "degraded"})

    def asks(now: float) -> None:
        if now >= at_s + 1:
            stop.set()

    deployment = await deploy(colours, meanwhile=asks, stop=stop)
    assert deployment.end is end
    assert [taken.says for taken in deployment.steps if not taken.is_done] == [
        "we were asked to stop"
    ]
    assert (colours.running, colours.unserved) == ({BLUE}, [])


DEEDS = st.sampled_from(
    [
        f"{time}{deed}"
        for time in ("", "2 ", "3 ")
        for deed in (
            "behind",
            "remember",
            *(f"{deed} {colour}" for deed in ("start", "stop") for colour in Colour),
            *(f"send {colour} {traffic}" for colour in Colour for traffic in Traffic),
            *(f"ask {colour} {level}" for colour in Colour for level in ("ready", "deep")),
        )
    ]
)


@given(fails=st.frozensets(DEEDS, max_size=4), failures=st.sampled_from([0, 0, 50]))
def test_whatever_fails_somebody_who_runs_gets_the_requests(
    fails: frozenset[str], failures: int
) -> None:
    colours = FakeColours(fails, after_switch=Counts(answers=100, failures=failures))
    deployment = asyncio.run(deploy(colours))
    assert colours.unserved == []
    serving = {colour for colour in Colour if colours.behinds[colour].traffic is NEW}
    match deployment.end:
        case End.DONE:
            assert (serving, colours.running) == ({GREEN}, {GREEN})
        case End.ROLLED_BACK:
            assert (serving, colours.running) == ({BLUE}, {BLUE})
        case End.REFUSED:
            assert (serving, colours.running) == ({BLUE}, {BLUE})
            assert "send green new requests" not in colours.deeds
        case _:
            assert deployment.end is End.STUCK
            assert not deployment.steps[-1].is_done


@pytest.mark.parametrize(
    ("failures", "answer_ms", "bad_looks"),
    [(-0.1, 1, 1), (1.1, 1, 1), (float("nan"), 1, 1), (0.1, -1, 1), (0.1, 1, 0)],
)
def test_what_nobody_can_bear_is_refused(failures: float, answer_ms: int, bad_looks: int) -> None:
    with pytest.raises(InvalidInput):
        Tolerance(failures, answer_ms, bad_looks)
