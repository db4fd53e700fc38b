"""What other sites show of a link to a signal: what everybody may see, whoever shares the link."""

from attrs import frozen

from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.visibility import State, state_of
from alpine_service.pages.formats import change_bp, moment, of_us, percent_bp


@frozen
class Preview:
    """A title and a sentence."""

    title: str
    words: str


def preview_of(seen: SignalRecord) -> Preview:
    """Of a record as a stranger sees it."""
    at = moment(of_us(seen.decided_us))
    if state_of(seen) is not State.PUBLIC or seen.symbol is None:
        return Preview(
            f"Sealed signal #{seen.log_index}",
            f"{seen.strategy} committed to it on {at}. What it says is not public yet.",
        )
    result = "" if seen.result is None else f" Outcome: {seen.result} {change_bp(seen.return_bp)}."
    confidence = percent_bp(abs(seen.confidence_bp or 0), 0)
    return Preview(
        f"{seen.direction} {seen.symbol}",
        f"{seen.strategy} decided on {at}, confidence {confidence}.{result} In the log as entry"
        f" #{seen.log_index}, for everybody to verify.",
    )
