"""The command as a user runs it, in a process of its own or, faster, in this one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

import cli


if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-m", "labeler")


def run(
    *args: object, command: Sequence[str] = COMMAND, **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run in a process, where exit status, pipes or signals matter."""
    given = {"capture_output": True, "check": False, "timeout": 280, **options}
    return subprocess.run([*command, *map(str, args)], **given)  # noqa: PLW1510  in given


def call(*args: object) -> tuple[int, str, str]:
    """Run in this process; return the exit status and what was printed, which may be a picture."""
    runner = CliRunner()
    with runner.isolation() as (out, err, _):
        code = cli.aigc_label([str(a) for a in args])
        return code, out.getvalue().decode(errors="replace"), err.getvalue().decode()
