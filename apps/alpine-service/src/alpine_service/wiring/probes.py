"""What is looked at when somebody asks how the service is."""

from collections.abc import Sequence

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.machine import MachineProbe, ProcessProbe
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.probes import (
    PoolProbe,
    SchemaProbe,
    SkewProbe,
    answers_probe,
    mail_probe,
    outbox_probe,
    write_probe,
)
from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.ports.health import Probe
from alpine_service.services.health import Health
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.probes import (
    IngestProbe,
    LogProbe,
    StreamProbe,
    TasksProbe,
    WitnessProbe,
)
from alpine_service.services.stream import Stream
from alpine_service.tasks import Tasks
from alpine_service.wiring.ground import Ground


def health_on(
    ground: Ground,
    standing: IngestStanding,
    log: VerifierKey,
    *,
    tasks: Tasks,
    stream: Stream,
    besides: Sequence[Probe],
) -> Health:
    """Every probe, the quick ones first; `besides` are those of what is around the service."""
    database, clock = ground.database, ground.clock
    feed = PostgresFeed(database)
    probes = (
        *besides,
        answers_probe(database),
        SchemaProbe(database),
        write_probe(database),
        PoolProbe(database, clock),
        SkewProbe(database, clock),
        outbox_probe(database, clock),
        mail_probe(database, clock),
        # Where no log is read, nobody expects to hear of it.
        *((IngestProbe(standing),) if ground.settings.log.url else ()),
        LogProbe(feed, log, verify_ed25519),
        WitnessProbe(feed, log.name),
        TasksProbe(lambda: tasks.states, clock),
        StreamProbe(lambda: stream.listeners),
        DiskProbe(ground.settings.folder),
        MachineProbe(),
        ProcessProbe(),
    )
    return Health(probes, clock)
