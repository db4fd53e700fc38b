"""Who cosigns the log, by the settings: the policy, its witnesses, and what publishes by them."""

import asyncio
from pathlib import Path

import aiohttp

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_adapters.witness.client import HttpWitness
from argo_core.engine.publication import Publication
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.ledger.policy import Policy
from argo_core.ledger.policy_file import MAX_POLICY_BYTES, parse_policy
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.ports import Clock, Observer, Tracer
from argo_service.config.tree import Settings
from argo_service.record import OpenLog
from argo_service.record_keys import known_signer

_POLICY = "log.witness_policy"


def policy_of(settings: Settings, key: VerifierKey) -> Policy:
    """Who must cosign the log of that key; without a policy file nobody. Blocks.

    Raises:
        InvalidSetting: the file cannot be read or meant, is for another log, or a quorum could not
            be had of those witnesses whose address it gives.
    """
    path = settings.log.witness_policy
    if path is None:
        return Policy(key)
    try:
        policy = parse_policy(_read(path), key)
    except InvalidInput as error:
        problem = f"{path}: {error.field}: {error.problem}"
        raise InvalidSetting(_POLICY, problem, error.fix) from error
    asked = sum(one.url is not None for one in policy.witnesses)
    if asked < policy.quorum:
        problem = f"{path}: {asked} witnesses have an address, and {policy.quorum} must cosign"
        raise InvalidSetting(_POLICY, problem, "give an address behind the key of each witness")
    return policy


def witnesses_of(policy: Policy, session: aiohttp.ClientSession) -> tuple[HttpWitness, ...]:
    """Those of the policy's witnesses whose address it gives.

    Raises:
        InvalidSetting: an address is no witness's.
    """
    found: list[HttpWitness] = []
    for one in policy.witnesses:
        if one.url is not None:
            try:
                found.append(HttpWitness(session, one.url, one.key))
            except InvalidInput as error:
                problem = f"the address of {one.key.name}: {error.problem}"
                raise InvalidSetting(_POLICY, problem, error.fix) from error
    return tuple(found)


async def publication_of(
    settings: Settings,
    log: OpenLog,
    session: aiohttp.ClientSession,
    clock: Clock,
    observer: Observer,
    *,
    tracer: Tracer = UNTRACED,
) -> Publication:
    """What publishes the log, not started; witnesses are asked through the session.

    Raises:
        InvalidSetting: the policy cannot be used.
    """
    policy = await asyncio.to_thread(policy_of, settings, log.key)
    return Publication(
        log,
        policy,
        witnesses_of(policy, session),
        verify_ed25519,
        clock=clock,
        observer=observer,
        patience_s=settings.log.witness_patience_s,
        signer=await asyncio.to_thread(known_signer, settings),
        must_hear=not settings.log.start_unheard,
        tracer=tracer,
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise InvalidSetting(_POLICY, problem, "name a readable policy file") from error
