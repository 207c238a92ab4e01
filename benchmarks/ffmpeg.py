"""The ffmpeg program, quiet and without questions."""

from __future__ import annotations

import shutil
import subprocess


def ffmpeg(*arguments: object) -> None:
    """Run it with these arguments; existing files are written over. Raises when it fails."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise SystemExit("ffmpeg is needed: apt install ffmpeg")
    command = [program, "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
