"""What is looked at when somebody asks how the service is."""

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.probes import (
    DatabaseProbe,
    MailProbe,
    OutboxProbe,
    SchemaProbe,
    SkewProbe,
)
from alpine_service.services.health import Health
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.probes import IngestProbe, StreamProbe, TasksProbe, WitnessProbe
from alpine_service.services.stream import Stream
from alpine_service.tasks import Tasks
from alpine_service.wiring.ground import Ground


def health_on(
    ground: Ground, standing: IngestStanding, log: str, tasks: Tasks, stream: Stream
) -> Health:
    """Every probe, the quick ones first."""
    database, clock = ground.database, ground.clock
    probes = (
        DatabaseProbe(database),
        SchemaProbe(database),
        SkewProbe(database, clock),
        OutboxProbe(database, clock),
        MailProbe(database, clock),
        # Where no log is read, nobody expects to hear of it.
        *((IngestProbe(standing),) if ground.settings.log.url else ()),
        WitnessProbe(PostgresFeed(database), log),
        TasksProbe(lambda: tasks.states, clock),
        StreamProbe(lambda: stream.listeners),
        DiskProbe(ground.settings.folder),
    )
    return Health(probes, clock)
