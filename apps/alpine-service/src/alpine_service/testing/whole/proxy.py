"""A real HAProxy in front of two colours, with the configuration that is shipped."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from alpine_service.testing.torture import Process
from alpine_service.testing.whole.service import free_port


@frozen
class Front:
    """Where everybody asks, and where colours are switched."""

    port: int
    socket: Path
    state: Path
    process: Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def find_haproxy() -> str | None:
    """Where the program is; None where there is none."""
    return shutil.which("haproxy", path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")


@contextmanager
def haproxy(program: str, shipped: Path, folder: Path, ports: Mapping[str, str]) -> Iterator[Front]:
    """The proxy for the block; `ports` are the service's for those of the shipped configuration.

    What belongs to one machine is exchanged: ports, accounts, the certificate, and places of files.
    """
    port, socket, state = free_port(), folder / "haproxy.sock", folder / "haproxy.state"
    exchanged = {
        ":443 ssl crt /etc/haproxy/alpine.pem alpn h2,http/1.1": f"127.0.0.1:{port}",
        "/run/haproxy/alpine.sock": str(socket),
        "/var/lib/haproxy/alpine.state": str(state),
        "    user haproxy\n    group haproxy\n": "",
        **{f"{name} ": f"{ours} " for name, ours in ports.items()},
        **{f"{name}\n": f"{ours}\n" for name, ours in ports.items()},
    }
    text = shipped.read_text()
    for ours, theirs in exchanged.items():
        text = text.replace(ours, theirs)
    written = folder / "haproxy.cfg"
    written.write_text(text)
    # It warns of a state that nobody has written yet.
    state.write_text("1\n")
    process = Process([program, "-db", "-f", str(written)], {}, folder / "haproxy.log")
    process.start()
    try:
        yield Front(port, socket, state, process)
    finally:
        process.kill()
