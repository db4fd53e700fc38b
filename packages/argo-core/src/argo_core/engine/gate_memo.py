"""The gate's answers, kept for as long as they must be the same."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.consensus.gate import worth_asking
from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.picture import Picture
from argo_core.market.instrument import Symbol


class GateMemo:
    """Asks the gate again only when it could say something else.

    Its answer rests on the opinions that are not due. Those have not begun to fade, so time alone
    changes nothing: the same opinions with the same sources due give the same answer, exactly.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._answers: dict[
            Symbol, tuple[Mapping[SourceName, Opinion], tuple[SourceName, ...], bool]
        ] = {}

    def worth_asking(self, picture: Picture, now: datetime) -> bool:
        """Whether an answer of some source that is due could still make a signal."""
        opinions = picture.basis.opinions
        due = tuple(
            name
            for name, policy in self._profile.sources.items()
            if name not in opinions or opinions[name].age_s(now) >= policy.refresh_after_s
        )
        kept = self._answers.get(picture.instrument.symbol)
        if kept is not None and kept[0] is opinions and kept[1] == due:
            return kept[2]
        worth = worth_asking(opinions.values(), self._profile, now, due)
        self._answers[picture.instrument.symbol] = (opinions, due, worth)
        return worth
