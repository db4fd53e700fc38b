"""A worker that does what its data set's stamp says, so that tests see the service's side alone."""

import json
import os
import signal
import sys
import time
from pathlib import Path


def say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main(wish: str) -> None:
    order = json.loads(sys.stdin.readline())
    into = Path(order["into"])
    say(stage="trading", done=1, total=4)
    if wish == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if wish == "end":
        sys.exit(3)
    if wish == "refuse":
        say(field="start", problem="there are no bars", fix="choose another range")
    if wish == "fail":
        say(failed="it needs more memory than 512 MB")
    if wish == "hang":
        (into / "begun").touch()
        time.sleep(600)
    if wish == "wait":
        # Until the test lets go.
        gate = into.parent.parent / "go"
        while not gate.exists():
            time.sleep(0.01)
    say(stage="trading", done=4, total=4)
    print("a library prints this")  # noqa: T201 - as some do
    for name in ("report.html", "trades.csv", "equity.csv"):
        (into / name).write_text(f"{name} of {order['asked']['dataset']}")
    (into / "result.json").write_text(json.dumps({"told": order["asked"]["strategy"]}))
    say(result_sha256="ab" * 32)


main(sys.argv[1])
