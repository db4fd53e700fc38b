"""What is shipped for operators fits the program: names, ports, limits."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from argo_service.settings import read_configuration

DEPLOY = Path(__file__).parents[2] / "deploy"
PORTS = {"blue": 8090, "green": 8095}
COLOURS = sorted(PORTS)


def variables(name: str) -> dict[str, str]:
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colours_files_together_are_settings(colour: str) -> None:
    given = variables("argo.env.example") | variables(f"{colour}.env.example")
    settings = read_configuration(DEPLOY / "argo.toml.example", given).settings
    assert (settings.standby.enabled, settings.standby.colour) == (True, colour)
    assert settings.listen.port == PORTS[colour]
    # Without keys only this machine is answered, and behind a proxy the proxy is this machine.
    assert settings.listen.is_local
    # Both proxies ask from there, and say whom they ask for.
    assert settings.api.trusted_proxies == ("127.0.0.1",)
    assert str(settings.database) == "/var/lib/argo/argo.sqlite3"


def test_no_secret_is_in_the_file_that_may_be_copied() -> None:
    common = tomllib.loads((DEPLOY / "argo.toml.example").read_text())
    assert common.keys() == {"symbols", "database", "api", "standby"}
    assert all("KEY" in name for name in variables("argo.env.example"))


def test_colours_differ_in_name_and_port_only() -> None:
    blue, green = (variables(f"{colour}.env.example") for colour in COLOURS)
    assert blue.keys() == green.keys() == {"ARGO_STANDBY__COLOUR", "ARGO_LISTEN__PORT"}
    assert not set(blue.values()) & set(green.values())


def test_haproxy_asks_for_readiness_and_hides_who_publishes() -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    assert text.count("uri /api/v1/health?level=ready") == 2
    assert re.findall(r"^backend (\w+)", text, re.MULTILINE) == ["argo", "argo_streams"]
    assert text.count("server blue 127.0.0.1:8090\n") == 2
    assert text.count("server green 127.0.0.1:8095 disabled\n") == 2
    assert "deny_status 404 if { path_beg /api/v1/publisher }" in text


def test_proxies_say_whom_they_ask_for_and_pass_on_nothing_that_clients_say_of_it() -> None:
    haproxy, nginx = ((DEPLOY / name).read_text() for name in ("haproxy.cfg", "nginx.conf"))
    assert "http-request set-header X-Forwarded-For %[src]" in haproxy
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    for text in (haproxy, nginx):
        assert "api.trusted_proxies" in text
        assert text.count("X-Forwarded-For") == 1


def test_haproxy_finds_no_fault_with_it(tmp_path: Path, program: str) -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    # The certificate, the account and the state are the machine's.
    text = text.replace(" ssl crt /etc/haproxy/argo.pem alpn h2,http/1.1", "")
    text = re.sub(r"^    (user|group) .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("/var/lib/haproxy/argo.state", str(tmp_path / "state"))
    (tmp_path / "state").write_text("1\n")
    (tmp_path / "haproxy.cfg").write_text(text)
    checked = subprocess.run(  # noqa: S603 - our own words
        [program, "-c", "-f", str(tmp_path / "haproxy.cfg")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr, checked.stderr


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze")
    unit = tmp_path / "argo@.service"
    text = (DEPLOY / "argo@.service").read_text()
    # Its program is not on this machine.
    unit.write_text(re.sub(r"ExecStart=.*", "ExecStart=/bin/true", text))
    for words in (("verify",), ("security", "--offline=true", "--threshold=20", "--no-pager")):
        done = subprocess.run(  # noqa: S603 - our own words
            [program, *words, str(unit)], capture_output=True, text=True, check=False
        )
        if "unrecognized option" in done.stderr:
            pytest.skip("this systemd-analyze judges no file")
        assert done.returncode == 0, done.stderr + done.stdout[-300:]


def test_the_unit_waits_is_watched_writes_no_core_and_does_not_retry_in_vain() -> None:
    lines = set((DEPLOY / "argo@.service").read_text().splitlines())
    assert lines >= {
        "Type=notify",
        "WatchdogSec=30s",
        "EnvironmentFile=/etc/argo/%i.env",
        "User=argo",
        "LimitCORE=0",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "RestartPreventExitStatus=2 4",
    }


def test_a_reload_is_one_signal() -> None:
    lines = (DEPLOY / "argo@.service").read_text().splitlines()
    assert [one for one in lines if one.startswith("ExecReload=")] == [
        "ExecReload=/bin/kill -HUP $MAINPID"
    ]


def test_containers_are_nobody_write_nowhere_and_have_bounds() -> None:
    services = composed()["services"]
    for colour in COLOURS:
        one = services[colour]
        assert (one["user"], one["read_only"], one["cap_drop"]) == ("10002:10002", True, ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one["ulimits"]["core"] == 0
        assert one["mem_limit"]
        assert one["pids_limit"]
        assert "healthcheck" in one
        assert one["network_mode"] == "service:proxy"
        assert one["environment"] == variables(f"{colour}.env.example")
    assert services["green"]["profiles"] == ["green"]
    assert "profiles" not in services["blue"]


def test_nginx_has_what_makes_its_reload_lossless() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "keepalive_min_timeout" in text
    assert "location /api/v1/publisher { return 404; }" in text
