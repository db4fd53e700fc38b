"""The thin aiohttp app around the engine, and the `argo` command."""
