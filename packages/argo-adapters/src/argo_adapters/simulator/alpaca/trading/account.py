"""Money and shares of one account. There are no fees, as on the paper host."""

from decimal import Decimal

from attrs import define, field, frozen


@define
class Holding:
    """Shares of one stock, negative when sold short.

    `cost` is what they cost; `day_cost` is the same with what was held at the last close counted
    at that close's price.
    """

    quantity: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    day_cost: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal:
        return self.cost / self.quantity

    def trade(self, shares: Decimal, price: Decimal) -> None:
        """Add shares at a price; a reduction leaves the average cost as it was."""
        before, after = self.quantity, self.quantity + shares
        if before * shares < 0:
            # What is given up takes its part of the cost along.
            kept = after / before if after * before > 0 else Decimal(0)
            self.cost *= kept
            self.day_cost *= kept
            shares = Decimal(0) if after * before > 0 else after
        self.cost += shares * price
        self.day_cost += shares * price
        self.quantity = after


@frozen
class Flow:
    """Money that came in, or went out when negative."""

    id: str
    at: int
    amount: Decimal


@define
class Account:
    """The books. `multiplier` 1 is a cash account; 2 has the buying power of Regulation T."""

    id: str
    cash: Decimal
    last_equity: Decimal
    multiplier: int
    created: int
    holdings: dict[str, Holding] = field(factory=dict)
    flows: list[Flow] = field(factory=list)

    def held(self, symbol: str) -> Decimal:
        """How many shares there are."""
        found = self.holdings.get(symbol)
        return found.quantity if found else Decimal(0)

    def trade(self, symbol: str, shares: Decimal, price: Decimal) -> None:
        """Shares are bought (positive) or sold at a price."""
        self.cash -= shares * price
        self.move(symbol, shares, price)

    def move(self, symbol: str, shares: Decimal, price: Decimal) -> None:
        """Shares come or go at a price without any money."""
        holding = self.holdings.setdefault(symbol, Holding())
        holding.trade(shares, price)
        if not holding.quantity:
            del self.holdings[symbol]

    def split(self, symbol: str, factor: Decimal) -> None:
        """Every share becomes `factor` shares; what they cost in all is the same."""
        if holding := self.holdings.get(symbol):
            holding.quantity *= factor

    def value(self, prices: dict[str, Decimal]) -> Decimal:
        """What the shares are worth."""
        worth = (one.quantity * prices[symbol] for symbol, one in self.holdings.items())
        return sum(worth, Decimal(0))

    def close(self, prices: dict[str, Decimal]) -> None:
        """The session ends: its equity is what the next one is measured by."""
        self.last_equity = self.cash + self.value(prices)
        for symbol, holding in self.holdings.items():
            holding.day_cost = holding.quantity * prices[symbol]

    def buying_power(self, prices: dict[str, Decimal], reserved: Decimal) -> Decimal:
        """What may still be spent, with `reserved` claimed by open orders."""
        if self.multiplier == 1:
            return max(Decimal(0), self.cash - reserved)
        value = self.value(prices)
        excess = self.cash + value - value / self.multiplier
        return max(Decimal(0), excess * self.multiplier - reserved)
