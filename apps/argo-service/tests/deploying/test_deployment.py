"""A deployment hands over requests and the lease, and gives both back when anything fails."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
from attrs import Factory, define, evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.testing.fake_clock import FakeClock
from argo_service.deploying.bounds import Bounds, Waits
from argo_service.deploying.colour import AtProxy, Colour, Health, Publishing, Traffic
from argo_service.deploying.deployment import Deployment, Outcome
from argo_service.deploying.order import FIRST, TABLE, End, Step
from argo_service.deploying.parts import Parts
from argo_service.errors import StepFailed

BLUE, GREEN = Colour.BLUE, Colour.GREEN
WELL = Health(is_well=True)
SICK = Health(is_well=False, failing=(("store", "away"),))


@frozen
class Figures:
    answers: int = 0
    failures: int = 0
    mean_ms: int = 0


@define(eq=False)
class Site:
    """Proxy, keeper and colours in memory: blue answers and publishes, green does not run.

    `fails` has deeds that fail, such as `stop blue`; with a number in front, from that time on.
    """

    fails: frozenset[str] = frozenset()
    seen_by_proxy: dict[Colour, AtProxy] = field(
        factory=lambda: {
            BLUE: AtProxy(Traffic.ALL, is_up=True, answers=1_000),
            GREEN: AtProxy(Traffic.NONE, is_up=False),
        }
    )
    healths: dict[Colour, Health] = Factory(lambda: dict.fromkeys(Colour, WELL))
    left: dict[Colour, int] = Factory(lambda: dict.fromkeys(Colour, 0))
    figures: Figures = Figures()
    running: set[Colour] = Factory(lambda: {BLUE})
    alone: bool = False
    holder: Colour | None = BLUE
    fence: int = 7
    grows: bool = True
    done: list[str] = Factory(list)
    unanswered: list[str] = Factory(list)
    """After which deeds no running colour got new requests."""

    publishers: list[tuple[Colour, int]] = Factory(lambda: [(BLUE, 7)])

    async def seen(self) -> Mapping[Colour, AtProxy]:
        self._do("seen")
        return {
            colour: evolve(one, is_up=one.is_up and colour in self.running)
            for colour, one in self.seen_by_proxy.items()
        }

    async def give(self, colour: Colour, traffic: Traffic) -> None:
        self._do(f"give {colour} {traffic}")
        one = evolve(
            self.seen_by_proxy[colour],
            traffic=traffic,
            is_up=traffic is not Traffic.NONE,
            under_way=self.left[colour] if traffic is Traffic.LEFT else 0,
        )
        if colour is GREEN and traffic is Traffic.ALL:
            figures = self.figures
            one = evolve(
                one,
                answers=figures.answers,
                failures=figures.failures,
                mean_ms=figures.mean_ms,
            )
        self.seen_by_proxy[colour] = one
        self._look()

    async def keep(self) -> None:
        self._do("keep")

    async def start(self, colour: Colour) -> None:
        self._do(f"start {colour}")
        self.running.add(colour)

    async def stop(self, colour: Colour) -> None:
        self._do(f"stop {colour}")
        self.running.discard(colour)
        if self.holder is colour:
            self.holder = None
        self._look()

    async def health(self, colour: Colour, level: str) -> Health:
        self._ask(colour, f"{colour} {level}")
        return self.healths[colour]

    async def publishing(self, colour: Colour) -> Publishing:
        self._ask(colour, f"{colour} publishing")
        return self._standing(colour)

    async def release(self, colour: Colour, reason: str) -> Publishing:
        self._ask(colour, f"{colour} release")
        assert reason
        if self.holder is colour:
            self.holder = None
        return self._standing(colour)

    async def take_over(self, colour: Colour, reason: str) -> Publishing:
        self._ask(colour, f"{colour} take over")
        assert reason
        if self.holder is None or self.holder not in self.running:
            self.holder, self.fence = colour, self.fence + self.grows
            self.publishers.append((colour, self.fence))
        if self.holder is not colour:
            raise StepFailed(f"{self.holder} holds the lease")
        return self._standing(colour)

    def _standing(self, colour: Colour) -> Publishing:
        if self.alone:
            return Publishing("alone")
        fence = self.fence if self.holder is colour else None
        return Publishing("publishing" if fence else "standby", fence, self.fence)

    def _ask(self, colour: Colour, deed: str) -> None:
        self._do(deed)
        if colour not in self.running:
            raise StepFailed(f"{colour} does not answer")

    def _do(self, deed: str) -> None:
        self.done.append(deed)
        times = range(1, self.done.count(deed) + 1)
        if deed in self.fails or any(f"{time} {deed}" in self.fails for time in times):
            raise StepFailed(f"cannot {deed}")

    def _look(self) -> None:
        answering = {c for c, one in self.seen_by_proxy.items() if one.traffic is Traffic.ALL}
        if not answering & self.running:
            self.unanswered.append(self.done[-1])


async def deploy(
    site: Site,
    *,
    meanwhile: Callable[[float], None] = lambda _: None,
    bounds: Bounds | None = None,
    to: Colour | None = None,
    stop: asyncio.Event | None = None,
    only: tuple[Step, ...] = tuple(TABLE),
) -> Outcome:
    clock = FakeClock()
    deployment = Deployment(
        Parts(site, site, site, clock),
        to,
        Waits(),
        bounds or Bounds(),
        stop=stop or asyncio.Event(),
    )
    task = asyncio.create_task(deployment.run(only))
    began = clock.monotonic()
    for _ in range(1_000):
        meanwhile(clock.monotonic() - began)
        await clock.advance(0.5)
        if task.done():
            break
    return await asyncio.wait_for(task, 5)


def way(outcome: Outcome) -> list[str]:
    return [one.step.value for one in outcome.steps]


def failed(outcome: Outcome) -> list[tuple[Step, str]]:
    return [(one.step, one.says) for one in outcome.steps if not one.done]


async def test_requests_and_lease_change_hands_and_the_old_colour_is_stopped() -> None:
    site = Site(figures=Figures(answers=300))
    outcome = await deploy(site)
    assert outcome.end is End.DONE
    assert (outcome.new, outcome.answers, outcome.publishes) == (GREEN, GREEN, GREEN)
    assert site.publishers == [(BLUE, 7), (GREEN, 8)]
    assert (site.running, site.unanswered) == ({GREEN}, [])
    assert outcome.steps[0].says == "blue answers, and publishes with fence 7"
    assert outcome.steps[6].says == "green publishes with fence 8"
    assert outcome.steps[7].says == "green publishes and is well; 0 of its 300 answers failed"


async def test_the_next_deployment_goes_the_other_way() -> None:
    site = Site()
    await deploy(site)
    outcome = await deploy(site)
    assert (outcome.end, outcome.publishes, site.running) == (End.DONE, BLUE, {BLUE})
    assert site.publishers == [(BLUE, 7), (GREEN, 8), (BLUE, 9)]


LEADS_TO = [
    ("seen", Step.LOOK, End.REFUSED),
    ("blue publishing", Step.LOOK, End.REFUSED),
    ("blue ready", Step.LOOK, End.REFUSED),
    ("start green", Step.START, End.REFUSED),
    ("green ready", Step.START, End.REFUSED),
    ("green publishing", Step.START, End.REFUSED),
    ("green deep", Step.GATE, End.REFUSED),
    ("give green new requests", Step.SWITCH, End.ROLLED_BACK),
    ("give blue what it was asked before", Step.SWITCH, End.ROLLED_BACK),
    ("blue release", Step.RELEASE, End.ROLLED_BACK),
    ("green take over", Step.TAKE_OVER, End.ROLLED_BACK),
    ("2 green publishing", Step.WATCH, End.ROLLED_BACK),
    ("2 green deep", Step.WATCH, End.ROLLED_BACK),
    ("stop blue", Step.STOP, End.STUCK),
]


@pytest.mark.parametrize(("deed", "step", "end"), LEADS_TO)
async def test_each_failure_leads_where_the_table_says(deed: str, step: Step, end: End) -> None:
    site = Site(frozenset({deed}))
    outcome = await deploy(site)
    assert step in {one for one, _ in failed(outcome)}
    assert outcome.end is end
    assert site.unanswered == []
    if end is not End.STUCK:
        assert (outcome.answers or BLUE, site.holder, site.running) == (BLUE, BLUE, {BLUE})


@pytest.mark.parametrize(
    ("deeds", "step"),
    [
        ({"green deep", "stop green"}, Step.WITHDRAW),
        ({"2 green deep", "blue take over"}, Step.RECLAIM),
        ({"2 green deep", "give blue new requests"}, Step.SWITCH_BACK),
        ({"2 green deep", "stop green"}, Step.STOP_NEW),
    ],
)
async def test_a_way_back_that_fails_is_for_somebody_to_look_at(
    deeds: set[str], step: Step
) -> None:
    site = Site(frozenset(deeds))
    outcome = await deploy(site)
    assert (outcome.end, failed(outcome)[-1][0]) == (End.STUCK, step)
    assert site.unanswered == []


async def test_a_colour_that_dies_while_it_is_watched_hands_back_although_it_is_silent() -> None:
    site = Site()

    def dies(passed: float) -> None:
        if passed >= 10:
            site.running.discard(GREEN)

    outcome = await deploy(site, meanwhile=dies)
    assert (outcome.end, outcome.publishes) == (End.ROLLED_BACK, BLUE)
    assert site.publishers == [(BLUE, 7), (GREEN, 8), (BLUE, 9)]
    assert "blue publishes with fence 9; green: green does not answer" in outcome.steps[8].says


async def test_a_colour_that_loses_the_lease_while_it_is_watched_is_not_good_enough() -> None:
    site = Site()

    def loses(passed: float) -> None:
        if passed >= 10 and site.holder is GREEN:
            site.holder = None

    outcome = await deploy(site, meanwhile=loses)
    assert failed(outcome) == [
        (Step.WATCH, "it does not publish: its role is standby, 3 times in a row")
    ]
    assert outcome.end is End.ROLLED_BACK


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (Figures(100, 2), "2 of its 100 answers failed"),
        (Figures(100, 0, 2_001), "its answers take 2001 ms"),
    ],
)
async def test_answers_beyond_the_bounds_lead_back(figures: Figures, says: str) -> None:
    outcome = await deploy(Site(figures=figures))
    assert (outcome.end, failed(outcome)) == (End.ROLLED_BACK, [(Step.WATCH, says)])


async def test_two_bad_looks_in_a_row_are_borne() -> None:
    site = Site()

    def briefly(passed: float) -> None:
        site.healths[GREEN] = SICK if 10 <= passed < 11 else WELL

    assert (await deploy(site, meanwhile=briefly)).end is End.DONE


async def test_what_fails_and_is_accepted_is_no_reason() -> None:
    site = Site()
    site.healths[GREEN] = Health(is_well=True, failing=(("store", "away"),))

    refused = await deploy(site)
    assert failed(refused) == [(Step.GATE, "store: away; we waited 60 s")]
    accepted = await deploy(site, bounds=Bounds(accepted=frozenset({"store"})))
    assert accepted.end is End.DONE


async def test_a_fence_that_does_not_grow_is_no_take_over() -> None:
    outcome = await deploy(Site(grows=False))
    assert outcome.end is End.STUCK
    assert failed(outcome) == [
        (Step.TAKE_OVER, "green has fence 7, which is not above 7"),
        (Step.RECLAIM, "blue has fence 7, which is not above 7"),
    ]


async def test_processes_that_run_alone_are_not_deployed() -> None:
    outcome = await deploy(Site(alone=True))
    assert failed(outcome) == [
        (Step.LOOK, "blue answers, and its role is alone; `take-over` lets it publish")
    ]


@pytest.mark.parametrize("traffic", [Traffic.ALL, Traffic.NONE])
async def test_where_not_exactly_one_answers_nothing_is_done(traffic: Traffic) -> None:
    site = Site(seen_by_proxy=dict.fromkeys(Colour, AtProxy(traffic, is_up=True)))
    assert ((await deploy(site)).end, site.done) == (End.REFUSED, ["seen"])


async def test_whoever_has_taken_over_already_is_left_alone() -> None:
    outcome = await deploy(Site(), to=BLUE)
    assert failed(outcome) == [(Step.LOOK, "blue has taken over already")]


async def test_a_dry_run_looks_and_does_nothing() -> None:
    site = Site()
    outcome = await deploy(site, only=(FIRST,))
    assert (outcome.end, way(outcome)) == (None, ["look"])
    assert site.done == ["seen", "blue publishing", "blue ready"]


async def test_requests_that_do_not_end_have_their_time_and_no_more() -> None:
    outcome = await deploy(Site(left={BLUE: 2, GREEN: 0}))
    assert outcome.end is End.DONE
    assert outcome.steps[4].says == "blue still works on 2 requests; they end with it"
    assert outcome.steps[4].took_s == pytest.approx(30)


@pytest.mark.parametrize("at_s", [0.5, 20.0])
async def test_a_wish_to_stop_leads_back(at_s: float) -> None:
    site, stop = Site(), asyncio.Event()

    def wishes(passed: float) -> None:
        if passed >= at_s:
            stop.set()

    outcome = await deploy(site, meanwhile=wishes, stop=stop)
    assert failed(outcome) == [(Step.WATCH, "somebody asked to stop")]
    assert (outcome.end, site.holder, site.running) == (End.ROLLED_BACK, BLUE, {BLUE})


DEEDS = st.sampled_from(
    [
        f"{time}{deed}"
        for time in ("", "2 ", "3 ")
        for deed in (
            "seen",
            "keep",
            *(f"{verb} {colour}" for verb in ("start", "stop") for colour in Colour),
            *(f"give {colour} {traffic}" for colour in Colour for traffic in Traffic),
            *(
                f"{colour} {what}"
                for colour in Colour
                for what in ("ready", "deep", "publishing", "release", "take over")
            ),
        )
    ]
)


@given(st.frozensets(DEEDS, max_size=4), st.sampled_from([0, 0, 50]))
def test_whatever_fails_one_colour_answers_and_fences_only_grow(
    fails: frozenset[str], failures: int
) -> None:
    site = Site(fails, figures=Figures(answers=100, failures=failures))
    outcome = asyncio.run(deploy(site))
    assert site.unanswered == []
    fences = [fence for _, fence in site.publishers]
    assert fences == sorted(set(fences))
    expected = {End.DONE: GREEN, End.ROLLED_BACK: BLUE, End.REFUSED: BLUE}
    if outcome.end is End.STUCK:
        assert not outcome.steps[-1].done
        return
    assert outcome.end is not None
    colour = expected[outcome.end]
    answering = {one for one in Colour if site.seen_by_proxy[one].traffic is Traffic.ALL}
    assert (answering, site.running, site.holder) == ({colour}, {colour}, colour)
    if outcome.end is End.REFUSED:
        assert site.publishers == [(BLUE, 7)]


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_what_cannot_be_waited_is_refused(bad: float) -> None:
    with pytest.raises(InvalidInput, match="--watch"):
        Waits(watch_s=bad)


@pytest.mark.parametrize(
    ("failed_share", "mean_ms", "bad_looks"),
    [(-0.1, 1, 1), (1.1, 1, 1), (float("nan"), 1, 1), (0.1, -1, 1), (0.1, 1, 0)],
)
def test_bounds_that_nobody_means_are_refused(
    failed_share: float, mean_ms: int, bad_looks: int
) -> None:
    with pytest.raises(InvalidInput):
        Bounds(failed_share, mean_ms, bad_looks)
