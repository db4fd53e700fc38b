"""The database can write no more: what is acknowledged is there, and nothing is lost."""

from alpine_service.adapters.postgres.link import connected
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.receiver import open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.listener import listening
from alpine_service.testing.whole.people import PASSWORD, add_people
from alpine_service.testing.whole.service import Service
from alpine_service.testing.whole.world import add_webhook

PATIENCE_S = 40.0
# As PostgreSQL says it, at the first byte that does not fit.
FULL = """
CREATE FUNCTION alpine.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$
"""
TABLES = ("entries", "events", "api_keys", "deliveries", "witness_head", "users", "mail_queue")
"""What is written where something is acknowledged or handed on."""


async def test_a_full_disk_loses_nothing_that_was_acknowledged(
    alpine: Service, database: TestDatabase, log: SmallLog
) -> None:
    log.witness_urls = (alpine.url,)
    (pro,) = await add_people(alpine, [("pro", "pro")])
    browser = Browser(alpine.url)
    await browser.log_in(pro.email, PASSWORD)
    async with open_receiver() as receiver, listening(alpine.url, pro.headers) as listener:
        await add_webhook(alpine, pro, receiver.url())
        await log.append(strategy_members("open"), signal_members("before"))

        async def is_told(last: int) -> bool:
            return listener.last == last and len(receiver.received) >= last

        await until(lambda: is_told(2), PATIENCE_S, "all is well")
        asked = {"name": "mine", "scopes": ["signals"]}
        async with connected(database.urls.owner) as owner:
            await owner.execute(FULL)
            for table in TABLES:
                await owner.execute(
                    f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON alpine.{table}"
                    " EXECUTE FUNCTION alpine.full()"
                )
            refused = await browser.post("/v1/account/keys", asked)
            registered = await browser.post(
                "/v1/account/register", {"email": "new@people.example", "password": PASSWORD}
            )
            await log.append(signal_members("during"))
            read = await browser.get("/v1/signals")
            for table in TABLES:
                await owner.execute(f"DROP TRIGGER full_disk ON alpine.{table}")
        unsigned = list(log.refusals)
        await log.append(signal_members("after"))
        await until(lambda: is_told(4), PATIENCE_S, "all that was published is told")
        keys = (await browser.get("/v1/account/keys")).json["keys"]
        made = await browser.post("/v1/account/keys", asked)
    assert (refused.status, registered.status) == (503, 503)
    assert refused.headers["Retry-After"]
    assert read.status == 200
    assert [status for _, status, _ in unsigned] == [503]
    assert log.refusals == unsigned
    assert len(keys) == 2
    assert made.status == 201
    assert listener.numbers == [1, 2, 3, 4]
    assert len({each.id for each in receiver.received}) == 4
