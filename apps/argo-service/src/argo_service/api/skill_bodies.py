"""What the API answers about skill."""

from attrs import frozen

from argo_service.api.bodies import LogBody
from argo_service.skill.told import ToldSkill


@frozen
class SkillAnswerBody:
    """How good the sources were, from the first `read` published entries of the log.

    While a long log is being read, `read` is less than `log.size`; ask again. `strategies` are all
    that have registered, and `told` is of one of them, null where there is none yet.
    """

    told: ToldSkill | None
    strategies: tuple[str, ...]
    read: int
    log: LogBody
