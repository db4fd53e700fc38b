"""The witness that cosigns the log's checkpoints."""

import argparse

from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say
from alpine_service.settings import Settings
from alpine_service.wiring.folder import make_folder
from alpine_service.wiring.keys import witness_signer


def configure(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser(
        "key",
        help="print the verifier key that readers and the log pin; made at its first use",
    )
    command.set_defaults(run=run)


def run(_given: argparse.Namespace, settings: Settings) -> int:
    make_folder(settings.folder)
    say(witness_signer(settings, SystemChance()).key)
    return Exit.DONE
