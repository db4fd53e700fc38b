"""What the doctor looks at of the log: is it there, is it the pinned one, do we agree with it?"""

from collections.abc import AsyncIterator

from attrs import frozen

from alpine_service.adapters.log_http.client import open_log
from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.cli.seen import Seen, bad, fine, poor
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.errors import AlpineError
from alpine_service.ports.feed import Standing
from alpine_service.ports.health import Finding
from alpine_service.services.probes import LogProbe
from alpine_service.settings import Settings
from alpine_service.wiring.database import command_urls
from alpine_service.wiring.keys import known_witness, pinned_log

_QUARANTINE = "docs/how-to/what-is-in-quarantine.md"


@frozen
class Kept:
    """What our database says about the log."""

    witness: Head | None
    standing: Standing
    record: Finding


async def look_at_log(settings: Settings, *, has_data: bool) -> AsyncIterator[Seen]:
    """The log's server and its key, then where we stand with it."""
    try:
        key = pinned_log(settings)
    except AlpineError as error:
        yield bad("log", str(error), "pin the key that the publisher gives, from elsewhere")
        return
    kept = await _kept(settings, key) if has_data else None
    if kept is not None:
        yield _quarantine(kept.standing)
        yield _record(kept.record)
    if settings.log.url is None:
        yield poor("log", "no address is set: what is stored is served", "set ALPINE_LOG_URL")
        return
    witness = _witness(settings)
    policy = Policy(key, () if witness is None else (witness,))
    try:
        async with open_log(settings.log.url) as log:
            served = read_witnessed(await log.checkpoint(), policy, verify_ed25519)
    except AlpineError as error:
        fix = "see to ALPINE_LOG_URL and ALPINE_LOG_KEY, then ask the publisher"
        yield bad("log", f"{settings.log.url}: {error}", fix)
        return
    yield fine("log", f"{served.head.size} entries, signed by the pinned key")
    if kept is not None:
        yield _agreement(kept, served.head)
    yield _published(witness, is_ours=bool(served.cosigned))


async def _kept(settings: Settings, key: VerifierKey) -> Kept | None:
    try:
        async with command_urls(settings) as urls, open_database(urls.app, size=1) as database:
            witness = await PostgresFeed(database).witness_head(key.name)
            standing = await PostgresQuarantine(database).standing(key.name)
            record = await LogProbe(PostgresFeed(database), key, verify_ed25519).check()
            return Kept(None if witness is None else witness.head, standing, record)
    except AlpineError:
        # What is wrong with the database is said where that is looked at.
        return None


def _witness(settings: Settings) -> VerifierKey | None:
    try:
        return known_witness(settings)
    except AlpineError:
        # What is wrong with its file is said where that is looked at.
        return None


def _quarantine(standing: Standing) -> Seen:
    fix = f"alpine quarantine list, then as {_QUARANTINE} says"
    if standing.is_halted:
        return bad("quarantine", "two histories were seen, and nothing is read any more", fix)
    if standing.open_quarantines:
        return poor("quarantine", f"{standing.open_quarantines} refusals are open", fix)
    return fine("quarantine", "nothing is open")


def _record(found: Finding) -> Seen:
    if found.problem is not None:
        fix = "restore the database from a copy, and never our witness's own state"
        return bad("own record", found.problem, fix)
    return fine("own record", f"{found.facts['entries']} entries are what the log signed")


def _agreement(kept: Kept, served: Head) -> Seen:
    """Whether the log goes on from where we stand; of another size only that it is not behind."""
    fix = "ask the publisher what became of the entries; do not let the witness forget"
    for who, size in (
        ("our witness", kept.witness.size if kept.witness else 0),
        ("what we read", kept.standing.promised),
    ):
        if size > served.size:
            return bad("agreement", f"the log shows {served.size} entries, {who} saw {size}", fix)
    witness = kept.witness
    if witness is not None and witness.size == served.size and witness.root != served.root:
        return bad("agreement", f"two histories of {served.size} entries, by one key", fix)
    lag = served.size - kept.standing.size
    return fine("agreement", f"{kept.standing.size} entries read, {lag} to go")


def _published(witness: VerifierKey | None, *, is_ours: bool) -> Seen:
    if is_ours:
        return fine("cosignature", "the log publishes our witness's")
    if witness is None:
        return poor("cosignature", "our witness has no key yet", "alpine witness key")
    says = "the log's newest checkpoint is not cosigned by us"
    return poor("cosignature", says, f"give the publisher our address and the key {witness}")
