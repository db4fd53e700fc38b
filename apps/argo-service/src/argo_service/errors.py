"""What can go wrong around the engine, as part of the error tree.

::

    ArgoError
    ├── CannotListen          the address is taken, is not ours, or needs more rights than we have
    ├── CannotWrite           a folder takes no file: give it space, or us the right
    ├── ServiceAway           no running Argo answers there: start it, or say where it is
    ├── WorkerFailed          a backtest's process gave no result: ask again, or for less
    ├── ServiceRefused        a running Argo will not do it: do what its text says
    └── StepFailed            a step of a deployment; what comes after a failure comes next
"""

from argo_core.errors import ArgoError


class CannotListen(ArgoError):
    """The address cannot be had; the text says why and what to do."""

    @classmethod
    def at(cls, host: str, port: int, error: OSError | ValueError) -> "CannotListen":
        """What the operating system, or the spelling of names, had against that address."""
        said = error.strerror if isinstance(error, OSError) else "the host is no name"
        fix = "stop what uses it, or set ARGO_LISTEN__HOST and ARGO_LISTEN__PORT"
        return cls(f"cannot listen on {host[:80]}:{port}: {said}; {fix}")


class CannotWrite(ArgoError):
    """A file cannot be written; the text says which and why."""


class ServiceAway(ArgoError):
    """A command needs a running service, and none answers as one does."""


class WorkerFailed(ArgoError):
    """A backtest's process failed, was ended or took too long; the text says which."""


class ServiceRefused(ArgoError):
    """The running service answered with a problem; `status` is HTTP's."""

    def __init__(self, problem: str, status: int) -> None:
        super().__init__(problem)
        self.status = status


class StepFailed(ArgoError):
    """A step of a deployment could not be done, or found what is not good enough."""
