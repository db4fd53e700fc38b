"""A whole story with secrets that are looked for afterwards, wherever they must not be in clear."""

import asyncio
import re
from base64 import b32decode, b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession

from alpine_service.adapters.postgres.link import Connection, connected
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.receiver import Received, Reply, open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.people import bearer, settings_of
from alpine_service.testing.whole.service import LOG_KEY, Service, free_port, service, started
from alpine_service.wiring.database import command_urls
from alpine_service.wiring.offline import offline
from alpine_service.wiring.plans import plans_on

EMAIL = "canary@people.example"
FIRST, SECOND, WRONG = (f"canary-password-{word}-Xy7!" for word in ("first", "second", "wrong"))
MAIL_PASSWORD, HOOK_TOKEN = "canary-of-the-mail-server", "canary-in-the-hook-url"
TOKEN = re.compile(r"#([A-Za-z0-9_-]{43})")
PATIENCE_S = 25.0
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'alpine' ORDER BY tablename"
SEALED_BADLY = "UPDATE alpine.second_factors SET sealed = '\\x00'"
REFUSED = "ALTER TABLE alpine.api_keys ADD CONSTRAINT broken CHECK (name <> 'refused') NOT VALID"
# Where a secret has to be in clear: what waits to be mailed, and where to send a webhook.
ALLOWED = {"mail_queue": {"token"}, "webhook_endpoints": {"hook"}}


class Canaries:
    """Secrets by what they are, and every spelling in which they could turn up."""

    def __init__(self) -> None:
        self.known: dict[str, set[str]] = {}

    def add(self, what: str, *secrets: str | bytes) -> None:
        for secret in secrets:
            raw = secret.encode() if isinstance(secret, str) else secret
            plain = {secret} if isinstance(secret, str) else set()
            spelled = {raw.hex(), b64encode(raw).decode().rstrip("=")}
            self.known.setdefault(what, set()).update(plain | spelled)

    def found(self, text: str, allowed: frozenset[str] | set[str] = frozenset()) -> set[str]:
        """What kinds of secrets are in the text."""
        return {
            what
            for what, spellings in self.known.items()
            if what not in allowed and any(one in text for one in spellings)
        }


async def mailed(database: Connection) -> str:
    """The secret in the newest mail that waits."""
    text = ""

    async def is_there() -> bool:
        nonlocal text
        query = "SELECT text FROM alpine.mail_queue ORDER BY queued_at DESC LIMIT 1"
        text = str(await database.fetchval(query) or "")
        return TOKEN.search(text) is not None

    await until(is_there, PATIENCE_S, "a mail with a secret")
    found = TOKEN.search(text)
    assert found is not None
    return found[1]


async def story(
    alpine: Service, canaries: Canaries, browser: Browser, hook: str, database: Connection
) -> None:
    """Everything that has to do with secrets, and much that goes wrong."""
    account = {"email": EMAIL, "password": FIRST}
    assert (await browser.post("/v1/account/register", account)).status == 202
    token = await mailed(database)
    canaries.add("token", token)
    assert (await browser.post("/v1/account/verify", {"token": token})).status == 204
    assert (await browser.post("/v1/account/verify", {"token": token})).status == 400
    assert (await browser.log_in(EMAIL, WRONG)).status == 401
    assert (await browser.log_in(EMAIL, FIRST)).status == 200
    canaries.add("session", browser.cookie.partition("=")[2])
    secret, codes = await browser.add_second_factor(FIRST)
    canaries.add("session", browser.cookie.partition("=")[2])
    canaries.add("second factor", secret, b32decode(secret + "=" * (-len(secret) % 8)))
    canaries.add("recovery code", *codes)

    user_id = (await browser.get("/v1/account")).json["id"]
    async with offline(settings_of(alpine)) as ground:
        await plans_on(ground).subscriptions.record(
            user_id, BillingKind.GRANTED, "g", Deed("operator", "x"), plan="pro", days=30
        )
    asked = {"name": "mine", "scopes": ["signals", "webhooks"]}
    made = (await browser.post("/v1/account/keys", asked)).json
    rotated = (await browser.post(f"/v1/account/keys/{made['key']['id']}/rotate", {})).json
    canaries.add("key", made["text"], rotated["text"])
    program = Browser(alpine.url, bearer(rotated["text"]))
    assert (await program.get("/v1/signals")).status == 200
    await program.get(f"/v1/signals/{rotated['text']}")
    await program.get(f"/v1/signals?key={rotated['text']}")
    stranger = Browser(alpine.url, bearer(f"{rotated['text']}x"))
    assert (await stranger.get("/v1/signals")).status == 401

    added = (await browser.post("/v1/webhooks", {"url": hook})).json
    webhook = added["webhook"]["id"]
    again = (await browser.post(f"/v1/webhooks/{webhook}/rotate")).json
    for each in (added["secret"], again["secret"]):
        canaries.add("webhook secret", each, b64decode(each.removeprefix("whsec_")))
    once = {"Idempotency-Key": '"canary-story-1"'}
    for _ in range(2):
        test = await browser.ask("POST", f"/v1/webhooks/{webhook}/test", **once)
        assert test.status == 202

    assert (await browser.post("/v1/account/reset", {"email": EMAIL})).status == 202
    token = await mailed(database)
    canaries.add("token", token)
    reset = {"token": token, "password": SECOND}
    assert (await browser.post("/v1/account/reset/confirm", reset)).status == 204
    assert (await browser.log_in(EMAIL, SECOND)).json["next"] == "code"
    canaries.add("session", browser.cookie.partition("=")[2])
    assert (await browser.post("/v1/account/login/code", {"code": "000000"})).status == 401
    assert (await browser.post("/v1/account/login/code", {"code": codes[0]})).status == 200
    canaries.add("session", browser.cookie.partition("=")[2])
    assert SECOND not in (await browser.get("/v1/account/export")).body.decode()


async def breakage(canaries: Canaries, browser: Browser, database: Connection) -> None:
    """What no program of ours expects: a row that cannot be, and a secret that does not open."""
    await database.execute(REFUSED)
    broken = {"name": "refused", "scopes": ["signals"]}
    assert (await browser.post("/v1/account/keys", broken)).status == 500
    await database.execute(SEALED_BADLY)
    await browser.log_in(EMAIL, SECOND)
    canaries.add("session", browser.cookie.partition("=")[2])
    assert (await browser.post("/v1/account/login/code", {"code": "123456"})).status == 500


async def test_no_secret_is_anywhere_in_clear_after_a_whole_story(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    canaries = Canaries()
    canaries.add("password", FIRST, SECOND, WRONG)
    canaries.add("mail server", MAIL_PASSWORD)
    canaries.add("log key", LOG_KEY)
    canaries.add("hook", HOOK_TOKEN)

    def fail(_: Received) -> Reply:
        return Reply(500, body=b"it does not work here")

    # Nobody takes mails there.
    mails = free_port()
    async with open_receiver(fail) as receiver:
        url = f"smtps://mailer:{MAIL_PASSWORD}@127.0.0.1:{mails}"
        alpine = service(
            folder,
            log,
            surroundings,
            MAIL_URL=url,
            MAIL_FROM="A <a@alpine.example>",
            TRACES="console",
            TRACES_SHARE="1",
        )
        async with started(alpine), command_urls(settings_of(alpine)) as urls:
            password = await asyncio.to_thread(
                (folder / "alpine" / "postgres" / "password").read_text
            )
            canaries.add("database", password.strip())
            for each in urls.owner, urls.app:
                canaries.add("database", each.partition("@")[0].rpartition(":")[2])
            browser = Browser(alpine.url)
            hook = f"{receiver.url()}?token={HOOK_TOKEN}"
            async with connected(urls.owner) as database:
                await story(alpine, canaries, browser, hook, database)
                await breakage(canaries, browser, database)
                await log.append(strategy_members("open"), signal_members("told"))

                async def has_failed() -> bool:
                    told = await alpine.told("delivery.attempted")
                    return len(told) > 2 and bool(await alpine.told("mail.delayed"))

                await until(has_failed, PATIENCE_S, "webhooks and mails failed")
                attempts = await alpine.told("delivery.attempted")
                rows = {
                    row["tablename"]: await everything(database, row["tablename"])
                    for row in await database.fetch(TABLES)
                }
            async with ClientSession() as http:
                seen = []
                for path in ("metrics", "health?level=deep"):
                    async with http.get(f"{alpine.internal_url}/{path}") as got:
                        seen.append(await got.text())
            code = await alpine.stop()
        said = "\n".join(await alpine.lines())
        server_said = await asyncio.to_thread(
            (folder / "alpine" / "postgres" / "server.log").read_text
        )
    assert code == 0
    assert attempts
    assert "http.failed" in said
    # Spans are on the console, too: of requests, statements, attempts and mails.
    names = set(re.findall(r'"name": "([^"]+)"', said))
    assert {"POST /v1/account/login", "delivery.attempt", "mail.send"} <= names
    assert {"ingest.round", "ingest.verify"} <= names
    assert '"db.statement"' in said
    assert canaries.found(said) == set()
    assert canaries.found("\n".join(seen)) == set()
    problems = [each.body.decode() for each in browser.answers if each.status >= 400]
    assert len(problems) > 4
    assert canaries.found("\n".join(problems)) == set()
    assert canaries.found(server_said) == set()
    assert {"users", "sessions", "api_keys", "webhook_secrets", "audit"} <= {
        name for name, text in rows.items() if text
    }
    for name, text in rows.items():
        assert canaries.found(text, ALLOWED.get(name, set())) == set(), name
    # The search itself finds what is there.
    assert canaries.found(rows["mail_queue"]) == {"token"}
    assert canaries.found(rows["webhook_endpoints"]) == {"hook"}


async def everything(database: Connection, table: str) -> str:
    """All rows of a table, as text."""
    found = await database.fetch(f"SELECT t::text AS row FROM alpine.{table} t")  # noqa: S608 - its own names
    return "\n".join(each["row"] for each in found)
