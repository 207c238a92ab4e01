"""
The command line: parse, call, render. What the commands do lives in `labeler` and `detectors`.

Exit status: apply and propagate 0 all done, 2 any failure; verify 0 every input confirmed, 1 some
not, 2 any input could not be judged; 130 on Ctrl-C, 141 when the reader of the output went away.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

import labeler
from labeler.commands import flags
from labeler.commands.completing import file_names
from labeler.commands.policy import POLICIES, policy
from labeler.commands.registry import registry
from labeler.errors import LabelError
from labeler.telling import error_line, in_words, reader_language


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import FrameType

    from labeler.model import Receipt

CONFIRMED, NOT_CONFIRMED, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
_PICTURE_POSITIONS = (
    *("bottom-right", "bottom-left", "bottom-center"),
    *("top-right", "top-left", "top-center"),
)
_PLACES = ("start", "middle", "end", "full", "header", "footer", "corner")


def _position(_: click.Context, __: click.Parameter, value: str) -> str:
    """Return a position, or say which there are."""
    known = (*_PICTURE_POSITIONS, *_PLACES)
    if not {name.strip() for name in value.split(",")} <= set(known):
        raise click.BadParameter(f"{value!r} is none of {', '.join(known)}")
    return value


def aigc_label(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status; an internal error is never 0 or 1."""
    with _noticed_interrupts() as noticed:
        code = _exit_status(argv)
    return INTERRUPTED if noticed else code


@contextmanager
def _noticed_interrupts() -> Iterator[list[int]]:
    """
    Yield a list that is not empty once Ctrl-C was pressed.

    Python drops an interrupt that comes while it frees an object; the exit status must not.
    """
    noticed: list[int] = []

    def notice(number: int, frame: FrameType | None) -> None:
        noticed.append(number)
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield noticed
        return
    before = signal.signal(signal.SIGINT, notice)
    try:
        yield noticed
    finally:
        signal.signal(signal.SIGINT, before)


def _exit_status(argv: list[str] | None) -> int:  # noqa: PLR0911  one return a way out
    try:
        code = commands.main(argv, prog_name="aigc-label", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        _tell_misuse(error)
        return FAILED
    except LabelError as error:
        click.echo(error_line(str(error)), err=True)
        _drop_unwritten()
        return FAILED
    except (BrokenPipeError, SystemExit) as error:  # click leaves so when stdout's reader has gone
        if isinstance(error, SystemExit) and not error.code:
            return CONFIRMED  # and so when it has written what completes a line
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  nothing more can be said
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("AIGC_LABEL_DEBUG"):
            raise
        head = in_words("internal error: ", "内部错误：")
        click.echo(f"{head}{type(error).__name__}: {error}", err=True)
        return FAILED
    return code if isinstance(code, int) else CONFIRMED


def _tell_misuse(error: click.ClickException) -> None:
    """Show an error of usage as click does, its message in the language of the reader."""
    shown = io.StringIO()
    error.show(shown)
    message = error.format_message()
    line = error_line(message)
    told = shown.getvalue()
    if not line.endswith(message):  # what click says itself stays whole
        told = told.replace(f"Error: {message}", line)
    click.echo(told, err=True, nl=False)


def _drop_unwritten() -> None:
    """Keep Python from trying once more, at its end, what standard output did not take."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  nothing more can be said


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(labeler.__version__, prog_name="aigc-label")
def commands() -> None:
    """
    Label AI-generated pictures, sound, video and documents, and verify labels (GB 45438-2025).

    \b
    aigc-label apply cat.png -o labelled.png --producer 001191440300708461136T1XGW3
    aigc-label verify labelled.png
    """  # noqa: D301  \b keeps click from folding the examples


def _format_option(*names: str) -> Callable[[Any], Any]:
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(names),
        default="human",
        show_default=True,
        help="How results are printed on standard output.",
    )


_file = partial(click.option, metavar="FILE", shell_complete=file_names)


def _shared(function: Any) -> Any:
    """Give options that commands have in common."""
    for option in (
        click.option(
            "--policy", type=POLICIES, default="cn", show_default=True, help="Body of rules."
        ),
        click.option(
            "--jobs", type=click.IntRange(1, 64), help="Processes; verify: one a core, others: 1."
        ),
    ):
        function = option(function)
    return function


def _flags(*rows: flags.Flag) -> Callable[[Any], Any]:
    """Give options that stand in a table of `labeler.commands.flags`."""

    def give(function: Any) -> Any:
        for names, facts in reversed(rows):
            given = dict(facts)
            if choices := given.pop("choices", None):
                given["type"] = click.Choice(choices)
            if given.get("metavar") in {"FILE", "OUT"}:
                given["shell_complete"] = file_names
            function = click.option(*names, **given)(function)
        return function

    return give


@commands.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...", shell_complete=file_names)
@_flags(*flags.OUTPUT)
@click.option(
    "--producer", required=True, metavar="CODE", help="Your provider code (27 characters) or name."
)
@click.option("--content-id", metavar="ID", help="Number of this content; default: a new UUID.")
@click.option("--propagator", metavar="CODE|empty", help="Default: the producer (annex E note 1).")
@click.option(
    "--status",
    type=click.Choice(["1", "2", "3"]),
    default="1",
    show_default=True,
    help="1 is generated, 2 may be, 3 suspected.",
)
@click.option(
    "--layers",
    metavar="LIST",
    help="visible,watermark,metadata; default: all three. Of video also sound, audible, subtitles.",
)
@click.option(
    "--lang", metavar="LANG", help="Language of the visible label; default: the policy's."
)
@click.option("--text", help="Text of the visible label instead of the built-in one.")
@click.option(
    "--position",
    metavar="PLACE",
    callback=_position,
    default="bottom-right",
    show_default=True,
    help="A corner (bottom-right, top-left, ...); of sound and video start, middle or end, of "
    "video also full, or both: top-left,full; of documents start, end, header, footer or corner. "
    "Each format has its own default.",
)
@_flags(*flags.LOOK)
@click.option("--font", type=click.Path(exists=True, dir_okay=False), help="Font file of your own.")
@_flags(*flags.STRENGTH, *flags.ENCODING)
@_file("--key-file", help="Key of the watermark; default: the public key.")
@_flags(*flags.FORM)
@_flags(*flags.EXEMPTION)
@click.option("--self-check/--no-self-check", default=True, help="Read every layer back.")
@_flags(*flags.SIGNING)
@_file("--registry", help="Record each file here; made when not there.")
@_shared
@_format_option("human", "json", "jsonl")
def apply(sources: tuple[str, ...], output_format: str, jobs: int | None, **asked: Any) -> int:
    """
    Label files: visible or audible, watermark, metadata.

    \b
    aigc-label apply cat.png -o out.png --producer 001191440300708461136T1XGW3
    aigc-label apply pictures/ -o labelled/ --producer 001191440300708461136T1XGW3 --jobs 2
    """  # noqa: D301
    from labeler.calls import ApplyCall, apply_one, plan_calls

    calls = _left(plan_calls(sources, ApplyCall, **asked))
    return _run(calls, apply_one, _receipt_lines, output_format=output_format, jobs=jobs or 1)


@commands.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...", shell_complete=file_names)
@_flags(*flags.OUTPUT)
@click.option("--propagator", required=True, metavar="CODE", help="The platform's code or name.")
@click.option("--propagate-id", required=True, metavar="ID", help="The platform's content number.")
@click.option("--declared", type=click.Choice(["yes", "no"]), help="What the user declared.")
@click.option("--producer-unknown", metavar="VALUE", help="Producer to write when none is known.")
@_flags(*flags.KEYS_TRIED, *flags.PLATFORM)
@_shared
@_format_option("human", "json", "jsonl")
def propagate(sources: tuple[str, ...], output_format: str, jobs: int | None, **asked: Any) -> int:
    """
    Write a platform's own fields (Measures, article 6).

    Verifies each file, then writes only ContentPropagator, PropagateID and ReservedCode2, and
    Label where the decision table says so. The producer's fields stay as they are.

    \b
    aigc-label propagate upload.jpg -o kept.jpg --propagator 001191110102MACQD9K64020001 \\
        --propagate-id post-1
    """  # noqa: D301
    from detectors.calls import PropagateCall, propagate_one
    from labeler.calls import plan_calls

    calls = _left(plan_calls(sources, PropagateCall, **asked))
    return _run(calls, propagate_one, _receipt_lines, output_format=output_format, jobs=jobs or 1)


@commands.command()
@click.argument("sources", nargs=-1, metavar="SRC...", shell_complete=file_names)
@click.option("--declared", type=click.Choice(["yes", "no"]), help="What the user declared.")
@click.option("--lang", metavar="LANG", help="Language of notice and text; default: the policy's.")
@_flags(*flags.KEYS_TRIED)
@_file("--tokenizer", help="Of a model: score texts it may have sampled.")
@click.option("--fast", is_flag=True, help="Metadata only, nothing is decoded.")
@click.option(
    "--depth",
    type=click.Choice(["plain", "fast", "standard", "deep"]),
    default="standard",
    show_default=True,
    help="How far a cropped, turned or bent watermark is searched for.",
)
@click.option("--thorough", is_flag=True, help="Also look for visible labels of unusual size.")
@click.option("--ocr/--no-ocr", default=True, help="Read visible labels of others (extra ocr).")
@click.option("--lenient", is_flag=True, help="Malformed label of clear intent: confirmed.")
@click.option("--trace-confirms", is_flag=True, help="C2PA/IPTC AI declaration: confirmed.")
@_file("--registry", help="Look marks up here: a lost label comes back.")
@_file("--files-from", help="List of names, or .csv/.jsonl; - is stdin.")
@click.option("-0", "--null", is_flag=True, help="Names in the list end with a NUL byte.")
@_file("--report", help="File for the results; an older report is replaced.")
@_file("--resume", help="Keep results here; go on where a run stopped.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600, help="Seconds for one file.")
@_flags(*flags.ENGINE)
@_file("--log", help="Append events as JSON lines; - is stderr.")
@click.option(
    "--fail-on",
    type=click.Choice(["unlabelled", "error", "never"]),
    default="unlabelled",
    show_default=True,
    help="Exit 1 for what is not confirmed, or only 2 for errors, or neither.",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found (errors stay 2).")
@_flags(*flags.TRUSTING)
@_shared
@_format_option("human", "summary", "json", "jsonl", "csv", "html", "junit", "parquet")
def verify(sources: tuple[str, ...], **asked: Any) -> int:
    """
    Judge files: confirmed, possible, suspected, none found.

    \b
    aigc-label verify out.png
    aigc-label verify uploads/ --format jsonl --declared no --jobs 2
    aigc-label verify --files-from uploads.csv --resume done.jsonl --format csv --report out.csv
    """  # noqa: D301
    from detectors.batch.command import run_verify

    if not sources and not asked["files_from"]:
        raise click.UsageError("name files or folders, or give --files-from")
    tally = run_verify(sources, asked, language=reader_language())
    if not tally.files:
        raise LabelError(f"no files in {', '.join(sources) or asked['files_from']}")
    return _verify_status(set(tally.by_verdict()), asked["fail_on"], exit_zero=asked["exit_zero"])


def _verify_status(seen: set[str], fail_on: str, *, exit_zero: bool) -> int:
    if "undetermined" in seen and fail_on != "never":
        return FAILED
    if seen <= {"confirmed"} or fail_on != "unlabelled" or exit_zero:
        return CONFIRMED
    return NOT_CONFIRMED


@commands.command()
@click.argument("source", metavar="SRC", shell_complete=file_names)
@_flags(*flags.KEYS_TRIED, *flags.TRUSTING)
@_format_option("human", "json")
def inspect(source: str, output_format: str, **asked: Any) -> int:
    """
    Show everything found in one file, without judgement.

    \b
    aigc-label inspect out.png
    """  # noqa: D301
    from detectors.calls import inspect_lines

    for line in inspect_lines(source, output_format, reader_language(), **asked):
        click.echo(line, nl=False)
    return CONFIRMED


@commands.group()
def keys() -> None:
    """Make keys for watermarks and signatures."""


@keys.command("new")
@click.argument("file", metavar="FILE")
@_flags(*flags.KINDS)
def keys_new(file: str, kind: str) -> None:
    """
    Write a fresh key to FILE, readable by you only.

    A key of marks is 32 bytes, one that signs labels a private key in PEM; of that the public
    half is printed, which goes into a --trust file.

    \b
    aigc-label keys new my.key
    """  # noqa: D301
    from labeler.signing.keys import new_key

    public = new_key(file, kind)
    told = in_words("new key; keep it secret and keep a copy", "新密钥；请保密，并保留一份副本")
    click.echo(f"{file}: {told}", err=True)
    if public:
        click.echo(public)


@commands.command()
def doctor() -> int:
    """
    Say what is installed, and try it on one picture.

    \b
    aigc-label doctor
    """  # noqa: D301
    from detectors.doctor import examine

    healthy = True
    for line, good in examine():
        healthy = healthy and good
        click.echo(line)
    return CONFIRMED if healthy else FAILED


commands.add_command(policy)
commands.add_command(registry)


def _mapped(function: Callable[[Any], Any], calls: Sequence[Any], jobs: int) -> Iterator[Any]:
    """Map in order; a progress bar on a terminal when there is more than a little to do."""
    from labeler.batch import map_calls

    results = map_calls(function, calls, jobs=jobs)
    if len(calls) < 8 or not sys.stderr.isatty():
        yield from results
        return
    with click.progressbar(results, length=len(calls), file=sys.stderr) as bar:
        yield from bar


def _left(planned: tuple[list[Any], int]) -> list[Any]:
    """Return the calls that are left to do, and tell how many files are passed over."""
    calls, passed_over = planned
    if passed_over:
        told = in_words("passed over, since their output exists: ", "因输出已存在而略过：")
        click.echo(f"{told}{passed_over}", err=True)
    return calls


def _run(
    calls: Sequence[Any],
    function: Callable[[Any], Any],
    render: Callable[[Iterable[Any], str], Iterator[str]],
    *,
    output_format: str,
    jobs: int,
) -> int:
    """Run calls that write files; print receipts on stdout and failures on stderr."""
    from labeler.batch.chunks import Failure

    failed = False

    def receipts() -> Iterator[Receipt]:
        nonlocal failed
        for call, outcome in zip(calls, _mapped(function, calls, jobs), strict=True):
            if outcome.error:
                failed = True
                source, output = call.target.source, str(call.target.output)
                named = f"{source}: " if isinstance(outcome, Failure) else ""
                line = error_line(f"{named}{outcome.error}", about=(source, output))
                click.echo(line, err=True)
                continue
            if outcome.data is not None:
                sys.stdout.buffer.write(outcome.data)
            yield outcome.receipt

    to_stdout = any(call.to_stdout for call in calls)
    for piece in render(receipts(), output_format):
        click.echo(piece, nl=False, err=to_stdout)
    return FAILED if failed else CONFIRMED


def _receipt_lines(receipts: Iterable[Receipt], output_format: str) -> Iterator[str]:
    from labeler.receipts import render_receipts

    return render_receipts(receipts, output_format, reader_language())


if __name__ == "__main__":
    sys.exit(aigc_label())
