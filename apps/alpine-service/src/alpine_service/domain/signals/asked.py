"""Which signals somebody asks for."""

from attrs import frozen

from alpine_service.domain.signals.signal import SignalRecord


@frozen
class Asked:
    """What a signal has to be; None asks for nothing. Times are of the decision, `until` excluded.

    `min_confidence_bp` is about the size of the confidence, whichever way it points.
    """

    symbol: str | None = None
    direction: str | None = None
    strategy: str | None = None
    result: str | None = None
    min_confidence_bp: int | None = None
    since_us: int | None = None
    until_us: int | None = None

    def fits(self, seen: SignalRecord) -> bool:
        """Whether a record, as the asker may see it, is asked for.

        What is hidden fits nothing that is asked of it: otherwise a filter would tell what it is.
        """
        return (
            self.symbol in (None, seen.symbol)
            and self.direction in (None, seen.direction)
            and self.strategy in (None, seen.strategy)
            and self.result in (None, seen.result)
            and (
                self.min_confidence_bp is None
                or (
                    seen.confidence_bp is not None
                    and abs(seen.confidence_bp) >= self.min_confidence_bp
                )
            )
            and (self.since_us is None or seen.decided_us >= self.since_us)
            and (self.until_us is None or seen.decided_us < self.until_us)
        )
