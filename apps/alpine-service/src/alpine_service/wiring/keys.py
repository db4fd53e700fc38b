"""The witness's key, and the log's that is pinned."""

from pathlib import Path

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer
from alpine_service.adapters.secrets.key_file import make_key_file, read_key_file
from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey, read_verifier_key
from alpine_service.errors import InvalidSetting, Malformed
from alpine_service.ports.outside import Chance
from alpine_service.settings import Settings

FILE = "witness.key"
_SEED_BYTES = 32
_LOG_KEY = "ALPINE_LOG_KEY"


def witness_key_path(settings: Settings) -> Path:
    """Where the witness's key rests."""
    return settings.folder / FILE


def witness_signer(settings: Settings, chance: Chance) -> Ed25519Signer:
    """The witness, made at the first time; blocking.

    Raises:
        InvalidSetting: its key's file cannot be used, or is of another name than is set.
    """
    path = witness_key_path(settings)
    if not path.exists():
        seed = chance.draw(_SEED_BYTES)
        return make_key_file(path, settings.witness_name, Algorithm.COSIGNATURE, seed)
    signer = read_key_file(path)
    if signer.verifier_key.name != settings.witness_name:
        problem = f"the key at {path} is {signer.verifier_key.name}'s"
        fix = "give the name that the key was made for; a witness does not change its name"
        raise InvalidSetting("ALPINE_WITNESS_NAME", problem, fix)
    return signer


def known_witness(settings: Settings) -> VerifierKey | None:
    """Our witness's public key; None where there is none yet. Nothing is made; blocking.

    Raises:
        InvalidSetting: its key's file cannot be used.
    """
    path = witness_key_path(settings)
    return read_key_file(path).verifier_key if path.exists() else None


def pinned_log(settings: Settings) -> VerifierKey:
    """The key of the log that is read and witnessed.

    Raises:
        InvalidSetting: there is none, or it is no key that signs checkpoints.
    """
    fix = "give one line such as log.example/signals+1a2b3c4d+AbCd..., which signs checkpoints"
    if settings.log.key is None:
        raise InvalidSetting(_LOG_KEY, "no log is pinned", fix)
    try:
        key = read_verifier_key(settings.log.key)
    except Malformed as error:
        raise InvalidSetting(_LOG_KEY, str(error), fix) from error
    if key.algorithm is not Algorithm.CHECKPOINT:
        raise InvalidSetting(_LOG_KEY, "it is a witness's", fix)
    return key
