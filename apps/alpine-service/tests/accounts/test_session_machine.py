"""Sessions and tokens over a real database, compared step by step with a plain model."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any, TypeVar

from attrs import define
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from alpine_service.adapters.postgres.database import open_database
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import SUBSCRIBER_LIMITS
from alpine_service.errors import InvalidInput, NotSignedIn
from alpine_service.services.reauthentication import Shown
from alpine_service.testing.account_house import HOME, AccountHouse, account_house
from alpine_service.testing.fake_throttle import EndlessTries
from alpine_service.testing.postgres import TestDatabase

T = TypeVar("T")
NAMES = st.sampled_from(["ada", "eve"])
PHRASES = st.sampled_from(["seven quiet foxes", "a wholly new phrase"])
# Around the limits: a minute between notes, half an hour of a token, twelve hours without a word.
STEPS = st.sampled_from([1, 59, 60, 1_799, 1_800, 43_199, 43_200])


@define
class Open:
    """What the model knows of a session."""

    user: str
    opened_at: datetime
    seen_at: datetime


@define
class Asked:
    """What the model knows of a reset that was asked for."""

    user: str
    until: datetime


class SessionMachine(RuleBasedStateMachine):
    """Everything that opens, uses and ends sessions, in any order."""

    url: str
    secrets: Bundle[str] = Bundle("secrets")
    tokens: Bundle[str] = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.house = self.run(self._build())
        self.ids: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.sessions: dict[str, Open] = {}
        self.resets: dict[str, Asked] = {}
        for name in ("ada", "eve"):
            password = "seven quiet foxes"
            adding = self.house.services.staff.add_user(
                _email(name), password, Role.SUBSCRIBER, "operator"
            )
            self.ids[name] = self.run(adding)
            self.passwords[name] = password

    async def _build(self) -> AccountHouse:
        database = await self.stack.enter_async_context(open_database(self.url, size=2))
        await database.execute("DELETE FROM users")
        await database.execute("DELETE FROM mail_queue")
        return account_house(database, throttle=EndlessTries())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def lives(self, secret: str) -> bool:
        found = self.sessions.get(secret)
        return (
            found is not None
            and self.now < found.seen_at + SUBSCRIBER_LIMITS.idle
            and self.now < found.opened_at + SUBSCRIBER_LIMITS.absolute
        )

    def end(self, user: str, but: str | None = None) -> None:
        self.sessions = {
            secret: each
            for secret, each in self.sessions.items()
            if each.user != user or secret == but
        }

    def forget_resets(self, user: str) -> None:
        self.resets = {token: each for token, each in self.resets.items() if each.user != user}

    @rule(target=secrets, name=NAMES, password=PHRASES, old=st.none() | secrets)
    def sign_in(self, name: str, password: str, old: str | None) -> str:
        login = self.house.services.login
        try:
            opened = self.run(login.by_password(_email(name), password, HOME, old))
        except NotSignedIn:
            assert password != self.passwords[name]
            return "nothing"
        assert password == self.passwords[name]
        assert opened.secret not in self.sessions
        if old is not None:
            self.sessions.pop(old, None)
        self.sessions[opened.secret] = Open(name, self.now, self.now)
        return opened.secret

    @rule(secret=secrets)
    def use(self, secret: str) -> None:
        found = self.run(self.house.services.sessions.principal(secret, HOME.address))
        assert (found is not None) == self.lives(secret)
        if found is not None:
            known = self.sessions[secret]
            assert found.user_id == self.ids[known.user]
            if self.now - known.seen_at >= timedelta(minutes=1):
                known.seen_at = self.now

    @rule(secret=secrets, whose=secrets)
    def end_one(self, secret: str, whose: str) -> None:
        """Log out, or end a session that may be somebody else's."""
        if not self.lives(secret) or not self.lives(whose):
            return
        self.use(secret)
        self.use(whose)
        services = self.house.services
        by = self.run(services.sessions.principal(secret, HOME.address))
        of = self.run(services.sessions.principal(whose, HOME.address))
        assert by is not None
        assert of is not None
        entry = services.sessions.mint.entry(by.user_id, "session.ended", of.means_id, HOME)
        ended = self.run(services.sessions.store.end(by.user_id, of.means_id, entry))
        assert ended == (by.user_id == of.user_id)
        if ended:
            del self.sessions[whose]

    @rule(secret=secrets)
    def end_others(self, secret: str) -> None:
        if not self.lives(secret):
            return
        self.use(secret)
        services, user = self.house.services, self.sessions[secret].user
        who = self.run(services.sessions.principal(secret, HOME.address))
        assert who is not None
        self.run(services.sessions.end_others(who, self.passwords[user], HOME))
        self.end(user, but=secret)

    @rule(target=secrets, secret=secrets, new=PHRASES)
    def change_password(self, secret: str, new: str) -> str:
        if not self.lives(secret):
            return "nothing"
        self.use(secret)
        services, user = self.house.services, self.sessions[secret].user
        who = self.run(services.sessions.principal(secret, HOME.address))
        assert who is not None
        shown = Shown(self.passwords[user])
        opened = self.run(services.credentials.change_password(who, shown, new, HOME))
        self.end(user)
        self.forget_resets(user)
        self.passwords[user] = new
        self.sessions[opened.secret] = Open(user, self.now, self.now)
        return opened.secret

    @rule(target=tokens, name=NAMES)
    def ask_reset(self, name: str) -> str:
        self.run(self.house.services.credentials.ask_reset(_email(name), HOME))
        token = self.run(self.house.token(_email(name)))
        self.run(self.house.database.execute("DELETE FROM mail_queue"))
        self.resets[token] = Asked(name, self.now + timedelta(minutes=30))
        return token

    @rule(token=tokens, new=PHRASES)
    def reset(self, token: str, new: str) -> None:
        asked = self.resets.get(token)
        is_good = asked is not None and self.now < asked.until
        try:
            self.run(self.house.services.credentials.reset(token, new, HOME))
        except InvalidInput:
            assert not is_good
            return
        assert is_good
        assert asked is not None
        self.end(asked.user)
        self.forget_resets(asked.user)
        self.passwords[asked.user] = new

    @rule(seconds=STEPS)
    def wait(self, seconds: int) -> None:
        self.run(self.house.clock.advance(seconds))

    @invariant()
    def as_many_are_open_as_the_model_has(self) -> None:
        sessions = self.house.services.sessions
        for name in ("ada", "eve"):
            listed = self.run(sessions.store.of_user(self.ids[name], self.now))
            alive = [s for s, each in self.sessions.items() if each.user == name and self.lives(s)]
            assert len(listed) == min(len(alive), 20)


def _email(name: str) -> str:
    return f"{name}@people.example"


def test_sessions_and_tokens_do_what_the_model_does(database: TestDatabase) -> None:
    class Machine(SessionMachine):
        url = database.url

    # The profile says how many; a database is slow, and that is no fault of a test.
    run_machine(
        Machine,
        settings=settings(
            deadline=None,
            stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
