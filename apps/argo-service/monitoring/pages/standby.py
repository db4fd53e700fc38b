"""Who publishes, who stands by, and how keys and settings fare meanwhile."""

from typing import Final

from monitoring.asking import CHOSEN, happened, most, per_second, total
from monitoring.parts import Ask, Limits, Page, Row, lines, number, states

# Their places are what the expression below makes of them.
_ROLES = {
    "alone": "text",
    "standby": "blue",
    "taking_over": "orange",
    "publishing": "green",
    "releasing": "yellow",
    "lost": "red",
}
_PLACES = " + ".join(
    f'{place} * sum by (colour, instance) (argo_role{{{CHOSEN},role="{role}"}})'
    for place, role in enumerate(_ROLES)
    if place
)
_WHO = "{{colour}} {{instance}}"
_POINT = "$__rate_interval"
_ROLE = Row(
    "One publisher",
    (
        states(
            "Role",
            "What each process does for the record. Exactly one publishes; a process without a"
            " standby is not here.",
            Ask(_PLACES, _WHO),
            colours=_ROLES,
        ),
        number(
            "Publishing",
            "How many processes say that they publish. More than one for a minute is an alert, and"
            " none as well.",
            Ask(f'sum(argo_role{{{CHOSEN},role="publishing"}})'),
            unit="short",
            width=4,
            tall=True,
        ),
        number(
            "Standing by",
            "How many processes would take over at once.",
            Ask(f'sum(argo_role{{{CHOSEN},role="standby"}})'),
            unit="short",
            width=4,
            tall=True,
        ),
        number(
            "Writes refused",
            "Writes in the time shown that the log refused, as another process had opened it.",
            Ask(happened("argo_fenced_writes_total")),
            unit="short",
            limits=Limits(warn=1),
            width=4,
            tall=True,
        ),
        lines(
            "Changes of role",
            "By what came of them, within the time of a point.",
            Ask(happened("argo_role_changes_total", "role", span=_POINT), "{{role}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Fence and lease",
            "By which number each process writes, and the newest lease that it had. They only grow;"
            " 0 is none.",
            Ask(most("argo_fence", "instance"), "fence of {{instance}}"),
            Ask(most("argo_lease_token", "instance"), "lease of {{instance}}"),
            unit="short",
        ),
        lines(
            "The lease's store",
            "How often it stopped answering within the time of a point. Four seconds without a"
            " renewal stop the publisher.",
            Ask(happened("argo_lease_failures_total", span=_POINT), "failures"),
            unit="short",
            limits=Limits(bad=1),
            width=24,
        ),
    ),
)
_UPKEEP = Row(
    "Keys and settings",
    (
        number(
            "Old secrets in use",
            "1 while a secret could not be read and its last value serves.",
            Ask(most("argo_secrets_stale")),
            unit="short",
            limits=Limits(warn=1),
            width=6,
        ),
        number(
            "Secrets were read",
            "How long before the newest cycle all secrets were read; nothing where none are kept"
            " elsewhere.",
            Ask(
                f"max(argo_last_cycle_timestamp_seconds{{{CHOSEN}}})"
                f" - max(argo_secrets_read_timestamp_seconds{{{CHOSEN}}} > 0)"
            ),
            unit="s",
            width=6,
        ),
        number(
            "Keys refused",
            "Keys that vendors refused in the time shown.",
            Ask(happened("argo_vendor_key_refusals_total")),
            unit="short",
            limits=Limits(bad=1),
            width=6,
        ),
        number(
            "Settings refused",
            "Times in the time shown that settings were read again and refused as a whole.",
            Ask(happened("argo_reloads_total", where='result="refused"')),
            unit="short",
            limits=Limits(warn=1),
            width=6,
        ),
        lines(
            "Secrets read",
            "A minute: read well, or failed by the class of the error.",
            Ask(f"60 * {per_second('argo_secrets_reads_total', 'result')}", "{{result}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Keys refused, by source",
            "Within the time of a point, by which value the vendor is shown then.",
            Ask(
                happened("argo_vendor_key_refusals_total", "source, after", span=_POINT),
                "{{source}}, then {{after}}",
            ),
            unit="short",
            stacked=True,
        ),
        lines(
            "Settings read again",
            "Within the time of a point: applied, unchanged, or refused as a whole.",
            Ask(happened("argo_reloads_total", "result", span=_POINT), "{{result}}"),
            unit="short",
            stacked=True,
            width=24,
        ),
    ),
)
_WORKERS = Row(
    "Workers",
    (
        number(
            "Workers",
            "Other processes that are there to decide shards of symbols; 0 where there is no"
            " cluster, and then all is decided here.",
            Ask(most("argo_cluster_workers")),
            unit="short",
            width=4,
            tall=True,
        ),
        lines(
            "Symbols that were too late",
            "Symbols within the time of a point that were not decided in their cycle.",
            Ask(happened("argo_missed_symbols_total", span=_POINT), "missed"),
            unit="short",
            limits=Limits(warn=1),
            width=10,
        ),
        lines(
            "Shards sent anew",
            "Shards since the processes began that went to another worker, or were decided here for"
            " want of one.",
            Ask(total("argo_shard_moves_total", "to"), "to a {{to}}"),
            unit="short",
            width=10,
        ),
    ),
)
PAGE: Final = Page(
    "argo-standby",
    "Argo · Publisher, standby and workers",
    "Who publishes, who stands by, who helps, and how keys and settings fare.",
    (_ROLE, _WORKERS, _UPKEEP),
)
