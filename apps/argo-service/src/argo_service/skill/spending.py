"""What each source has cost: by the book of spending, or since the service began."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from argo_adapters.sqlite.spent import read_spent
from argo_core.consensus.opinion import SourceName
from argo_core.signals.skill.price import Spent
from argo_service.tally import Tally


def spent_so_far(book: Path, tally: Tally, began: datetime) -> Mapping[SourceName, Spent]:
    """Of sources with a budget what their book says, of the others what was paid since `began`.

    Blocks.

    Raises:
        SharedAway: the book cannot be read.
    """
    counted = {
        name: Spent(one.usd, began) for name, one in list(tally.sources.items()) if one.usd > 0
    }
    return {**counted, **read_spent(book)}
