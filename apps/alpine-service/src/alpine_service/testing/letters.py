"""Every mail that there is, and what stands in one as a mail program reads it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

from attrs import Factory, define

from alpine_service.domain.accounts import letters
from alpine_service.domain.delivery.digest import DigestContent, DigestLine
from alpine_service.domain.delivery.digest_letter import compose
from alpine_service.domain.delivery.endpoint import OffReason
from alpine_service.domain.delivery.letters import turned_off
from alpine_service.domain.letters.letter import Letter
from alpine_service.domain.signals.performance import Tally, performance_of

OURS = "https://alpine.example"
TOKEN = "kV3nq0xYt7mWc2LpR9sZ4bHdJfUaEo8iGy1TxNvQw5M"  # noqa: S105 - it opens nothing
DAY = date(2026, 3, 2)
_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NO_END = frozenset({"br", "img", "input", "link", "meta"})
LINES = (
    DigestLine(412, "AAPL", "BUY", 8_250, "trend", _NOON, "182.30", "180.00", "187.00"),
    DigestLine(
        log_index=411,
        symbol="BTC/USD",
        direction="SELL",
        confidence_bp=-6_110,
        strategy="momentum-fast",
        decided_at=_NOON - timedelta(minutes=42),
        entry="67123.45",
        stop="68400.00",
        target="64900.00",
        result="target",
        return_bp=331,
    ),
    DigestLine(409, "BRK.B", "HOLD", 210, "trend", _NOON - timedelta(hours=3), "412.07"),
)
RECORD = performance_of(Tally("all", 612, overdue=2, resolved=490, hits=281))


def every_letter() -> Mapping[str, Letter]:
    """By name; those of the daily mail with much to tell and with little."""
    accounts = {
        "verify": letters.verify(OURS, TOKEN),
        "already_registered": letters.already_registered(OURS),
        "reset": letters.reset(OURS, TOKEN),
        "password_changed": letters.password_changed(OURS),
        "confirm_new_email": letters.confirm_new_email(OURS, TOKEN),
        "address_taken": letters.address_taken(),
        "email_change_asked": letters.email_change_asked(OURS),
        "email_changed": letters.email_changed(),
        "factor_added": letters.factor_added(OURS),
        "factor_removed": letters.factor_removed(OURS),
        "codes_renewed": letters.codes_renewed(OURS),
        "recovery_code_used": letters.recovery_code_used(OURS, 1),
        "codes_refused": letters.codes_refused(OURS),
        "account_deleted": letters.account_deleted(),
    }
    much = DigestContent(5, LINES, {"target": 2, "stop": 1})
    little = DigestContent(0, (), {"void": 1})
    return accounts | {
        "turned_off": turned_off(OURS, "whk_4fYx8Qm2LpR9sZ4bHdJfUaEo8iGy1TxN", OffReason.WORN_OUT),
        "digest": compose(much, RECORD, DAY, OURS, TOKEN),
        "digest_of_little": compose(little, performance_of(Tally("all")), DAY, OURS, TOKEN),
    }


# The parser it builds on has a dictionary, so slots would be of no use.
@define(slots=False)
class Reading(HTMLParser):
    """What is in a document: its tags, where its links lead, and its texts.

    `texts` has those of the head and those that are hidden too, `seen` only what a reader sees.
    """

    tags: list[tuple[str, Mapping[str, str]]] = Factory(list)
    links: list[str] = Factory(list)
    texts: list[str] = Factory(list)
    seen: list[str] = Factory(list)
    _hidden: list[bool] = Factory(list)
    _open: list[str] = Factory(list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if "href" in told:
            self.links.append(told["href"])
        if tag in _NO_END:
            return
        is_hidden = (
            tag == "head"
            or told.get("aria-hidden") == "true"
            or "display:none" in told.get("style", "")
        )
        self._open.append(tag)
        self._hidden.append(is_hidden or any(self._hidden[-1:]))

    def handle_endtag(self, tag: str) -> None:
        if self._open.pop() != tag:
            raise ValueError(f"</{tag}> closes something else")
        self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"] or not data.strip():
            return
        self.texts.append(data.strip())
        if not self._hidden[-1]:
            self.seen.append(data.strip())


def read(html: str) -> Reading:
    """The document; it must be closed as it was opened.

    Raises:
        ValueError: it is not.
    """
    reading = Reading()
    reading.feed(html)
    reading.close()
    if reading._open:
        raise ValueError(f"<{reading._open[-1]}> is not closed")
    return reading
