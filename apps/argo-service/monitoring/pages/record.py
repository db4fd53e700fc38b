"""The log: how it grows, what of it is public, and who stands by it."""

from typing import Final

from monitoring.asking import CHOSEN, happened, most, per_second, quantile, total
from monitoring.parts import Ask, Limits, Page, Row, bars, lines, number

_DELAY = "argo_publish_delay_seconds"
_CHECKPOINTS = "argo_checkpoints_published_total"
_GROWTH = Row(
    "The log",
    (
        number(
            "Entries",
            "All that the log holds, what says that nothing was decided included.",
            Ask(most("argo_log_size")),
            unit="short",
            width=6,
        ),
        number(
            "Public",
            "Entries of it that are public.",
            Ask(most("argo_published_size")),
            unit="short",
            width=6,
        ),
        number(
            "Not public yet",
            "Entries that wait for publication. A few, for a moment, are usual.",
            Ask(f"{most('argo_log_size')} - {most('argo_published_size')}"),
            unit="short",
            limits=Limits(warn=100),
            width=6,
        ),
        number(
            "Failures on the way",
            "How often in the time shown the log failed between a durable batch and its"
            " publication.",
            Ask(happened("argo_publication_failures_total")),
            unit="short",
            limits=Limits(bad=1),
            width=6,
        ),
        lines(
            "How it grows",
            "Entries a minute.",
            Ask(f"60 * max(deriv(argo_log_size{{{CHOSEN}}}[5m]))", "in the log"),
            Ask(f"60 * max(deriv(argo_published_size{{{CHOSEN}}}[5m]))", "public"),
            unit="short",
        ),
        lines(
            "From durable to public",
            "A point with a mark leads to a trace. Witnesses are waited for, two seconds at most.",
            Ask(quantile(0.5, _DELAY), "half within", exemplars=True),
            Ask(quantile(0.95, _DELAY), "95 % within", exemplars=True),
            unit="s",
            limits=Limits(2, 5),
        ),
    ),
)
_WITNESSES = Row(
    "Witnesses",
    (
        lines(
            "Checkpoints",
            "Checkpoints a minute: with a quorum of witnesses, or still pending.",
            Ask("60 * " + per_second(_CHECKPOINTS, where='pending="false"'), "with a quorum"),
            Ask("60 * " + per_second(_CHECKPOINTS, where='pending="true"'), "pending"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Failures, by witness",
            "Checkpoints since the processes began that a witness did not cosign when asked: it was"
            " away, or it refused.",
            Ask(total("argo_witness_failures_total", "witness, error"), "{{witness}} {{error}}"),
            unit="short",
        ),
        bars(
            "How far witnesses are behind",
            "How long the oldest durable batch waits that the witness has not cosigned.",
            Ask(most("argo_witness_lag_seconds", "witness"), "{{witness}}"),
            unit="s",
            limits=Limits(10, 60),
        ),
        number(
            "Cosigned before the last cycle",
            "How long before the newest cycle a checkpoint was published that a witness had"
            " cosigned; nothing where there are no witnesses.",
            Ask(
                f"max(argo_last_cycle_timestamp_seconds{{{CHOSEN}}})"
                f" - max(argo_newest_cosigned_timestamp_seconds{{{CHOSEN}}} > 0)"
            ),
            unit="s",
            limits=Limits(300, 3600),
            width=12,
            tall=True,
        ),
    ),
)
PAGE: Final = Page(
    "argo-record",
    "Argo · Record and witnesses",
    "How the log grows, what of it is public, and who stands by it.",
    (_GROWTH, _WITNESSES),
)
