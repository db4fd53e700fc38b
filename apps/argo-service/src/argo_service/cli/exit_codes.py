"""What the command's exit code means; scripts rely on these."""

from enum import IntEnum


class Exit(IntEnum):
    """Every code, in the words of `argo --help`."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    # What `argo verify` calls the same three: it proved it, it refuted it, it could not check.
    GOOD = DONE
    REFUTED = FAILED
    UNCHECKED = WRONG_USE
    CANNOT_LISTEN = 3
    LOG_UNUSABLE = 4
    VENDOR_FAILED = 5
    SERVICE_AWAY = 6
    SECRET_UNREAD = 7
    DEPLOY_REFUSED = 8
    ROLLED_BACK = 9
    DEPLOY_STUCK = 10

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Exit.DONE: "done, or stopped when asked to; of `verify`: good",
    Exit.FAILED: "a check failed, or a fault of ours; of `verify`: refuted",
    Exit.WRONG_USE: "wrong use, or a setting was refused; of `verify`: could not check",
    Exit.CANNOT_LISTEN: "the address cannot be had, for example a port in use",
    Exit.LOG_UNUSABLE: "the signal log, or what trading keeps, is locked, damaged or newer than"
    " this program",
    Exit.VENDOR_FAILED: "a vendor failed where nothing could go on without it",
    Exit.SERVICE_AWAY: "no running Argo answers there",
    Exit.SECRET_UNREAD: "a secret is missing, denied, garbled or out of reach",
    Exit.DEPLOY_REFUSED: "of `deploy`: the new colour was refused, and nobody saw it",
    Exit.ROLLED_BACK: "of `deploy`: the old colour answers and publishes again",
    Exit.DEPLOY_STUCK: "of `deploy`: a step failed that nothing leads back from; look at it",
}
