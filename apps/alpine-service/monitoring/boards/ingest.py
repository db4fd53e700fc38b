"""The log that is read, and our witness's word on it."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve, figure
from monitoring.queries import count, fact, rate
from monitoring.shapes import a_minute, conditions, times

BOARD: Final = (
    Board(
        "alpine-ingest",
        "Alpine / Ingest and witness",
        "Whether the log is read, proved and cosigned, and what of it was refused.",
    )
    .row(
        "The log",
        figure(
            "Accepted",
            "Entries of the log that were proved and taken in.",
            fact("alpine_ingest_size"),
        ),
        figure(
            "Promised, not accepted",
            "Entries that a checkpoint speaks of and that are not taken in yet.",
            fact("alpine_ingest_behind"),
            bounds=Bounds(10, 100),
        ),
        figure(
            "Last heard",
            "How long ago the log answered.",
            fact("alpine_ingest_silent_seconds"),
            unit="s",
            bounds=Bounds(60, 120),
        ),
        figure(
            "Halted",
            "1 while nothing is read, because the log's key signed two histories.",
            fact("alpine_ingest_halted"),
            bounds=Bounds(ill=1),
        ),
        figure(
            "In quarantine",
            "What was refused and awaits a person.",
            fact("alpine_quarantine_open"),
            bounds=Bounds(doubtful=1),
        ),
        figure(
            "Not cosigned",
            "Entries that are accepted and that our witness has not cosigned.",
            fact("alpine_witness_behind"),
            bounds=Bounds(10, 100),
        ),
        a_minute(
            "What comes in",
            "Entries accepted and events made of them, a minute.",
            entries="alpine_ingest_entries_total",
            events="alpine_ingest_events_total",
        ),
        times(
            "From looking to having",
            "How long a look at the log took until what it gave was stored. Points lead to traces.",
            *("alpine_ingest_accept_seconds", 50, 95),
            bounds=Bounds(1, 5),
        ),
    )
    .row(
        "Trust",
        times(
            "Proving",
            "How long it took to prove a chunk of entries and to read it. Points lead to traces.",
            *("alpine_verification_seconds", 95),
        ),
        curve(
            "Refused of the log",
            "What was refused, by reason, a minute: each has its page in the quarantine guide.",
            Line(rate("alpine_ingest_refused_total", "reason", times=60), "{{reason}}"),
            Line(rate("alpine_ingest_away_total", times=60), "the log was away"),
            piled=True,
        ),
        curve(
            "Cosigned and refused by our witness",
            "Checkpoints a minute. `forked` and `bad-consistency` were signed by the log, so that"
            " somebody is called.",
            Line(rate("alpine_witness_cosigned_total", times=60), "cosigned"),
            Line(rate("alpine_witness_refused_total", "reason", times=60), "refused: {{reason}}"),
        ),
        times(
            "Cosigning",
            "How long it took, remembering included. Points lead to traces.",
            *("alpine_witness_cosign_seconds", 95),
            bounds=Bounds(1, 2),
        ),
        curve(
            "The log and our witness",
            "Both grow together; a gap that stays is what the witness has not cosigned.",
            Line(fact("alpine_ingest_size"), "accepted"),
            Line(fact("alpine_witness_size"), "cosigned"),
        ),
        conditions(
            "Health of log, record and witness",
            "What the deep health says of the log's answers, of what is stored, of our witness.",
            'probe=~"ingest|log|witness"',
        ),
        figure(
            "Refused while we look back",
            "By the log's reader and by our witness.",
            f"({count('alpine_ingest_refused_total')} or vector(0))"
            f" + ({count('alpine_witness_refused_total')} or vector(0))",
            bounds=Bounds(doubtful=1),
            width=24,
        ),
    )
)
