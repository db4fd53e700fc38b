"""The processes and the machine that they run on."""

from typing import Final

from monitoring.asking import CHOSEN, WINDOW, most, per_second, quantile
from monitoring.parts import Ask, Limits, Page, Row, bars, lines, number, states

_LAG = "argo_event_loop_lag_seconds"
_WHO = "{{colour}} {{instance}}"
_PROCESSES = Row(
    "Processes",
    (
        states(
            "Answering",
            "Whether Prometheus could read the process's metrics. One colour of the two is enough.",
            Ask(f"max by (colour, instance) (up{{{CHOSEN}}})", _WHO),
            colours={"down": "red", "up": "green"},
        ),
        bars(
            "Running since",
            "How long each process has run, and which version it is.",
            Ask(
                f"(time() - process_start_time_seconds{{{CHOSEN}}})"
                f" * on (instance) group_left (version) argo_build_info{{{CHOSEN}}}",
                "{{colour}} {{instance}} {{version}}",
            ),
            unit="s",
        ),
        lines(
            "CPU of the process",
            "1 is one processor fully used. The event loop has one.",
            Ask(f"rate(process_cpu_seconds_total{{{CHOSEN}}}[{WINDOW}])", _WHO),
            unit="short",
            limits=Limits(0.8, 0.95),
        ),
        lines(
            "Memory of the process",
            "What it holds in memory. It should be flat after the first minutes.",
            Ask(f"process_resident_memory_bytes{{{CHOSEN}}}", _WHO),
            unit="bytes",
        ),
        lines(
            "How late the event loop is",
            "How much later than asked for it woke up. A cycle may hold it for 0.3 s.",
            Ask(quantile(0.5, _LAG), "half within"),
            Ask(quantile(0.99, _LAG), "99 % within"),
            unit="s",
            limits=Limits(0.3, 1),
        ),
        lines(
            "Files and sockets",
            "Open ones, as a share of how many the process may have open.",
            Ask(f"process_open_fds{{{CHOSEN}}} / process_max_fds{{{CHOSEN}}}", _WHO),
            unit="percentunit",
            limits=Limits(0.8, 0.9),
        ),
    ),
)
_MACHINE = Row(
    "The machine",
    (
        number(
            "CPU",
            "In use since the scrape before. Above 80 % for ten minutes warns.",
            Ask(most("argo_system_cpu_percent")),
            unit="percent",
            limits=Limits(80, 95),
            width=8,
        ),
        number(
            "Memory",
            "In use. Above 85 % for ten minutes warns.",
            Ask(most("argo_system_memory_percent")),
            unit="percent",
            limits=Limits(85, 95),
            width=8,
        ),
        number(
            "Disk",
            "In use, of the disk on which the database lies. Above 90 % warns.",
            Ask(most("argo_system_disk_percent")),
            unit="percent",
            limits=Limits(90, 95),
            width=8,
        ),
        lines(
            "CPU, memory and disk",
            "In use, of the machine, whoever uses it.",
            Ask(most("argo_system_cpu_percent", "instance"), "CPU {{instance}}"),
            Ask(most("argo_system_memory_percent", "instance"), "memory {{instance}}"),
            Ask(most("argo_system_disk_percent", "instance"), "disk {{instance}}"),
            unit="percent",
            limits=Limits(80, 90),
        ),
        lines(
            "Spans of traces",
            "Spans a second by what became of them. Dropped ones mean that the collector is slow.",
            Ask(per_second("argo_trace_spans_total", "fate"), "{{fate}}"),
            unit="short",
        ),
        number(
            "Files and sockets open",
            "The most that any process has open.",
            Ask(most("process_open_fds")),
            unit="short",
            width=12,
        ),
        number(
            "Restarts",
            "How often a process began anew in the time shown.",
            Ask(f"sum(changes(process_start_time_seconds{{{CHOSEN}}}[$__range]))"),
            unit="short",
            limits=Limits(1, 3),
            width=12,
        ),
    ),
)
PAGE: Final = Page(
    "argo-service",
    "Argo · Service",
    "The processes, what they use, and the machine that they run on.",
    (_PROCESSES, _MACHINE),
)
