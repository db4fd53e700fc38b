"""The keys of the record: what signs the log, and what seals the signals it hides for a while."""

import json
import logging
from pathlib import Path

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.keys.key_file import make_key_file, read_key_file
from argo_adapters.keys.reveal_key_file import make_reveal_key, read_reveal_key
from argo_core.errors import InvalidInput, InvalidSetting, LogUnavailable
from argo_service.config.tree import Settings
from argo_service.folder import make_folder_of
from argo_service.record_in_file import newest_in_file

KEY_FILE = "log.key_file"
_LOGGER = logging.getLogger("argo.record")


def key_path(database: Path) -> Path:
    """Where the key rests that signs the log, unless the settings name another place."""
    return database.with_name(database.name + ".key")


def key_file(settings: Settings) -> Path:
    """Where the key rests that signs the log."""
    return settings.log.key_file or key_path(settings.database)


def reveal_key_file(settings: Settings) -> Path:
    """Where the key rests that seals signals until they are shown."""
    beside = settings.database.with_name(settings.database.name + ".reveal-key")
    return settings.log.reveal_key_file or beside


def known_signer(settings: Settings) -> Ed25519Signer | None:
    """Whoever signs the log, None while no key was made. Blocks.

    Raises:
        InvalidSetting: the key file cannot be trusted, or the key is another log's.
    """
    path = key_file(settings)
    try:
        signer = read_key_file(path)
    except InvalidInput as error:
        raise InvalidSetting(KEY_FILE, f"{path}: {error.problem}", error.fix) from error
    if signer is not None and signer.key.name != settings.log.name:
        problem = f"the key at {path} is {signer.key.name}'s, and the log is {settings.log.name}"
        raise InvalidSetting("log.name", problem, "keep the name, or begin another log")
    return signer


def signer_of(settings: Settings) -> Ed25519Signer:
    """Whoever signs the log; one without entries gets a new key. Blocks.

    Raises:
        InvalidSetting: the log has entries and its key is not there, or the key is another's.
        LogError: the file of the log cannot be looked into, or the key's folder cannot be made.
    """
    signer, path = known_signer(settings), key_file(settings)
    if signer is not None:
        return signer
    if has_entries_in_file(settings):
        problem = f"there is a log at {settings.database}, and no key at {path}"
        fix = "put the key back, or begin another log under another name"
        raise InvalidSetting(KEY_FILE, problem, fix)
    make_folder_of(path)
    try:
        return make_key_file(path, settings.log.name)
    except InvalidInput as error:
        # Beside a standby the other process may have made it in this very moment.
        if settings.standby.enabled and (signer := known_signer(settings)) is not None:
            return signer
        raise InvalidSetting(KEY_FILE, f"{path}: {error.problem}", error.fix) from error


def has_entries_in_file(settings: Settings) -> bool:
    """Whether the log is in a file and has entries; they were signed with its key. Blocks.

    Raises:
        LogError: the file is no signal log, or cannot be read.
    """
    in_postgres = settings.log.database_url is not None
    return not in_postgres and newest_in_file(settings.database)[0] is not None


def _used_path(settings: Settings) -> Path:
    return key_file(settings).with_name(key_file(settings).name + ".used")


def mark_used(settings: Settings) -> None:
    """Keep in mind, beside the key, that it has signed entries. Blocks.

    Raises:
        LogUnavailable: that cannot be written.
    """
    path = _used_path(settings)
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise LogUnavailable(f"{path}: {error.strerror}; check path and permissions") from error


def refuse_if_used(settings: Settings) -> None:
    """Refuse to begin a log with a key that has signed one: it would be a second history. Blocks.

    Raises:
        InvalidSetting: it has.
    """
    if _used_path(settings).exists():
        problem = (
            f"the log is empty, and the key at {key_file(settings)} has signed one that is not"
        )
        fix = "restore the log; to begin another, take another name and key"
        raise InvalidSetting(KEY_FILE, problem, fix)


def forget_key(database: Path) -> None:
    """Remove a key that lies beside its database, and that it was used. Blocks."""
    path = key_path(database)
    for each in (path, path.with_name(path.name + ".used")):
        each.unlink(missing_ok=True)


def reveal_key_of(settings: Settings) -> bytes | None:
    """What seals signals, made when it is first needed; None where they are open. Blocks.

    Raises:
        InvalidSetting: the file cannot be trusted, or cannot be made.
        LogUnavailable: its folder cannot be made.
    """
    if not settings.log.sealed_s:
        return None
    path = reveal_key_file(settings)
    try:
        key = read_reveal_key(path)
        if key is None:
            make_folder_of(path)
            key = make_reveal_key(path)
            # Where there was one before, one key no longer replays the whole log.
            _LOGGER.warning('{"event":"reveal_key_made","path":%s}', json.dumps(str(path)))
    except InvalidInput as error:
        fix = error.fix
        raise InvalidSetting("log.reveal_key_file", f"{path}: {error.problem}", fix) from error
    return key
