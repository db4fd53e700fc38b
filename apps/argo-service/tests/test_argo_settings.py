"""Settings: where values come from, and how refusals read."""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.errors import InvalidSetting
from argo_core.resilience.secret import Secret
from argo_service.config.checks import is_loopback
from argo_service.config.reader import leaves
from argo_service.config.tree import Settings
from argo_service.settings import Configuration, read_configuration


def refused(text: str, tmp_path: Path, **environment: str) -> InvalidSetting:
    file = tmp_path / "argo.toml"
    file.write_text(text)
    with pytest.raises(InvalidSetting) as caught:
        read_configuration(file, environment)
    return caught.value


def read(text: str, tmp_path: Path, **environment: str) -> Configuration:
    file = tmp_path / "argo.toml"
    file.write_text(text)
    return read_configuration(file, environment)


def test_defaults_are_a_whole_profile_bound_to_loopback() -> None:
    settings = read_configuration(environment={}).settings
    assert settings.listen.is_local
    assert settings.profile().sources[MASSIVE].weight == 0.40
    assert settings.profile().name == "weighted-consensus-6.0"


def test_a_file_overrides_defaults_and_the_environment_overrides_the_file(tmp_path: Path) -> None:
    text = "[listen]\nhost = '127.0.0.2'\nport = 1000\n"
    found = read(text, tmp_path, ARGO_LISTEN__PORT="2000")
    assert found.settings.listen.host == "127.0.0.2"
    assert found.settings.listen.port == 2000
    assert found.origin("listen.host") == f"{tmp_path / 'argo.toml'}:2"
    assert found.origin("listen.port") == "environment ARGO_LISTEN__PORT"
    assert found.origin("database") == "default"


def test_dotted_keys_and_inline_tables_are_found_on_their_lines(tmp_path: Path) -> None:
    text = "# top\nsources.grok.model = 'grok-9'\nlisten = { port = 7 }\n"
    found = read(text, tmp_path)
    assert found.origin("sources.grok.model").endswith("argo.toml:2")
    assert found.origin("listen.port").endswith("argo.toml:3")


def test_a_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text("seed = 7\n")
    found = read_configuration(environment={"ARGO_CONFIG": str(file)})
    assert found.settings.seed == 7


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("prot = 1", "prot", "no such setting"),
        ("[listen]\nprot = 1", "listen.prot", "did you mean listen.port"),
        ("[listen]\nport = 70000", "listen.port", "argo.toml:2"),
        ("[listen]\nport = 'x'", "listen.port", "is not a whole number"),
        ("[listen]\nport = true", "listen.port", "is not a whole number"),
        ("[consensus]\ntau = nan", "consensus.tau", "finite"),
        ("[consensus]\ntau = inf", "consensus.tau", "finite"),
        ("[consensus]\ntau = -1.0", "consensus.tau", "zero or more"),
        ("[consensus]\ntheta_bp = 20000", "consensus.theta_bp", "1 to 10000"),
        ("[sources.grok]\nweight = 0.3", "sources.*.weight", "sum to 1.1"),
        ("[sources.grok]\nweight = -0.2", "sources.grok.weight", "(0, 1]"),
        ("[sources.grok]\nenabled = 'yes'", "sources.grok.enabled", "true or false"),
        ("[sources.grok]\nkey = 'abc'", "sources.grok.key", "environment"),
        ("[sources.grok]\nbase_url = 'api.x.ai'", "sources.grok.base_url", "https://"),
        ("[sources.grok]\nbase_url = 'http://api.x.ai'", "sources.grok.base_url", "unencrypted"),
        ("[sources.grok]\nbase_url = 'https://u:p@api.x.ai'", "sources.grok.base_url", "credent"),
        ("sources.grok.base_url = 'https://['", "sources.grok.base_url", "https://"),
        ("sources.grok.base_url = 'https://h:x'", "sources.grok.base_url", "https://"),
        ("sources.grok.base_url = 'https://h:99999'", "sources.grok.base_url", "https://"),
        ("sources.grok.base_url = 'https://h#x'", "sources.grok.base_url", "fragment"),
        ("sources.grok.model = 'é'", "sources.grok.model", "printable ASCII"),
        ("sources.grok.key_file = '~nobody-here/x'", "sources.grok.key_file", "whole path"),
        ("sources.grok.half_life_s = 1e308", "sources.grok.half_life_s", "31536000 seconds"),
        ("sources.grok.max_symbols = 9223372036854775808", "sources.grok.max_symbols", "give 1 to"),
        ("seed = -1", "seed", "give 0 to"),
        ("consensus.quorum = 1.5", "consensus.quorum", "from 0 to 1"),
        ("consensus.beat_s = 1e-9", "consensus.beat_s", "0.001"),
        ("consensus.horizon_s = 9223372036854775808", "consensus.horizon_s", "seconds"),
        ("consensus.publish_step_bp = -1", "consensus.publish_step_bp", "give 1 to"),
        ("database = '~nobody-here/x'", "database", "whole path"),
        ('database = "a\\u0000b"', "database", "printable"),
        ("symbols = ['AAPL', 'aapl']", "symbols[1]", "write it like AAPL"),
        ("symbols = ['AAPL', 'AAPL']", "symbols[1]", "there twice"),
        ("symbols = []", "symbols", "at least one"),
        ("symbols = 'AAPL'", "symbols", 'write it like ["AAPL"'),
        ("listen = 5", "listen", "no such setting"),
        ("database = ''", "database", "empty"),
        ("[alpaca]\nfeed = 'all'", "alpaca.feed", "iex, sip"),
        ("[log]\nname = 'https://x'", "log.name", "argo.example.com"),
        ("seed = ", "config", "is not TOML"),
    ],
)
def test_a_wrong_value_names_its_key_and_the_fix(
    text: str, field: str, words: str, tmp_path: Path
) -> None:
    error = refused(text, tmp_path)
    assert error.field == field
    assert words in str(error)


def test_every_source_disabled_is_refused(tmp_path: Path) -> None:
    text = "\n".join(
        f"sources.{name}.enabled = false" for name in ("massive", "alpha_vantage", "grok", "sonar")
    )
    assert "enable at least one" in refused(text, tmp_path).fix


def test_a_disabled_source_leaves_the_profile_and_the_rest_is_renormalised(tmp_path: Path) -> None:
    profile = read("sources.grok.enabled = false", tmp_path).settings.profile()
    assert GROK not in profile.sources
    assert profile.name == "weighted-consensus-6.0-no-grok"
    assert profile.sources[MASSIVE].weight == pytest.approx(0.5)


def test_an_unknown_variable_suggests_the_one_meant(tmp_path: Path) -> None:
    error = refused("", tmp_path, ARGO_LISTEN__PROT="1")
    assert error.field == "ARGO_LISTEN__PROT"
    assert error.fix == "did you mean ARGO_LISTEN__PORT?"


def test_other_programs_variables_are_left_alone(tmp_path: Path) -> None:
    assert read("", tmp_path, HOME="x", ARGOSY="y").origins == {}


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="No such file"):
        read_configuration(tmp_path / "absent.toml", {})


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "argo.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSetting, match="is not TOML"):
        read_configuration(file, {})


def test_secrets_come_from_the_environment_or_a_file_of_their_own(tmp_path: Path) -> None:
    key = tmp_path / "grok.key"
    key.write_text("from-file\n")
    text = f"sources.grok.key_file = '{key}'\nsources.sonar.key_file = '{key}'\n"
    found = read(text, tmp_path, ARGO_SOURCES__SONAR__KEY="from-environment")
    grok, sonar = found.settings.sources.grok.key, found.settings.sources.sonar.key
    assert grok is not None
    assert sonar is not None
    assert grok.reveal() == "from-file"
    assert sonar.reveal() == "from-environment"
    assert found.origin("sources.grok.key") == f"file {key}"


def test_a_secret_file_that_cannot_be_read_names_the_key(tmp_path: Path) -> None:
    error = refused("[alpaca]\nsecret_key_file = '/absent/key'", tmp_path)
    assert error.field == "alpaca.secret_key_file"


@given(st.text(min_size=8))
def test_a_secret_never_shows_itself(value: str) -> None:
    secret = Secret(value)
    shown = f"{secret} {secret!r} {secret:>20} {[secret]} {vars(Secret)}"
    assert value not in shown or value in "Secret('********')" * 20
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_secret_in_the_settings_never_shows_itself() -> None:
    found = read_configuration(environment={"ARGO_SOURCES__GROK__KEY": "open-sesame"})
    assert "open-sesame" not in repr(found)
    assert "open-sesame" not in str(found)


def test_every_setting_has_its_own_variable() -> None:
    variables = [leaf.variable for leaf in leaves(Settings).values()]
    assert len(set(variables)) == len(variables)
    assert "ARGO_SOURCES__ALPHA_VANTAGE__REFRESH_AFTER_S" in variables


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104 - it is asked about
)
def test_loopback_is_recognised(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize("pasted", ["abc\ndef", "abc def", "sch\u00fcssel", "a\x00b"])
def test_a_key_that_no_header_could_carry_is_refused_and_not_shown(pasted: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_configuration(environment={"ARGO_SOURCES__GROK__KEY": pasted})
    assert caught.value.field == "sources.grok.key"
    assert pasted not in str(caught.value)


def test_an_endless_file_is_read_no_further_than_its_bound() -> None:
    with pytest.raises(InvalidSetting, match="larger than 1 MB"):
        read_configuration(Path("/dev/zero"), {})
    with pytest.raises(InvalidSetting, match=r"sources\.grok\.key"):
        read_configuration(environment={"ARGO_SOURCES__GROK__KEY_FILE": "/dev/zero"})


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "argo.toml")
    with pytest.raises(InvalidSetting, match="is a pipe"):
        read_configuration(tmp_path / "argo.toml", {})


@pytest.mark.parametrize("value", ["0x" + "f" * 10_000, "0x" + "f" * 300, f"[0x{'f' * 10_000}]"])
@pytest.mark.parametrize("key", ["seed", "consensus.tau", "symbols"])
def test_a_number_without_end_is_refused(tmp_path: Path, key: str, value: str) -> None:
    assert refused(f"{key} = {value}", tmp_path).field == key


def test_what_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    assert refused("seed = " + "[" * 100_000 + "]" * 100_000, tmp_path).field == "config"
