"""The agent's settings, and the file it gets when it is enrolled. A shell: reads the environment and that file.

Imported by the composition root. Every field of `Settings` is an option on the command line and a variable
`LOABAN_AGENT_<FIELD>`; the README's table lists them all.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from schedules.signing import PUBLIC_BYTES
from schedules.wire import is_identifier

ENROLLED = "enrolment.json"
"""What `loaban-agent enrol` writes beside the journal; it goes before a file that somebody has copied."""


class SettingsError(Exception):
    """What is wrong with which setting, and what to do; in words for a technician."""


class Settings(msgspec.Struct, frozen=True):
    """`enrolment`: the file that `loaban enrol` wrote, where `loaban-agent enrol` did not; `folder`: where journal and
    clips live; `sound_card`: `alsa:NAME` or `file:PATH` (simulated); `step_log`: folder for step logs, empty for none;
    `clip_quota_mb`: what clips may take on the card, 0 for all but a reserve; `ear`: what hears the loudspeaker,
    `microphone:DEVICE` or `loopback:DEVICE`, empty for nothing; `log_level`: of the messages on standard error."""

    enrolment: Path = Path("/etc/loaban/enrolment.json")
    folder: Path = Path("/var/lib/loaban-agent")
    sound_card: str = "alsa:default"
    step_log: str = ""
    clip_quota_mb: int = 0
    ear: str = ""
    log_level: str = "INFO"


class Enrolment(msgspec.Struct, frozen=True):
    """Who this loudspeaker is, which broker it uses and whose word it takes. `broker`: `mqtt://host:port` or
    `mqtts://host:port`; `signing_keys`: public Ed25519 keys of the server (base64 in the file); `authority`: PEM of
    the certificate with which the server certifies loudspeakers and broker, empty where the broker knows no
    certificates; `assignment`: the first one, sealed; `keys_revision`: as of which word of the server these are its
    keys, newest first, so that a loudspeaker that is enrolled anew does not believe an older word on its card."""

    device: str
    broker: str
    signing_keys: tuple[bytes, ...]
    keys_revision: int = 0
    authority: str = ""
    assignment: bytes = b""


def read_settings(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the command line, else the environment, else the defaults."""
    environment = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(prog="loaban-agent", description="One loudspeaker of Loa Bản.")
    for field in msgspec.structs.fields(Settings):
        name = field.name
        default: Any = environment.get(f"LOABAN_AGENT_{name.upper()}", field.default)
        kind = type(field.default) if not isinstance(field.default, Path) else Path
        parser.add_argument(f"--{name.replace('_', '-')}", default=kind(default), type=kind)
    return Settings(**vars(parser.parse_args(arguments)))


def enrolment_file(settings: Settings) -> Path:
    """Where the enrolment stands."""
    found = settings.folder / ENROLLED
    return found if found.exists() else settings.enrolment


def read_enrolment(path: Path) -> Enrolment:
    """The enrolment file. Raises `SettingsError` in words that say what to do."""
    try:
        enrolment = msgspec.json.decode(path.read_bytes(), type=Enrolment)
    except OSError as error:
        raise SettingsError(
            f"Không đọc được tệp ghi danh {path}: {error.strerror}. Loa này chưa được ghi danh? Chạy "
            f"`loaban-agent enrol MÃ https://máy-chủ`. / Cannot read the enrolment file; enrol with "
            f"`loaban-agent enrol CODE https://server`."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"Tệp ghi danh {path} bị hỏng / is damaged: {error}") from error
    sound = enrolment.signing_keys and all(len(key) == PUBLIC_BYTES for key in enrolment.signing_keys)
    if not is_identifier(enrolment.device) or not sound:
        raise SettingsError(f"Tệp ghi danh {path}: tên loa hoặc khóa không hợp lệ / bad device name or key.")
    return enrolment
