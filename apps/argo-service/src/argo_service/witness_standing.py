"""How far the record is cosigned, and where each of its witnesses stands."""

import asyncio

import aiohttp
from attrs import field, frozen

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_core.errors import InvalidSetting, WitnessError
from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.cosignature import cosignatures
from argo_core.ledger.note import Note
from argo_core.ports import Witness
from argo_service.config.tree import Settings
from argo_service.record import newest_checkpoints
from argo_service.record_keys import key_file, known_signer
from argo_service.witnessing import policy_of, witnesses_of


@frozen
class Standing:
    """A witness has cosigned `size` entries of the log; None and a `problem` if it does not say."""

    witness: str
    size: int | None
    problem: str = ""


@frozen
class RecordStanding:
    """The log has `size` entries; a checkpoint over `cosigned` of them is the newest cosigned.

    `by` are the witnesses that cosigned that one, of whom `quorum` must; `pending` says that the
    newest checkpoint lacks them.
    """

    size: int
    cosigned: int
    by: tuple[str, ...]
    quorum: int
    pending: bool
    witnesses: tuple[Standing, ...] = field(default=())


async def record_standing(settings: Settings, session: aiohttp.ClientSession) -> RecordStanding:
    """Read the log beside whoever writes it, and ask every witness.

    Asking is showing the newest checkpoint as if the witness had seen nothing: it answers where it
    stands, and only one that stands nowhere yet takes it.

    Raises:
        InvalidSetting: there is no log yet, or its key or policy cannot be used.
        LogError: the log cannot be read.
    """
    signer = await asyncio.to_thread(known_signer, settings)
    newest, cosigned = await newest_checkpoints(settings)
    if signer is None or newest is None:
        problem = f"there is no log with entries that the key at {key_file(settings)} signs"
        raise InvalidSetting("database", problem, "start Argo once, or name another database")
    policy = await asyncio.to_thread(policy_of, settings, signer.key)
    good = () if cosigned is None else cosignatures(cosigned, policy.keys, verify_ed25519)
    size, covered = _size(newest), 0 if not good or cosigned is None else _size(cosigned)
    asks = (_ask(one, newest) for one in witnesses_of(policy, session))
    return RecordStanding(
        size,
        covered,
        tuple(sorted(one.key.name for one in good)),
        policy.quorum,
        pending=policy.quorum > 0 and (covered < size or not policy.is_met(good)),
        witnesses=tuple(await asyncio.gather(*asks)),
    )


async def _ask(witness: Witness, newest: Note) -> Standing:
    name = witness.key.name
    try:
        answer = await witness.add_checkpoint(AddCheckpoint(0, (), newest.encode()))
    except WitnessError as error:
        return Standing(name, None, error.problem)
    return Standing(name, answer if isinstance(answer, int) else _size(newest))


def _size(note: Note) -> int:
    return parse_checkpoint(note.text).size
