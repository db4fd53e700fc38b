"""`outcome`: what became of a signal by the rule its strategy registered beforehand."""

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON, SYMBOL
from argo_core.ledger.schema import COUNT, DECIMAL, MICROS, WORD, Kind, Text, Whole

_SCORED = ("start", "end", "start_us", "end_us", "return_bp")
_TEN_THOUSANDFOLD = 10**8


def _agrees(fields: Fields) -> None:
    void = fields["result"] == "void"
    absent = [name for name in _SCORED if (name in fields) == void]
    if absent or void != ("problem" in fields):
        problem = f"{fields['result']} does not go with {', '.join(absent) or 'problem'}"
        fix = "void has a problem and no figures, any other result has figures and no problem"
        raise InvalidInput("result", problem, fix)


OUTCOME = Kind(
    required={
        **COMMON,
        "signal_index": COUNT,
        "signal_id": WORD,
        "symbol": SYMBOL,
        "rule": WORD,
        "result": Text("target|stop|expired|void", "target, stop, expired or void"),
        "prices": COUNT,
        "gap_us": COUNT,
    },
    optional={
        # Absent where no witness ever cosigned it: then nothing vouches for when it was said.
        "official_us": MICROS,
        "start": DECIMAL,
        "end": DECIMAL,
        "start_us": MICROS,
        "end_us": MICROS,
        "return_bp": Whole(-_TEN_THOUSANDFOLD, _TEN_THOUSANDFOLD),
        "problem": WORD,
    },
    agree=_agrees,
)
