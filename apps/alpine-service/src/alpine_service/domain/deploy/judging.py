"""What a new colour must be like before it gets requests, and while it is watched."""

from attrs import frozen

from alpine_service.domain.deploy.colour import Behind, Said
from alpine_service.errors import InvalidInput

_ORDER = ("ok", "degraded", "down")


@frozen
class Tolerance:
    """What is borne while the new colour is watched.

    `failures` is a share of the answers, `answer_ms` their mean time, and health may be bad at
    fewer than `bad_looks` looks in a row.
    """

    failures: float = 0.01
    answer_ms: int = 2_000
    bad_looks: int = 2

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.failures <= 1:
            raise InvalidInput("--failures", "it is no share", "give 0 to 1, such as 0.01")
        if self.answer_ms < 0:
            raise InvalidInput("--slow", "it is below 0", "give milliseconds, such as 2000")
        if self.bad_looks < 1:
            raise InvalidInput("--bad-looks", "it is below 1", "give a number, such as 2")


def gate(old: Said, new: Said) -> str | None:
    """Why the new colour must not get requests; None if it may.

    Nothing of it may be down. What is degraded for the old one as well, such as a log that is
    silent for both, is no reason to keep a new version back.
    """
    if new.status == "down":
        return "; ".join(new.problems) or "it is down"
    worse = sorted(
        name
        for name, status in new.probes.items()
        if _rank(status) > _rank(old.probes.get(name, "ok"))
    )
    if worse:
        return f"worse than what serves now: {', '.join(worse)}" + _words(new)
    return None


def change(before: Behind, now: Behind) -> tuple[int, int]:
    """Answers and failures since then; a proxy that was started anew counts from nothing."""
    if now.answers < before.answers:
        return now.answers, now.failures
    return now.answers - before.answers, now.failures - before.failures


def watch(before: Behind, now: Behind, bad_looks: int, tolerance: Tolerance) -> str | None:
    """What speaks against the new colour since it got requests; None if nothing does."""
    if not now.is_up:
        return "the proxy finds it down"
    if bad_looks >= tolerance.bad_looks:
        return f"its health was bad {bad_looks} times in a row"
    answers, failures = change(before, now)
    if failures > tolerance.failures * max(1, answers):
        return f"{failures} of {answers} answers failed"
    if answers and now.answer_ms > tolerance.answer_ms:
        return f"answers take {now.answer_ms} ms"
    return None


def _rank(status: str) -> int:
    # What nobody knows is as bad as can be.
    return _ORDER.index(status) if status in _ORDER else len(_ORDER) - 1


def _words(said: Said) -> str:
    return f" ({'; '.join(said.problems)})" if said.problems else ""
