"""The log that is read, and the witness of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import field, frozen

from alpine_service.adapters.log_http.client import open_log
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.postgres.witness_store import PostgresWitness
from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, verify_ed25519
from alpine_service.domain.feed.policy import Policy
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.domain.rotating import Rotating
from alpine_service.services.ingest import Ingest
from alpine_service.services.ingest_pace import Pace
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.log_view import LogView
from alpine_service.services.proofs import Proofs
from alpine_service.services.rejecting import Rejecting
from alpine_service.services.witness import Witness
from alpine_service.wiring.ground import Ground


@frozen
class LogRoom:
    """Everything about one log."""

    witness: Witness
    standing: IngestStanding
    view: LogView
    ingest: Ingest | None
    keys: Rotating = field(repr=False)


def proofs_on(ground: Ground) -> Proofs:
    """Proof files from what is stored."""
    return Proofs(PostgresFeed(ground.database))


@asynccontextmanager
async def log_room(
    ground: Ground, log: VerifierKey, signer: Ed25519Signer
) -> AsyncIterator[LogRoom]:
    """The witness of the log with that key, and whoever reads it, if an address is set."""
    quarantine = PostgresQuarantine(ground.database)
    rejecting = Rejecting(quarantine, ground.observer, ground.clock, log.name)
    witness = Witness(
        log,
        signer,
        PostgresWitness(ground.database),
        rejecting,
        verify_ed25519,
        ground.clock,
        ground.observer,
        ground.tracing.tracer,
    )
    standing = IngestStanding(quarantine, ground.clock, ground.observer, log.name)
    store = PostgresFeed(ground.database)
    view = LogView(log, (signer.verifier_key,), standing, store)
    settings = ground.settings.log
    if settings.url is None:
        yield LogRoom(witness, standing, view, None, Rotating(()))
        return
    traces = ground.tracing.client
    keys = Rotating(())
    keys.turn(settings.api_key, ground.settings.before.log_api_key)
    async with open_log(settings.url, keys, traces=traces) as feed:
        ingest = Ingest(
            feed,
            store,
            quarantine,
            # What is pending is read too: the log's own word counts, and our witness's if it came.
            Policy(log, (signer.verifier_key,)),
            verify_ed25519,
            clock=ground.clock,
            chance=ground.chance,
            observer=ground.observer,
            pace=Pace(settings.poll_s),
            tracer=ground.tracing.tracer,
        )
        yield LogRoom(witness, standing, view, ingest, keys)
