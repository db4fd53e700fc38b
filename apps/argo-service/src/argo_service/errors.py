"""What can go wrong around the engine, as part of the error tree.

::

    ArgoError
    └── CannotListen          the address is taken, is not ours, or needs more rights than we have
"""

from argo_core.errors import ArgoError


class CannotListen(ArgoError):
    """The address cannot be had; the text says why and what to do."""
