"""espeak-ng: a robot's voice that needs no network. Always there for Vietnamese, and marked as what it is.

Imported by composition roots and tests.
"""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from audio.language import VIETNAMESE
from audio.voice import Provenance, VoiceError, VoiceFault

VOICE, WORDS_A_MINUTE, PITCH = "vi+Annie", 125, 65
"""The best understood of 101 variants, at its best rate and pitch."""
LONGEST_WAIT_S = 120
_APT = "Thiếu espeak-ng; cài bằng: sudo apt-get install espeak-ng / espeak-ng is missing"
_WAV_HEADER_BYTES = 44
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\[\]]")
"""espeak-ng stops at a NUL, without a word, and takes "[[" for the beginning of phonemes."""


class EspeakVoice:
    """A process for each text; the text goes by standard input, where a leading "-" is only a minus."""

    name = "espeak-ng"

    def speaks(self, language: str) -> bool:
        """Vietnamese, and nothing else: no language of the highlands is among espeak-ng's."""
        return language == VIETNAMESE

    def trouble(self, language: str) -> str:
        """Whether it is installed."""
        if not self.speaks(language):
            return f"espeak-ng không nói được tiếng “{language}” / it speaks Vietnamese alone"
        return "" if shutil.which("espeak-ng") else _APT

    def identity(self, _language: str) -> Provenance:
        """The robot, in the version of this machine."""
        return Provenance(self.name, _version(), VOICE, f"-s {WORDS_A_MINUTE} -p {PITCH}", ai_made=True)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV."""
        if trouble := self.trouble(language):
            fault = VoiceFault.unavailable if self.speaks(language) else VoiceFault.language
            raise VoiceError(fault, trouble)
        command = ["espeak-ng", "-v", VOICE, "-s", str(WORDS_A_MINUTE), "-p", str(PITCH), "-b", "1", "--stdin", "-w"]
        said = _UNSPEAKABLE.sub(" ", words).encode()
        try:
            done = subprocess.run(
                [*command, str(into)], input=said, capture_output=True, timeout=LONGEST_WAIT_S, check=False
            )
        except FileNotFoundError as error:
            raise VoiceError(VoiceFault.unavailable, _APT) from error
        except subprocess.TimeoutExpired as error:
            into.unlink(missing_ok=True)
            raise VoiceError(VoiceFault.timed_out, "espeak-ng took too long") from error
        if done.returncode or not into.exists() or into.stat().st_size <= _WAV_HEADER_BYTES:
            into.unlink(missing_ok=True)
            fault = VoiceFault.refused if done.returncode else VoiceFault.empty
            raise VoiceError(fault, done.stderr.decode(errors="replace").strip() or "no sound")
        return self.identity(language)


@cache
def _version() -> str:
    try:
        done = subprocess.run(["espeak-ng", "--version"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(rb"(\d+\.\d+[.\d]*)", done.stdout)
    return found[1].decode() if found else ""
