"""Whether the record has its key, and its witnesses know it as it is."""

from collections.abc import Iterator

from argo_adapters.http.client import open_session
from argo_core.errors import ArgoError, InvalidInput, LogError
from argo_core.ledger.policy import Policy
from argo_service.config.tree import Settings
from argo_service.finding import Finding, State
from argo_service.record_keys import (
    has_entries_in_file,
    key_file,
    known_signer,
    reveal_key_file,
    reveal_key_of,
)
from argo_service.witness_standing import RecordStanding, Standing, record_standing
from argo_service.witnessing import policy_of


def record_findings(settings: Settings) -> Iterator[Finding]:
    """The key that signs, the key that seals, and the policy; blocks on the disk, makes nothing."""
    path = key_file(settings)
    try:
        signer = known_signer(settings)
    except InvalidInput as error:
        yield Finding("log key", State.FAULT, error.problem, error.fix)
        return
    if signer is None:
        yield _no_key(settings)
        return
    yield Finding("log key", State.GOOD, f"{signer.key}; keep a copy of {path} elsewhere")
    if settings.log.sealed_s:
        yield _reveal_key(settings)
    try:
        yield _policy(settings, policy_of(settings, signer.key))
    except InvalidInput as error:
        yield Finding("witness policy", State.FAULT, error.problem, error.fix)


def _no_key(settings: Settings) -> Finding:
    path = key_file(settings)
    try:
        needed = has_entries_in_file(settings)
    except LogError as error:
        return Finding("log key", State.FAULT, str(error), "see the finding of the database")
    if needed:
        fix = "put the log's key back there, or begin another log"
        return Finding("log key", State.FAULT, f"there is a log, and no key at {path}", fix)
    return Finding("log key", State.GOOD, f"{path} will be made")


def _reveal_key(settings: Settings) -> Finding:
    path = reveal_key_file(settings)
    if not path.exists():
        return Finding("reveal key", State.GOOD, f"{path} will be made")
    try:
        reveal_key_of(settings)
    except ArgoError as error:
        return Finding("reveal key", State.FAULT, str(error), f"chmod 600 {path}, or restore it")
    return Finding("reveal key", State.GOOD, f"{path} is there, for its owner only")


def _policy(settings: Settings, policy: Policy) -> Finding:
    if settings.log.witness_policy is None:
        fix = "name a policy file in log.witness_policy; `argo log key` prints what witnesses need"
        detail = "nobody cosigns: only our own clock and word stand for the record"
        return Finding("witness policy", State.WARNING, detail, fix)
    names = ", ".join(key.name for key in policy.keys)
    detail = f"{policy.quorum} of {len(policy.keys)} must cosign: {names or 'nobody'}"
    return Finding("witness policy", State.GOOD, detail)


async def witness_findings(settings: Settings) -> tuple[Finding, ...]:
    """Where every witness stands, and whether what is published lacks them."""
    if settings.log.witness_policy is None:
        return ()
    try:
        async with open_session() as session:
            found = await record_standing(settings, session)
    except InvalidInput as error:
        return (Finding("witnesses", State.WARNING, error.problem, error.fix),)
    except LogError as error:
        return (Finding("witnesses", State.FAULT, str(error), "see the finding of the database"),)
    return (_cosigned(found), *(_witness(one, found.size) for one in found.witnesses))


def _cosigned(found: RecordStanding) -> Finding:
    by = ", ".join(found.by) or "nobody"
    detail = f"{found.cosigned} of {found.size} entries are cosigned, by {by}"
    if found.pending:
        fix = "see the witnesses below; Argo goes on and submits again by itself"
        return Finding("cosigned", State.WARNING, f"{detail}: {found.quorum} must", fix)
    return Finding("cosigned", State.GOOD, detail)


def _witness(one: Standing, size: int) -> Finding:
    name = f"witness {one.witness}"
    if one.size is None:
        fix = "ask its operator whether it runs and knows the key that `argo log key` prints"
        return Finding(name, State.WARNING, one.problem, fix)
    if one.size > size:
        fix = "stop, and restore the log that it has seen"
        return Finding(name, State.FAULT, f"it has seen {one.size} entries of {size}", fix)
    return Finding(name, State.GOOD, f"it stands at {one.size} of {size} entries")
