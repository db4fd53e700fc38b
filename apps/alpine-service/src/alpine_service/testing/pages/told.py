"""Puts lines of a story into a record, and remembers which entry each signal is."""

from attrs import Factory, define

from alpine_service.domain.feed.entry import Entry
from alpine_service.testing.pages.invented_signals import outcome, us
from alpine_service.testing.pages.story import DELAY, Kind, Line
from alpine_service.testing.small_record import SECOND_US, SmallRecord


@define(eq=False)
class Teller:
    """`indices` has the entry of each signal, or of its commit, by the signal's id."""

    record: SmallRecord
    indices: dict[str, int] = Factory(dict)

    def tell(self, line: Line) -> Entry:
        """Take the entry in, decided at the line's time."""
        # The record lets a second pass with each entry.
        self.record.now_us = us(line.at) - SECOND_US
        entry = self._added(line)
        if line.idea is not None and line.kind in {Kind.ADD, Kind.COMMIT}:
            self.indices[line.idea.id] = entry.index
        if line.is_withheld:
            del self.record.sealed[entry.index]
        return entry

    def _added(self, line: Line) -> Entry:
        match line.kind:
            case Kind.COMMIT:
                delay_s = int(DELAY.total_seconds())
                return self.record.commit(line.members, line.strategy, delay_s)
            case Kind.REVEAL if line.idea is not None:
                return self.record.reveal(self.indices[line.idea.id])
            case Kind.OUTCOME if line.idea is not None:
                _, members = outcome(line.idea, self.indices[line.idea.id])
                return self.record.add(members, line.strategy)
            case _:
                return self.record.add(line.members, line.strategy)
