"""
JUnit XML, as test dashboards and merge gates read it: a test case a file.

What is not confirmed is a failure, what could not be judged an error. The cases wait in a
temporary file, because the numbers stand in front of them.
"""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from detectors.evidence import RowStatus, Verdict


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from detectors.evidence import Report

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLOCK = 1 << 16


def to_junit(reports: Iterable[Report], *, unlabelled_fails: bool = True) -> Iterator[str]:
    """
    Yield the pieces of one JUnit file.

    With ``unlabelled_fails`` off only what could not be judged counts against the run.
    """
    tests = failures = errors = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as cases:
        for report in reports:
            tests += 1
            judged = report.verdict is not Verdict.UNDETERMINED
            fails = judged and unlabelled_fails and report.verdict is not Verdict.CONFIRMED
            failures += fails
            errors += not judged
            cases.write(_case(report, fails=fails))
        counts = f'tests="{tests}" failures="{failures}" errors="{errors}"'
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counts}>\n'
        yield f'<testsuite name="aigc-label verify" {counts}>\n'
        cases.seek(0)
        while block := cases.read(_BLOCK):
            yield block
    yield "</testsuite>\n</testsuites>\n"


def _case(report: Report, *, fails: bool) -> str:
    kind, name = _attribute(report.modality.value), _attribute(report.path)
    head = f"<testcase classname={kind} name={name}"
    if report.verdict is Verdict.UNDETERMINED:
        return (
            f'{head}><error message={_attribute(report.error)} type="undetermined"/></testcase>\n'
        )
    if not fails:
        return f"{head}/>\n"
    rows = [row for row in report.conformity if row.status is RowStatus.FAIL]
    details = "\n".join(f"{row.requirement} {row.clause}: {row.detail}" for row in rows)
    verdict = report.verdict.value
    told = ": ".join(filter(None, (verdict, report.notice)))
    return (
        f"{head}><failure message={_attribute(told)} type={_attribute(verdict)}>"
        f"{escape(_clean(details))}</failure></testcase>\n"
    )


def _attribute(text: str) -> str:
    """Return foreign text as an attribute in quotes."""
    return quoteattr(_clean(text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _clean(text: str) -> str:
    r"""
    Return text with what XML 1.0 cannot hold written as an escape.

    >>> _clean("a\x00\udcff")
    'a\\x00\\udcff'
    """
    return _NOT_IN_XML.sub(lambda found: repr(found[0])[1:-1], text)
