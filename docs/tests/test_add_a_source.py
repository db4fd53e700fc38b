"""The source that the how-to page writes keeps the port's promises, by the test the page shows."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "how-to" / "add-a-source.md"


def _modules() -> dict[str, Any]:
    """The names that the page's listings define, the interactive ones left out."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": __name__}
    for block in blocks:
        if not block.startswith(">>>"):
            exec(block, names)  # noqa: S102 - the page's code is ours, and running it is the test
    return names


TestDesk = _modules()["TestDesk"]
