"""How many shares a bar lets change hands."""

from argo_core.backtest.bars.plan import Costs
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.plain.account import Account
from argo_core.backtest.plain.row import Place, Row


def at_most(wanted: int, account: Account, place: Place, row: Row, costs: Costs) -> int:
    """What is left of `wanted` shares once the row's other fills have taken their room."""
    if not costs.participation_ppm:
        return wanted
    room = row.volume(place) * costs.participation_ppm // PPM
    return min(wanted, room - account.filled(place))
