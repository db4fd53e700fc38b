"""Everything that can go wrong, one tree, branched by what the caller should do next.

::

    AlpineError
    ├── InvalidSetting    the operator's configuration is wrong: change it as `fix` says
    └── CannotListen      the address cannot be had: free it or take another
"""


class AlpineError(Exception):
    """Anything Alpine refuses or fails to do."""


class InvalidSetting(AlpineError):
    """A value in the environment was refused before anything started."""

    def __init__(self, name: str, problem: str, fix: str) -> None:
        super().__init__(f"{name}: {problem}; {fix}")
        self.name = name
        self.problem = problem
        self.fix = fix


class CannotListen(AlpineError):
    """The address is taken, is not ours, or needs more rights than we have."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"cannot listen on {address}: {problem}")
        self.address = address
        self.problem = problem
