"""The processes, their database and their machine."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve, figure, ranking, strip
from monitoring.queries import added, fact, folded, rate, series
from monitoring.shapes import conditions, divided, happened, named, times

_WHO = named(["colour", "instance"])
_RUNS = (
    f"{series('alpine_uptime_seconds')}"
    f" * on (instance) group_left (process, version, build) {series('alpine_build_info')}"
)
BOARD: Final = (
    Board(
        "alpine-service",
        "Alpine / Service",
        "The processes, the database that they share, and the machine below them.",
    )
    .row(
        "Health",
        conditions("Deep health", "Every probe: the worst that any picked process says of it."),
        strip(
            "Answering",
            "Whether the metrics of a process could be read.",
            Line(folded("max", series("up"), "colour", "instance"), _WHO),
            {1: "answers", 0: "does not"},
        ),
        figure(
            "Tasks that are ill",
            "Background tasks that are not well.",
            fact("alpine_tasks_ill"),
            bounds=Bounds(ill=1),
            width=6,
        ),
        happened(
            "To be looked at",
            "Happenings while we look back that somebody has to look at.",
            "alpine_alerts_total",
            bounds=Bounds(ill=1),
            width=6,
        ),
        figure(
            "The database's clock",
            "By how much it is before ours.",
            fact("alpine_clock_skew_seconds"),
            unit="s",
            bounds=Bounds(0.5, 1),
            width=6,
        ),
        happened(
            "Lines lost",
            "Lines of the log that were not written, while we look back.",
            "alpine_log_dropped_total",
            bounds=Bounds(doubtful=1),
            width=6,
        ),
        divided(
            "Tasks that failed",
            "By task, a minute; they begin again by themselves.",
            *("alpine_task_failures_total", "task"),
            piled=False,
        ),
        divided(
            "To be looked at, by what",
            "Happenings a minute.",
            *("alpine_alerts_total", "what"),
            piled=False,
        ),
    )
    .row(
        "Processes",
        ranking(
            "Running for",
            "Each process by its name and address, with the version it is.",
            Line(_RUNS, named(["process", "instance", "version", "build"])),
            unit="s",
        ),
        strip(
            "Draining",
            "Whether a process asks proxies to send it nothing more, as it does before it stops.",
            Line(folded("max", series("alpine_draining"), "colour", "instance"), _WHO),
            {0: "serves", 1: "drains"},
        ),
        curve(
            "CPU that they take",
            "1 is a whole processor.",
            Line(rate("alpine_process_cpu_seconds_total", "colour", "instance"), _WHO),
            bounds=Bounds(0.8, 0.95),
        ),
        curve(
            "Memory that they hold",
            "Flat, after a while.",
            Line(added("alpine_process_resident_bytes", "colour", "instance"), _WHO),
            unit="bytes",
        ),
        times(
            "Lateness of the event loop",
            "How late it comes to what is due.",
            *("alpine_event_loop_lag_seconds", 50, 99),
            traced=False,
            bounds=Bounds(0.1, 0.5),
        ),
        curve(
            "Files, sockets and threads",
            "What each process holds.",
            Line(added("alpine_process_open_files", "instance"), "files {{instance}}"),
            Line(added("alpine_process_threads", "instance"), "threads {{instance}}"),
        ),
        figure(
            "Files and sockets",
            "The most that a process holds, as a share of how many it may.",
            f"max({series('alpine_process_open_files')} / {series('alpine_process_most_files')})",
            unit="percentunit",
            bounds=Bounds(0.7, 0.8),
            width=8,
        ),
        figure(
            "Secrets were read",
            "How long ago, by the process that has not for longest.",
            fact("alpine_secrets_age_seconds"),
            unit="s",
            width=8,
        ),
        happened(
            "Spans dropped",
            "Of traces, while we look back: a collector is slow or away.",
            "alpine_spans_dropped_total",
            bounds=Bounds(doubtful=1),
            width=8,
        ),
    )
    .row(
        "Settings and secrets",
        curve(
            "Settings read again",
            "Since the processes began: applied, unchanged, or refused as a whole.",
            Line(added("alpine_reloads_total", "result"), "{{result}}"),
        ),
        curve(
            "Secrets read again",
            "Since the processes began: the manager had something else, or it failed.",
            Line(added("alpine_secret_reads_total", "result"), "{{result}}"),
        ),
    )
    .row(
        "Database",
        curve(
            "Connections",
            "Of all picked processes: those that are open, those of them nobody uses, the limit.",
            Line(added("alpine_database_pool_open"), "open"),
            Line(added("alpine_database_pool_idle"), "idle"),
            Line(added("alpine_database_pool_limit"), "limit"),
        ),
        curve(
            "Waiting for a connection",
            "How long one was waited for, by the process that waited longest.",
            Line(fact("alpine_database_wait_seconds"), "longest"),
            unit="s",
            bounds=Bounds(0.1, 0.5),
        ),
        happened(
            "Deaths of a server of ours",
            "While we look back; only where Alpine keeps its own PostgreSQL.",
            "alpine_database_deaths_total",
            bounds=Bounds(ill=1),
            width=24,
        ),
    )
    .row(
        "Machine",
        figure(
            "CPU",
            "Busy, of all processors.",
            fact("alpine_system_cpu_ratio"),
            unit="percentunit",
            bounds=Bounds(0.8, 0.95),
            width=6,
        ),
        figure(
            "Memory",
            "Taken, of what there is.",
            fact("alpine_system_memory_ratio"),
            unit="percentunit",
            bounds=Bounds(0.85, 0.95),
            width=6,
        ),
        figure(
            "Disk",
            "Taken, of the disk with our folder.",
            f"max(1 - {series('alpine_disk_free_bytes')} / {series('alpine_disk_total_bytes')})",
            unit="percentunit",
            bounds=Bounds(0.9, 0.95),
            width=6,
        ),
        figure(
            "Free",
            "On the disk with our folder.",
            folded("min", series("alpine_disk_free_bytes")),
            unit="bytes",
            width=6,
        ),
        curve(
            "CPU and memory",
            "Of the machine, whoever takes them.",
            Line(fact("alpine_system_cpu_ratio", "instance"), "CPU {{instance}}"),
            Line(fact("alpine_system_memory_ratio", "instance"), "memory {{instance}}"),
            unit="percentunit",
            bounds=Bounds(0.8, 0.95),
        ),
        curve(
            "Load",
            "How many want to run, over a minute.",
            Line(fact("alpine_system_load", "instance"), "{{instance}}"),
        ),
    )
)
