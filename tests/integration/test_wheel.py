"""The built wheel, in an empty environment outside the checkout, with the locked dependencies and nothing else, runs the demo."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from inboxcrm import __version__
from tests.servers.demo import RunningDemo

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=project, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(project: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel. The locked dependencies are linked from the one that runs the tests, not fetched."""
    folder = tmp_path_factory.mktemp("outside") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    link_locked(project / "requirements.lock", folder)
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True, cwd=folder)
    return folder


def link_locked(lock: Path, environment: Path) -> None:
    """Links exactly the distributions that the lock names into the environment."""
    target = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    names = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) > 40
    for name in names:
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or () if file.parts[0] not in {"..", "__pycache__"}}:
            link = target / top
            if not link.exists():
                link.symlink_to(Path(str(found.locate_file(top))).resolve())


def said_by(environment: Path, *command: str) -> str:
    done = subprocess.run(
        [environment / "bin" / command[0], *command[1:]], cwd=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_the_command_is_there_and_comes_from_the_wheel(environment: Path) -> None:
    assert said_by(environment, "inboxcrm", "--version").strip() == f"inboxcrm {__version__}"
    where = said_by(environment, "python", "-c", "import inboxcrm; print(inboxcrm.__file__)")
    assert where.startswith(str(environment))


@pytest.mark.parametrize("kind", ["config", "templates"])
def test_the_files_that_users_edit_come_from_the_wheel(environment: Path, project: Path, kind: str) -> None:
    code = f"from inboxcrm.shipped import shipped_folder; print(shipped_folder({kind!r}))"
    folder = Path(said_by(environment, "python", "-c", code).strip())
    assert folder.is_relative_to(environment)
    ours = {path.relative_to(project / kind) for path in (project / kind).rglob("*") if path.is_file()}
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} >= {
        path for path in ours if not path.name.startswith(".")
    }


@pytest.fixture
def demo(environment: Path, tmp_path: Path) -> Iterator[RunningDemo]:
    home = tmp_path / "home"
    home.mkdir()
    command = [str(environment / "bin" / "inboxcrm"), "demo", "--home", str(tmp_path / "demo")]
    running = RunningDemo([*command, "--port", "0", "--pace", "0.2", "--no-browser"], home=home)
    yield running
    running.end()


def test_the_demo_of_the_wheel_runs_and_stops_cleanly(demo: RunningDemo) -> None:
    demo.until(r"http://127\.0\.0\.1:\d+/")
    demo.until(r"^\d\d:\d\d:\d\d [←→] ")
    assert demo.stop() == 0
    assert "Traceback" not in demo.said
