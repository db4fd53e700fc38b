"""Answer requests until SIGTERM or Ctrl-C.

What happens is written to standard error, a line of JSON each.
"""

import argparse
import asyncio

from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say
from alpine_service.server import serve
from alpine_service.settings import Settings


def configure(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=run)


def run(_given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(serve(settings, lambda url: say(f"Alpine answers on {url}")))
    return Exit.DONE
