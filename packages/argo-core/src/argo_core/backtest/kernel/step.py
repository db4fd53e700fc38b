"""One row of bars after another: fills, marks and decisions, by the rules of the reference page.

The rules are those of `docs/reference/backtest.md`, section by section; the plain form
(`argo_core.backtest.plain`) says the same with values that have names. Everything is whole numbers,
so that nothing is ever rounded twice and both forms agree exactly. All of it is one module, as
`compiled` wants it.
"""

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.kernel.compiled import compiled
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
    Row,
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


@compiled
def fill(book: Book, one: int, signed: int, price: int, reason: int) -> None:
    """Shares change hands, bought above zero and sold below: cash, position, room and record."""
    account, symbol = book.account, book.state[one]
    if abs(float(signed)) * price > MOST_WORTH:
        raise OverflowError(BEYOND)
    value = abs(signed) * price
    fee = fee_of(book.params, signed, value)
    account[CASH] -= signed * price + fee
    account[FEES] += fee
    symbol[QUANTITY] += signed
    symbol[ROOM] -= abs(signed)
    line = book.fills[account[FILLS]]
    account[FILLS] += 1
    line[0], line[1], line[2] = account[ROW], one, 1 if signed > 0 else -1
    line[3], line[4], line[5], line[6] = abs(signed), price, fee, reason
    if reason == BY_ENTRY:
        line[7], line[8] = symbol[WANTED_ROW], symbol[STOP] if book.params[STOPS] else 0
    else:
        line[7], line[8] = symbol[EXIT_ROW] if symbol[EXIT] else account[ROW], 0


@compiled
def room_in(params: Ints, volume: int) -> int:
    """How many shares of a bar's volume may be ours."""
    return share(volume, params[PARTICIPATION]) if params[PARTICIPATION] else UNBOUNDED


@compiled
def close_out(book: Book, row: Row, one: int, price: int, reason: int) -> None:
    """Sell or buy back what the room lets through; a stop goes on for what is left."""
    symbol = book.state[one]
    quantity = symbol[QUANTITY]
    if symbol[ROOM] == UNASKED:
        symbol[ROOM] = room_in(book.params, row.volume[one])
    shares = min(abs(quantity), symbol[ROOM])
    if shares > 0:
        fill(book, one, -shares if quantity > 0 else shares, price, reason)
        symbol[TOUCHED] = 1
    if symbol[QUANTITY] == 0:
        symbol[EXIT] = 0
        symbol[ENDED], symbol[ENDED_AT] = 1, row.known
        symbol[STOPPED] = 1 if reason == BY_STOP else 0
    elif reason == BY_STOP and symbol[EXIT] == 0:
        symbol[EXIT], symbol[EXIT_ROW] = BY_STOP, book.account[ROW]


@compiled
def begin_session(book: Book, row: Row) -> None:
    """A new day: its opening equity, and what borrowed shares cost since the last."""
    account = book.account
    if account[ROW] > 0 and row.session != account[SESSION]:
        account[OPENED] = account[EQUITY]
        account[REDUCED] = 0
        worth = 0
        for place in range(account[HELD]):
            symbol = book.state[book.held[place]]
            worth += max(0, -symbol[QUANTITY]) * symbol[LAST]
        days = row.session - account[SESSION]
        if float(worth) * book.params[BORROW_RATE] * days > MOST_WORTH * M:
            raise OverflowError(BEYOND)
        cost = -(-share(worth, book.params[BORROW_RATE]) * days // 365)
        account[CASH] -= cost
        account[BORROW] += cost
    account[SESSION] = row.session


@compiled
def exits_at_open(book: Book, row: Row) -> None:
    """Exits that were decided, and levels that the open has reached."""
    state = book.state
    params = book.params
    levels = params[STOPS] or params[TARGETS]
    for place in range(book.account[HELD]):
        one = book.held[place]
        state[one, TOUCHED] = 0
        price = row.open[one]
        if price == 0:
            continue
        state[one, ROOM] = UNASKED
        sign = 1 if state[one, QUANTITY] > 0 else -1
        if state[one, EXIT]:
            market = worse(price, -sign, params[HALF] + params[SLIPPAGE])
            close_out(book, row, one, market, state[one, EXIT])
            continue
        if not levels:
            continue
        touch = worse(price, -sign, params[HALF])
        if params[STOPS] and (touch - state[one, STOP]) * sign <= 0:
            market = worse(price, -sign, params[HALF] + params[SLIPPAGE])
            close_out(book, row, one, market, BY_STOP)
        elif params[TARGETS] and (touch - state[one, TARGET]) * sign >= 0:
            close_out(book, row, one, touch, BY_TARGET)


@compiled
def entries_at_open(book: Book, row: Row) -> None:
    """Waiting entries whose symbols have a bar are filled or lapse; others grow impatient."""
    account = book.account
    count = account[WAITING]
    account[WAITING] = 0
    for place in range(count):
        one = book.waiting[place]
        symbol = book.state[one]
        if row.open[one]:
            symbol[ROOM] = room_in(book.params, row.volume[one])
            enter(book, one, row.open[one])
        elif account[ROW] - symbol[WANTED_ROW] < book.params[PATIENCE]:
            book.waiting[account[WAITING]] = one
            account[WAITING] += 1
            continue
        symbol[WANTED] = 0


@compiled
def enter(book: Book, one: int, price: int) -> None:
    """Open the position that was wanted, as far as price, room and cash allow."""
    symbol, account, params = book.state[one], book.account, book.params
    side = 1 if symbol[WANTED] > 0 else -1
    paid = worse(price, side, params[HALF] + params[SLIPPAGE])
    ref, collar = symbol[REF], params[COLLAR]
    if collar:
        edge = ref * (M + collar) // M if side > 0 else -(-ref * (M - collar) // M)
        if (paid - edge) * side > 0:
            return
    touch = worse(price, -side, params[HALF])
    if params[STOPS] and (touch - symbol[WANTED_STOP]) * side <= 0:
        return
    if params[TARGETS] and (paid - symbol[WANTED_TARGET]) * side >= 0:
        return
    shares = min(abs(symbol[WANTED]), symbol[ROOM])
    if side > 0 and shares > 0:
        # What a purchase costs in fees does not depend on its value.
        fee = fee_of(params, shares, 0)
        shares = min(shares, (account[CASH] - fee) // paid)
    if shares < 1:
        return
    symbol[STOP], symbol[TARGET] = symbol[WANTED_STOP], symbol[WANTED_TARGET]
    symbol[UNTIL], symbol[BEST], symbol[LAST] = symbol[WANTED_UNTIL], paid, price
    symbol[EXIT], symbol[TOUCHED] = 0, 0
    fill(book, one, side * shares, paid, BY_ENTRY)
    place = account[HELD]
    while place > 0 and book.held[place - 1] > one:
        book.held[place] = book.held[place - 1]
        place -= 1
    book.held[place] = one
    account[HELD] += 1


@compiled
def drop_ended(book: Book) -> None:
    """Keep in the list of positions what is one still."""
    kept = 0
    for place in range(book.account[HELD]):
        one = book.held[place]
        if book.state[one, QUANTITY] != 0:
            book.held[kept] = one
            kept += 1
    book.account[HELD] = kept


@compiled
def levels_inside(book: Book, row: Row) -> None:
    """Stops and targets that the bar has reached after its open, the stop first."""
    state = book.state
    params = book.params
    half, slippage = params[HALF], params[SLIPPAGE]
    if not (params[STOPS] or params[TARGETS]):
        return
    for place in range(book.account[HELD]):
        one = book.held[place]
        if (
            row.open[one] == 0
            or state[one, QUANTITY] == 0
            or state[one, EXIT]
            or state[one, TOUCHED]
        ):
            continue
        stop, target = state[one, STOP], state[one, TARGET]
        if state[one, QUANTITY] > 0:
            stopped = params[STOPS] and lowered(row.low[one], half) <= stop
            reached = params[TARGETS] and lowered(row.high[one], half) >= target
            price = lowered(stop, slippage)
        else:
            stopped = params[STOPS] and raised(row.high[one], half) >= stop
            reached = params[TARGETS] and raised(row.low[one], half) <= target
            price = raised(stop, slippage)
        if stopped:
            close_out(book, row, one, price, BY_STOP)
        elif reached:
            close_out(book, row, one, target, BY_TARGET)


@compiled
def trail(symbol: Ints, params: Ints, high: int, low: int) -> None:
    """Move the stop after the best price that there was; it never goes back."""
    if symbol[QUANTITY] > 0:
        symbol[BEST] = max(symbol[BEST], lowered(high, params[HALF]))
        stop = symbol[BEST] - share(symbol[BEST], params[TRAIL])
        symbol[STOP] = max(symbol[STOP], stop)
    else:
        symbol[BEST] = min(symbol[BEST], raised(low, params[HALF]))
        stop = symbol[BEST] + share(symbol[BEST], params[TRAIL])
        symbol[STOP] = min(symbol[STOP], stop)


@compiled
def mark(book: Book, row: Row) -> None:
    """What everything is worth at the close, and the rules of loss."""
    state = book.state
    account, params = book.account, book.params
    trails = params[TRAIL] and params[STOPS]
    worth, gross, heavy = 0, 0, abs(float(account[CASH]))
    for place in range(account[HELD]):
        one = book.held[place]
        if row.close[one]:
            state[one, LAST] = row.close[one]
            if trails:
                trail(state[one], params, row.high[one], row.low[one])
        heavy += abs(float(state[one, QUANTITY])) * state[one, LAST]
        if heavy > MOST_WORTH:
            raise OverflowError(BEYOND)
        value = state[one, QUANTITY] * state[one, LAST]
        worth += value
        gross += abs(value)
    equity = account[CASH] + worth
    account[EQUITY], account[GROSS] = equity, gross
    account[HIGH] = max(account[HIGH], equity)
    loss, fall = params[DAILY_LOSS], params[DRAWDOWN]
    if loss and account[OPENED] - equity >= share_up(account[OPENED], loss):
        account[REDUCED] = 1
    if fall and account[HIGH] - equity >= share_up(account[HIGH], fall):
        account[HALTED] = 1


@compiled
def exits_at_close(book: Book, row: Row) -> None:
    """Positions whose time is over, or whose signal has turned."""
    state = book.state
    params = book.params
    for place in range(book.account[HELD]):
        one = book.held[place]
        if state[one, EXIT]:
            continue
        against = row.direction[one] * (1 if state[one, QUANTITY] > 0 else -1)
        if params[HORIZON] and row.known >= state[one, UNTIL]:
            state[one, EXIT], state[one, EXIT_ROW] = BY_TIME, book.account[ROW]
        elif row.close[one] and (against < 0 or (against == 0 and params[HOLD_CLOSES])):
            state[one, EXIT], state[one, EXIT_ROW] = BY_SIGNAL, book.account[ROW]


@compiled
def rested(symbol: Ints, params: Ints, known: int) -> bool:
    """Whether the last position ended long enough ago."""
    pause = params[STOP_COOLDOWN] if symbol[STOPPED] else params[COOLDOWN]
    return bool(symbol[ENDED] == 0 or known - symbol[ENDED_AT] >= pause)


@compiled
def entries_at_close(book: Book, row: Row) -> None:
    """Decide entries, the surest first, each counting on what those before it reserve."""
    account, params = book.account, book.params
    if account[REDUCED] or account[HALTED]:
        for place in range(account[WAITING]):
            book.state[book.waiting[place], WANTED] = 0
        account[WAITING] = 0
    left = params[POSITIONS] - account[HELD] - account[WAITING]
    count = 0
    if left > 0 and not account[REDUCED] and not account[HALTED]:
        count = line_up(book, row)
    if count == 0:
        return
    reserved, spent = 0, 0
    for place in range(account[WAITING]):
        symbol = book.state[book.waiting[place]]
        reserved += abs(symbol[WANTED]) * symbol[REF]
        spent += max(0, symbol[WANTED]) * symbol[REF]
    for place in range(count):
        one = book.candidates[place] % MOST_SYMBOLS
        want(book, row, one)
        symbol = book.state[one]
        shares = sized(book, one, row.adv[one], reserved, spent)
        if shares < 1:
            symbol[WANTED] = 0
            continue
        symbol[WANTED] *= shares
        reserved += shares * symbol[REF]
        spent += max(0, symbol[WANTED]) * symbol[REF]
        book.waiting[account[WAITING]] = one
        account[WAITING] += 1
        left -= 1
        if left == 0:
            return


@compiled
def line_up(book: Book, row: Row) -> int:
    """Sort who may enter into `candidates`, the surest first; how many there are."""
    count, state = 0, book.state
    for one in range(len(row.direction)):
        way = row.direction[one]
        if way == 0 or (way < 0 and not book.params[SHORT]) or row.close[one] == 0:
            continue
        if state[one, QUANTITY] or state[one, WANTED]:
            continue
        if rested(state[one], book.params, row.known):
            doubt = (1 << 15) - abs(int(row.confidence[one]))
            book.candidates[count] = doubt * MOST_SYMBOLS + one
            count += 1
    book.candidates[:count].sort()
    return count


@compiled
def want(book: Book, row: Row, one: int) -> None:
    """Note an entry of one share at the close, with its levels."""
    symbol, stray = book.state[one], int(row.stray[one])
    ref = row.close[one]
    far = UNSURE if stray < 0 else min(FARTHEST, max(NEAREST, stray))
    if row.direction[one] > 0:
        symbol[WANTED] = 1
        symbol[WANTED_STOP] = max(1, ref * (M - far) // M)
        symbol[WANTED_TARGET] = -(-ref * (2 * M + 3 * far) // (2 * M))
    else:
        symbol[WANTED] = -1
        symbol[WANTED_STOP] = -(-ref * (M + far) // M)
        symbol[WANTED_TARGET] = max(1, ref * (2 * M - 3 * far) // (2 * M))
    symbol[REF], symbol[WANTED_ROW] = ref, book.account[ROW]
    symbol[WANTED_UNTIL] = row.known + book.params[HORIZON]


@compiled
def sized(book: Book, one: int, adv: int, reserved: int, spent: int) -> int:
    """How many shares the caps leave; may be less than one."""
    symbol, account, params = book.state[one], book.account, book.params
    ref, equity = symbol[REF], account[EQUITY]
    room = params[ORDER_CAP]
    if params[ORDER]:
        room = min(room, share(equity, params[ORDER]))
    if params[ADV]:
        room = min(room, share(adv, params[ADV]) if adv >= 0 else 0)
    if params[SYMBOL]:
        room = min(room, share(equity, params[SYMBOL]))
    if params[GROSS_SHARE]:
        room = min(room, share(equity, params[GROSS_SHARE]) - account[GROSS] - reserved)
    if symbol[WANTED] > 0:
        room = min(room, account[CASH] - spent)
    shares = room // ref
    if params[RISK] and params[STOPS]:
        distance = abs(ref - symbol[WANTED_STOP])
        shares = min(shares, share(equity, params[RISK]) // distance if distance else 0)
    return int(shares)


@compiled
def slice_step(book: Book, row: Row) -> None:
    """One row of N bars. `book.fills` must have room for three lines of each symbol."""
    book.account[ROW] += 1
    begin_session(book, row)
    exits_at_open(book, row)
    entries_at_open(book, row)
    levels_inside(book, row)
    drop_ended(book)
    mark(book, row)
    exits_at_close(book, row)
    entries_at_close(book, row)


@compiled
def walk(book: Book, table: Table, money: Ints, until: int) -> None:
    """Step from the next row up to, not with, `until`, or until `fills` may not hold one more row.

    `money` (T, 6) takes equity, cash, gross, positions, halted and reduced after each row.
    """
    account = book.account
    at = account[ROW] + 1
    while at < until and account[FILLS] + 3 * len(book.held) <= len(book.fills):
        row = Row(
            table.known[at],
            table.session[at],
            table.open[at],
            table.high[at],
            table.low[at],
            table.close[at],
            table.volume[at],
            table.direction[at],
            table.confidence[at],
            table.stray[at],
            table.adv[at],
        )
        slice_step(book, row)
        line = money[at]
        line[0], line[1], line[2] = account[EQUITY], account[CASH], account[GROSS]
        line[3], line[4], line[5] = account[HELD], account[HALTED], account[REDUCED]
        at += 1
