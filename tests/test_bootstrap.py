"""The setup from a fresh checkout, without a network: a made-up checkout, a made-up pip, and real processes.

What a real pip does with it is the last test here, marked long; what a real apt-get does, the build server sees.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.patience import PATIENCE

PACKAGING = Path(__file__).resolve().parent.parent / "packaging"
LOCK_FILES = [PACKAGING / "requirements.lock", PACKAGING / "requirements-dev.lock"]
SCRIPTS = [PACKAGING / "bootstrap.py", PACKAGING / "system_packages.py"]

each_lock_file = pytest.mark.parametrize("lock_file", LOCK_FILES, ids=lambda path: path.stem)
posix_only = pytest.mark.skipif(os.name == "nt", reason="signals, links and inherited locks are POSIX")


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ModuleType]]:
    """Both scripts, imported as if one of them had been started."""
    sys.path.insert(0, str(PACKAGING))
    try:
        yield importlib.import_module("bootstrap"), importlib.import_module("system_packages")
    finally:
        sys.path.remove(str(PACKAGING))


@pytest.fixture
def system_packages(modules: tuple[ModuleType, ModuleType]) -> ModuleType:
    return modules[1]


@pytest.fixture
def bootstrap(modules: tuple[ModuleType, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bootstrap.py, looking at a checkout with nothing but two lock files."""
    module = modules[0]
    venv = tmp_path / ".venv"
    paths = {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / module.PYTHON.relative_to(module.VENV),
        "STAMP": venv / module.STAMP.name,
        "LOCK": venv / module.LOCK.name,
        "FOR_USERS": tmp_path / "requirements.lock",
        "FOR_DEVELOPERS": tmp_path / "requirements-dev.lock",
    }
    for name, path in paths.items():
        monkeypatch.setattr(module, name, path)
    for name in ("FOR_USERS", "FOR_DEVELOPERS"):
        paths[name].write_text("one==1\n")
    # Without pip a venv is made in a tenth of the time.
    succeeds = module.succeeds
    monkeypatch.setattr(module, "succeeds", lambda command: "--without-pip" in command and succeeds(command))
    return module


@pytest.fixture
def pip_calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was asked of pip, which succeeds each time."""
    calls: list[list[str]] = []

    def follow(command: list[str], _lock: object) -> tuple[int, str]:
        calls.append(command)
        return 0, "Installing collected packages: one\n"

    monkeypatch.setattr(bootstrap, "find_installer", lambda: ["pip", "install"])
    monkeypatch.setattr(bootstrap, "follow", follow)
    return calls


# --- the lock files --------------------------------------------------------------------------------------------------


def requirements(lock_file: Path) -> list[str]:
    """One text for each requirement, its hashes in it."""
    lines = [line for line in lock_file.read_text().splitlines() if not line.lstrip().startswith("#")]
    return re.split(r"\n(?=\S)", "\n".join(lines).strip())


def pins(lock_file: Path) -> set[str]:
    return {text.split("\\")[0].strip() for text in requirements(lock_file)}


@each_lock_file
def test_every_locked_package_has_one_version_and_a_hash(lock_file: Path) -> None:
    texts = requirements(lock_file)
    complete = re.compile(r"[a-z0-9-]+==[^\s*]+ .*--hash=sha256:[0-9a-f]{64}", re.DOTALL)
    assert len(texts) > 30
    assert [text for text in texts if not complete.match(text)] == []


@each_lock_file
def test_where_packages_come_from_is_the_users_business(lock_file: Path) -> None:
    text = lock_file.read_text()
    assert "://" not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []


@each_lock_file
def test_python_311_never_gets_the_broken_qt(lock_file: Path) -> None:
    """PySide6 6.12.0 ends a process on Python < 3.12 after some 5,200 calls that return None."""
    qt = re.compile(r"(?:pyside6-essentials|shiboken6)==(\d+)\.(\d+)\S* ; python_full_version < '3\.12'")
    found = [match for pin in pins(lock_file) if (match := qt.match(pin))]
    assert len(found) == 2
    assert all((6, 10) <= (int(match[1]), int(match[2])) < (6, 12) for match in found)


def test_developers_have_what_users_have_and_more() -> None:
    """So the stamp of a developer's setup counts for users too."""
    assert pins(LOCK_FILES[0]) < pins(LOCK_FILES[1])


# --- which Python ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_old_python_can_read_the_scripts(script: Path) -> None:
    ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_an_old_python_is_refused_with_a_way_out(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "find_newer_python", list)
    monkeypatch.setattr(bootstrap, "NEEDED", (99, 1))
    assert bootstrap.main(["run"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "needs Python 99.1 or newer" in err
    assert "apt-get install python3" in err


def test_an_old_python_hands_over_to_a_newer_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NEEDED", (99, 1))
    monkeypatch.setattr(bootstrap, "find_newer_python", lambda: ["/somewhere/python99"])
    monkeypatch.setattr(bootstrap, "become", lambda command: command)
    assert bootstrap.main(["cuenta", "--json"]) == ["/somewhere/python99", bootstrap.__file__, "cuenta", "--json"]


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["rum"], 2), (["--help"], 0)])
def test_without_a_known_command_the_commands_are_listed(
    bootstrap: ModuleType, arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "bootstrap.py run" in err


# --- the stamp -------------------------------------------------------------------------------------------------------


def test_the_second_start_asks_nothing_of_pip(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert pip_calls == [["pip", "install", "--require-hashes", "--no-deps", "-r", str(bootstrap.FOR_USERS)]]


def test_a_setup_for_developers_is_enough_for_users(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_DEVELOPERS)
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert len(pip_calls) == 1


def test_a_setup_for_users_is_not_enough_for_developers(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    bootstrap.ensure_environment(bootstrap.FOR_DEVELOPERS)
    assert len(pip_calls) == 2


def change_packages(bootstrap: ModuleType, _patch: pytest.MonkeyPatch) -> None:
    bootstrap.FOR_USERS.write_text("one==2\n")


def change_version(bootstrap: ModuleType, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bootstrap, "VERSION", "another")


def change_python(bootstrap: ModuleType, patch: pytest.MonkeyPatch) -> None:
    tag = bootstrap.python_tag()
    patch.setattr(bootstrap, "python_tag", lambda: f"{tag} of another kind")


def change_place(bootstrap: ModuleType, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bootstrap, "ROOT", bootstrap.ROOT / "moved")


@pytest.mark.parametrize("change", [change_packages, change_version, change_python, change_place])
def test_a_change_of_what_the_stamp_names_installs_again(
    bootstrap: ModuleType,
    pip_calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[ModuleType, pytest.MonkeyPatch], None],
) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    change(bootstrap, monkeypatch)
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert len(pip_calls) == 2


@pytest.mark.usefixtures("pip_calls")
def test_our_app_is_found_from_any_folder_even_beside_another_app(bootstrap: ModuleType, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for folder, word in ((tmp_path, "ours"), (elsewhere, "not ours")):
        (folder / "app").mkdir(parents=True)
        (folder / "app/__main__.py").write_text(f"print('{word}')")
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    command = [str(bootstrap.PYTHON), "-P", "-m", "app"]
    assert subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=True).stdout == "ours\n"


# --- what breaks -----------------------------------------------------------------------------------------------------


@posix_only
def test_an_environment_whose_python_vanished_is_made_anew(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to("/nowhere/python3")
    left_over = bootstrap.installed("left_over.py")
    left_over.touch()
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert len(pip_calls) == 2
    assert bootstrap.python_tag() is not None
    assert not left_over.exists()


@pytest.mark.usefixtures("pip_calls")
def test_an_environment_made_by_an_older_python_is_not_usable(bootstrap: ModuleType) -> None:
    """The system's Python was upgraded under it: it starts, and looks for packages where none are."""
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert bootstrap.is_usable()
    settings = bootstrap.VENV / "pyvenv.cfg"
    settings.write_text(re.sub(r"version = .*", "version = 3.10.4", settings.read_text()))
    assert not bootstrap.is_usable()


def test_somebody_elses_environment_is_filled_not_emptied(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bootstrap.VENV], check=True)
    theirs = bootstrap.installed("theirs.py")
    theirs.touch()
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert len(pip_calls) == 1
    assert theirs.exists()


@pytest.mark.usefixtures("pip_calls")
def test_a_failed_download_leaves_the_old_state_valid(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back on the older commit, on the same train without a network, the program starts."""
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    before = bootstrap.FOR_USERS.read_text()
    bootstrap.FOR_USERS.write_text("one==2\n")
    monkeypatch.setattr(bootstrap, "follow", lambda *_: (1, "Collecting one==2\nERROR: no network\n"))
    with pytest.raises(bootstrap.SetupError, match=r"(?s)ERROR: no network.*What may help"):
        bootstrap.ensure_environment(bootstrap.FOR_USERS)
    bootstrap.FOR_USERS.write_text(before)
    assert bootstrap.is_ready(bootstrap.FOR_USERS)


@pytest.mark.usefixtures("pip_calls")
def test_a_disk_that_fills_up_half_way_leaves_nothing_to_rely_on(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_environment(bootstrap.FOR_USERS)
    bootstrap.FOR_USERS.write_text("one==2\n")
    monkeypatch.setattr(bootstrap, "follow", lambda *_: (1, "Installing collected packages: one\nNo space left\n"))
    with pytest.raises(bootstrap.SetupError, match="No space left"):
        bootstrap.ensure_environment(bootstrap.FOR_USERS)
    assert not bootstrap.is_usable()


def test_without_any_pip_the_one_command_is_printed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pip_inside", "pip_outside", "uv"):
        monkeypatch.setattr(bootstrap, name, list)
    monkeypatch.setattr(bootstrap.system_packages, "may_install", lambda _manager: False)
    assert bootstrap.main(["cuenta", "doctor"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt-get update && sudo apt-get install -y python{version}-venv\n" in err


# A whole setup in a process of its own, so that it can be killed. A job in the background inherits that Ctrl-C is
# ignored, so both scripts say that they want to hear it.
DRIVER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
import bootstrap
really = bootstrap.succeeds
bootstrap.succeeds = lambda command: "--without-pip" in command and really(command)
bootstrap.find_installer = lambda: [sys.executable, str(bootstrap.ROOT / "pip.py")]
bootstrap.start_app = lambda arguments: 42
sys.exit(bootstrap.main(["cuenta"]))
"""

# Installs half a package, then waits for the file "go".
FAKE_PIP = """
import pathlib, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
root = pathlib.Path(__file__).parent
with open(root / "calls", "a") as calls:
    calls.write("call ")
(root / ".venv/half").touch()
while not (root / "go").exists():
    time.sleep(0.01)
(root / ".venv/whole").touch()
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    for script in SCRIPTS:
        shutil.copy(script, tmp_path / "packaging")
    for lock_file in LOCK_FILES:
        (tmp_path / "packaging" / lock_file.name).write_text("one==1\n")
    (tmp_path / "pip.py").write_text(FAKE_PIP)
    (tmp_path / "driver.py").write_text(DRIVER)
    return tmp_path


@pytest.fixture
def start_setup(checkout: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Each in a process group of its own; what a failed test leaves running is ended."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, str(checkout / "driver.py"), str(checkout / "packaging")]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        started.append(process)
        return process

    yield start
    (checkout / "go").touch()  # releases every fake pip
    for process in started:
        process.communicate(timeout=30)


def finish(process: subprocess.Popen[str]) -> str:
    """What it said; it must have come as far as starting the app, and left stdout alone."""
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (42, ""), err
    return err


def wait_until_half_installed(checkout: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (checkout / ".venv/half").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_until_it_waits(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert "waiting" in process.stderr.readline()


def pip_was_called(checkout: Path) -> int:
    return len((checkout / "calls").read_text().split())


@posix_only
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_a_setup_that_was_cut_off_is_repaired_by_the_next(
    checkout: Path, start_setup: Callable[[], subprocess.Popen[str]], kind: signal.Signals
) -> None:
    process = start_setup()
    wait_until_half_installed(checkout)
    os.killpg(process.pid, kind)
    process.wait(timeout=30)
    (checkout / ".venv/half").write_text("from the first try")

    (checkout / "go").touch()
    finish(start_setup())
    assert (checkout / ".venv/half").read_text() == ""
    assert (checkout / ".venv/whole").exists()
    assert pip_was_called(checkout) == 2
    assert finish(start_setup()) == ""  # now it is at rest
    assert pip_was_called(checkout) == 2


@posix_only
def test_the_next_setup_waits_for_a_pip_that_outlived_its_own(
    checkout: Path, start_setup: Callable[[], subprocess.Popen[str]]
) -> None:
    first = start_setup()
    wait_until_half_installed(checkout)
    first.kill()
    second = start_setup()
    wait_until_it_waits(second)
    assert pip_was_called(checkout) == 1
    (checkout / "go").touch()
    finish(second)
    assert pip_was_called(checkout) == 2


@posix_only
def test_of_two_setups_at_once_one_installs(checkout: Path, start_setup: Callable[[], subprocess.Popen[str]]) -> None:
    first = start_setup()
    wait_until_half_installed(checkout)
    second = start_setup()
    wait_until_it_waits(second)
    (checkout / "go").touch()
    finish(first)
    finish(second)
    assert pip_was_called(checkout) == 1


# --- the system's packages -------------------------------------------------------------------------------------------

LDD = """\
/checkout/.venv/lib/python3.11/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so:
	linux-vdso.so.1 (0x00007fdfc4deb000)
	libxcb-cursor.so.0 => not found
	libQt6Gui.so.6 => /checkout/Qt/lib/libQt6Gui.so.6 (0x00007fdfc4200000)
	libxcb-cursor.so.0 => not found
	libGL.so.1 => not found
"""

DEBIAN = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libz.so.1": "zlib1g",
    "Xvfb": "xvfb",
    "dbus-send": "dbus-bin",
    "import": "imagemagick",
    "a font": "fonts-dejavu-core",
    "at-spi-bus-launcher": "at-spi2-core",
    "Atspi-2.0.typelib": "gir1.2-atspi-2.0",
    "python3-gi": "python3-gi",
}


def test_the_loader_says_what_is_missing(system_packages: ModuleType) -> None:
    assert system_packages.libraries_not_found(LDD) == ["libGL.so.1", "libxcb-cursor.so.0"]


@pytest.mark.parametrize(("thing", "package"), DEBIAN.items(), ids=list(DEBIAN))
def test_what_debian_calls_it(system_packages: ModuleType, thing: str, package: str) -> None:
    assert system_packages.debian_name(thing) == package


def test_files_that_are_no_programs_are_found(system_packages: ModuleType, tmp_path: Path) -> None:
    assert not any(system_packages.has_file(name, tmp_path) for name in system_packages.TEST_FILES)
    for path in ("usr/libexec/at-spi-bus-launcher", "usr/lib/x86_64-linux-gnu/girepository-1.0/Atspi-2.0.typelib"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    (tmp_path / "usr/lib/python3/dist-packages/gi").mkdir(parents=True)
    assert all(system_packages.has_file(name, tmp_path) for name in system_packages.TEST_FILES)


THINGS = ["libxcb-cursor.so.0", "libglib-2.0.so.0", "libgthread-2.0.so.0", "Xvfb"]
APT = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libglib2.0-0 libxcb-cursor0 xvfb\n"
RPM = "'libglib-2.0.so.0()(64bit)' 'libgthread-2.0.so.0()(64bit)' 'libxcb-cursor.so.0()(64bit)' /usr/bin/Xvfb"


@pytest.mark.parametrize(
    ("manager", "expected"),
    [
        ("apt-get", APT),
        ("dnf", f"sudo dnf install {RPM}"),
        ("zypper", f"sudo zypper install {RPM}"),
        ("pacman", "sudo pacman -S --needed glib2 xcb-util-cursor xorg-server-xvfb"),
        (None, "package manager: libxcb-cursor.so.0, libglib-2.0.so.0"),
    ],
)
def test_one_command_installs_what_is_missing(system_packages: ModuleType, manager: str | None, expected: str) -> None:
    text = system_packages.advice(manager, THINGS)
    assert expected in text
    assert ("not tried" in text) == (manager in {"dnf", "zypper", "pacman"})


@pytest.fixture
def plain_user(bootstrap: ModuleType, pip_calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Debian where something is missing."""
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    packages = bootstrap.system_packages
    monkeypatch.setattr(packages, "missing_for_display", lambda _pyside: ["libxcb-cursor.so.0"])
    monkeypatch.setattr(packages, "missing_for_tests", lambda _pyside: ["libxcb-cursor.so.0", "Xvfb"])
    monkeypatch.setattr(packages, "manager_here", lambda: "apt-get")
    monkeypatch.setattr(packages, "may_install", lambda _manager: False)
    monkeypatch.setattr(bootstrap, "become", lambda command: ["started", *command])


@pytest.mark.usefixtures("plain_user")
def test_the_program_starts_even_if_the_display_lacks_something(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["run", "--demo"]) == ["started", str(bootstrap.PYTHON), "-P", "-m", "app", "--demo"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "sudo apt-get install -y --no-install-recommends libxcb-cursor0\n" in err


@pytest.mark.usefixtures("plain_user")
def test_the_command_line_needs_no_display(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["cuenta", "report", "--json"])[0] == "started"
    assert "apt-get" not in capsys.readouterr().err


@pytest.mark.usefixtures("plain_user")
def test_no_check_starts_without_the_programs_it_needs(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["test"]) == 1
    err = capsys.readouterr().err
    assert "sudo apt-get install -y --no-install-recommends libxcb-cursor0 xvfb\n" in err
    assert "nothing was tested" in err


@pytest.mark.usefixtures("plain_user")
def test_root_on_debian_installs_and_looks_again(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    packages, missing = bootstrap.system_packages, ["libGL.so.1", "Xvfb"]

    def install(names: list[str]) -> tuple[bool, str]:
        assert names == ["libgl1", "xvfb"]
        missing.clear()
        return True, ""

    monkeypatch.setattr(packages, "may_install", lambda _manager: True)
    monkeypatch.setattr(packages, "install_debian_packages", install)
    assert bootstrap.provide(lambda: list(missing))


# --- the checks ------------------------------------------------------------------------------------------------------


def test_all_checks_run_and_one_failure_is_enough(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    commands = {name: [sys.executable, "-c", f"raise SystemExit({code})"] for name, code in (("bad", 3), ("good", 0))}
    monkeypatch.setattr(bootstrap, "checks", lambda _arguments: commands)
    assert bootstrap.run_checks([]) == 1
    assert re.findall(r"(passed|FAILED)  (\w+)", capfd.readouterr().out) == [("FAILED", "bad"), ("passed", "good")]


def test_arguments_reach_pytest_and_the_order_is_kept(bootstrap: ModuleType) -> None:
    commands = bootstrap.checks(["--long", "-k", "tray"])
    assert list(commands) == ["ruff check", "ruff format", "lint-imports", "pyright", "pytest"]
    assert commands["pytest"][1:] == ["-m", "pytest", "--long", "-k", "tray"]


def test_all_tests_run_in_two_halves_that_leave_none_out(bootstrap: ModuleType) -> None:
    commands = bootstrap.checks(["--long"])
    assert list(commands)[-2:] == ["pytest", "pytest ui"]
    assert commands["pytest"][1:] == ["-m", "pytest", "--long", "--ignore=tests/ui"]
    assert commands["pytest ui"][1:] == ["-m", "pytest", "--long", "tests/ui"]


@pytest.mark.parametrize("code", [0, 3])
def test_the_half_that_runs_beside_is_told_and_counts(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], code: int
) -> None:
    beside = [sys.executable, "-c", f"print('what it says'); raise SystemExit({code})"]
    commands = {"pytest": [sys.executable, "-c", ""], "pytest ui": beside}
    monkeypatch.setattr(bootstrap, "checks", lambda _arguments: commands)
    assert bootstrap.run_checks([]) == (1 if code else 0)
    out = capfd.readouterr().out
    assert out.index("== pytest ui") < out.index("what it says") < out.index("Summary")
    assert ("FAILED  pytest ui" in out) == bool(code)


def test_checks_see_no_settings_of_ours(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CUENTA_HOME", "QT_QPA_PLATFORM", "PYTHONPATH"):
        monkeypatch.setenv(name, "x")
    environment = bootstrap.environment_for_checks()
    assert not environment.keys() & {"CUENTA_HOME", "QT_QPA_PLATFORM", "PYTHONPATH"}
    assert environment["LC_ALL"] == "C.UTF-8"


# --- for real --------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_real_setup_works_and_the_second_start_is_quick(checkout: Path) -> None:
    for lock_file in LOCK_FILES:
        shutil.copy(lock_file, checkout / "packaging")
    (checkout / "app").mkdir()
    main = checkout / "app/__main__.py"
    main.write_text("import sys, msgspec, sqlmodel, watchdog; sys.exit(len(sys.argv))")
    command = [sys.executable, str(checkout / "packaging/bootstrap.py"), "cuenta", "a", "b"]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (first.returncode, first.stdout) == (3, ""), first.stderr

    main.write_text("")
    begin = time.monotonic()
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert time.monotonic() - begin < 3
