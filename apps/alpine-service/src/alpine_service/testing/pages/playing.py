"""Plays the story: what is published and what people do meanwhile, each thing in its time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from http import HTTPStatus

import pyotp
from attrs import evolve, frozen

from alpine_service.adapters.secrets.passwords import Argon2Passwords
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.ports.outside import Chance
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.pages.reading import Guest
from alpine_service.testing.pages.story import BEGINNING, NOW, Kind, Line, story
from alpine_service.testing.pages.world import Person, World
from alpine_service.testing.receiver import Received, Receiver, Reply, open_receiver
from alpine_service.testing.whole.browser import Answer, Browser
from alpine_service.testing.whole.people import PASSWORD
from alpine_service.wiring.accounts import accounts_on
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.offline import offline
from alpine_service.wiring.plans import plans_on

_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
_OPERATOR = Deed("operator", "127.0.0.1")
_LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_TELEPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)
WELL, SLOW, GONE = "/hooks/desk", "/hooks/backup", "/hooks/old"
"""Paths at the receiver: one accepts, one says that it is busy, one wants nothing any more."""


_UNTIL_PUBLISHED, _RECENTLY = timedelta(seconds=2), 3 * _DAY


@frozen
class Act:
    """Something that is done at a time, beside what is published."""

    at: datetime
    do: Callable[[], Awaitable[object]]


@frozen
class Player:
    """People who act in a world; `ground` is what an operator's commands stand on."""

    world: World
    ground: Ground
    passwords: Argon2Passwords
    receiver: Receiver

    def acts(self) -> Sequence[Act]:
        """All of them, in order."""
        pro_since, webhooks_at = BEGINNING + 10 * _DAY, NOW - 26 * _MINUTE
        return sorted(
            (
                Act(BEGINNING, lambda: self.join("admin", Role.ADMIN)),
                Act(BEGINNING + _SECOND, lambda: self.join("support", Role.SUPPORT)),
                Act(pro_since, lambda: self.join("pro")),
                *(
                    Act(
                        pro_since + month * 30 * _DAY,
                        lambda month=month: self.pay("pro", f"invoice-{1042 + month}"),  # type: ignore[misc]
                    )
                    for month in range(5)
                ),
                Act(NOW - 47 * _DAY, lambda: self.join("free")),
                Act(NOW - 12 * _DAY, lambda: self.join("basic")),
                Act(NOW - 12 * _DAY, lambda: self.pay("basic", "invoice-1101")),
                Act(NOW - 9 * _DAY, self.make_keys),
                Act(NOW - 2 * _DAY, lambda: self.sign_in("pro", _TELEPHONE)),
                Act(webhooks_at, self.add_webhooks),
                *(Act(NOW, lambda name=name: self.sign_in(name)) for name in _SUBSCRIBERS),  # type: ignore[misc]
                *(Act(NOW, lambda name=name: self.sign_in_staff(name)) for name in _STAFF),  # type: ignore[misc]
            ),
            key=lambda act: act.at,
        )

    async def join(self, name: str, role: Role = Role.SUBSCRIBER) -> None:
        """An account, made by the operator."""
        email = f"{name}@people.example"
        staff = accounts_on(self.ground, self.passwords).staff
        user_id = await staff.add_user(email, PASSWORD, role, _OPERATOR.actor)
        self.world.people[name] = Person(user_id, email, Guest("", ""))

    async def pay(self, name: str, reference: str) -> None:
        """Thirty days more of the plan that has their name."""
        subscriptions = plans_on(self.ground).subscriptions
        user_id = self.world.people[name].id
        await subscriptions.record(
            user_id, BillingKind.PAID, reference, _OPERATOR, plan=name, days=30
        )

    async def make_keys(self) -> None:
        """Three for `pro` and one that was revoked, one for `basic`."""
        keys, people = plans_on(self.ground).api_keys, self.world.people
        pro, basic = people["pro"], people["basic"]
        deed = Deed(pro.id, "127.0.0.1")
        live = await keys.make(pro.id, "Trading desk", tuple(Scope), None, deed)
        until = self.world.clock.now() + 90 * _DAY
        self.pass_a_second()
        await keys.make(pro.id, "Notebook", (Scope.SIGNALS,), until, deed)
        self.pass_a_second()
        await keys.make(pro.id, "Continuous integration", tuple(Scope), None, deed, is_test=True)
        old = await keys.make(pro.id, "Old laptop", (Scope.SIGNALS, Scope.STREAM), None, deed)
        await keys.revoke(pro.id, old.key.id, deed)
        mine = Deed(basic.id, "127.0.0.1")
        own = await keys.make(basic.id, "Home", (Scope.SIGNALS, Scope.STREAM), None, mine)
        people["pro"], people["basic"] = evolve(pro, key=live.text), evolve(basic, key=own.text)

    def pass_a_second(self) -> None:
        """So that what was made one after the other is listed in that order in every run."""
        self.world.clock.set(self.world.clock.now() + _SECOND)

    async def add_webhooks(self) -> None:
        """Three endpoints of `pro`, told of all that comes from now on."""
        headers = {"Authorization": f"Bearer {self.world.people['pro'].key}"}
        browser = Browser(self.world.url, headers)
        for path, description in ((WELL, "Desk"), (SLOW, "Backup"), (GONE, "Last year's")):
            asked = {"url": self.receiver.url(path), "description": description}
            _good(await browser.post("/v1/webhooks", asked), HTTPStatus.CREATED)
            self.pass_a_second()

    async def sign_in(self, name: str, program: str = _LAPTOP) -> Browser:
        """Open a session; the newest is the one they go on with."""
        person = self.world.people[name]
        browser = Browser(self.world.url, {"User-Agent": program})
        _good(await browser.log_in(person.email, PASSWORD))
        self.world.people[name] = evolve(person, guest=_guest(browser))
        return browser

    async def sign_in_staff(self, name: str) -> None:
        """The same, and a second factor is added."""
        browser = await self.sign_in(name)
        path = "/v1/account/second-factor"
        secret = _good(await browser.post(path, {"password": PASSWORD})).json["secret"]
        code = pyotp.TOTP(secret).at(self.world.clock.now())
        confirmed = _good(await browser.post(f"{path}/confirm", {"code": code}))
        self.world.people[name] = evolve(
            self.world.people[name],
            guest=_guest(browser),
            totp=secret,
            recovery_codes=tuple(confirmed.json["recovery_codes"]),
        )


_SUBSCRIBERS, _STAFF = ("free", "basic", "pro"), ("support", "admin")


async def play(world: World, chance: Chance) -> None:
    """All that happens until now, in a new world."""
    async with (
        offline(world.settings, world.clock, chance) as ground,
        open_receiver(_answer) as receiver,
    ):
        with closing(await asyncio.to_thread(Argon2Passwords, chance)) as passwords:
            player = Player(world, ground, passwords, receiver)
            acts = list(player.acts())
            for lines in _together(story()):
                while acts and acts[0].at <= lines[-1].at:
                    await _do(world, acts.pop(0))
                world.clock.set(lines[-1].at + _UNTIL_PUBLISHED)
                await world.tell(*lines)
            for act in acts:
                await _do(world, act)
            await _delivered(world, receiver)


def _together(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """What is published in one go.

    Long ago, what became of signals was published with the next signal, which takes half the time.
    """
    waiting: list[Line] = []
    for line in lines:
        waiting.append(line)
        if line.kind in {Kind.ADD, Kind.COMMIT} or line.at > NOW - _RECENTLY:
            yield waiting
            waiting = []


async def _do(world: World, act: Act) -> None:
    world.clock.set(max(act.at, world.clock.now()))
    await act.do()


async def _delivered(world: World, receiver: Receiver) -> None:
    """Return once each endpoint was told, and what it answered was written down."""

    def attempted() -> bool:
        told = [each for each in world.heard.told if each.what == "delivery.attempted"]
        by_state = {str(each.facts["state"]) for each in told}
        return {"delivered", "pending", "dead"} <= by_state

    await world.heard.until(attempted, "the webhooks are delivered, or not")


def _answer(received: Received) -> Reply:
    return Reply({WELL: 204, SLOW: 503, GONE: 410}[received.target])


def _guest(browser: Browser) -> Guest:
    return Guest(*browser.cookie.split("=", 1))


def _good(answer: Answer, status: int = HTTPStatus.OK) -> Answer:
    assert answer.status == status, answer  # noqa: S101 - this is for tests
    return answer
