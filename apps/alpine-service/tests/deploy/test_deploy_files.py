"""What is shipped for operators fits the program: names, ports and limits."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alpine_service.settings import NAMES, read_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
PORTS = {"blue": ("8091", "8092"), "green": ("8093", "8094")}
COLOURS = sorted(PORTS)


def variables(name: str) -> dict[str, str]:
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colours_files_together_are_settings(colour: str) -> None:
    given = variables("alpine.env.example") | variables(f"{colour}.env.example")
    assert given.keys() <= NAMES
    settings = read_settings(given)
    assert (str(settings.port), str(settings.internal_port)) == PORTS[colour]
    assert settings.operation.instance == f"alpine-{colour}"
    # The server's own folder is what the unit lets it write to.
    assert str(settings.folder) == "/var/lib/alpine"


def test_colours_have_nothing_in_common_but_what_is_in_the_common_file() -> None:
    blue, green = (variables(f"{colour}.env.example") for colour in COLOURS)
    assert blue.keys() == green.keys()
    assert not set(blue.values()) & set(green.values())
    assert not blue.keys() & variables("alpine.env.example").keys()


@pytest.mark.parametrize("name", ["haproxy.cfg", "compose.yaml"])
@pytest.mark.parametrize("colour", COLOURS)
def test_ports_are_the_same_everywhere(name: str, colour: str) -> None:
    text = (DEPLOY / name).read_text()
    assert all(port in text for port in PORTS[colour])


def test_haproxy_asks_for_readiness_and_switches_both_backends() -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    assert text.count("uri /health?level=ready") == 2
    assert re.findall(r"^backend (\w+)", text, re.MULTILINE) == ["alpine", "alpine_streams"]
    for colour, (port, internal) in PORTS.items():
        assert text.count(f"server {colour} 127.0.0.1:{port} check port {internal}") == 2


def test_haproxy_finds_no_fault_with_it(tmp_path: Path, program: str) -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    # The certificate and the account are the machine's.
    text = text.replace(" ssl crt /etc/haproxy/alpine.pem alpn h2,http/1.1", "")
    text = re.sub(r"^    (user|group) .*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "state").write_text("1\n")
    text = text.replace("/var/lib/haproxy/alpine.state", str(tmp_path / "state"))
    (tmp_path / "haproxy.cfg").write_text(text)
    checked = subprocess.run(  # noqa: S603 - our own words
        [program, "-c", "-f", str(tmp_path / "haproxy.cfg")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr, checked.stderr


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze")
    text = (DEPLOY / "alpine@.service").read_text()
    unit = tmp_path / "alpine@.service"
    # Its program is not on this machine.
    unit.write_text(text.replace("/opt/alpine/%i/bin/alpine serve", "/bin/true"))
    verified = subprocess.run(  # noqa: S603 - our own words
        [program, "verify", str(unit)], check=False, capture_output=True, text=True
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(  # noqa: S603 - our own words
        [program, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        check=False,
        capture_output=True,
        text=True,
    )
    if "offline" in judged.stderr:
        pytest.skip("this systemd-analyze judges no file")
    assert judged.returncode == 0, judged.stdout[-300:]


def test_the_unit_waits_for_readiness_is_watched_and_writes_no_core() -> None:
    lines = (DEPLOY / "alpine@.service").read_text().splitlines()
    wanted = {
        "Type=notify",
        "WatchdogSec=30s",
        "EnvironmentFile=/etc/alpine/alpine.env",
        "EnvironmentFile=/etc/alpine/%i.env",
        "User=alpine",
        "LimitCORE=0",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
    }
    assert wanted <= set(lines)


def test_containers_are_nobody_write_nowhere_and_have_bounds() -> None:
    services = composed()["services"]
    for colour in COLOURS:
        one = services[colour]
        assert one["user"] == "10001:10001"
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one["ulimits"]["core"] == 0
        assert one["mem_limit"]
        assert one["pids_limit"]
        assert one["network_mode"] == "service:proxy"
    assert services["green"]["profiles"] == ["green"]
    assert "profiles" not in services["blue"]
    assert all("healthcheck" in services[name] for name in ("database", "blue", "green"))


def test_containers_are_given_names_that_are_settings() -> None:
    for name, one in composed()["services"].items():
        ours = {key for key in one.get("environment", {}) if key.startswith("ALPINE_")}
        assert ours <= NAMES, name
    # The tables' owner is nobody that serves.
    for colour in COLOURS:
        assert "ALPINE_OWNER_DATABASE_URL" not in composed()["services"][colour]["environment"]


def test_every_variable_that_compose_wants_is_named_at_its_head() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    head = text[: text.index("x-guarded")]
    wanted = set(re.findall(r"\$\{(\w+):\?\}", text))
    assert wanted == set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", head))


def test_nginx_has_what_makes_its_reload_lossless() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "keepalive_min_timeout" in text
    assert "proxy_next_upstream error;" in text
