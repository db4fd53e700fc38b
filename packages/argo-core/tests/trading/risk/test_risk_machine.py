"""No sequence of orders escapes a limit: all that is traded is counted anew, in fractions.

The account here knows nothing of the rules. After each order it adds up what would be at stake with
that order in its books, and the rules must deny for exactly what is too much then.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from attrs import define, evolve, frozen
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.risk.judge import judge, margins
from argo_core.trading.risk.losses import losses
from argo_core.trading.sizing import size
from argo_core.trading.state import TradingState, state_of
from argo_core.trading.views import AccountView, Closed, MarketView, OpenOrder, Placed, Proposal

SYMBOLS = [Symbol(name) for name in "ABCD"]
SECTORS = {"A": "tech", "B": "tech", "C": "unknown", "D": "unknown"}
SECOND = timedelta(seconds=1)

# Narrow enough for every limit to be met within a few steps.
NARROW = RiskLimits(
    risk_per_trade=Decimal("0.02"),
    order_cap=Decimal(3_500),
    order_share=Decimal("0.3"),
    symbol_share=Decimal("0.35"),
    sector_share=Decimal("0.45"),
    gross_share=Decimal("0.7"),
    positions=3,
    orders_per_minute=3,
    symbol_orders_per_minute=2,
    orders_per_day=7,
    cooldown=timedelta(seconds=60),
    stop_cooldown=timedelta(seconds=300),
    stops=2,
    stops_within=timedelta(seconds=900),
    stops_rest=timedelta(seconds=600),
    daily_loss_reduce=Decimal("0.02"),
    daily_loss_halt=Decimal("0.1"),
    drawdown_halt=Decimal("0.05"),
)
LIMITS = [NARROW, evolve(NARROW, short_selling=True), RiskLimits()]


@define
class Entry:
    symbol: Symbol
    side: Side
    remaining: int
    price: Decimal
    at: datetime


@frozen
class Want:
    """An entry that somebody thinks of: percents away from the price, None as sized."""

    symbol: Symbol
    side: Side
    away: int
    stop: int
    quantity: int | None
    decided_s: int


WANTS = st.builds(
    Want,
    symbol=st.sampled_from(SYMBOLS),
    side=st.sampled_from([Side.BUY, Side.BUY, Side.SELL]),
    away=st.sampled_from([0, 0, 0, 0, 2, 3, -2, -3]),
    stop=st.sampled_from([5, 2, 1, -1]),
    quantity=st.none() | st.integers(1, 5) | st.integers(6, 40),
    decided_s=st.sampled_from([0, 0, 0, 100, 101]),
)
# One thing at a time, or no order would ever be allowed.
MARKETS = st.sampled_from(
    [
        *[{}] * 6,
        {"age": 15},
        {"age": 16},
        {"wide": True},
        {"second": "1.005"},
        {"second": "1.0051"},
        {"second": "0.99"},
        {"adv": 0},
        {"adv": 100_000},
        {"adv": 300_000},
        {"halted": True},
    ]
)


def session_of(day: datetime) -> Session:
    midnight = day.replace(hour=0, minute=0, second=0)
    hours = [9, 14.5, 21, 23.5]
    return Session(*(midnight + timedelta(hours=hour) for hour in hours))


class Trading(RuleBasedStateMachine):
    """An account that is traded by whoever wants to, and asks before each order."""

    def __init__(self):
        super().__init__()
        self.now = datetime(2024, 11, 25, 14, 40, tzinfo=UTC)
        self.cash = Fraction(10_000)
        self.opened = self.high = self.cash
        self.flows = Fraction(0)
        self.shares = dict.fromkeys(SYMBOLS, 0)
        self.marks = dict.fromkeys(SYMBOLS, Decimal(100))
        self.entries = []
        self.exits = {}
        self.placed = []
        self.opened_at = []
        self.closed = []
        self.causes = set()
        self.halted = False
        self.limits = NARROW

    @initialize(limits=st.sampled_from(LIMITS), minute=st.sampled_from([40, 40, 34, 35, 415, 416]))
    def begin(self, limits, minute):
        self.limits = limits
        self.now = self.now.replace(hour=14, minute=0) + timedelta(minutes=minute)

    # What the account is worth, counted by itself.

    @property
    def equity(self):
        return self.cash + sum(self.shares[name] * Fraction(self.marks[name]) for name in SYMBOLS)

    def at_stake(self, name):
        held = abs(self.shares[name]) * Fraction(self.marks[name])
        ordered = [each for each in self.entries if each.symbol == name]
        return held + sum(each.remaining * Fraction(each.price) for each in ordered)

    def in_play(self):
        ordered = {each.symbol for each in self.entries}
        return {name for name in SYMBOLS if self.shares[name] or name in ordered}

    @property
    def power(self):
        return self.equity - sum(
            abs(self.shares[name]) * Fraction(self.marks[name]) for name in SYMBOLS
        )

    # What the rules are shown.

    def state(self):
        return TradingState.HALTED if self.halted else state_of(self.causes)

    def account(self):
        reserves = [
            OpenOrder(each.symbol, each.side, Decimal(each.remaining), each.price, opens=True)
            for each in self.entries
        ]
        closing = [
            OpenOrder(name, self.way_out(name), Decimal(left), self.marks[name], opens=False)
            for name, left in self.exits.items()
            if self.shares[name]
        ]
        return AccountView(
            state=self.state(),
            equity=exact(self.equity),
            opened=exact(self.opened),
            flows=exact(self.flows),
            high=exact(self.high),
            buying_power=exact(self.power),
            positions={name: Decimal(held) for name, held in self.shares.items()},
            marks=dict(self.marks),
            sectors={Symbol(name): sector for name, sector in SECTORS.items()},
            orders=tuple(reserves + closing),
            placed=tuple(self.placed),
            closed=tuple(self.closed),
        )

    def market(self, name, *, age=0, wide=False, second="1", adv=1_000_000, halted=False):
        mark = self.marks[name]
        half = mark * (Decimal("0.003") if wide else Decimal("0.001"))
        at = self.now - age * SECOND
        hours = session_of(self.now)
        return MarketView(
            quote=Quote(name, mark, at, self.now, "a", bid=mark - half, ask=mark + half),
            phase=hours.phase(self.now),
            session=hours,
            second=Quote(name, mark * Decimal(second), at, self.now, "b"),
            adv=Decimal(adv),
            sector=SECTORS[name],
            halted=halted,
        )

    def way_out(self, name):
        return Side.SELL if self.shares[name] > 0 else Side.BUY

    # What happens.

    @rule(name=st.sampled_from(SYMBOLS), percent=st.sampled_from([50, 90, 97, 99, 101, 110, 150]))
    def prices_move(self, name, percent):
        moved = (self.marks[name] * percent / 100).quantize(Decimal("0.01"))
        self.marks[name] = min(max(moved, Decimal(1)), Decimal(5_000))

    @rule(seconds=st.sampled_from([1, 30, 59, 60, 61, 299, 300, 600, 900, 7_200]))
    def time_passes(self, seconds):
        self.now += seconds * SECOND

    @rule()
    def a_day_begins(self):
        self.now = (self.now + timedelta(days=1)).replace(hour=14, minute=40, second=0)
        self.opened, self.flows = self.equity, Fraction(0)

    @rule(amount=st.sampled_from([-2_000, 3_000]))
    def money_flows(self, amount):
        self.cash += amount
        self.flows += amount
        self.high += amount

    @precondition(lambda self: len(self.opened_at) > 2)
    @rule()
    def an_operator_halts(self):
        self.halted = True

    @rule()
    def an_operator_resumes(self):
        self.halted = False
        self.causes.clear()
        self.high = max(self.equity, Fraction(1))

    @rule(want=WANTS, market=MARKETS)
    def somebody_wants_in(self, want, market):
        self.ask(want, market)

    @rule(name=st.sampled_from(SYMBOLS), quantity=st.none() | st.integers(1, 10))
    def somebody_wants_in_on_a_calm_day(self, name, quantity):
        self.ask(Want(name, Side.BUY, 0, 2, quantity, 0), {})

    def ask(self, want, market):
        name, side, quantity = want.symbol, want.side, want.quantity
        mark = self.marks[name]
        limit = mark * (100 + want.away) / 100
        proposal = Proposal(
            symbol=name,
            asset_class=AssetClass.STOCK,
            side=side,
            quantity=Decimal(quantity or 0),
            limit=limit,
            opens=True,
            stop=limit * (100 - want.stop * side.sign) / 100,
            decided_at=self.now - want.decided_s * SECOND,
            horizon_s=400,
        )
        view = self.market(name, **market)
        account = self.account()
        if quantity is None:
            sized = size(proposal, account, view, self.limits, self.now).quantity
            proposal = evolve(proposal, quantity=sized)
        certificate = judge("id", proposal, account, view, self.limits, self.now)

        fills_at = limit if side is Side.BUY else max(limit, mark)
        entry = Entry(name, side, int(proposal.quantity), fills_at, self.now)
        before = self.power - sum(each.remaining * Fraction(each.price) for each in self.entries)
        again = sum(each.symbol == name and each.side is side for each in self.entries)
        self.entries.append(entry)
        self.placed.append(Placed(self.now, name, opens=True))
        expected = {
            *self.too_much(entry, before, again),
            *self.too_fast(name),
            *self.lost_too_much(),
            *self.wrong_market(proposal, market),
            *self.wrong_order(proposal, want),
        }
        denied = {one.rule for one in certificate.results if one.denial}
        assert denied == expected
        assert certificate.allowed == (not expected)
        if quantity is None:
            sizes = {"order_value", "liquidity", "risk_per_trade", "buying_power"}
            if proposal.quantity:
                exposures = {"symbol_exposure", "sector_exposure", "gross_exposure"}
                assert not denied & (sizes | exposures)
            event("sized" if proposal.quantity else "too small")
        if certificate.allowed:
            self.opened_at.append(self.now)
        else:
            self.entries.pop()
            self.placed.pop()
        for one in expected or {"allowed"}:
            event(one)

    def too_much(self, entry, power, again):
        limits, equity, name = self.limits, self.equity, entry.symbol
        worth = entry.remaining * Fraction(entry.price)
        stakes = {each: self.at_stake(each) for each in SYMBOLS}
        sector = sum(stakes[each] for each in SYMBOLS if SECTORS[each] == SECTORS[name])
        if worth > min(Fraction(limits.order_cap), Fraction(limits.order_share) * equity):
            yield "order_value"
        if stakes[name] > Fraction(limits.symbol_share) * equity:
            yield "symbol_exposure"
        if sector > Fraction(limits.sector_share) * equity:
            yield "sector_exposure"
        if sum(stakes.values()) > Fraction(limits.gross_share) * equity:
            yield "gross_exposure"
        if len(self.in_play()) > limits.positions:
            yield "positions"
        if power < worth:
            yield "buying_power"
        if again or self.shares[name]:
            yield "duplicate"

    def too_fast(self, name):
        limits, now = self.limits, self.now
        minute = [one for one in self.placed if (now - one.at).total_seconds() < 60]
        if len(minute) > limits.orders_per_minute:
            yield "rate_minute"
        if len([one for one in minute if one.symbol == name]) > limits.symbol_orders_per_minute:
            yield "rate_symbol"
        if len([one for one in self.placed if now - one.at < timedelta(1)]) > limits.orders_per_day:
            yield "rate_day"
        for one in self.closed:
            rest = limits.stop_cooldown if one.stopped else limits.cooldown
            if one.symbol == name and now < one.at + rest:
                yield "cooldown"
        stops = [one.at for one in self.closed if one.stopped]
        for last in stops:
            near = [at for at in stops if last - limits.stops_within <= at <= last]
            if len(near) >= limits.stops and now < last + limits.stops_rest:
                yield "stopped_out"

    def lost_too_much(self):
        limits = self.limits
        day = (self.equity - self.opened - self.flows) / self.opened if self.opened > 0 else -1
        if day <= -Fraction(limits.daily_loss_reduce):
            yield "daily_loss"
        if self.high <= 0 or 1 - self.equity / self.high >= Fraction(limits.drawdown_halt):
            yield "drawdown"
        if self.state() is not TradingState.ACTIVE:
            yield "state"

    def wrong_market(self, proposal, market):
        hours, now = session_of(self.now), self.now
        edge = timedelta(minutes=5)
        if (
            hours.phase(now) is not Phase.REGULAR
            or not hours.open + edge <= now <= hours.close - edge
        ):
            yield "session"
        if market.get("halted"):
            yield "symbol_halted"
        if market.get("age", 0) > 15:
            yield "quote"
        if market.get("wide"):
            yield "spread"
        if market.get("second", "1") in {"1.0051", "0.99"}:
            yield "feeds"
        mark = Fraction(self.marks[proposal.symbol])
        if abs(Fraction(proposal.limit) / mark - 1) > Fraction(2, 100):
            yield "collar"
        price = Fraction(proposal.limit)
        worth = int(proposal.quantity) * (price if proposal.side is Side.BUY else max(price, mark))
        if worth > Fraction(market.get("adv", 1_000_000), 100):
            yield "liquidity"

    def wrong_order(self, proposal, want):
        held = self.shares[proposal.symbol]
        short = proposal.side is Side.SELL and proposal.quantity > max(held, 0)
        if short and not self.limits.short_selling:
            yield "short_selling"
        if want.decided_s > 100:
            yield "signal_age"
        if proposal.quantity < 1:
            yield "size"
        distance = Fraction(proposal.limit) * want.stop / 100
        forgiven = min(Fraction(1, 100), distance / 10)
        most = Fraction(self.limits.risk_per_trade) * self.equity
        if distance <= 0 or int(proposal.quantity) * (distance - forgiven) > most:
            yield "risk_per_trade"

    @precondition(lambda self: any(self.shares.values()))
    @rule(data=st.data(), more=st.sampled_from([-1, 0, 0, 0, 1]), blind=st.booleans())
    def somebody_wants_out(self, data, more, blind):
        name = data.draw(st.sampled_from([each for each in SYMBOLS if self.shares[each]]))
        held = abs(self.shares[name])
        view = MarketView(None, Phase.CLOSED) if blind else self.market(name)
        proposal = Proposal(
            symbol=name,
            asset_class=AssetClass.STOCK,
            side=self.way_out(name),
            quantity=Decimal(held + more),
            limit=self.marks[name],
            opens=False,
        )
        certificate = judge("id", proposal, self.account(), view, self.limits, self.now)
        assert certificate.allowed == (0 < held + more <= held)
        if certificate.allowed:
            self.placed.append(Placed(self.now, name, opens=False))
            # The broker holds the shares that are for sale, so there is one exit at a time.
            self.exits[name] = held + more

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), wholly=st.booleans())
    def an_entry_is_filled(self, data, wholly):
        entry = data.draw(st.sampled_from(self.entries))
        filled = entry.remaining if wholly else (entry.remaining + 1) // 2
        entry.remaining -= filled
        if not entry.remaining:
            self.entries.remove(entry)
        self.trade(entry.symbol, filled * entry.side.sign, entry.price, stopped=False)

    @precondition(lambda self: self.entries)
    @rule()
    def all_entries_are_filled(self):
        for entry in self.entries:
            self.trade(entry.symbol, entry.remaining * entry.side.sign, entry.price, stopped=False)
        self.entries.clear()

    @precondition(lambda self: any(self.shares.values()))
    @rule(data=st.data(), stopped=st.booleans())
    def a_position_ends(self, data, stopped):
        name = data.draw(st.sampled_from([each for each in SYMBOLS if self.shares[each]]))
        self.trade(name, -self.shares[name], self.marks[name], stopped=stopped)

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def an_entry_is_cancelled(self, data):
        self.entries.remove(data.draw(st.sampled_from(self.entries)))

    @precondition(lambda self: any(self.exits.values()))
    @rule(data=st.data(), wholly=st.booleans(), stopped=st.booleans())
    def an_exit_is_filled(self, data, wholly, stopped):
        name = data.draw(st.sampled_from(sorted(self.exits)))
        left = min(self.exits[name], abs(self.shares[name]))
        filled = left if wholly else (left + 1) // 2
        self.exits[name] = left - filled
        self.trade(name, filled * self.way_out(name).sign, self.marks[name], stopped=stopped)

    def trade(self, name, change, price, *, stopped):
        held = self.shares[name]
        self.shares[name] = held + change
        self.cash -= change * Fraction(price)
        if held and held * self.shares[name] <= 0:
            self.closed.append(Closed(self.now, name, stopped))
            self.exits.pop(name, None)

    # What holds whatever happens.

    @invariant()
    def losses_are_causes_of_a_state(self):
        if self.high > 0 and self.opened > 0:
            self.high = max(self.high, self.equity)
        found = {cause for cause, _ in losses(self.account(), self.limits)}
        self.causes |= found

    @invariant()
    def nothing_is_sold_short_unless_that_is_allowed(self):
        assert self.limits.short_selling or min(self.shares.values()) >= 0

    @invariant()
    def there_are_no_more_positions_than_allowed(self):
        assert len(self.in_play()) <= self.limits.positions

    @invariant()
    def no_side_of_a_symbol_has_two_live_entries(self):
        live = [(each.symbol, each.side) for each in self.entries]
        assert len(live) == len(set(live))

    @invariant()
    def no_minute_has_seen_too_many_entries(self):
        last = [at for at in self.opened_at if (self.now - at).total_seconds() < 60]
        assert len(last) <= self.limits.orders_per_minute

    @invariant()
    def what_is_left_is_what_was_counted(self):
        left = {one.rule: one.margin for one in margins(self.account(), self.limits, self.now)}
        stakes = sum(self.at_stake(name) for name in SYMBOLS)
        room = Fraction(self.limits.gross_share) * self.equity - stakes
        assert Fraction(left["gross_exposure"]) == room
        assert left["positions"] == self.limits.positions - len(self.in_play())


def exact(value):
    """Everything here is of few decimals, so nothing is lost."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(number) == value
    return number


TestTrading = Trading.TestCase
TestTrading.settings = settings(stateful_step_count=40)
