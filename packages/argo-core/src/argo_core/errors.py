"""Everything that can go wrong, one tree, branched by what the caller should do next.

::

    ArgoError
    ├── InvalidInput          your value is wrong: change `field` as `fix` says, nothing was lost
    │   └── InvalidSetting    the operator's configuration is wrong: same, and do not start
    │       └── ClockBehind       the clock is behind the record: wait, or set it, and start then
    ├── VendorError           a vendor failed us: go on without it, the cycle keeps its beat
    │   ├── VendorUnavailable     transport, timeout, 5xx: try again later
    │   ├── VendorThrottled       too many requests: wait `retry_after_s`, then try again
    │   ├── VendorRefused         key, entitlement, credit, retired endpoint: an operator must act
    │   └── VendorGarbled         the answer cannot be trusted: drop it, count it, try again later
    ├── BrokerError           a broker did not do as it was asked
    │   ├── BrokerAway            no answer: it may have happened; look it up before anything else
    │   ├── BrokerThrottled       not now: nothing happened; wait `retry_after_s`, then try again
    │   ├── BrokerRefused         no: nothing happened, and asking the same again cannot help
    │   └── BrokerGarbled         the answer cannot be trusted: as if there had been none, and alert
    ├── JournalError          trading could not be written down: do nothing that was to be
    ├── TrialError            a trial was not written down: its result stands, and is not counted
    ├── SharedAway            what processes share is out of reach: go on with what this one knows
    ├── SecretError           a secret was not read: do not start; later, go on with the last one
    │   ├── SecretMissing         the store has none of that name: an operator must act
    │   ├── SecretDenied          the store does not let us: an operator must act
    │   ├── SecretGarbled         what is stored is no key: an operator must act
    │   ├── SecretThrottled       the store was asked too often: try again later
    │   └── SecretsAway           the store does not answer: try again later
    ├── WorkerLost            a worker did not take a step: have it taken elsewhere
    ├── WitnessError          a witness did not cosign: publish as pending, and submit again
    │   ├── WitnessAway           no answer, or not now: try again later
    │   └── WitnessRefused        it does not know us, or finds us wrong: an operator must act
    ├── RecordError           somebody's record does not show what it is said to: do not rely on it
    │   ├── Refuted               it is wrong, and says so itself: keep it as evidence
    │   └── Unchecked             something is missing: get that, then check again
    └── LogError              the signal log did not take the batch: nothing of it was acknowledged
        ├── LogUnavailable        locked, full, slow: the same batch may be tried again
        ├── LogConflict           the batch does not follow the head: read the head, build it anew
        ├── LogFenced             another writer has taken over: stop, and leave the log to it
        └── LogUnusable           corrupt, foreign or newer than this program: stop, do not write
            └── LogBehind             a witness has seen more of this log: restore what is missing
"""

from decimal import Decimal


class ArgoError(Exception):
    """Root of everything this project raises on purpose."""


class InvalidInput(ArgoError, ValueError):
    """A value was refused at the door.

    `field` names what was wrong, `problem` says why, `fix` says what would be accepted.
    """

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}; {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[str, str, str]]:
        # It is raised in other processes as well, and has to come back from there.
        return type(self), (self.field, self.problem, self.fix)


class InvalidSetting(InvalidInput):
    """A setting was refused; `field` is the full key as the operator writes it."""


class ClockBehind(InvalidSetting):
    """The clock is behind what was written already, whose times never go back; it may catch up."""


class VendorError(ArgoError):
    """A vendor's fault. `calls` and `usd` are what the attempt cost all the same."""

    def __init__(
        self,
        source: str,
        problem: str,
        *,
        calls: int = 1,
        usd: Decimal = Decimal(0),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem
        self.calls = calls
        self.usd = usd
        self.retry_after_s = retry_after_s


class VendorUnavailable(VendorError):
    """No usable answer came: connection, timeout or a 5xx."""


class VendorThrottled(VendorError):
    """The vendor asked us to slow down; `retry_after_s` when it said for how long."""


class VendorRefused(VendorError):
    """Asking again cannot help until an operator changes a key, a plan or a setting."""


class VendorGarbled(VendorError):
    """An answer came, and it is truncated, of a wrong type, contradictory or absurd."""


class BrokerError(ArgoError):
    """A broker's fault, or its no."""

    def __init__(self, broker: str, problem: str) -> None:
        super().__init__(f"{broker}: {problem}")
        self.broker = broker
        self.problem = problem


class BrokerAway(BrokerError):
    """No usable answer came: what was asked for may have happened or not."""


class BrokerThrottled(BrokerError):
    """Too many requests; nothing happened."""

    def __init__(self, broker: str, problem: str, retry_after_s: float | None = None) -> None:
        super().__init__(broker, problem)
        self.retry_after_s = retry_after_s


class BrokerRefused(BrokerError):
    """It will not do this; `code` is the broker's own, empty where it has none."""

    def __init__(self, broker: str, problem: str, code: str = "") -> None:
        super().__init__(broker, problem)
        self.code = code


class BrokerGarbled(BrokerError):
    """An answer came that contradicts itself or what was asked."""


class JournalError(ArgoError):
    """The trading journal could not be read or written; nothing of the batch counts as written."""


class TrialError(ArgoError):
    """The ledger of trials could not be read or written; nothing of the call counts as written."""


class SharedAway(ArgoError):
    """The state shared with other processes cannot be reached now."""


class SecretError(ArgoError):
    """A secret could not be read. `name` says which, `fix` what would help; never what it is."""

    def __init__(self, name: str, problem: str, fix: str) -> None:
        super().__init__(f"{name}: {problem}; {fix}")
        self.name = name
        self.problem = problem
        self.fix = fix


class SecretMissing(SecretError):
    """The store has no secret of that name."""


class SecretDenied(SecretError):
    """The store does not let us read it, or others can read it as well."""


class SecretGarbled(SecretError):
    """What is stored under the name is no key: empty, of a wrong form, or without the field."""


class SecretThrottled(SecretError):
    """The store was asked too often."""


class SecretsAway(SecretError):
    """The store did not answer in time."""


class WorkerLost(ArgoError):
    """A worker is gone, broken or unwilling: the step was not taken, or nobody knows."""

    def __init__(self, worker: str, problem: str) -> None:
        super().__init__(f"{worker}: {problem}")
        self.worker = worker
        self.problem = problem


class WitnessError(ArgoError):
    """A witness's fault, or ours in its eyes; the checkpoint goes without its cosignature."""

    def __init__(self, witness: str, problem: str) -> None:
        super().__init__(f"{witness}: {problem}")
        self.witness = witness
        self.problem = problem


class WitnessAway(WitnessError):
    """No answer that could be used came in time."""


class WitnessRefused(WitnessError):
    """It answered that it will not cosign this; asking again cannot help."""


class RecordError(ArgoError):
    """A record that was checked was not found good."""


class Refuted(RecordError):
    """What was shown is malformed, contradicts itself or is not signed by whom it should be."""


class Unchecked(RecordError):
    """Nothing wrong was found, and something that is needed to say more was not to be had."""


class LogError(ArgoError):
    """The signal log's fault; nothing of the batch counts as written."""


class LogUnavailable(LogError):
    """The store is locked, full or away."""


class LogConflict(LogError):
    """The batch does not continue the log's head."""


class LogFenced(LogError):
    """Another writer holds a newer lease; nothing that this one does counts any more."""


class LogUnusable(LogError):
    """The store is corrupt, is not ours, or was written by a newer program."""


class LogBehind(LogUnusable):
    """A witness has cosigned more of this log than is stored here: going on would fork it."""
