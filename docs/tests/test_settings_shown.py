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


@pytest.mark.parametrize("block", SHOWN)
def test_it_is_accepted(block: str, tmp_path: Path) -> None:
    secret, file = tmp_path / "secret", tmp_path / "argo.toml"
    secret.write_text("redis://127.0.0.1:6379/0", encoding="utf-8")
    # A page may name a file of its reader's machine.
    file.write_text(re.sub(r'"/[^"]+"', f'"{secret}"', block), encoding="utf-8")
    origins = read_configuration(file, {}).origins
    assert origins
    assert all(origin.startswith((str(file), "file ")) for origin in origins.values())
