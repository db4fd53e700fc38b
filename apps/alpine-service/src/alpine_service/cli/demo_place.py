"""Where a demo keeps its data: one folder for each log, because a witness never forgets."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from alpine_service.adapters.postgres.home import is_in_use
from alpine_service.adapters.postgres.programs import closed_to_others
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.errors import InvalidInput
from alpine_service.wiring.database import FOLDER as DATABASE

_NAME = re.compile("demo-[0-9a-f]{8}")
# Its owner's, and to be passed through by PostgreSQL's account.
_MODE = 0o711


def demo_folder(base: Path, log: VerifierKey) -> tuple[Path, str | None]:
    """The folder of that log's demo, and why it is elsewhere than was asked for; blocking.

    Started by root, PostgreSQL runs as somebody else, who may not be let into `base`. Then, and
    where nothing can be written, a folder of ours in the system's temporary one is taken.

    Raises:
        InvalidInput: there is no such folder either.
    """
    problem = _made(base) or _closed(base)
    if problem is not None:
        base = Path(tempfile.gettempdir()).resolve() / f"alpine-demo-{os.geteuid()}"
        refused = _made(base) or _foreign(base) or _closed(base)
        if refused is not None:
            fix = "name a folder that PostgreSQL may enter by --folder"
            raise InvalidInput("--folder", f"{problem}, and {refused}", fix)
    return base / f"demo-{log.id.hex()}", problem


def forget_demos(base: Path) -> None:
    """Remove the demos in that folder, but for one that runs; blocking."""
    if not base.is_dir():
        return
    for one in base.iterdir():
        if _NAME.fullmatch(one.name) and not is_in_use(one / DATABASE):
            shutil.rmtree(one)


def _made(base: Path) -> str | None:
    try:
        base.mkdir(mode=_MODE, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            return None
    except OSError as error:
        return f"{base}: {error.strerror}"


def _closed(base: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    closed = closed_to_others(base.resolve())
    return (
        f"{closed}: others may not enter it, and PostgreSQL does not run as root"
        if closed
        else None
    )


def _foreign(base: Path) -> str | None:
    """Anybody may make folders beside the temporary ones, also under the name of ours."""
    there = base.lstat()
    is_ours = stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid()
    if is_ours and not there.st_mode & 0o022:
        return None
    return f"{base}: it is not ours alone"
