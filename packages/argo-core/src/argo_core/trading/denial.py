"""Why an order is not sent: one code for each way in which a rule can be broken."""

from enum import Enum
from typing import Self


class Denial(Enum):
    """The value is the code, which is stable; `meaning` is one sentence for people."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        member = object.__new__(cls)
        member._value_ = code
        member.meaning = meaning
        return member

    NOT_TRADABLE = "NOT_TRADABLE", "Only stocks are traded: a pair cannot have a bracket."
    STATE = "STATE", "Trading is reduced or halted, and the order does not shrink a position."
    NOT_CLOSING = "NOT_CLOSING", "The order was to shrink a position, and would open or turn one."
    SHORT_SELLING = "SHORT_SELLING", "The order would sell short, which is switched off."
    SESSION_CLOSED = "SESSION_CLOSED", "The market is not in its regular session."
    SESSION_EDGE = "SESSION_EDGE", "The session began or ends within the minutes that are left out."
    SYMBOL_HALTED = "SYMBOL_HALTED", "The exchange has halted the symbol."
    QUOTE_MISSING = "QUOTE_MISSING", "There is no price, or one of its sides is missing."
    QUOTE_STALE = "QUOTE_STALE", "The exchange's time of the price is not of now."
    FEEDS_DIVERGE = "FEEDS_DIVERGE", "Two feeds disagree on the price."
    SIGNAL_OLD = "SIGNAL_OLD", "The signal was decided too long ago to be followed."
    TARGET_PASSED = "TARGET_PASSED", "The price has reached the signal's target already."
    COLLAR = "COLLAR", "The order's price is too far from the middle of the quote."
    SPREAD = "SPREAD", "The quote is too wide."
    ORDER_VALUE = "ORDER_VALUE", "The order is worth more than one order may be."
    LIQUIDITY_UNKNOWN = "LIQUIDITY_UNKNOWN", "Nobody knows how much of the symbol trades in a day."
    ORDER_LIQUIDITY = "ORDER_LIQUIDITY", "The order is too large for what trades in a day."
    MARK_MISSING = "MARK_MISSING", "Something is held without a price, so its worth is not known."
    SYMBOL_EXPOSURE = "SYMBOL_EXPOSURE", "Too much would be held of the symbol."
    GROSS_EXPOSURE = "GROSS_EXPOSURE", "Too much would be held in all."
    SECTOR_EXPOSURE = "SECTOR_EXPOSURE", "Too much would be held of the symbol's sector."
    POSITIONS = "POSITIONS", "There would be too many positions."
    BUYING_POWER = "BUYING_POWER", "The account cannot pay for the order and those before it."
    DUPLICATE = "DUPLICATE", "An order on that side of the symbol is open, or it is held already."
    RATE_MINUTE = "RATE_MINUTE", "Too many orders were sent within a minute."
    RATE_SYMBOL = "RATE_SYMBOL", "Too many orders of the symbol were sent within a minute."
    RATE_DAY = "RATE_DAY", "Too many orders were sent within a day."
    COOLDOWN = "COOLDOWN", "The symbol's last position ended too short a time ago."
    STOPPED_OUT = "STOPPED_OUT", "Too many stops were hit within a day."
    DAILY_LOSS = "DAILY_LOSS", "Too much was lost since the close of the session before."
    DRAWDOWN = "DRAWDOWN", "Too much was lost since the highest equity."
    RISK_PER_TRADE = "RISK_PER_TRADE", "The stop would cost more than one trade may."
    STOP_MISSING = "STOP_MISSING", "The order has no stop, or one on the side where it wins."
    TOO_SMALL = "TOO_SMALL", "The limits leave room for less than one share."
