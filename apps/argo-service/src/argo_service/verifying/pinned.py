"""The keys a reader pins on the command line, or in a policy file."""

from collections.abc import Sequence
from pathlib import Path

from argo_core.errors import InvalidInput
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.policy_file import MAX_POLICY_BYTES, parse_policy
from argo_core.ledger.verifier_key import VerifierKey, parse_verifier_key
from argo_service.verifying.folder_shelf import read_bounded


def pinned(
    log_key: str | None, witness_keys: Sequence[str], quorum: int | None, policy: Path | None
) -> Policy | None:
    """The policy these options make up, or None if there are none; blocks.

    Without a quorum every witness named has to have cosigned.

    Raises:
        InvalidInput: one is malformed or missing, or they contradict each other.
        Unchecked: the policy file cannot be read.
    """
    log = None if log_key is None else _key("--log-key", log_key)
    if policy is not None:
        if witness_keys or quorum is not None:
            problem = "it says which witnesses count, and so do other options"
            fix = "leave --witness-key and --quorum out, or --policy"
            raise InvalidInput("--policy", problem, fix)
        data = read_bounded(policy, MAX_POLICY_BYTES)
        if data is None:
            raise InvalidInput("--policy", f"there is no file {policy}", "name a policy file")
        return parse_policy(data, log)
    if log is None:
        if witness_keys or quorum is not None:
            raise InvalidInput("--log-key", "it is missing", "pin the log's own key too")
        return None
    witnesses = tuple(WitnessKey(_key("--witness-key", text)) for text in witness_keys)
    return Policy(log, witnesses, len(witnesses) if quorum is None else quorum)


def _key(option: str, text: str) -> VerifierKey:
    try:
        return parse_verifier_key(text.strip())
    except InvalidInput as error:
        raise InvalidInput(option, error.problem, error.fix) from error
