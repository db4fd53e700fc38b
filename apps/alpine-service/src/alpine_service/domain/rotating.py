"""A secret that somebody may be changing: for a while the old one and the new one may be right.

Nobody can tell which of the two the other side knows already, so the newest is tried first, and one
that was turned down gives way to the other.
"""

from attrs import define, field


@define
class Rotating:
    """The values to try, the likeliest first: one, or two while the secret is being changed."""

    values: tuple[str, ...] = field(repr=False)

    def turned_down(self, value: str) -> None:
        """The other side does not know this one; the other one goes first from now on."""
        if len(self.values) > 1 and self.values[0] == value:
            self.values = (*self.values[1:], value)

    def turn(self, *values: str | None) -> None:
        """These are the values now, the newest first; what is None or the same is left out."""
        self.values = tuple(dict.fromkeys(each for each in values if each is not None))
