"""Stretches of plain recordings → one recording without a click: at a join the one fades out and the other in, and all
speak as loud as the first. A shell around `wave`.

Imported by the server's studio and tests.
"""

import array
import audioop
import wave
from collections.abc import Mapping
from pathlib import Path

from audio.pieces import Pieces

FADE_MS = 10
_BLOCK_MS = 500
_FRAME_BYTES = 2
_LOUDEST_DB = 12.0
"""So much is a later take raised or lowered to stand beside the first: more would raise its noise as well."""
_QUIET = 104
"""−50 dBFS: blocks below it are pauses, and say nothing of how loud somebody speaks."""
_TOP = 32_767


def splice(pieces: Pieces, takes: Mapping[str, Path], into: Path) -> None:
    """Write the pieces, one behind the other. `takes`: the plain WAV of each (mono, 16 bits, all of one rate)."""
    gains = _gains(pieces, takes)
    with wave.open(str(into), "wb") as target:
        for number, piece in enumerate(pieces):
            with wave.open(str(takes[piece.take]), "rb") as source:
                rate = source.getframerate()
                if not number:
                    target.setparams((1, _FRAME_BYTES, rate, 0, "NONE", ""))
                begins, ends = (min(ms * rate // 1000, source.getnframes()) for ms in (piece.begins_ms, piece.ends_ms))
                source.setpos(begins)
                fades = (number > 0, number < len(pieces) - 1)
                _copy(source, target, ends - begins, gains[piece.take], fades)


def _copy(source: wave.Wave_read, target: wave.Wave_write, frames: int, gain: float, fades: tuple[bool, bool]) -> None:
    """So many frames, block by block; faded in and out where something else lies before or behind."""
    rate = source.getframerate()
    fade, done = min(rate * FADE_MS // 1000, frames // 2), 0
    while done < frames:
        samples = array.array("h", source.readframes(min(rate * _BLOCK_MS // 1000, frames - done)))
        if not samples:
            return
        if gain != 1:
            samples = array.array("h", audioop.mul(samples.tobytes(), _FRAME_BYTES, gain))
        for number in range(len(samples)) if done < fade or done + len(samples) > frames - fade else ():
            at = done + number
            if fades[0] and at < fade:
                samples[number] = samples[number] * at // fade
            if fades[1] and at >= frames - fade:
                samples[number] = samples[number] * (frames - 1 - at) // fade
        target.writeframesraw(samples.tobytes())
        done += len(samples)


def _gains(pieces: Pieces, takes: Mapping[str, Path]) -> dict[str, float]:
    """By how much each take is to be multiplied."""
    used = dict.fromkeys(piece.take for piece in pieces)
    levels = {take: _level(takes[take]) for take in used} if len(used) > 1 else {}
    first = levels.get(pieces[0].take, (0.0, 0))[0]
    widest = 10 ** (_LOUDEST_DB / 20)
    gains = {}
    for take in used:
        level, peak = levels.get(take, (0.0, 0))
        wanted = first / level if first and level else 1.0
        gains[take] = min(max(wanted, 1 / widest), widest, _TOP / peak if peak and wanted > 1 else widest)
    return gains


def _level(path: Path) -> tuple[float, int]:
    """How loud somebody speaks in a take, pauses left out, and its highest sample."""
    squares, blocks, peak = 0.0, 0, 0
    with wave.open(str(path), "rb") as source:
        while block := source.readframes(source.getframerate() // 20):
            level = audioop.rms(block, _FRAME_BYTES)
            peak = max(peak, audioop.max(block, _FRAME_BYTES))
            if level > _QUIET:
                squares, blocks = squares + level * level, blocks + 1
    return ((squares / blocks) ** 0.5 if blocks else 0.0), peak
