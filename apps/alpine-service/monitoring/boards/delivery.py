"""What leaves: webhooks and mails, and what waits to leave."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve, figure
from monitoring.queries import fact, rate, ratio
from monitoring.shapes import a_minute, divided, happened, times

_ATTEMPTS = "alpine_delivery_attempts_total"
BOARD: Final = (
    Board(
        "alpine-delivery",
        "Alpine / Delivery",
        "Whether what subscribers are owed leaves in time, and what becomes of it.",
    )
    .row(
        "Outbox",
        figure(
            "Not over",
            "Deliveries that are neither delivered nor given up.",
            fact("alpine_outbox_pending"),
        ),
        figure(
            "Due",
            "Deliveries that could be sent now.",
            fact("alpine_outbox_due"),
            bounds=Bounds(100, 1_000),
        ),
        figure(
            "The oldest that is due",
            "For how long. It is what a subscriber waits.",
            fact("alpine_outbox_oldest_seconds"),
            unit="s",
            bounds=Bounds(60, 300),
        ),
        figure(
            "Mails that wait",
            "Mails that no server has taken yet.",
            fact("alpine_mail_pending"),
            bounds=Bounds(100, 1_000),
        ),
        figure(
            "The oldest mail",
            "For how long it waits.",
            fact("alpine_mail_oldest_seconds"),
            unit="s",
            bounds=Bounds(300, 900),
        ),
        happened(
            "Mails given up",
            "While we look back: they will never be sent.",
            "alpine_mails_given_up_total",
            bounds=Bounds(doubtful=1),
        ),
        curve(
            "What waits",
            "Deliveries that are not over, and those of them that could be sent now.",
            Line(fact("alpine_outbox_pending"), "not over"),
            Line(fact("alpine_outbox_due"), "due"),
        ),
        curve(
            "How long the oldest waits",
            "Above five minutes somebody is called.",
            Line(fact("alpine_outbox_oldest_seconds"), "delivery"),
            Line(fact("alpine_mail_oldest_seconds"), "mail"),
            unit="s",
            bounds=Bounds(ill=300),
        ),
    )
    .row(
        "Webhooks",
        a_minute(
            "Made and attempted",
            "Deliveries made for subscribers, and attempts to bring them, a minute.",
            made="alpine_deliveries_made_total",
            attempts=_ATTEMPTS,
        ),
        divided(
            "What became of attempts",
            "A minute: `pending` is tried again, `dead` is given up and kept.",
            *(_ATTEMPTS, "state"),
        ),
        curve(
            "Attempts that did not deliver",
            "As a share of all. One subscriber's broken server is his affair; half of all is ours.",
            Line(
                ratio(rate(_ATTEMPTS, only='state!="delivered"'), rate(_ATTEMPTS)), "not delivered"
            ),
            unit="percentunit",
            bounds=Bounds(0.2, 0.5),
        ),
        times(
            "How long attempts take",
            "A subscriber's server answers, or does not. Points lead to traces.",
            *("alpine_delivery_attempt_seconds", 50, 95),
        ),
        divided(
            "Endpoints turned off",
            "By reason, a minute: their owners were told by mail.",
            *("alpine_endpoints_turned_off_total", "reason"),
            piled=False,
            width=24,
        ),
    )
    .row(
        "Mails",
        a_minute(
            "Mails",
            "A minute: taken by a server, put off, given up; and daily digests that were written.",
            taken="alpine_mails_sent_total",
            put_off="alpine_mails_delayed_total",
            given_up="alpine_mails_given_up_total",
            digests="alpine_digests_written_total",
        ),
        times(
            "Handing a mail over",
            "How long the server took to take it. Points lead to traces.",
            *("alpine_mail_send_seconds", 95),
            bounds=Bounds(5, 10),
        ),
    )
)
