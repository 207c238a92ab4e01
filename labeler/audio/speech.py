"""
Rendering voice prompts of other wordings, through the optional extra ``speech``.

The extra brings eSpeak NG as a shared library (espeakng-loader), which is called by ctypes. It is
GPL software of its own that is loaded on demand; what it speaks is unrestricted. Nothing is fetched
from a network.
"""

from __future__ import annotations

import ctypes
import io
import threading
import wave
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.pace import PACE, count_characters
from labeler.audio.prompts import Prompt
from labeler.backends import backend
from labeler.core.audio.clip import spoken_span
from labeler.errors import MissingBackend, UnknownPolicy
from labeler.texts import check_text


if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VOICES: Mapping[str, str] = MappingProxyType(
    {
        "zh": "cmn",
        "zh-TW": "cmn",
        "en": "en-us",
        "ko": "ko",
        "de": "de",
        "fr": "fr",
        "es": "es",
    }
)
"""Voices of eSpeak NG by language of the label."""

_SYNCHRONOUS = 2
_RATE = 1  # number of the parameter "words a minute"
_UTF8 = 1
_SLOWEST, _FASTEST = 80, 300
_USUAL = 150
_TRIES = 3
_SHORTS = ctypes.POINTER(ctypes.c_short)
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, _SHORTS, ctypes.c_int, ctypes.c_void_p)


def speak_prompt(text: str, lang: str = "zh") -> Prompt:
    """
    Speak a label text at about 140 characters a minute (GB 45438-2025 5.3 e, R-16).

    Raises
    ------
    MissingBackend
        The extra ``speech`` is not installed.
    UnknownPolicy
        No voice for the language.
    InvalidLabel
        A text that does not name both elements (R-01).
    """
    check_text(text, lang)
    if lang not in VOICES:
        known = ", ".join(VOICES)
        raise UnknownPolicy(f"no voice speaks {lang!r}: use one of {known}, or a recording")
    engine = _engine()
    wanted = 60 * count_characters(text) / (sum(PACE) / 2)
    words_a_minute = float(_USUAL)
    for _ in range(_TRIES):
        samples = engine.speak(text, VOICES[lang], round(words_a_minute))
        begin, end = spoken_span(samples, engine.rate)
        words_a_minute *= (end - begin) / wanted
        words_a_minute = min(max(words_a_minute, _SLOWEST), _FASTEST)
    return Prompt(text=text, lang=lang, samples=samples, rate=engine.rate, source="eSpeak NG")


def prompt_as_wav(prompt: Prompt) -> bytes:
    """Return a prompt as a 16-bit mono WAV file, to be kept and given as ``--prompt-file``."""
    stored = np.clip(np.rint(prompt.samples * 32767), -32768, 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(prompt.rate)
        out.writeframes(stored.tobytes())
    return file.getvalue()


class _Engine:
    """The one instance of the library of a process; it speaks for one thread at a time."""

    def __init__(self, library: ctypes.CDLL, data: str) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._heard: list[NDArray[np.int16]] = []
        # Kept for as long as the library may call it
        self._callback = _CALLBACK(self._hear)
        self.rate = int(library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), 0))
        if self.rate <= 0:
            raise MissingBackend(
                "eSpeak NG does not start: reinstall the extra with pip install "
                '"aigc-label[speech]"'
            )
        library.espeak_SetSynthCallback(self._callback)

    def _hear(self, samples: Any, count: int, _events: Any) -> int:
        if count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def speak(self, text: str, voice: str, words_a_minute: int) -> NDArray[np.float32]:
        """Return speech as float32 (n,), full scale 1.0."""
        encoded = text.encode()
        with self._lock:
            self._heard.clear()
            if self._library.espeak_SetVoiceByName(voice.encode()):
                raise UnknownPolicy(f"eSpeak NG has no voice {voice!r}")
            self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
            self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
            self._library.espeak_Synchronize()
            heard = np.concatenate([*self._heard, np.zeros(1, np.int16)])
        return np.asarray(heard / np.float32(32768), np.float32)


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    """Load the library once."""
    loader = backend(
        "espeakng_loader",
        extra="speech",
        purpose="speaking a text",
        otherwise="give a recording of your own",
    )
    library = ctypes.CDLL(str(loader.get_library_path()))
    return _Engine(library, str(loader.get_data_path()))
