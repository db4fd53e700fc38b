"""Answer requests until SIGTERM or Ctrl-C.

What happens is written to standard error, a line of JSON each. Under systemd it says when it is
ready, and that it lives. SIGHUP reads settings and secrets again, and takes on what is safe.
"""

import argparse
import asyncio
import os

from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.adapters.service_manager import ServiceManager, service_manager
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say
from alpine_service.server import serve
from alpine_service.settings import Settings


def configure(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    manager = service_manager(os.environ)  # noqa: TID251 - systemd's words are no settings
    asyncio.run(_serve(settings, manager, given.configuration))
    return Exit.DONE


async def _serve(settings: Settings, manager: ServiceManager, configuration: Configuration) -> None:
    def announce(url: str) -> None:
        say(f"Alpine answers on {url}")
        manager.tell("READY=1", f"STATUS=answers on {url}")

    async with manager.watched():
        await serve(settings, announce, configuration)
