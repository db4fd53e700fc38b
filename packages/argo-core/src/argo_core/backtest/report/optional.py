"""Libraries that not every installation has, imported where they are used."""

import importlib
from typing import Any

from argo_core.errors import InvalidInput

CHARTS = "install the extra: pip install 'argo-core[backtest]'"
FRAMES = "install it: pip install pandas"


def needed(module: str, fix: str) -> Any:
    """The module of this name.

    Raises:
        InvalidInput: it is not installed; `fix` says how to change that.
    """
    try:
        return importlib.import_module(module)
    except ImportError as absent:
        library = module.partition(".")[0]
        raise InvalidInput(library, "it is not installed", fix) from absent
