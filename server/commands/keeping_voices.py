"""`loaban voices list | install NAME | engines`: which voices this server has, and how it gets others.

A composition root: imported by `server.__main__`.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from audio.preference import preferences
from audio.vietasr_recogniser import VietAsrRecogniser
from audio.voice_catalogue import CATALOGUE, KnownVoice
from audio.voice_installer import InstallFault, NotInstalled, bring, fetch, sha256_of
from audio.voices.piper_voice import installed
from audio.voices.roster import VoiceSettings, engines
from server import system_clock
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("voices",)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_FAULTS: Mapping[InstallFault, str] = {
    InstallFault.no_network: N_("There is no way to %(details)s from here."),
    InstallFault.refused: N_("The other side did not give the file: %(details)s"),
    InstallFault.cut: N_("The link was cut again and again (%(details)s bytes are here). Start it again: it goes on."),
    InstallFault.wrong_size: N_("What came is not that voice: its size is wrong (%(details)s). It was thrown away."),
    InstallFault.wrong_hash: N_("What came is not that voice: its SHA-256 is wrong (%(details)s). It was thrown away."),
    InstallFault.no_description: N_(
        "The description beside the voice names no language that it may speak: %(details)s"
    ),
    InstallFault.no_file: N_(
        "There is no file %(details)s. A voice is two files: NAME.onnx, and NAME.onnx.json beside it."
    ),
    InstallFault.no_room: N_("There is not enough room on the disk (%(details)s bytes are needed)."),
}
_BY_HAND = N_(
    "Without a network: fetch %(home)s and %(home)s.json on another machine, carry both files here, and run:"
    " ./loaban voices install %(name)s --from FILE.onnx"
)


def describe(commands: Commands) -> None:
    """How they are written."""
    voices = commands.add_parser("voices", help="list | install NAME [--from FILE] [--address URL] | engines")
    voices.add_argument("act", choices=("list", "install", "engines"), nargs="?", default="list")
    voices.add_argument("name", nargs="?", default="")
    voices.add_argument("--from", dest="source", type=Path, metavar="FILE")
    voices.add_argument("--address", default="")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 for what cannot be done."""
    settings = Settings()
    if given.act != "install":
        return _list(settings, console)
    name, known = given.name, CATALOGUE.get(given.name)
    if not _NAME.fullmatch(name) or (known is None and given.source is None):
        console.warn(
            N_("Which voice? Known by name: %(names)s. Any other one: --from FILE"), names=", ".join(CATALOGUE)
        )
        return 2
    folder = settings.voice_settings.voices
    try:
        if given.source is not None:
            model = bring(name, given.source, folder, known)
        else:
            model = _fetched(known, folder, given.address) if known else folder
    except NotInstalled as error:
        console.warn(_FAULTS[error.fault], details=error.details)
        if known is not None and given.source is None and error.fault is not InstallFault.cut:
            console.warn(_BY_HAND, home=known.home, name=name)
        return 2
    _installed(name, model, known, settings, console)
    return 0


def _fetched(voice: KnownVoice, folder: Path, address: str) -> Path:
    """With a line that tells how far it is, where somebody sits before it."""

    def progress(came: int, size: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{came / 1e6:.1f} / {size / 1e6:.1f} MB", end="" if came < size else "\n", file=sys.stderr)

    return fetch(voice, folder, address, progress)


def _installed(name: str, model: Path, known: KnownVoice | None, settings: Settings, console: Console) -> None:
    found = sha256_of(model)
    with assemble(settings, unheard).stores.open() as store:
        store.trail.note(system_clock.utc_ms(), "", "install-voice", name, after=found)
    console.say(N_("Installed: %(name)s. SHA-256 %(hash)s"), name=name, hash=found)
    if known is None:
        console.say(N_("It is in no list of ours: nobody has checked that it is what it is called."))
    else:
        console.say(N_("Terms: %(terms)s"), terms=known.terms)
    _list(settings, console)


def _list(settings: Settings, console: Console) -> int:
    """Every language that a machine may speak, with its engines in order, and why one cannot speak now."""
    house = settings.voice_settings
    known = engines(house)
    for language, names in preferences(house.order).items():
        console.say(N_("Language %(language)s, the best first:"), language=language)
        for name in names:
            voice = known.get(name)
            if voice is None or not voice.speaks(language):
                console.say(N_("  – %(engine)s: not set up (%(how)s)"), engine=name, how=_how(name, language, house))
            elif trouble := voice.trouble(language):
                console.say("  ✗ %(engine)s: %(trouble)s", engine=name, trouble=trouble)
            else:
                who = voice.identity(language)
                told = " ".join(filter(None, (who.version, who.voice)))
                console.say("  ✓ %(engine)s %(told)s", engine=name, told=told)
    for model in installed(house.voices):
        console.say(N_("Installed Piper voice: %(name)s (%(language)s)"), name=model.name, language=model.language)
    trouble = VietAsrRecogniser().trouble() if settings.speech_check else "LOABAN_SPEECH_CHECK=false"
    console.say(N_("Listening again (viet-asr): %(state)s"), state=trouble or "✓")
    return 0


def _how(name: str, language: str, house: VoiceSettings) -> str:
    """What would set an engine up."""
    fitting = next((voice.name for voice in CATALOGUE.values() if voice.language == language), "NAME --from FILE")
    return {
        "command": "LOABAN_VOICE_COMMAND",
        "gtts": "LOABAN_GTTS=true",
        "piper": f"./loaban voices install {fitting}; {house.voices}",
    }.get(name, "apt")
