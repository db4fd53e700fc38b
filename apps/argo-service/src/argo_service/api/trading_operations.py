"""Every path of trading, as part of the table of operations."""

from argo_service.api.operation import Operation, Parameter
from argo_service.api.order_bodies import DenialsBody, FillsBody, OrderHistoryBody, OrdersBody
from argo_service.api.parameters import DEFAULT_LIMIT, MOST
from argo_service.api.trading import (
    ALL,
    STATUSES,
    trading_account,
    trading_denials,
    trading_fills,
    trading_order,
    trading_orders,
    trading_positions,
    trading_risk,
)
from argo_service.api.trading_bodies import AccountBody, ControlBody, PositionsBody, RiskBody
from argo_service.api.trading_control import (
    FlattenBody,
    ReasonedBody,
    trading_flatten,
    trading_halt,
    trading_resume,
)
from argo_service.api_keys import Scope

TAG = "Trading"
_READ = (401, 403, 409, 429, 503)
_ONE = (401, 403, 404, 409, 429, 503)
_CONTROL = (401, 403, 409, 415, 429, 503)
_SYMBOL = Parameter(
    "symbol",
    "Only those of this symbol.",
    {"type": "string", "pattern": r"^[A-Z][A-Z0-9]{0,9}(\.[A-Z]{1,2}|/[A-Z]{3,4})?$"},
    example="AAPL",
)
_LIMIT = Parameter(
    "limit",
    "How many a page holds at most.",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
)
_CURSOR = Parameter(
    "cursor",
    "The text of `next` from the page before; the other parameters stay as they were.",
    {"type": "string"},
)

TRADING_OPERATIONS = (
    Operation(
        "/api/v1/trading/account",
        trading_account,
        "The account now",
        "Equity at the newest prices, profit and loss of the day and of what is open, buying"
        " power.",
        TAG,
        AccountBody,
        Scope.TRADING,
        (),
        _READ,
    ),
    Operation(
        "/api/v1/trading/risk",
        trading_risk,
        "State, limits and margins",
        "Whether trading is ACTIVE, REDUCING or HALTED, and why; every rule about the account with"
        " what is left up to its limit; when the broker's books were last compared with ours, and"
        " what was different.",
        TAG,
        RiskBody,
        Scope.TRADING,
        (),
        _READ,
    ),
    Operation(
        "/api/v1/trading/positions",
        trading_positions,
        "What is held",
        "Every position with its profit or loss, its plan, and how much of it a stop at the broker"
        " protects.",
        TAG,
        PositionsBody,
        Scope.TRADING,
        (),
        _READ,
    ),
    Operation(
        "/api/v1/trading/orders",
        trading_orders,
        "Orders, newest first",
        "The last 2,000 orders; those that are open are always among them.",
        TAG,
        OrdersBody,
        Scope.TRADING,
        (
            Parameter(
                "status",
                "Only orders that may still be filled, or only those that may not.",
                {"type": "string", "enum": list(STATUSES), "default": ALL},
                example="open",
            ),
            _SYMBOL,
            _LIMIT,
            _CURSOR,
        ),
        _READ,
    ),
    Operation(
        "/api/v1/trading/orders/{id}",
        trading_order,
        "One order with its certificate and history",
        "What the risk rules said of it, each with what it saw, its limit and the margin, and every"
        " line of the journal about it. Orders that were denied are found by their ids, too.",
        TAG,
        OrderHistoryBody,
        Scope.TRADING,
        (
            Parameter(
                "id",
                "The order's id, ours.",
                {"type": "string"},
                where="path",
                example="ORSXG5A7MFXGI2LOMFWGK3LFNZ2GC4Y2",
            ),
        ),
        _ONE,
    ),
    Operation(
        "/api/v1/trading/fills",
        trading_fills,
        "Fills, newest first",
        "The last 2,000 executions, with what each earned.",
        TAG,
        FillsBody,
        Scope.TRADING,
        (_SYMBOL, _LIMIT, _CURSOR),
        _READ,
    ),
    Operation(
        "/api/v1/trading/denials",
        trading_denials,
        "Orders that were denied, newest first",
        "The certificates of the last 500 orders that the risk rules did not let pass.",
        TAG,
        DenialsBody,
        Scope.TRADING,
        (_SYMBOL, _LIMIT),
        _READ,
    ),
    Operation(
        "/api/v1/trading/halt",
        trading_halt,
        "Halt trading",
        "From now on positions only shrink, and entries are cancelled; stops and targets stay at"
        " work. Halting what is halted changes nothing.",
        TAG,
        ControlBody,
        Scope.ADMIN,
        (),
        _CONTROL,
        method="POST",
        takes=ReasonedBody,
    ),
    Operation(
        "/api/v1/trading/resume",
        trading_resume,
        "Resume trading",
        "Ends the causes that an operator may end. The answer says which stand all the same, for"
        " they end by themselves: with the next session, or once the books agree.",
        TAG,
        ControlBody,
        Scope.ADMIN,
        (),
        _CONTROL,
        method="POST",
        takes=ReasonedBody,
    ),
    Operation(
        "/api/v1/trading/flatten",
        trading_flatten,
        "Close positions",
        "Closes the position in a symbol at the market; without a symbol it closes all and halts."
        " Orders that hold the shares are cancelled first. Asking again while that lasts changes"
        " nothing.",
        TAG,
        ControlBody,
        Scope.ADMIN,
        (),
        _CONTROL,
        method="POST",
        takes=FlattenBody,
    ),
)
