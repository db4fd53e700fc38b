"""What others made for browsers gets into the pages by a locked list, or is done without."""

import json
import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hatchling.bridge.app import Application

HERE = Path(__file__).parents[2]


def build_hook() -> ModuleType:
    spec = spec_from_file_location("hatch_build", HERE / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOK = build_hook()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a build has of the project, where no registry answers and nothing was fetched before."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    root = tmp_path / "project"
    shutil.copytree(HERE / "web", root / "web")
    return root


def build(root: Path) -> None:
    hook = HOOK.VendorHook(str(root), {}, None, None, str(root), "wheel", Application())
    hook.initialize("editable", {})


def test_the_lock_has_a_hash_of_everything_and_names_no_place() -> None:
    text = (HERE / "web" / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(each.get("integrity") for name, each in packages.items() if name)
    assert len(packages) > 1


def test_without_a_registry_a_build_goes_on_and_says_what_is_missing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    build(project)
    said = capsys.readouterr()
    assert "without uPlot" in said.out + said.err
    assert not list((project / HOOK.VENDOR).iterdir())
    assert [each.name for each in (project / "web").iterdir() if each.is_dir()] == []


def test_without_a_registry_a_build_in_ci_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RuntimeError, match="npm failed"):
        build(project)


def test_what_is_there_for_this_lock_is_not_fetched_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    vendor = project / HOOK.VENDOR
    vendor.mkdir(parents=True)
    for name in HOOK.FILES:
        (vendor / name).touch()
    (vendor / HOOK.STAMP).write_text(HOOK.stamp_of(project))
    build(project)
    (vendor / "uplot.min.js").unlink()
    with pytest.raises(RuntimeError, match="npm failed"):
        build(project)


def test_another_lock_asks_for_everything_anew(project: Path) -> None:
    before = HOOK.stamp_of(project)
    lock = project / "web" / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert HOOK.stamp_of(project) != before


def test_what_was_built_has_a_module_a_style_and_two_typefaces(running_in_ci: bool) -> None:
    vendor = HERE / HOOK.VENDOR
    if not (vendor / HOOK.STAMP).exists() and not running_in_ci:
        pytest.skip("the pages were built without")
    assert (vendor / "uplot.min.js").read_text().rstrip().endswith("export default uPlot;")
    assert (vendor / "uplot.min.css").stat().st_size
    for name in ("inter", "jetbrains-mono"):
        assert (vendor / f"{name}.woff2").read_bytes()[:4] == b"wOF2"
        assert "OPEN FONT LICENSE" in (vendor / f"{name}.licence.txt").read_text().upper()
    assert "Permission is hereby granted" in (vendor / "uplot.licence.txt").read_text()
