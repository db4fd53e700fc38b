"""One row of bars after another: fills, marks and decisions, by the rules of the reference page.

The rules are those of `docs/reference/backtest.md`, section by section; the plain form
(`argo_core.backtest.plain`) says the same with values that have names. Everything is whole numbers,
so that nothing is ever rounded twice and both forms agree exactly. All of it is one module, as
`compiled` wants it.

The walk does not count who owns an array each time that one is taken out of its tuple: across
threads, that took 350 ns a row, more than all else where there is one symbol.
"""

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.kernel.compiled import compiled, inlined, uncounted
from argo_core.backtest.kernel.layout import (
    ADV,
    BEST,
    BORROW,
    BORROW_RATE,
    CASH,
    COLLAR,
    COOLDOWN,
    DAILY_LOSS,
    DRAWDOWN,
    ENDED,
    ENDED_AT,
    EQUITY,
    EXIT,
    EXIT_ROW,
    FEES,
    FILLS,
    GROSS,
    GROSS_SHARE,
    HALF,
    HALTED,
    HELD,
    HIGH,
    HOLD_CLOSES,
    HORIZON,
    LAST,
    LEFT,
    MINIMUM,
    OPENED,
    ORDER,
    ORDER_CAP,
    PARTICIPATION,
    PATIENCE,
    PER_SHARE,
    POSITIONS,
    QUANTITY,
    REDUCED,
    REF,
    RISK,
    ROOM,
    ROW,
    SEC,
    SESSION,
    SHORT,
    SLIPPAGE,
    STOP,
    STOP_COOLDOWN,
    STOPPED,
    STOPS,
    SYMBOL,
    TAF,
    TAF_MOST,
    TARGET,
    TARGETS,
    TOUCHED,
    TRAIL,
    UNTIL,
    WAITING,
    WANTED,
    WANTED_ROW,
    WANTED_STOP,
    WANTED_TARGET,
    WANTED_UNTIL,
    Book,
    Table,
)

M = 1_000_000
UNBOUNDED = 1 << 60
UNASKED = -1
MOST_SYMBOLS = 1 << 20
MOST_WORTH = 9e17
"""In units; ten times as much, which a share may be, is still below 2^63."""
BEYOND = "what the account holds is worth more than can be reckoned with"

# Reasons of fills; the values of `FillReason`.
BY_ENTRY, BY_STOP, BY_TARGET, BY_TIME, BY_SIGNAL = 0, 1, 2, 3, 4

NEAREST, FARTHEST, UNSURE = 1_000, 200_000, 5_000


@compiled
def share(amount: int, ppm: int) -> int:
    """So many millionths of an amount, rounded down, without leaving 64 bits."""
    return (amount // M) * ppm + ((amount % M) * ppm) // M


@compiled
def share_up(amount: int, ppm: int) -> int:
    """As `share`, rounded up."""
    return -share(-amount, ppm)


@compiled
def lowered(price: int, ppm: int) -> int:
    """A price less so many millionths, rounded down; one unit at least."""
    return max(1, price * (M - ppm) // M)


@compiled
def raised(price: int, ppm: int) -> int:
    """A price and so many millionths more, rounded up."""
    return -(-price * (M + ppm) // M)


@compiled
def worse(price: int, side: int, ppm: int) -> int:
    """What a market order pays or gets at a price of the bars."""
    return raised(price, ppm) if side > 0 else lowered(price, ppm)


@compiled
def fee_of(params: Ints, signed: int, value: int) -> int:
    """`FeeSchedule.total` in units: each part is rounded up to a cent of its own."""
    shares = abs(signed)
    cents = max(params[MINIMUM], share_up(shares, params[PER_SHARE]))
    if signed < 0:
        # The rate is in 10^-10 of the value, whose units are 10^-2 cents: 10^12 to a cent.
        rest = (value % M) * params[SEC]
        most = (value // M) * params[SEC] + rest // M
        cents += most // M + (1 if most % M or rest % M else 0)
        cents += min(params[TAF_MOST], share_up(shares, params[TAF]))
    return int(cents * 100)


@inlined
def fill(  # noqa: PLR0917 - by place, as `compiled` wants it
    account: Ints,
    state: Ints,
    params: Ints,
    fills: Ints,
    one: int,
    signed: int,
    price: int,
    reason: int,
) -> None:
    """Shares change hands, bought above zero and sold below: cash, position, room and record."""
    if abs(float(signed)) * price > MOST_WORTH:
        raise OverflowError(BEYOND)
    value = abs(signed) * price
    fee = fee_of(params, signed, value)
    account[CASH] -= signed * price + fee
    account[FEES] += fee
    state[QUANTITY, one] += signed
    state[ROOM, one] -= abs(signed)
    at = account[FILLS]
    account[FILLS] += 1
    fills[at, 0], fills[at, 1], fills[at, 2] = account[ROW], one, 1 if signed > 0 else -1
    fills[at, 3], fills[at, 4], fills[at, 5], fills[at, 6] = abs(signed), price, fee, reason
    if reason == BY_ENTRY:
        fills[at, 7] = state[WANTED_ROW, one]
        fills[at, 8] = state[STOP, one] if params[STOPS] else 0
    else:
        fills[at, 7] = state[EXIT_ROW, one] if state[EXIT, one] else account[ROW]
        fills[at, 8] = 0


@compiled
def room_in(params: Ints, volume: int) -> int:
    """How many shares of a bar's volume may be ours."""
    return share(volume, params[PARTICIPATION]) if params[PARTICIPATION] else UNBOUNDED


@inlined
def close_out(  # noqa: PLR0917 - by place, as `compiled` wants it
    account: Ints,
    state: Ints,
    params: Ints,
    fills: Ints,
    volume: Ints,
    known: int,
    one: int,
    price: int,
    reason: int,
) -> None:
    """Sell or buy back what the room lets through; a stop goes on for what is left."""
    quantity = state[QUANTITY, one]
    if state[ROOM, one] == UNASKED:
        state[ROOM, one] = room_in(params, volume[account[ROW], one])
    shares = min(abs(quantity), state[ROOM, one])
    if shares > 0:
        signed = -shares if quantity > 0 else shares
        fill(account, state, params, fills, one, signed, price, reason)
        state[TOUCHED, one] = 1
    if state[QUANTITY, one] == 0:
        state[EXIT, one] = 0
        state[ENDED, one], state[ENDED_AT, one] = 1, known
        state[STOPPED, one] = 1 if reason == BY_STOP else 0
        account[LEFT] += 1
    elif reason == BY_STOP and state[EXIT, one] == 0:
        state[EXIT, one], state[EXIT_ROW, one] = BY_STOP, account[ROW]


@inlined
def begin_session(book: Book, session: int) -> None:
    """A new day: its opening equity, and what borrowed shares cost since the last."""
    account, params = book.account, book.params
    if account[ROW] > 0 and session != account[SESSION]:
        account[OPENED] = account[EQUITY]
        account[REDUCED] = 0
        if params[SHORT] and params[BORROW_RATE]:
            pay_lenders(book, session - account[SESSION])
    account[SESSION] = session


@compiled
def pay_lenders(book: Book, days: int) -> None:
    """What is sold short was lent for so many days."""
    account, state, params, held = book.account, book.state, book.params, book.held
    rate = params[BORROW_RATE]
    worth = 0
    for place in range(account[HELD]):
        one = held[place]
        worth += max(0, -state[QUANTITY, one]) * state[LAST, one]
    if float(worth) * rate * days > MOST_WORTH * M:
        raise OverflowError(BEYOND)
    cost = -(-share(worth, rate) * days // 365)
    account[CASH] -= cost
    account[BORROW] += cost


@inlined
def reached_by(  # noqa: PLR0917 - by place, as `compiled` wants it
    state: Ints, params: Ints, one: int, sign: int, worst: int, best: int
) -> int:
    """BY_STOP, else BY_TARGET, where a position could be left at its level, else 0.

    A bid, rounded down, is at or below a level where price * (M - half) < (level + 1) * M, and so
    on: products say the same as quotients that were rounded, in a tenth of their time.
    """
    rate = M - sign * params[HALF]
    if params[STOPS] and (worst * rate - state[STOP, one] * M) * sign < M:
        return BY_STOP
    if params[TARGETS] and (best * rate - state[TARGET, one] * M) * sign >= 0:
        return BY_TARGET
    return 0


@inlined
def exits_at_open(book: Book, table: Table) -> None:
    """Exits that were decided, and levels that the open has reached."""
    account, state = book.account, book.state
    params, held, fills = book.params, book.held, book.fills
    times, opens, volumes = table.known, table.open, table.volume
    at, known = account[ROW], times[account[ROW]]
    levels = params[STOPS] or params[TARGETS]
    for place in range(account[HELD]):
        one = held[place]
        leaving = state[EXIT, one]
        if not (levels or leaving):
            continue
        state[TOUCHED, one] = 0
        price = opens[at, one]
        if price == 0:
            continue
        state[ROOM, one] = UNASKED
        sign = 1 if state[QUANTITY, one] > 0 else -1
        reason = leaving or reached_by(state, params, one, sign, price, price)
        if reason:
            ppm = params[HALF] + (0 if reason == BY_TARGET else params[SLIPPAGE])
            paid = worse(price, -sign, ppm)
            close_out(account, state, params, fills, volumes, known, one, paid, reason)


@inlined
def entries_at_open(book: Book, table: Table) -> None:
    """Waiting entries whose symbols have a bar are filled or lapse; others grow impatient."""
    account, state, params = book.account, book.state, book.params
    waiting, candidates, fills = book.waiting, book.candidates, book.fills
    opens, volumes = table.open, table.volume
    at = account[ROW]
    count, entered = account[WAITING], 0
    account[WAITING] = 0
    for place in range(count):
        one = waiting[place]
        price = opens[at, one]
        if price:
            state[ROOM, one] = room_in(params, volumes[at, one])
            if enter(account, state, params, fills, one, price):
                candidates[entered] = one
                entered += 1
        elif at - state[WANTED_ROW, one] < params[PATIENCE]:
            waiting[account[WAITING]] = one
            account[WAITING] += 1
            continue
        state[WANTED, one] = 0
    if entered:
        hold(book, entered)


@inlined
def enter(  # noqa: PLR0917 - by place, as `compiled` wants it
    account: Ints, state: Ints, params: Ints, fills: Ints, one: int, price: int
) -> bool:
    """Open the position that was wanted, as far as price, room and cash allow; whether any."""
    wanted = state[WANTED, one]
    side = 1 if wanted > 0 else -1
    paid = worse(price, side, params[HALF] + params[SLIPPAGE])
    ref, collar = state[REF, one], params[COLLAR]
    if collar:
        edge = ref * (M + collar) // M if side > 0 else -(-ref * (M - collar) // M)
        if (paid - edge) * side > 0:
            return False
    touch = worse(price, -side, params[HALF])
    if params[STOPS] and (touch - state[WANTED_STOP, one]) * side <= 0:
        return False
    if params[TARGETS] and (paid - state[WANTED_TARGET, one]) * side >= 0:
        return False
    shares = min(abs(wanted), state[ROOM, one])
    if side > 0 and shares > 0:
        # What a purchase costs in fees does not depend on its value.
        fee = fee_of(params, shares, 0)
        shares = min(shares, (account[CASH] - fee) // paid)
    if shares < 1:
        return False
    state[STOP, one], state[TARGET, one] = state[WANTED_STOP, one], state[WANTED_TARGET, one]
    state[UNTIL, one], state[BEST, one] = state[WANTED_UNTIL, one], paid
    state[LAST, one], state[EXIT, one], state[TOUCHED, one] = price, 0, 0
    fill(account, state, params, fills, one, side * shares, paid, BY_ENTRY)
    return True


@compiled
def put_in_order(numbers: Ints, count: int) -> None:
    """Sort the first `count`, which often are in order: those that are equally sure come so."""
    for place in range(1, count):
        if numbers[place - 1] > numbers[place]:
            numbers[:count].sort()
            return


@inlined
def hold(book: Book, entered: int) -> None:
    """Put the new positions, so many of `candidates`, among the old ones in the panel's order."""
    account, held, candidates = book.account, book.held, book.candidates
    put_in_order(candidates, entered)
    old = account[HELD] - 1
    account[HELD] += entered
    place = account[HELD] - 1
    for last in range(entered - 1, -1, -1):
        while old >= 0 and held[old] > candidates[last]:
            held[place] = held[old]
            old -= 1
            place -= 1
        held[place] = candidates[last]
        place -= 1


@inlined
def drop_ended(book: Book) -> None:
    """Keep in the list of positions what is one still."""
    account, state, held = book.account, book.state, book.held
    if account[LEFT] == 0:
        return
    kept = 0
    for place in range(account[HELD]):
        one = held[place]
        held[kept] = one
        kept += 1 if state[QUANTITY, one] else 0
    account[HELD], account[LEFT] = kept, 0


@inlined
def levels_inside(book: Book, table: Table) -> None:
    """Stops and targets that the bar has reached after its open, the stop first."""
    account, state = book.account, book.state
    params, held, fills = book.params, book.held, book.fills
    times, opens = table.known, table.open
    highs, lows, volumes = table.high, table.low, table.volume
    at, known = account[ROW], times[account[ROW]]
    if not (params[STOPS] or params[TARGETS]):
        return
    for place in range(account[HELD]):
        one = held[place]
        quantity = state[QUANTITY, one]
        gone = quantity == 0 or state[EXIT, one] or state[TOUCHED, one]
        if gone or opens[at, one] == 0:
            continue
        sign = 1 if quantity > 0 else -1
        low, high = lows[at, one], highs[at, one]
        worst, best = (low, high) if quantity > 0 else (high, low)
        reason = reached_by(state, params, one, sign, worst, best)
        if reason:
            price = state[TARGET, one]
            if reason == BY_STOP:
                price = worse(state[STOP, one], -sign, params[SLIPPAGE])
            close_out(account, state, params, fills, volumes, known, one, price, reason)


@compiled
def trail(state: Ints, one: int, params: Ints, high: int, low: int) -> None:
    """Move the stop after the best price that there was; it never goes back."""
    if state[QUANTITY, one] > 0:
        best = max(state[BEST, one], lowered(high, params[HALF]))
        state[STOP, one] = max(state[STOP, one], best - share(best, params[TRAIL]))
    else:
        best = min(state[BEST, one], raised(low, params[HALF]))
        state[STOP, one] = min(state[STOP, one], best + share(best, params[TRAIL]))
    state[BEST, one] = best


@inlined
def close_row(book: Book, table: Table) -> None:
    """What every position is worth at the close, and whether it is to end.

    Marks and exits are one pass, because neither asks for anything of the other.
    """
    account, state, params, held = book.account, book.state, book.params, book.held
    times, highs = table.known, table.high
    lows, closes, ways = table.low, table.close, table.direction
    at, known = account[ROW], times[account[ROW]]
    trails, horizon = params[TRAIL] and params[STOPS], params[HORIZON]
    worth, gross, heavy = 0, 0, abs(float(account[CASH]))
    for place in range(account[HELD]):
        one = held[place]
        quantity, close = state[QUANTITY, one], closes[at, one]
        if close:
            state[LAST, one] = close
            if trails:
                trail(state, one, params, highs[at, one], lows[at, one])
        last = state[LAST, one]
        heavy += abs(float(quantity)) * last
        if heavy > MOST_WORTH:
            raise OverflowError(BEYOND)
        value = quantity * last
        worth += value
        gross += abs(value)
        if state[EXIT, one]:
            continue
        if horizon and known >= state[UNTIL, one]:
            state[EXIT, one], state[EXIT_ROW, one] = BY_TIME, at
        elif close:
            against = ways[at, one] * (1 if quantity > 0 else -1)
            if against < 0 or (against == 0 and params[HOLD_CLOSES]):
                state[EXIT, one], state[EXIT_ROW, one] = BY_SIGNAL, at
    account[EQUITY], account[GROSS] = account[CASH] + worth, gross


@inlined
def rules_of_loss(account: Ints, params: Ints) -> None:
    """High water, and whether a rule allows no more entries."""
    equity = account[EQUITY]
    account[HIGH] = max(account[HIGH], equity)
    loss, fall = params[DAILY_LOSS], params[DRAWDOWN]
    if loss and account[OPENED] - equity >= share_up(account[OPENED], loss):
        account[REDUCED] = 1
    if fall and account[HIGH] - equity >= share_up(account[HIGH], fall):
        account[HALTED] = 1


@compiled
def rested(state: Ints, one: int, params: Ints, known: int) -> bool:
    """Whether the last position ended long enough ago."""
    pause = params[STOP_COOLDOWN] if state[STOPPED, one] else params[COOLDOWN]
    return bool(state[ENDED, one] == 0 or known - state[ENDED_AT, one] >= pause)


@inlined
def entries_at_close(book: Book, table: Table) -> None:
    """Decide entries, the surest first, each counting on what those before it reserve."""
    account, state = book.account, book.state
    params, waiting, candidates = book.params, book.waiting, book.candidates
    times, closes = table.known, table.close
    ways, strays, values = table.direction, table.stray, table.adv
    if account[REDUCED] or account[HALTED]:
        for place in range(account[WAITING]):
            state[WANTED, waiting[place]] = 0
        account[WAITING] = 0
        return
    left = params[POSITIONS] - account[HELD] - account[WAITING]
    count = line_up(book, table) if left > 0 else 0
    if count == 0:
        return
    reserved, spent = 0, 0
    for place in range(account[WAITING]):
        one = waiting[place]
        reserved += abs(state[WANTED, one]) * state[REF, one]
        spent += max(0, state[WANTED, one]) * state[REF, one]
    at, leveled = account[ROW], params[STOPS] or params[TARGETS]
    for place in range(count):
        one = candidates[place] % MOST_SYMBOLS
        stray = int(strays[at, one]) if leveled else -1
        want(state, one, int(ways[at, one]), closes[at, one], stray)
        state[WANTED_ROW, one] = at
        state[WANTED_UNTIL, one] = times[at] + params[HORIZON]
        adv = values[at, one] if params[ADV] else 0
        shares = sized(account, state, params, one, adv, reserved, spent)
        if shares < 1:
            state[WANTED, one] = 0
            continue
        state[WANTED, one] *= shares
        reserved += shares * state[REF, one]
        spent += max(0, state[WANTED, one]) * state[REF, one]
        waiting[account[WAITING]] = one
        account[WAITING] += 1
        left -= 1
        if left == 0:
            return


@inlined
def line_up(book: Book, table: Table) -> int:
    """Sort who may enter into `candidates`, the surest first; how many there are."""
    account, state, params, candidates = book.account, book.state, book.params, book.candidates
    times, closes, ways, confidences = table.known, table.close, table.direction, table.confidence
    at = account[ROW]
    short, known, count = params[SHORT] != 0, times[at], 0
    for one in range(len(candidates)):
        way = ways[at, one]
        # One question about all of it: asked one by one, every answer would be a surprise.
        free = (state[QUANTITY, one] | state[WANTED, one]) == 0
        if not (free & ((way > 0) | ((way < 0) & short))) or closes[at, one] == 0:
            continue
        if rested(state, one, params, known):
            doubt = (1 << 15) - abs(int(confidences[at, one]))
            candidates[count] = doubt * MOST_SYMBOLS + one
            count += 1
    put_in_order(candidates, count)
    return count


@inlined
def want(state: Ints, one: int, way: int, ref: int, stray: int) -> None:
    """Note an entry of one share at the close, with its levels."""
    far = UNSURE if stray < 0 else min(FARTHEST, max(NEAREST, stray))
    if way > 0:
        state[WANTED, one] = 1
        state[WANTED_STOP, one] = max(1, ref * (M - far) // M)
        state[WANTED_TARGET, one] = -(-ref * (2 * M + 3 * far) // (2 * M))
    else:
        state[WANTED, one] = -1
        state[WANTED_STOP, one] = -(-ref * (M + far) // M)
        state[WANTED_TARGET, one] = max(1, ref * (2 * M - 3 * far) // (2 * M))
    state[REF, one] = ref


@inlined
def sized(  # noqa: PLR0917 - by place, as `compiled` wants it
    account: Ints, state: Ints, params: Ints, one: int, adv: int, reserved: int, spent: int
) -> int:
    """How many shares the caps leave; may be less than one."""
    ref, equity = state[REF, one], account[EQUITY]
    room = params[ORDER_CAP]
    if params[ORDER]:
        room = min(room, share(equity, params[ORDER]))
    if params[ADV]:
        room = min(room, share(adv, params[ADV]) if adv >= 0 else 0)
    if params[SYMBOL]:
        room = min(room, share(equity, params[SYMBOL]))
    if params[GROSS_SHARE]:
        room = min(room, share(equity, params[GROSS_SHARE]) - account[GROSS] - reserved)
    if state[WANTED, one] > 0:
        room = min(room, account[CASH] - spent)
    shares = room // ref
    if params[RISK] and params[STOPS]:
        distance = abs(ref - state[WANTED_STOP, one])
        shares = min(shares, share(equity, params[RISK]) // distance if distance else 0)
    return int(shares)


@inlined
def slice_step(book: Book, table: Table) -> None:
    """The next row of the table. `book.fills` must have room for three lines of each symbol."""
    account = book.account
    account[ROW] += 1
    begin_session(book, table.session[account[ROW]])
    exits_at_open(book, table)
    entries_at_open(book, table)
    levels_inside(book, table)
    drop_ended(book)
    close_row(book, table)
    rules_of_loss(account, book.params)
    entries_at_close(book, table)


@uncounted
def walk(book: Book, table: Table, money: Ints, until: int) -> None:
    """Step from the next row up to, not with, `until`, or until `fills` may not hold one more row.

    `money` (T, 6) takes equity, cash, gross, positions, halted and reduced after each row.
    """
    account = book.account
    while account[ROW] + 1 < until and account[FILLS] + 3 * len(book.held) <= len(book.fills):
        slice_step(book, table)
        at = account[ROW]
        money[at, 0], money[at, 1], money[at, 2] = account[EQUITY], account[CASH], account[GROSS]
        money[at, 3], money[at, 4] = account[HELD], account[HALTED]
        money[at, 5] = account[REDUCED]
