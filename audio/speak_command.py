"""`loaban speak`: written text to spoken words, or to a clip, on the command line.

Run by the launcher; nobody imports it but tests.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from audio.language import SEED, VIETNAMESE, full_name
from audio.marks import marks_of
from audio.mastering import master
from audio.preset import HORN, PRESETS
from audio.refusal import MasteringError
from audio.spoken_text import speak
from audio.voice import VoiceError
from audio.voices.roster import VoiceSettings, narrator

LEFTOVERS = 3


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0, 2 for what cannot be done, 3 for words that nobody has said how to say."""
    parser = argparse.ArgumentParser(prog="loaban speak", description="Văn bản thành lời đọc / written text to speech")
    parser.add_argument("--words", action="store_true", help="một dòng vào, một dòng lời đọc ra / spoken words only")
    parser.add_argument("--language", default=VIETNAMESE)
    parser.add_argument("--out", type=Path, help="tệp .opus / where the clip goes")
    parser.add_argument("--preset", choices=PRESETS, default=HORN.name, help="loa nén, hay cột loa trong nhà")
    parser.add_argument("--voices", type=Path, help="thư mục dữ liệu có voices/ / data folder with installed voices")
    given = parser.parse_args(arguments)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    if given.words:
        return _words()
    if given.out is None:
        parser.error("--words hoặc --out TỆP / --words or --out FILE")
    return _clip(sys.stdin.read(), given)


def _words() -> int:
    left = False
    for line in sys.stdin:
        spoken = speak(line)
        left |= bool(spoken.leftovers)
        print(spoken.words, flush=True)
    return LEFTOVERS if left else 0


def _clip(text: str, given: argparse.Namespace) -> int:
    spoken = speak(text)
    if spoken.leftovers:
        print("chưa biết đọc / do not know how to say: " + ", ".join(spoken.leftovers), file=sys.stderr)
        return LEFTOVERS
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "spoken.wav")
        try:
            speaker = narrator(VoiceSettings(str(given.voices or folder)))
            provenance = speaker.narrate(spoken.words, given.language, wav)
            marks = marks_of(provenance, given.language)
            mastered = master(wav, given.language, Path(folder), marks, PRESETS[given.preset])
            given.out.write_bytes(mastered.opus.read_bytes())
        except (VoiceError, MasteringError, OSError) as error:
            named = {language.tag: full_name(language) for language in SEED}.get(given.language)
            print(f"loaban speak: {error}{f' ({named})' if named else ''}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
