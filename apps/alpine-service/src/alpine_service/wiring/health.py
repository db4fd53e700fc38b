"""What health looks at."""

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.probes import (
    DatabaseProbe,
    MailProbe,
    OutboxProbe,
    SchemaProbe,
    SkewProbe,
)
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.services.health import Health
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.probes import IngestProbe, StreamProbe, TasksProbe, WitnessProbe
from alpine_service.services.stream import Stream
from alpine_service.tasks import Tasks
from alpine_service.wiring.ground import Ground


def health_on(
    ground: Ground,
    standing: IngestStanding,
    log: VerifierKey,
    stream: Stream,
    tasks: Tasks,
) -> Health:
    """All probes; where no log is read, what is read of it is nothing to look at."""
    database, clock = ground.database, ground.clock
    reading = (IngestProbe(standing),) if ground.settings.log.url else ()
    return Health(
        (
            DatabaseProbe(database),
            SchemaProbe(database),
            *reading,
            WitnessProbe(PostgresFeed(database), log.name),
            OutboxProbe(database, clock),
            MailProbe(database, clock),
            StreamProbe(lambda: stream.listeners),
            TasksProbe(lambda: tasks.states, clock),
            SkewProbe(database, clock),
            DiskProbe(ground.settings.folder),
        ),
        clock,
    )
