"""A strategy that somebody at this machine wrote into a file; never one that comes over the API."""

import ast
import hashlib
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from attrs import frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.strategy import Strategy
from argo_core.errors import InvalidInput

SUFFIX: Final = ".py"
FILE: Final = "file_sha256"
"""The parameter that says which version of the file it was."""

_NAMED: Final = "--strategy"


@frozen
class OwnStrategy:
    """`inner` from a file, with the file's digest among its parameters: other code, other trial."""

    inner: Strategy
    file_sha256: str

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def parameters(self) -> Mapping[str, str]:
        told = {str(name): str(value) for name, value in self.inner.parameters.items()}
        return {**told, FILE: self.file_sha256}

    def verdicts(self, panel: Panel) -> Verdicts:
        return self.inner.verdicts(panel)


def is_file(text: str) -> bool:
    """Whether `text` means a file of Python, with or without the name of a class behind it."""
    return text.partition(":")[0].endswith(SUFFIX)


def own_strategy(text: str, parameters: Mapping[str, str]) -> OwnStrategy:
    """The strategy in `file.py`, or `file.py:Class`, made with these parameters.

    The file's code is run. Texts that are numbers, True or False are given as such.

    Raises:
        InvalidInput: there is no such file or class, it cannot be loaded, or it is no strategy.
    """
    file, _, wanted = text.partition(":")
    path = Path(file)
    try:
        code = path.read_bytes()
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise InvalidInput(_NAMED, problem, "name a file of Python") from error
    kind = _class_in(_loaded(path), path, wanted)
    try:
        made = kind(**{name: _value(value) for name, value in parameters.items()})
    except (TypeError, ValueError) as error:
        fix = f"give what {kind.__name__} is made with"
        raise InvalidInput("parameters", f"{kind.__name__}: {error}", fix) from error
    for needed in ("name", "parameters"):
        if not hasattr(made, needed):
            problem = f"{kind.__name__} has no `{needed}`"
            raise InvalidInput(_NAMED, problem, "give it name, parameters and verdicts")
    return OwnStrategy(made, hashlib.sha256(code).hexdigest())


def _loaded(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InvalidInput(_NAMED, f"{path} is no file of Python", "name one that ends in .py")
    module = module_from_spec(spec)
    # Where classes look for their module's names, attrs and dataclasses among them.
    sys.modules.setdefault(spec.name, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        problem = f"{path} cannot be loaded ({type(error).__name__}: {error})"
        raise InvalidInput(_NAMED, problem, "correct it") from error
    return module


def _class_in(module: ModuleType, path: Path, wanted: str) -> type[Any]:
    there = {
        name: one
        for name, one in vars(module).items()
        if isinstance(one, type) and one.__module__ == module.__name__ and hasattr(one, "verdicts")
    }
    if wanted and wanted in there:
        return there[wanted]
    if not wanted and len(there) == 1:
        return next(iter(there.values()))
    if not there:
        problem = f"there is no class with a method `verdicts` in {path}"
        raise InvalidInput(_NAMED, problem, "write one")
    problem = f"there is no {wanted!r} in {path}" if wanted else f"{path} has several strategies"
    raise InvalidInput(_NAMED, problem, f"name one: {path}:{' or '.join(there)}")


def _value(text: str) -> object:
    try:
        value = ast.literal_eval({"true": "True", "false": "False"}.get(text, text))
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, bool | int | float) else text
