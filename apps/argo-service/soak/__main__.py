"""`python -m soak`: an hour of recorded market at twenty times its speed, with everything failing.

It ends with 0 if all that must hold did; its last line is one JSON object.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from attrs import asdict

from soak.conductor import Outcome, Wishes, soak


def shown(outcome: Outcome, wishes: Wishes) -> None:
    beat = outcome.beat
    print(f"seed {wishes.seed}, {wishes.span_s / 60:g} minutes at {wishes.speed:g} times the speed")
    print(
        f"beat kept: {beat.uptime:.2%}, {beat.missed} of {beat.expected - beat.excused} missed"
        f" while the record's store was there; of all {beat.expected} beats {beat.published:.2%}"
    )
    print(f"cycles {outcome.cycles}, of which could not be stored {outcome.failed}")
    for each, missed in outcome.troubles:
        print(f"  {each.at_s:6.0f} s  {each!s:48} {missed or ''}")
    for one in outcome.growth:
        print(f"{one}: memory {one.rss:+.2%}, files {one.files:+d}, sockets {one.sockets:+d}")
    print(f"entries {outcome.kinds}")
    print(f"starts {outcome.starts}")
    for sentence in outcome.wrong:
        print(f"WRONG: {sentence}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of the recording (60)")
    parser.add_argument("--speed", type=float, default=20.0, help="times as fast (20)")
    parser.add_argument("--seed", type=int, default=1, help="which troubles, and when (1)")
    parser.add_argument("--engines", nargs="+", default=["blue", "green"], help="their names")
    parser.add_argument("--folder", type=Path, help="kept afterwards (default: a temporary one)")
    least = "share of beats that has to be kept while the record's store is there (0.999)"
    parser.add_argument("--least", type=float, default=0.999, help=least)
    parser.add_argument("--calm", action="store_true", help="nothing fails; what grows is told")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as own:
        wishes = Wishes(
            given.minutes * 60,
            given.speed,
            given.seed,
            given.folder or Path(own),
            tuple(given.engines),
            given.least,
            given.calm,
        )
        outcome = asyncio.run(soak(wishes))
    shown(outcome, wishes)
    told = {"uptime": outcome.beat.uptime, **asdict(outcome)}
    print(json.dumps(told, default=str))
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
