"""The folder of a database, made when it is not there."""

from pathlib import Path

from argo_core.errors import LogUnavailable


def make_folder_of(database: Path) -> None:
    """Make the folder that database lives in; blocks.

    Raises:
        LogUnavailable: it cannot be made.
    """
    folder = database.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogUnavailable(
            f"cannot make the folder {folder.absolute()}: {error.strerror};"
            " make it yourself, or start where you may write"
        ) from error
