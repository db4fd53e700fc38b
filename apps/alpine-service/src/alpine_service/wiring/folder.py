"""The folder in which we keep what is not in the database."""

from pathlib import Path

from alpine_service.errors import InvalidSetting

# To be passed through by the account that PostgreSQL runs as, where we are root, and not to be
# looked into: each secret in it is a file of its own that only we may read.
_MODE = 0o711


def make_folder(folder: Path) -> Path:
    """The folder, made if it is not there; blocking.

    Raises:
        InvalidSetting: it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.exists():
            folder.mkdir(mode=0o700)
            folder.chmod(_MODE)
        if not folder.is_dir():
            raise NotADirectoryError(20, "it is no folder")
    except OSError as error:
        problem = f"{folder}: {error.strerror}"
        raise InvalidSetting("ALPINE_FOLDER", problem, "name a folder that can be made") from error
    return folder
