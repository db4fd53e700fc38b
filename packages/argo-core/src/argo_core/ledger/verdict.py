"""What checking a record came to, in sentences that say no more than was shown."""

from enum import StrEnum

from attrs import frozen

from argo_core.errors import InvalidInput, RecordError, Refuted


class Verdict(StrEnum):
    """Good only if every check that was asked for was made and passed."""

    GOOD = "good"
    REFUTED = "refuted"
    UNCHECKED = "could not check"


@frozen
class Report:
    """`problems` are why it is not good, `proved` and `unproved` are whole sentences.

    What is proved holds for what was shown whatever its source; it needs the pinned keys to be
    right, and nothing else. A report that is not good may have proved some of it all the same.
    """

    verdict: Verdict
    problems: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if (self.verdict is Verdict.GOOD) == bool(self.problems):
            problem = f"{self.verdict} with {len(self.problems)} problems"
            raise InvalidInput("problems", problem, "good has none, the others have some")


def failed(error: RecordError) -> Report:
    """The report of a check that could not go on."""
    verdict = Verdict.REFUTED if isinstance(error, Refuted) else Verdict.UNCHECKED
    return Report(verdict, (str(error),))
