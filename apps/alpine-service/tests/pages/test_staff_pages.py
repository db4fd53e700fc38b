"""What staff see and do on pages, over a real database: support helps, admins decide."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from attrs import frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.api import keys
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.signals.rejection import Rejection
from alpine_service.pages.admin.evidence import evidence_shown
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.whole_service import LOG, Headers, WholeService, whole_service

Client = TestClient[web.Request, web.Application]
ADA = "/admin/users/usr_ada"
NOTE = "log.example/signals\n41\nAAAA\n\n— log.example/signals Dv0A\n"


@frozen
class Staff:
    """A member of staff who looks at pages and sends their forms."""

    client: Client
    headers: Headers

    async def look(self, path: str, status: int = 200) -> str:
        async with self.client.get(path, headers=self.headers, allow_redirects=False) as page:
            text = unescape(await page.text())
            assert page.status == status, text
            return text

    async def send(self, path: str, **fields: str) -> ClientResponse:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.client.post(
            path, data=fields or b"", headers=self.headers | form, allow_redirects=False
        )

    async def said(self, path: str, status: int, **fields: str) -> str:
        answer = await self.send(path, **fields)
        assert answer.status == status, await answer.text()
        return unescape(await answer.text())

    async def done(self, path: str, **fields: str) -> str:
        """Send a form that succeeds; what the page says to which it leads."""
        answer = await self.send(path, **fields)
        assert answer.status == 303, await answer.text()
        return await self.look(answer.headers["Location"])


@pytest.fixture
def observer() -> FakeObserver:
    return FakeObserver()


@pytest.fixture
async def service(
    database: TestDatabase, tmp_path: Path, observer: FakeObserver
) -> AsyncIterator[WholeService]:
    async with whole_service(database, tmp_path / "alpine", observer) as service:
        await service.person("usr_ada", plan="pro")
        yield service


@pytest.fixture
async def client(service: WholeService, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(service.app)


async def staff(service: WholeService, client: Client, role: Role) -> Staff:
    user_id = await service.person(f"usr_{role}", role)
    return Staff(client, await service.session(user_id, second_factor=True))


@pytest.fixture
async def support(service: WholeService, client: Client) -> Staff:
    return await staff(service, client, Role.SUPPORT)


@pytest.fixture
async def admin(service: WholeService, client: Client) -> Staff:
    return await staff(service, client, Role.ADMIN)


async def refuse(service: WholeService, *, halts: bool = False) -> None:
    """Let something of the log be in quarantine, as number 1."""
    evidence = {"checkpoint": NOTE.encode(), "answer": b"\x00<script>\xff" * 40}
    rejection = Rejection("fork", "two roots of one size", evidence, size=41, halts=halts)
    kept = PostgresQuarantine(service.database.app)
    await kept.keep(LOG.name, rejection, SystemClock().now())


async def deeds(service: WholeService) -> list[tuple[str, str, str]]:
    rows = await service.database.app.fetch(
        "SELECT actor, deed, subject FROM audit ORDER BY number"
    )
    return [(row["actor"], row["deed"], row["subject"]) for row in rows]


async def test_what_is_searched_for_is_in_no_path_no_trail_and_no_log(
    support: Staff, service: WholeService, observer: FakeObserver
) -> None:
    text = "ada@people"
    answer = await support.send("/admin/users", text=text, role="")
    page = await answer.text()
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)

    assert answer.status == 200
    assert text not in str(answer.url)
    assert "usr_ada@people.example" in page
    assert "usr_support@people.example" not in page
    assert [each for each in addresses if "people" in each] == []
    assert text not in str(await service.database.app.fetch("SELECT * FROM audit"))
    assert "http.answered" in observer.names()
    assert text not in str(observer.told)
    assert "No account has this" in await support.said("/admin/users", 200, text="nobody@")


async def test_accounts_come_page_by_page_and_a_search_goes_on_by_its_form(
    support: Staff, service: WholeService
) -> None:
    for number in range(55):
        await service.person(f"usr_many_{number:02}")
    first = await support.said("/admin/users", 200, text="usr_many", role="subscriber")
    fields = dict(re.findall(r'type="hidden" name="(text|role|cursor)" value="([^"]*)"', first))
    rest = await support.said("/admin/users", 200, **fields)

    seen = [set(re.findall(r"/admin/users/(usr_many_\w+)", each)) for each in (first, rest)]
    assert [len(each) for each in seen] == [50, 5]
    assert not seen[0] & seen[1]
    assert (await support.send("/admin/users", text="x", cursor="1")).status == 400
    assert (await support.send("/admin/users", role="boss")).status == 400


async def test_support_closes_and_opens_accounts_and_ends_what_they_opened(
    support: Staff, service: WholeService, client: Client
) -> None:
    ada = Staff(client, await service.session("usr_ada"))
    made = await service.app[keys.API_KEYS].make(
        "usr_ada", "backtest", [Scope.SIGNALS], None, Deed("usr_ada", "192.0.2.1")
    )

    assert "backtest" in await support.look(ADA)
    assert "opens nothing" in await support.done(f"{ADA}/keys/{made.key.id}/revoke")
    assert "are ended" in await support.done(f"{ADA}/sessions")
    await ada.look("/account/webhooks", 303)
    assert "The account is closed." in await support.done(f"{ADA}/suspend")
    assert "is open again" in await support.done(f"{ADA}/restore")
    done = {deed for actor, deed, _ in await deeds(service) if actor == "usr_support"}
    assert done >= {
        "staff.read_account",
        "staff.read_keys",
        "staff.read_billing",
        "key.revoked",
        "session.all_ended",
        "account.suspended",
        "account.restored",
    }


async def test_support_neither_sees_nor_sends_what_admins_decide(
    support: Staff, service: WholeService
) -> None:
    await refuse(service)
    person, log = await support.look(ADA), await support.look("/admin/ingest")

    assert "two roots of one size" in log.lower()
    assert "/evidence" not in log
    assert "/resolve" not in log
    assert "/admin/audit" not in person
    for deed in ("role", "billing", "cancel"):
        assert f"{ADA}/{deed}" not in person
        assert (await support.send(f"{ADA}/{deed}", role="admin")).status == 403
    await support.look("/admin/ingest/1/evidence?name=checkpoint", 403)
    await support.look("/admin/audit", 403)
    assert (await support.send("/admin/ingest/1/resolve", sure="on")).status == 403


async def test_support_does_nothing_to_staff_and_nobody_to_themselves(
    support: Staff, admin: Staff, service: WholeService
) -> None:
    assert "Only an admin does this to staff" in await support.said(
        "/admin/users/usr_admin/suspend", 403
    )
    own = await admin.look("/admin/users/usr_admin")
    assert "/suspend" not in own
    assert "/role" not in own
    assert "Nobody changes the own role" in await admin.said(
        "/admin/users/usr_admin/role", 403, role="support"
    )
    rows = await service.database.app.fetch("SELECT role FROM users WHERE id = 'usr_admin'")
    assert rows[0]["role"] == "admin"


async def test_an_admin_changes_roles_records_payments_and_cancels(admin: Staff) -> None:
    paid = {"kind": "paid", "reference": "bank-1", "plan": "pro", "days": "30", "refunds": ""}

    assert "It is recorded." in await admin.done(f"{ADA}/billing", **paid)
    assert "bank-1" in await admin.look(ADA)
    assert "ends with what was paid for" in await admin.done(f"{ADA}/cancel")
    assert "The role is changed" in await admin.done(f"{ADA}/role", role="support")
    assert '<option value="support" selected>' in await admin.look(ADA)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "paid", "plan": "", "days": ""}, "A payment is for a plan and days"),
        ({"kind": "paid", "plan": "pro", "days": "many"}, "It is no such number"),
        ({"kind": "refunded"}, "A refund is of a payment"),
        ({"kind": "lost"}, "There is no such choice"),
    ],
)
async def test_what_cannot_be_recorded_says_why_and_keeps_what_was_typed(
    admin: Staff, wrong: dict[str, str], words: str
) -> None:
    page = await admin.said(f"{ADA}/billing", 400, reference="bank-9", **wrong)

    assert words in page
    assert 'value="bank-9"' in page


async def test_a_form_on_another_site_changes_nothing(admin: Staff, service: WholeService) -> None:
    await refuse(service)
    tricked = Staff(admin.client, admin.headers | {"Sec-Fetch-Site": "cross-site"})
    forms = {
        f"{ADA}/suspend": {},
        f"{ADA}/role": {"role": "admin"},
        f"{ADA}/sessions": {},
        "/admin/ingest/1/resolve": {"sure": "on"},
        "/admin/users": {"text": "ada"},
    }
    for path, fields in forms.items():
        assert (await tricked.send(path, **fields)).status == 403, path
    assert "Nothing was closed" in await admin.look("/admin/ingest?resolved=yes")


async def test_nobody_but_staff_with_a_second_factor_comes_in(
    service: WholeService, client: Client
) -> None:
    ada = Staff(client, await service.session("usr_ada"))
    await service.person("usr_weak", Role.ADMIN)
    weak = Staff(client, await service.session("usr_weak"))
    for path in ("/admin", "/admin/users", ADA, "/admin/ingest", "/admin/audit", "/admin/design"):
        await ada.look(path, 403)
        await weak.look(path, 303)
        await Staff(client, {}).look(path, 303)


async def test_a_refusal_is_closed_by_somebody_who_says_to_know_what_it_was(
    admin: Staff, service: WholeService
) -> None:
    await refuse(service, halts=True)
    before = await admin.look("/admin/ingest")
    unsure = await admin.said("/admin/ingest/1/resolve", 400)
    after = await admin.done("/admin/ingest/1/resolve", sure="on")

    assert "Nothing is read." in before
    assert "tick the box first" in unsure
    assert "Nothing is open" in after
    assert "usr_admin" in await admin.look("/admin/ingest?resolved=yes")
    assert ("usr_admin", "quarantine.resolved", "1") in await deeds(service)
    assert (await admin.send("/admin/ingest/1/resolve", sure="on")).status == 404


async def test_evidence_is_shown_as_words_and_bytes_and_never_as_a_page(
    admin: Staff, service: WholeService
) -> None:
    await refuse(service)
    note = await admin.look("/admin/ingest/1/evidence?name=checkpoint")
    async with admin.client.get(
        "/admin/ingest/1/evidence?name=answer", headers=admin.headers
    ) as page:
        answer = await page.text()

    assert NOTE in note
    assert "6c 6f 67 2e 65 78" in note
    assert "00 3c 73 63 72 69 70 74 3e ff" in answer
    assert "<script>." not in answer
    assert "As text" not in answer
    await admin.look("/admin/ingest/1/evidence?name=nothing", 404)
    await admin.look("/admin/ingest/1/evidence", 404)
    await admin.look("/admin/ingest/x/evidence?name=answer", 404)


def test_what_is_long_is_cut_between_characters() -> None:
    shown = evidence_shown("entry", "é".encode() * 5_000 + b"x")

    assert not shown.is_whole
    assert shown.text is not None
    assert set(shown.text) == {"é"}
    assert shown.size == 10_001
    assert shown.lines[1] == "000010  c3 a9 " + "c3 a9 " * 6 + "c3 a9  " + "." * 16


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\x00b", b"\x1b[2J"])
def test_what_is_no_text_is_shown_by_its_bytes_only(data: bytes) -> None:
    assert evidence_shown("entry", data).text is None


async def test_the_trail_is_asked_by_form_so_that_no_address_gets_into_a_path(
    admin: Staff, service: WholeService
) -> None:
    answer = await admin.send("/admin/audit", actor="operator", deed="", subject="usr_ada")
    asked = await admin.look(answer.headers["Location"])
    refused = await admin.send("/admin/audit", actor="ada@people.example")

    assert answer.headers["Location"] == "/admin/audit?actor=operator&subject=usr_ada"
    assert "billing.granted" in asked
    assert "staff.read_trail" not in asked
    assert refused.status == 400
    assert "ada@people" not in await refused.text()
    await admin.look("/admin/audit?actor=ada@people.example", 400)
    assert ("usr_admin", "staff.read_trail", "audit") in await deeds(service)


async def test_the_trail_goes_on_at_a_number(admin: Staff, service: WholeService) -> None:
    for number in range(60):
        await service.person(f"usr_many_{number:02}", plan="pro")
    first = await admin.look("/admin/audit?deed=billing.granted")
    (older,) = re.findall(r'href="(/admin/audit[^"]*cursor=[^"]*)"', first)
    rest = await admin.look(older)

    assert "deed=billing.granted" in older
    seen = [set(re.findall(r"subject=(usr_\w+)", each)) for each in (first, rest)]
    assert [len(each) for each in seen] == [50, 11]


async def test_staff_see_what_failed_and_not_what_receivers_said(
    support: Staff, service: WholeService
) -> None:
    assert "None failed" in await support.look("/admin/deliveries")
    now, execute = SystemClock().now(), service.database.app.execute
    await execute(
        "INSERT INTO webhook_endpoints (id, user_id, url, description, kinds, symbols, strategies,"
        " after, state, era, created_at, changed_at) VALUES ('whk_1', 'usr_ada',"
        " 'https://example.com/secret-path', '', '{}', '{}', '{}', 0, 'active', 0, $1, $1)",
        now,
    )
    await execute(
        "INSERT INTO deliveries (id, endpoint, body, kind, state, reason, attempts, made_at,"
        " due_at, ended_at) VALUES ('msg_1', 'whk_1', '', 'webhook.test', 'dead', 'exhausted', 1,"
        " $1, $1, $1)",
        now,
    )
    await execute("INSERT INTO attempts VALUES ('msg_1', 1, $1, 5, 500, NULL, 'private')", now)
    page = await support.look("/admin/deliveries")

    assert "msg_1" in page
    assert "whk_1" in page
    assert "private" not in page
    assert "secret-path" not in page
    assert "/resend" not in page


async def test_the_design_shows_every_colour_and_every_pair_passes(support: Staff) -> None:
    page = await support.look("/admin/design")

    for name in ("--ground", "--accent", "--source-4", "--size-8", "--space-8"):
        assert name in page
    assert "Too little" not in page
