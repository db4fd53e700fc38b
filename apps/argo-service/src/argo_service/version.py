"""Which release this is."""

from importlib.metadata import version

# Read at import, because the package's metadata is a file and the event loop must not wait for one.
VERSION = version("argo-service")
