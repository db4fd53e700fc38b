"""Every piece of a settings file that a page shows is one that Argo accepts."""

import re
from pathlib import Path

import pytest

from argo_service.settings import read_configuration

ROOT = Path(__file__).parents[1]
SHOWN = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
    for page in sorted(ROOT.rglob("*.md"))
    for number, block in enumerate(
        re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
]

_REDIS = "redis://127.0.0.1:6379/0"
_POSTGRES = "postgresql://argo:password@127.0.0.1:5432/argo"
_SECRETS = {"database_url_file": _POSTGRES, "owner_url_file": _POSTGRES}


@pytest.mark.parametrize("block", SHOWN)
def test_it_is_accepted(block: str, tmp_path: Path) -> None:
    file = tmp_path / "argo.toml"

    def ours(line: re.Match[str]) -> str:
        secret = tmp_path / line[1]
        secret.write_text(_SECRETS.get(line[1], _REDIS), encoding="utf-8")
        return f'{line[1]} = "{secret}"'

    # A page may name a file of its reader's machine.
    file.write_text(re.sub(r'^(\w+) = "/[^"]+"', ours, block, flags=re.MULTILINE), encoding="utf-8")
    origins = read_configuration(file, {}).origins
    assert origins
    assert all(origin.startswith((str(file), "file ")) for origin in origins.values())
