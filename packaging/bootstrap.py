"""From a fresh checkout to a running program, in one command. Needs only Python 3.11 or newer.

    python3 packaging/bootstrap.py run [ARGS]                    sets everything up, then starts the tray app
    python3 packaging/bootstrap.py cuenta ARGS                   the same for the command line, such as: cuenta doctor
    python3 packaging/bootstrap.py test [--long] [PYTEST ARGS]   with the developer's tools, then runs every check

(On Windows: `py -3.11 packaging\\bootstrap.py run`.)

Everything goes into the folder .venv of this checkout; deleting that folder undoes it. What is installed stands in two
lock files, each package with its hash. After a change of the dependencies in pyproject.toml they are made again with

    uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \\
        --no-emit-index-url --no-header -o packaging/requirements.lock
    (the same with --group dev -o packaging/requirements-dev.lock; --upgrade takes the newest versions)

How a setup can be trusted: .venv/bootstrap.stamp is written last and names what was installed. A start that finds the
right stamp asks nothing of pip. While packages are being installed the stamp says so; whoever finds it like that knows
that somebody pulled the plug, and makes the whole .venv anew. Two setups at once wait for each other at a file lock.

Our own messages go to stderr, so that `cuenta report --json` stays clean. Only the standard library is used, and no
syntax newer than Python 3.9, so that an old Python can still say what is wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

import system_packages

USAGE = (__doc__ or "\n\n").split("\n\n")[1]
VERSION = "2"  # raise it when this file installs differently, and every .venv is brought up to date
NEEDED = (3, 11)
WINDOWS = os.name == "nt"

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
STAMP = VENV / "bootstrap.stamp"
LOCK = VENV / "bootstrap.lock"

# The second list holds the first, in the same versions (a test sees to that).
FOR_USERS = ROOT / "packaging/requirements.lock"
FOR_DEVELOPERS = ROOT / "packaging/requirements-dev.lock"

INSTALLING = "installing"  # the stamp's text from the first package to the last

# Variables that would lead pip or Python out of .venv.
MISLEADING = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "__PYVENV_LAUNCHER__"}

TOO_OLD = """\
Cuenta needs Python {needed} or newer. This is Python {this}.
How to get one:
    Debian 12, Ubuntu 24.04 or newer   sudo apt-get install python3
    Fedora                             sudo dnf install python3
    macOS with Homebrew                brew install python
    Windows                            winget install Python.Python.3.13
    anywhere with uv                   uv python install 3.13
    or the installer from python.org
Then run this again with it, for instance:  python3.13 packaging/bootstrap.py run"""

INSTALL_FAILED = """\
Installing the packages failed. The last lines were:

{tail}

What may help: look at the network, at pip's settings (python3 -m pip config list) and at the room on the disk (1 GB),
then run the same command again; it starts from a clean state. On Linux, PySide6 needs glibc 2.34 or newer: that of
Debian 12, Ubuntu 22.04 or Fedora 35."""

NO_PIP = """\
There is no pip here that could install packages: {python} has neither ensurepip nor pip 22.3 or newer.
On Debian and Ubuntu this brings it:

    sudo apt-get update && sudo apt-get install -y {package}

Elsewhere install your system's python3-pip, or uv. Then run the same command again."""


class SetupError(Exception):
    """The setup cannot go on; the text tells the user why, and what to do."""


def main(arguments: list[str]) -> int:
    if sys.version_info < NEEDED:
        return go_on_with_newer_python(arguments)
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        if command == "run":
            return run(rest)
        if command == "cuenta":
            return cuenta(rest)
        if command == "test":
            return test(rest)
    except (SetupError, OSError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next start does what is left.")
        return 130
    say(USAGE)
    return 0 if command in {"-h", "--help", "help"} else 2


# --- the three commands ----------------------------------------------------------------------------------------------


def run(arguments: list[str]) -> int:
    ensure_environment(FOR_USERS)
    if sys.platform == "linux" and not provide(lambda: system_packages.missing_for_display(installed("PySide6"))):
        say("Without it there may be no tray and no window. In the terminal: bootstrap.py cuenta live --watch\n")
    return start_app(arguments)


def cuenta(arguments: list[str]) -> int:
    ensure_environment(FOR_USERS)
    return start_app(arguments)


def test(arguments: list[str]) -> int:
    ensure_environment(FOR_DEVELOPERS)
    if sys.platform == "linux" and not provide(lambda: system_packages.missing_for_tests(installed("PySide6"))):
        raise SetupError("The tests drive real trays and need all of this, so nothing was tested.")
    return run_checks(arguments)


def start_app(arguments: list[str]) -> int:
    """-P: a folder "app" where the user happens to stand must not be taken for ours."""
    return become([str(PYTHON), "-P", "-m", "app", *arguments])


def become(command: list[str]) -> int:
    """Replaces us, so that exit code, stdin and signals are the program's own. Windows cannot do that."""
    if WINDOWS:
        return subprocess.call(command)
    return os.execv(command[0], command)


# --- the checks ------------------------------------------------------------------------------------------------------


def checks(pytest_arguments: list[str]) -> dict[str, list[str]]:
    """All of them, quick ones first."""
    python = str(PYTHON)
    return {
        "ruff check": [python, "-m", "ruff", "check"],
        "ruff format": [python, "-m", "ruff", "format", "--check"],
        "lint-imports": [str(PYTHON.with_name("lint-imports"))],
        "pyright": [python, "-m", "pyright", "--pythonpath", python],
        **pytests([python, "-m", "pytest", *pytest_arguments], pytest_arguments),
    }


WINDOWS_TESTS = "pytest ui"
"""Runs beside all others: each half of the tests takes one core for minutes."""


def pytests(command: list[str], arguments: list[str]) -> dict[str, list[str]]:
    """Two halves, unless the tests to run are named."""
    if any(one for one in arguments if not one.startswith("-") or one.startswith(("-k", "-m"))):
        return {"pytest": command}
    return {"pytest": [*command, "--ignore=tests/ui"], WINDOWS_TESTS: [*command, "tests/ui"]}


class Beside:
    """A check that runs beside others; what it says is printed when it is asked for its result."""

    def __init__(self, command: list[str]) -> None:
        self.said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the check runs)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment_for_checks(),
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=subprocess.STDOUT,
        )

    def result(self, name: str) -> tuple[bool, float]:
        print(f"\n== {name}", flush=True)
        code = self.process.wait()
        self.said.seek(0)
        sys.stdout.buffer.write(self.said.read())
        sys.stdout.flush()
        return code == 0, time.monotonic() - self.begun

    def end(self) -> None:
        if self.process.poll() is None:  # Ctrl-C, or a fault of ours
            self.process.terminate()
            self.process.wait()
        self.said.close()


def run_checks(pytest_arguments: list[str]) -> int:
    commands = checks(pytest_arguments)
    beside = Beside(commands.pop(WINDOWS_TESTS)) if WINDOWS_TESTS in commands else None
    try:
        results = {name: run_check(name, command) for name, command in commands.items()}
        if beside is not None:
            results[WINDOWS_TESTS] = beside.result(WINDOWS_TESTS)
    finally:
        if beside is not None:
            beside.end()
    print("\nSummary")
    for name, (passed, seconds) in results.items():
        print(f"  {'passed' if passed else 'FAILED'}  {name:<14}{seconds:7.1f} s")
    return 0 if all(passed for passed, _ in results.values()) else 1


def run_check(name: str, command: list[str]) -> tuple[bool, float]:
    print(f"\n== {name}", flush=True)
    begin = time.monotonic()
    code = subprocess.call(command, cwd=ROOT, env=environment_for_checks(), stdin=subprocess.DEVNULL)
    return code == 0, time.monotonic() - begin


def environment_for_checks() -> dict[str, str]:
    """The user's own, without what would change a result."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CUENTA_") and name not in {"QT_QPA_PLATFORM", *MISLEADING}
    }
    # Qt warns in a locale that is not UTF-8. pyright would ask a package index for newer versions of itself.
    return {**kept, "LC_ALL": "C.UTF-8", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}


# --- the environment -------------------------------------------------------------------------------------------------


def ensure_environment(packages: Path) -> None:
    """Afterwards .venv holds exactly the versions of this lock file; mostly it does so already."""
    if is_ready(packages):
        return
    VENV.mkdir(exist_ok=True)
    with one_at_a_time() as lock:
        if not is_ready(packages):  # another setup may have done it while we waited
            set_up(packages, lock)


def is_ready(packages: Path) -> bool:
    return fingerprint(packages, python_tag()) in read_stamp().splitlines()


def set_up(packages: Path, lock: IO[str]) -> None:
    say("Setting up .venv (once, about a minute) …")
    if not is_usable():
        make_environment()
    install(packages, lock)
    installed("app-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")  # "import app" works from any folder
    write_command()
    write_stamp("\n".join(fingerprint(file, python_tag()) for file in {FOR_USERS, packages}))
    say("Done.")


def write_command() -> None:
    """`.venv/bin/cuenta`, to be linked to from a folder on the PATH."""
    if WINDOWS:
        command, text = VENV / "Scripts/cuenta.cmd", f'@"{PYTHON}" -P -m app %*\r\n'
    else:
        command, text = VENV / "bin/cuenta", f'#!/bin/sh\nexec "{PYTHON}" -P -m app "$@"\n'
    command.write_text(text, encoding="utf-8")
    command.chmod(0o755)


def fingerprint(packages: Path, tag: str | None) -> str:
    """Changes with the packages, the Python, this file, and the place: a moved .venv does not work."""
    parts = [packages.name, str(tag), VERSION, str(ROOT)]
    return hashlib.sha256("\n".join(parts).encode() + packages.read_bytes()).hexdigest()


def read_stamp() -> str:
    return STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""


def write_stamp(text: str) -> None:
    """All or nothing: a half-written stamp cannot be seen, not even after a power cut."""
    fresh = STAMP.with_suffix(".new")
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, STAMP)


def python_tag() -> str | None:
    """Such as "3.11 cpython-311 linux" for the Python of .venv; None if it does not start."""
    question = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.cache_tag, sys.platform)"
    try:
        answer = subprocess.run([str(PYTHON), "-I", "-S", "-c", question], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def is_usable() -> bool:
    """Can packages be put into this .venv? Not if the last setup was cut off, or its Python vanished or changed."""
    tag = python_tag()
    if tag is None or read_stamp() == INSTALLING:
        return False
    version = tag.split()[0]
    return tuple(map(int, version.split("."))) >= NEEDED and version == version_at_creation()


def version_at_creation() -> str | None:
    """ "3.11", from the file that venv, virtualenv and uv all write."""
    settings = VENV / "pyvenv.cfg"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.exists() else []
    values = [line.partition("=")[2].strip() for line in lines if line.startswith("version")]
    return ".".join(values[0].split(".")[:2]) if values else None


def make_environment() -> None:
    """A fresh one in the same place, since an environment that was moved does not work. Marked as unfinished first."""
    write_stamp(INSTALLING)
    for path in VENV.iterdir():
        if path not in {STAMP, LOCK}:
            remove(path)
    # Debian keeps ensurepip in a package of its own; without it a venv can still be had, just without pip.
    python = base_python()
    if not succeeds([python, "-m", "venv", str(VENV)]) and not succeeds(
        [python, "-m", "venv", "--without-pip", str(VENV)]
    ):
        make_environment_otherwise()


def make_environment_otherwise() -> None:
    """Some systems have taken the module venv out of Python."""
    others = [["uv", "venv", "--allow-existing", "--python"], ["virtualenv", "--python"]]
    for program, *options in others:
        found = shutil.which(program)
        if found and succeeds([found, *options, base_python(), str(VENV)]):
            return
    if not install_debian_venv() or not succeeds([base_python(), "-m", "venv", str(VENV)]):
        raise SetupError(NO_PIP.format(python=base_python(), package=debian_venv_package()))


def base_python() -> str:
    """The Python behind us, also when we were started with that of .venv, which may be about to go."""
    return getattr(sys, "_base_executable", None) or sys.executable


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def installed(name: str) -> Path:
    """Something in the site-packages of .venv."""
    libraries = VENV / "Lib" if WINDOWS else next(iter(sorted(VENV.glob("lib/python3*"))), VENV / "lib/python3")
    return libraries / "site-packages" / name


# --- pip -------------------------------------------------------------------------------------------------------------


def install(packages: Path, lock: IO[str]) -> None:
    """Where packages come from is left to the user's own pip settings; what they are, to the hashes."""
    command = [*find_installer(), "--require-hashes", "--no-deps", "-r", str(packages)]
    stamp_before = read_stamp()
    write_stamp(INSTALLING)
    code, output = follow(command, lock)
    if code != 0:
        if stamp_before != INSTALLING and "Installing collected packages" not in output:
            write_stamp(stamp_before)  # pip got no further than downloading, so the old state is whole
        raise SetupError(INSTALL_FAILED.format(tail=tail(output)))


def follow(command: list[str], lock: IO[str]) -> tuple[int, str]:
    """Runs pip and shows on a terminal which package it is at.

    pip inherits the lock: if we are killed and pip lives on, the next setup waits for its end.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        env=environment_for_pip(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=() if WINDOWS else (lock.fileno(),),
    ) as process:
        for line in process.stdout or []:
            lines.append(line)
            show_progress(line)
    if sys.stderr.isatty():
        say_over("")
    return process.returncode, "".join(lines)


def show_progress(line: str) -> None:
    """One line that overwrites itself; none at all in a log file."""
    if sys.stderr.isatty() and line.startswith(("Collecting ", "Installing ")):
        say_over(line.strip()[:70])


def environment_for_pip() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def find_installer() -> list[str]:
    """The first of these that works: pip inside .venv, a pip outside that can reach into it, uv, what Debian offers."""
    return pip_inside() or pip_outside() or uv() or pip_from_debian()


def pip_inside() -> list[str]:
    command = [str(PYTHON), "-m", "pip"]
    return [*command, "install"] if succeeds([*command, "--version"]) else []


def pip_outside() -> list[str]:
    """pip can install for another Python since 22.3; an older one does not know the option and fails here."""
    programs = [found for found in map(shutil.which, ("pip3", "pip")) if found]
    for command in ([base_python(), "-m", "pip"], *([program] for program in programs)):
        command = [*command, "--python", str(PYTHON)]
        if succeeds([*command, "--version"]):
            return [*command, "install"]
    return []


def uv() -> list[str]:
    found = shutil.which("uv")
    # pip compiles by itself. Uncompiled, every start is twice as long where Python may not write beside the modules.
    return [found, "pip", "install", "--compile-bytecode", "--python", str(PYTHON)] if found else []


def pip_from_debian() -> list[str]:
    if install_debian_venv() and succeeds([str(PYTHON), "-m", "ensurepip"]):
        return pip_inside()
    raise SetupError(NO_PIP.format(python=base_python(), package=debian_venv_package()))


def install_debian_venv() -> bool:
    if sys.platform != "linux" or not system_packages.may_install(system_packages.manager_here()):
        return False
    return install_with_apt([debian_venv_package()])


def debian_venv_package() -> str:
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


# --- system packages -------------------------------------------------------------------------------------------------


def provide(find_missing: Callable[[], list[str]]) -> bool:
    """Installs what the system lacks, or says how. True if nothing is missing any more."""
    missing, manager = find_missing(), system_packages.manager_here()
    if missing and system_packages.may_install(manager):
        install_with_apt(system_packages.package_names("apt-get", missing))
        missing = find_missing()
    if missing:
        say(f"Missing on this system: {', '.join(missing)}.")
        say(system_packages.advice(manager, missing))
    return not missing


def install_with_apt(names: list[str]) -> bool:
    say(f"Installing with apt-get: {' '.join(names)} …")
    succeeded, output = system_packages.install_debian_packages(names)
    if not succeeded:
        say(f"apt-get failed. The last lines were:\n\n{tail(output)}\n")
    return succeeded


# --- one at a time ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def one_at_a_time() -> Generator[IO[str]]:
    """The system lets go of the lock when its holders end, however they end."""
    with open(LOCK, "a", encoding="utf-8") as lock:
        if not try_lock(lock):
            say("Another setup of this checkout is running; waiting for it …")
            while not try_lock(lock):
                time.sleep(0.2)
        yield lock


def try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


# --- an old Python ---------------------------------------------------------------------------------------------------


def go_on_with_newer_python(arguments: list[str]) -> int:
    this, newer = sys.version.split()[0], find_newer_python()
    if newer:
        say(f"This is Python {this}; going on with {' '.join(newer)}.")
        return become([*newer, __file__, *arguments])
    say(TOO_OLD.format(needed=".".join(map(str, NEEDED)), this=this))
    return 1


def find_newer_python() -> list[str]:
    for minor in (13, 12, 11, 14):
        program, *options = ["py", f"-3.{minor}"] if WINDOWS else [f"python3.{minor}"]
        found = shutil.which(program)
        if found and succeeds([found, *options, "-c", f"import sys; assert sys.version_info >= {NEEDED}"]):
            return [found, *options]
    return []


# --- small things ----------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def say_over(text: str) -> None:
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def tail(output: str) -> str:
    return "\n".join(f"    {line[:200]}" for line in output.strip().splitlines()[-10:])


def succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, env=environment_for_pip(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
