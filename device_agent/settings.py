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


class SettingsError(Exception):
    """What is wrong with which setting, and what to do; in words for a technician."""


class Settings(msgspec.Struct, frozen=True):
    """`enrolment`: the file that `loaban enrol` wrote; `folder`: where journal and clips live; `sound_card`:
    `alsa:NAME` or `file:PATH` (simulated); `step_log`: folder for step logs, empty for none; `clip_quota_mb`: what
    clips may take on the card, 0 for all but a reserve; `log_level`: of the messages on standard error."""

    enrolment: Path = Path("/etc/loaban/enrolment.json")
    folder: Path = Path("/var/lib/loaban-agent")
    sound_card: str = "alsa:default"
    step_log: str = ""
    clip_quota_mb: int = 0
    log_level: str = "INFO"


class Enrolment(msgspec.Struct, frozen=True):
    """Who this loudspeaker is, which broker it uses and whose word it takes. `broker`: `mqtt://host:port` or
    `mqtts://host:port`; `signing_keys`: public Ed25519 keys of the server (base64 in the file); `ca_file`: for
    `mqtts`, empty for the system's own list; `keys_revision`: as of which word of the server these are its keys, newest
    first, so that a loudspeaker that is enrolled anew does not believe an older word on its card."""

    device: str
    broker: str
    signing_keys: tuple[bytes, ...]
    ca_file: str = ""
    keys_revision: int = 0


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


def read_enrolment(path: Path) -> Enrolment:
    """The enrolment file. Raises `SettingsError` in words that say what to do."""
    try:
        enrolment = msgspec.json.decode(path.read_bytes(), type=Enrolment)
    except OSError as error:
        raise SettingsError(
            f"Không đọc được tệp ghi danh {path}: {error.strerror}. Tạo tệp bằng lệnh `loaban enrol` trên máy chủ. "
            f"/ Cannot read the enrolment file; make it with `loaban enrol` on the server."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"Tệp ghi danh {path} bị hỏng / is damaged: {error}") from error
    sound = enrolment.signing_keys and all(len(key) == PUBLIC_BYTES for key in enrolment.signing_keys)
    if not is_identifier(enrolment.device) or not sound:
        raise SettingsError(f"Tệp ghi danh {path}: tên loa hoặc khóa không hợp lệ / bad device name or key.")
    return enrolment
