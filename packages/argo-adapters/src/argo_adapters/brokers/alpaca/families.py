"""Which order a leg belongs to: Alpaca says so only where it shows the leg inside of its entry."""

from collections import OrderedDict

MOST = 20_000


class Families:
    """Remembers the entries of legs, the newest 20,000, by Alpaca's ids."""

    def __init__(self) -> None:
        self._parents: OrderedDict[str, str | None] = OrderedDict()

    def knows(self, id_: str) -> bool:
        """Whether it is known to be a leg, or to be none."""
        return id_ in self._parents

    def parent(self, id_: str, replaces: str | None) -> str | None:
        """The entry of that leg, or of the leg that it replaces; None where it is none."""
        return self._parents.get(id_) or (self._parents.get(replaces) if replaces else None)

    def remember(self, id_: str, parent: str | None) -> None:
        """The order is a leg of `parent`, or stands alone; what was known of it before stays."""
        if self._parents.get(id_) is None:
            self._parents[id_] = parent
        if len(self._parents) > MOST:
            self._parents.popitem(last=False)
