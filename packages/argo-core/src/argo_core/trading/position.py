"""A position, and what it won or lost, by average cost."""

from decimal import Decimal

from attrs import frozen

from argo_core.trading.order import Side

ZERO = Decimal(0)


@frozen
class Position:
    """`quantity` shares (negative: sold short) that cost `average` each.

    `realised` is what closing parts of it earned before `fees`. Fills on the other side close first
    and open the rest anew; average cost as in IFRS 9 / most brokers, not first-in-first-out.
    """

    quantity: Decimal = ZERO
    average: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO

    def after(self, side: Side, quantity: Decimal, price: Decimal, fee: Decimal) -> "Position":
        """This position after a fill; `quantity` is positive."""
        change = quantity * side.sign
        held, total = self.quantity, self.quantity + change
        fees = self.fees + fee
        if held * change >= 0:
            cost = abs(held) * self.average + quantity * price
            return Position(total, cost / abs(total), self.realised, fees)
        closed = min(abs(held), quantity)
        earned = closed * (price - self.average) * (1 if held > 0 else -1)
        average = ZERO if total == 0 else self.average if held * total > 0 else price
        return Position(total, average, self.realised + earned, fees)

    def unrealised(self, mark: Decimal) -> Decimal:
        """What closing it at `mark` would earn."""
        return self.quantity * (mark - self.average)
