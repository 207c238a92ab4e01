"""
Install the wheel into clean environments and use it: `python benchmarks/installs.py`.

The oldest and the newest Python found, each without extras and with all of them. Needs a package
index. Prints a row an environment: what failed, and the start-up of `--help` over that of Python.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "samples" / "images" / "coffee.png"
PRODUCER = "001191440300708461136T1XGW3"
MINORS = range(11, 20)


def pythons(also: list[str]) -> dict[str, str]:
    """Return the Pythons on PATH that we support, and others by their file names."""
    found = {f"3.{minor}": shutil.which(f"python3.{minor}") for minor in MINORS}
    found |= {Path(path).name.removeprefix("python"): path for path in also}
    return {name: path for name, path in found.items() if path and works(path)}


def works(path: str) -> bool:
    """Say whether a Python starts; a shim of a version manager may not."""
    return (
        subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode
        == 0
    )


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command; raise with what it said when it fails."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} {command[-1]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def seconds(*command: str | Path) -> float:
    """Return the least processor time of five runs."""
    least = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(*command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(least)


def used(python: str, wheel: Path, folder: Path, *, extras: str) -> str:
    """Install into a fresh environment, use every verb once, return a line about it."""
    run(python, "-m", "venv", folder)
    inside, ours = folder / "bin" / "python", folder / "bin" / "aigc-label"
    run(inside, "-m", "pip", "install", "--quiet", f"{wheel}{extras}")
    run(ours, "--help")
    said = run(ours, "doctor", cwd=folder)
    missing = sum("not there" in line for line in said.splitlines())
    labelled = folder / "labelled.png"
    run(ours, "apply", PICTURE, "-o", labelled, "--producer", PRODUCER)
    verdict = run(ours, "verify", labelled, "--format", "json").count('"confirmed"')
    bare, started = seconds(inside, "-c", "pass"), seconds(ours, "--help")
    manual = (folder / "share" / "man" / "man1" / "aigc-label.1").is_file()
    return (
        f"doctor ok ({missing} extras missing), confirmed {verdict}, manual {manual}, "
        f"--help {started * 1000:.0f} ms = {started / bare:.1f} times python -c pass"
    )


def main() -> int:
    """Print a row an environment; return 1 when one of them failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--without-extras", action="store_true", help="Skip the large installs.")
    parser.add_argument("--also", nargs="*", default=[], help="Pythons that are not on PATH.")
    asked = parser.parse_args()
    found, failed = pythons(asked.also), False
    ends = dict.fromkeys((min(found, key=_minor), max(found, key=_minor)))
    print(f"found {', '.join(found)}; taking {', '.join(ends)}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", place, ROOT)
        (wheel,) = place.glob("*.whl")
        for version in ends:
            for extras in ("",) if asked.without_extras else ("", "[all]"):
                try:
                    told = used(found[version], wheel, place / f"{version}{extras}", extras=extras)
                except RuntimeError as error:
                    told, failed = f"FAILED {error}", True
                print(f"{version:5} {extras or 'bare':6} {told}", flush=True)
                shutil.rmtree(place / f"{version}{extras}", ignore_errors=True)
    return int(failed)


def _minor(version: str) -> int:
    return int(version.split(".")[1])


if __name__ == "__main__":
    sys.exit(main())
