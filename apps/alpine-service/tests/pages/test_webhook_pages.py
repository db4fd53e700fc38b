"""Webhooks as their owners see and change them, over a real database and without a script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from attrs import frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.system_clock import SystemClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.whole_service import Headers, WholeService, whole_service

Client = TestClient[web.Request, web.Application]
PATH = "/account/webhooks"
URL = "https://example.com/hook"
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{32,}")


@frozen
class Owner:
    """Somebody who looks at pages and sends their forms."""

    client: Client
    headers: Headers

    async def look(self, path: str, status: int = 200) -> str:
        async with self.client.get(path, headers=self.headers, allow_redirects=False) as page:
            text = unescape(await page.text())
            assert page.status == status, text
            return text

    async def send(self, path: str, **fields: str | list[str]) -> ClientResponse:
        pairs = [
            (name, each)
            for name, value in fields.items()
            for each in (value if isinstance(value, list) else [value])
        ]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.client.post(
            path, data=pairs or b"", headers=self.headers | form, allow_redirects=False
        )

    async def done(self, path: str, **fields: str | list[str]) -> str:
        """Send a form that succeeds; what the page says to which it leads."""
        answer = await self.send(path, **fields)
        assert answer.status == 303, await answer.text()
        return await self.look(answer.headers["Location"])

    async def refused(self, path: str, status: int, **fields: str | list[str]) -> str:
        answer = await self.send(path, **fields)
        assert answer.status == status, await answer.text()
        return unescape(await answer.text())

    async def add(self) -> str:
        """The path of a new webhook's page."""
        answer = await self.send(PATH, url=URL)
        found = re.search(rf'href="({PATH}/whk_\w+)"', await answer.text())
        assert found
        return found[1]


@pytest.fixture
async def service(database: TestDatabase, tmp_path: Path) -> AsyncIterator[WholeService]:
    async with whole_service(database, tmp_path / "alpine", FakeObserver()) as service:
        yield service


@pytest.fixture
async def client(service: WholeService, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(service.app)


async def owner_of(
    service: WholeService, client: Client, user_id: str, plan: str | None = "pro"
) -> Owner:
    return Owner(client, await service.session(await service.person(user_id, plan=plan)))


@pytest.fixture
async def ada(service: WholeService, client: Client) -> Owner:
    return await owner_of(service, client, "usr_ada")


async def test_a_secret_is_shown_on_the_answer_to_the_form_and_never_again(ada: Owner) -> None:
    made = await ada.send(PATH, url=URL, description="The desk")
    page = await made.text()
    (secret,) = _SECRET.findall(page)
    (path,) = set(re.findall(rf"{PATH}/whk_\w+", page))

    assert made.status == 200
    assert "no-store" in made.headers["Cache-Control"]
    assert secret not in str(made.url)
    for later in (PATH, path, f"{path}?done=changed"):
        seen = await ada.look(later)
        assert secret not in seen
        assert URL in seen


async def test_a_new_secret_is_shown_once_too_and_says_until_when_the_old_one_signs(
    ada: Owner,
) -> None:
    path = await ada.add()
    page = await (await ada.send(f"{path}/rotate")).text()

    assert len(_SECRET.findall(page)) == 1
    assert "signed with the old secret as well" in page
    assert not _SECRET.search(await ada.look(path))


async def test_what_was_typed_stays_beside_what_was_wrong_with_it(ada: Owner) -> None:
    private = await ada.refused(PATH, 400, url="https://10.0.0.1/", description="The desk")
    symbol = await ada.refused(
        PATH, 400, url=URL, kinds=["signal.published"], symbols="aapl, $$", strategies=""
    )

    assert 'id="url-problem"' in private
    assert 'value="The desk"' in private
    assert 'id="symbols-problem"' in symbol
    assert 'value="aapl, $$"' in symbol
    assert 'value="signal.published" checked' in symbol
    assert "No webhook yet" in symbol


async def test_names_are_read_as_people_write_them(ada: Owner) -> None:
    await ada.send(PATH, url=URL, kinds=["signal.published"], symbols="aapl  btc/usd,MSFT ")

    assert "signal.published, of AAPL, BTC/USD, MSFT" in await ada.look(PATH)


async def test_a_webhook_is_changed_turned_off_and_on_and_deleted(ada: Owner) -> None:
    path = await ada.add()

    changed = await ada.done(path, url=f"{URL}/2", description="Other", strategies="trend")
    off = await ada.done(f"{path}/off")
    refused = await ada.send(f"{path}/test")
    on = await ada.done(f"{path}/on")
    gone = await ada.done(f"{path}/delete")

    assert "The webhook is changed." in changed
    assert "Every kind, by trend" in changed
    assert "You turned it off." in off
    assert "Send a test" not in off
    assert "It was told of nothing yet." in off
    assert refused.status == 409
    assert "it is on" in on.lower()
    assert "No webhook yet" in gone
    await ada.look(path, 404)


async def test_a_change_that_will_not_do_is_shown_open_with_its_reason(ada: Owner) -> None:
    path = await ada.add()
    page = await ada.refused(path, 400, url="http://example.com/", description="mine")

    assert '<details class="card fold" open>' in page
    assert 'id="url-problem"' in page
    assert 'value="http://example.com/"' in page
    assert URL in await ada.look(path)


async def test_a_test_is_in_the_log_and_can_be_sent_again(ada: Owner) -> None:
    path = await ada.add()
    sent = await ada.done(f"{path}/test")
    (delivery,) = set(re.findall(r"msg_\w+", sent))

    assert "webhook.test" in sent
    assert "A test is on its way" in sent
    assert "It is sent again." in await ada.done(f"{path}/deliveries/{delivery}/resend")
    assert (await ada.send(f"{path}/deliveries/msg_unknown/resend")).status == 404


async def a_log(service: WholeService, path: str, count: int) -> None:
    """So many deliveries that were given up, one of them with two attempts."""
    now = SystemClock().now()
    execute = service.database.app.execute
    for number in range(count):
        await execute(
            "INSERT INTO deliveries (id, endpoint, body, kind, state, reason, attempts, made_at,"
            " due_at, ended_at) VALUES ($1, $2, '', 'webhook.test', 'dead', 'exhausted', 2, $3,"
            " $3, $3)",
            f"msg_{number:022}",
            path.rpartition("/")[2],
            now - timedelta(minutes=number),
        )
    await execute(
        "INSERT INTO attempts VALUES ('msg_0000000000000000000000', 1, $1, 84, 500, NULL,"
        " '<b>not now</b>'), ('msg_0000000000000000000000', 2, $1, 9, NULL, 'no answer', '')",
        now,
    )


async def test_deliveries_are_shown_by_state_page_by_page_with_each_attempt(
    ada: Owner, service: WholeService
) -> None:
    path = await ada.add()
    await a_log(service, path, 30)

    first = await ada.look(f"{path}?state=dead")
    (older,) = re.findall(r'href="([^"]*cursor=[^"]*)"', first)
    rest = await ada.look(older.partition("#")[0])

    seen = [set(re.findall(r"<code>(msg_[0-9]{22})", each)) for each in (first, rest)]
    assert [len(each) for each in seen] == [25, 5]
    assert not seen[0] & seen[1]
    assert "state=dead" in older
    assert "Older ones" not in rest
    for words in ("500", "no answer", "<b>not now</b>", "Every attempt of the schedule failed."):
        assert words in first
    assert "None is in this state." in await ada.look(f"{path}?state=delivered")


async def test_what_receivers_answered_is_words_and_no_markup(
    ada: Owner, service: WholeService
) -> None:
    path = await ada.add()
    await a_log(service, path, 1)

    async with ada.client.get(path, headers=ada.headers) as page:
        assert "&lt;b&gt;not now" in await page.text()


@pytest.mark.parametrize("query", ["cursor=1", "cursor=%00", "state=lost"])
async def test_a_place_that_is_none_of_ours_is_refused(ada: Owner, query: str) -> None:
    await ada.look(f"{await ada.add()}?{query}", 400)


async def test_what_was_lost_is_sent_since_a_time_in_utc(ada: Owner, service: WholeService) -> None:
    path = await ada.add()
    await a_log(service, path, 2)
    now = SystemClock().now()

    since = f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    assert "What was lost is on its way." in await ada.done(f"{path}/recover", since=since)
    ahead = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"
    for wrong in ("yesterday", "", ahead, "2026-03-02T12:00:00+01:00"):
        assert 'id="since-problem"' in await ada.refused(f"{path}/recover", 400, since=wrong)


async def test_a_plan_without_webhooks_is_told_what_they_are_and_where_to_have_them(
    service: WholeService, client: Client
) -> None:
    free = await owner_of(service, client, "usr_free", plan=None)
    page = await free.look(PATH)

    assert "has no webhooks" in page
    assert 'href="/plans"' in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert "Your plan does not have this" in await free.refused(PATH, 403, url=URL)


async def test_who_lost_the_plan_still_looks_and_deletes(ada: Owner, service: WholeService) -> None:
    path = await ada.add()
    await service.database.owner.execute("DELETE FROM subscriptions WHERE user_id = 'usr_ada'")

    assert URL in await ada.look(PATH)
    assert "has no webhooks" in await ada.look(path)
    assert (await ada.send(f"{path}/test")).status == 403
    assert "deleted" in await ada.done(f"{path}/delete")


async def test_a_strangers_webhook_is_not_there(
    ada: Owner, service: WholeService, client: Client
) -> None:
    path = await ada.add()
    eve = await owner_of(service, client, "usr_eve")

    await eve.look(path, 404)
    for deed in ("", "/on", "/off", "/rotate", "/delete", "/test", "/deliveries/msg_1/resend"):
        assert (await eve.send(f"{path}{deed}", **({} if deed else {"url": URL}))).status == 404
    assert (await eve.send(f"{path}/recover", since="2026-03-02T12:00")).status in {400, 404}
    assert URL in await ada.look(path)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_a_form_on_another_site_changes_nothing(ada: Owner, site: str) -> None:
    path = await ada.add()
    tricked = Owner(ada.client, ada.headers | {"Sec-Fetch-Site": site})

    for deed in ("", "/rotate", "/delete", "/off"):
        assert (await tricked.send(f"{path}{deed}", **({} if deed else {"url": URL}))).status == 403
    assert "Active" in await ada.look(path)


async def test_a_field_that_is_none_of_the_forms_is_refused(ada: Owner) -> None:
    path = await ada.add()

    assert (await ada.send(f"{path}/delete", sure="on")).status == 400
    assert (await ada.send(path, url=URL, user_id="usr_eve")).status == 400
    assert (await ada.send(PATH, url=URL, kinds=["webhook.test"])).status == 400


async def test_a_plans_number_of_webhooks_is_said_before_another_is_tried(ada: Owner) -> None:
    for _ in range(10):
        await ada.add()

    assert "All 10 of your plan are there." in await ada.look(PATH)
    assert "delete one" in await ada.refused(PATH, 409, url=URL)
