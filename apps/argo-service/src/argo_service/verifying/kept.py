"""Checkpoints that a reader keeps, because one that was seen before shows any later change."""

import os
import tempfile
from pathlib import Path

from argo_core.errors import InvalidInput, Unchecked
from argo_core.ledger.checkpoint import Checkpoint, open_checkpoint
from argo_core.ledger.note import MAX_NOTE_BYTES, Note, Verify
from argo_core.ledger.verifier_key import VerifierKey
from argo_service.verifying.folder_shelf import read_bounded


def read_kept(path: Path, key: VerifierKey, verify: Verify) -> Checkpoint | None:
    """The checkpoint in that file, or None if there is no file; blocks.

    Raises:
        Unchecked: it cannot be read, or holds no checkpoint that this log's key has signed.
    """
    data = read_bounded(path, MAX_NOTE_BYTES)
    if data is None:
        return None
    try:
        return open_checkpoint(data, key, verify)[0]
    except InvalidInput as error:
        # Whatever it was, comparing with it would show nothing about this log.
        raise Unchecked(f"{path} holds no checkpoint of this log: {error}") from error


def keep(path: Path, note: Note) -> None:
    """Put the checkpoint into that file, whole or not at all; blocks.

    Raises:
        Unchecked: it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(note.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Unchecked(f"the checkpoint cannot be kept in {path}: {error.strerror}") from error
