"""A video container by its bytes: what it holds, and the same with a label written in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from labeler.containers.videos import VIDEOS, video_container_of
from rich_videos import tags_of


if TYPE_CHECKING:
    from labeler.containers.video.model import VideoHeader


TRICKY = (
    '{"Label":"1","ContentProducer":"<&>\'\\"某公司","ProduceID":"]]>","ReservedCode1":"&amp;"}'
)
SEEN_BY_FFMPEG = set(VIDEOS) - {"wmv"}
SEEN_BY_EXIFTOOL = set(VIDEOS) - {"avi"}


def put(data: bytes, value: str) -> bytes:
    source, target = io.BytesIO(data), io.BytesIO()
    video_container_of(source).write(source, target, value)
    return target.getvalue()


def labels(data: bytes) -> list[str]:
    file = io.BytesIO(data)
    return [carrier.text for carrier in video_container_of(file).find(file)]


def payload(data: bytes) -> bytes:
    file = io.BytesIO(data)
    return b"".join(video_container_of(file).payload_bytes(file))


def probe(data: bytes) -> VideoHeader:
    file = io.BytesIO(data)
    return video_container_of(file).probe(file)


def plain_tags(data: bytes) -> dict[str, str]:
    """The tags without the places in the file that an FLV states among them."""
    places = {"filesize", "lastkeyframelocation"}
    return {key: value for key, value in tags_of(data).items() if key not in places}
