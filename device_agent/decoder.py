"""A clip as it travels (Ogg Opus) → a WAV that the card can play: mono, 16 bit, 48 kHz. A shell.

Imported by the composition root; it is the only room that knows PyAV. The work is done in a process of its own, which
ends with it: so the agent stays small, and a decoder that crashes on a hostile file takes nothing with it.
"""

import errno
import os
import subprocess
import sys
import wave
from pathlib import Path

from device_agent.clip_store import ClipFault
from device_agent.sound.pcm import FRAME_BYTES, RATE

LENGTH_SLACK_MS = 250
"""A decoded clip whose length differs from what the programme says by more than this is not that clip."""
LONGEST_WAIT_S = 600
_NICE = 10
_NO_ROOM, _NO_ROOM_CODE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS), 28


def decode(source: Path, target: Path, expected_ms: int) -> None:
    """Write the WAV of a clip. Raises `ClipFault`: undecodable, wrong_length, or disk if there is no room."""
    command = [sys.executable, "-m", "device_agent.decoder", str(source), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_WAIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ClipFault("undecodable", "took too long") from error
    if done.returncode:
        cause = "disk" if done.returncode == _NO_ROOM_CODE else "undecodable"
        raise ClipFault(cause, done.stderr.decode(errors="replace").strip()[-200:])
    with wave.open(str(target), "rb") as file:
        length = file.getnframes() * 1000 // RATE
    if abs(length - expected_ms) > LENGTH_SLACK_MS:
        raise ClipFault("wrong_length", f"{length} ms, not {expected_ms} ms")


def decode_here(source: Path, target: Path) -> None:
    """Decode in this process; raises what PyAV raises."""
    import av  # noqa: PLC0415

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(source)) as container, wave.open(str(target), "wb") as file:
        file.setparams((1, FRAME_BYTES, RATE, 0, "NONE", ""))
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                file.writeframesraw(bytes(piece.planes[0])[: piece.samples * FRAME_BYTES])
        for piece in resampler.resample(None):
            file.writeframesraw(bytes(piece.planes[0])[: piece.samples * FRAME_BYTES])


if __name__ == "__main__":
    os.nice(_NICE)
    try:
        decode_here(Path(sys.argv[1]), Path(sys.argv[2]))
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        print(error, file=sys.stderr)
        sys.exit(_NO_ROOM_CODE)
