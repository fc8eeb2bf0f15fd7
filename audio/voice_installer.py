"""Fetching a voice: over HTTPS, counted and hashed as it comes, resumed where it was cut, in its place only when it is
whole. A shell.

Imported by the command line and tests.
"""

import contextlib
import enum
import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from audio.voice_catalogue import LARGEST_DESCRIPTION, KnownVoice
from audio.voices.piper_voice import MODEL, installed

TIMEOUT_S = 30
TRIES = 4
"""Cut so often in one go; then the person is asked to come again, and it goes on from there."""
_PIECE = 64 * 1024
_PARTIAL, _RANGE_REFUSED = 206, 416
Progress = Callable[[int, int], None]


class InstallFault(enum.Enum):
    """Why a voice is not installed."""

    no_network = "no_network"
    refused = "refused"  # the server answered with something else than the file
    cut = "cut"  # what has come is kept: the next time goes on from there
    wrong_size = "wrong_size"
    wrong_hash = "wrong_hash"
    no_description = "no_description"
    no_file = "no_file"
    no_room = "no_room"


class NotInstalled(Exception):
    """A voice is not installed; nothing that was there has changed. `details` names the file, the address or the
    numbers."""

    def __init__(self, fault: InstallFault, details: str) -> None:
        super().__init__(f"{fault.value}: {details}")
        self.fault, self.details = fault, details


class _SameSafety(urllib.request.HTTPRedirectHandler):
    """Goes where it is sent, but never from HTTPS to anything less."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request, or none."""
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise NotInstalled(InstallFault.refused, newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(voice: KnownVoice, folder: Path, address: str = "", progress: Progress = lambda _d, _t: None) -> Path:
    """Install a known voice from its home, or from another address that has the same file. Raises `NotInstalled`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = address or voice.home
    _must_fit(folder, voice.size)
    description = b"".join(_pieces(f"{home}.json", 0, LARGEST_DESCRIPTION))
    part = folder / f"{voice.name}{MODEL}.part"
    for _ in range(TRIES):
        with contextlib.suppress(ConnectionError, TimeoutError, http.client.HTTPException):
            _append(part, voice, home, progress)
        if part.exists() and part.stat().st_size >= voice.size:
            break
    if not part.exists() or part.stat().st_size < voice.size:
        came = part.stat().st_size if part.exists() else 0
        raise NotInstalled(InstallFault.cut, f"{came}/{voice.size}")
    return _put(voice.name, part, description, folder, voice)


def bring(name: str, source: Path, folder: Path, voice: KnownVoice | None) -> Path:
    """Install a voice from a file that was brought by hand, with its description beside it; a known one must be exactly
    what its catalogue says. Raises `NotInstalled`."""
    description = source.with_name(f"{source.name}.json")
    for path in (source, description):
        if not path.is_file():
            raise NotInstalled(InstallFault.no_file, str(path))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _must_fit(folder, source.stat().st_size)
    part = folder / f"{name}{MODEL}.brought"
    shutil.copyfile(source, part)
    return _put(name, part, description.read_bytes()[: LARGEST_DESCRIPTION + 1], folder, voice)


def sha256_of(path: Path) -> str:
    """Of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _append(part: Path, voice: KnownVoice, home: str, progress: Progress) -> None:
    """Go on with what is there."""
    begin = part.stat().st_size if part.exists() else 0
    if begin >= voice.size:
        return
    with _answer(home, begin) as answer, part.open("ab") as file:
        if answer.status != _PARTIAL:
            file.truncate(0)
        came = file.tell() if answer.status == _PARTIAL else 0
        while piece := answer.read(_PIECE):
            came += len(piece)
            if came > voice.size:
                part.unlink()
                raise NotInstalled(InstallFault.wrong_size, f"> {voice.size}")
            file.write(piece)
            progress(came, voice.size)


def _put(name: str, part: Path, description: bytes, folder: Path, voice: KnownVoice | None) -> Path:
    """Check it, and have it in its place: the description first, for a model without one is no voice."""
    if voice is not None:
        _must_be(part, voice)
    config, model = folder / f"{name}{MODEL}.json", folder / f"{name}{MODEL}"
    with _tried(config, description, folder) as told:
        if not told or (voice is not None and told != voice.language):
            part.unlink(missing_ok=True)
            raise NotInstalled(InstallFault.no_description, told or config.name)
    for path, content in ((config, description), (model, None)):
        fresh = path.with_name(f"{path.name}.new") if content is not None else part
        if content is not None:
            fresh.write_bytes(content)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return model


def _must_be(part: Path, voice: KnownVoice) -> None:
    size = part.stat().st_size
    if size != voice.size:
        part.unlink()
        raise NotInstalled(InstallFault.wrong_size, f"{size} ≠ {voice.size}")
    found = sha256_of(part)
    if found != voice.sha256:
        part.unlink()
        raise NotInstalled(InstallFault.wrong_hash, f"{found} ≠ {voice.sha256}")


@contextlib.contextmanager
def _tried(config: Path, description: bytes, folder: Path) -> Iterator[str]:
    """Which language a description names, as the engine itself will read it."""
    trial = folder / ".trial"
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir()
    try:
        (trial / config.name.removesuffix(".json")).touch()
        (trial / config.name).write_bytes(description)
        found = installed(trial) if len(description) <= LARGEST_DESCRIPTION else ()
        yield found[0].language if found else ""
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def _must_fit(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < 2 * size:
        raise NotInstalled(InstallFault.no_room, f"2 × {size}")


def _pieces(address: str, begin: int, most: int) -> Iterator[bytes]:
    try:
        with _answer(address, begin) as answer:
            yield answer.read(most + 1)
    except (ConnectionError, TimeoutError, http.client.HTTPException) as error:
        raise NotInstalled(InstallFault.no_network, f"{address}: {error}") from error


def _answer(address: str, begin: int) -> http.client.HTTPResponse:
    """What the server sends from this byte on."""
    request = urllib.request.Request(address)  # noqa: S310 - the scheme is looked at below
    if request.type not in ("https", "http"):
        raise NotInstalled(InstallFault.refused, address)
    if begin:
        request.add_header("Range", f"bytes={begin}-")
    try:
        answer = urllib.request.build_opener(_SameSafety).open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise NotInstalled(InstallFault.refused, f"{error.code} {address}") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionResetError | TimeoutError):
            raise ConnectionError from error
        raise NotInstalled(InstallFault.no_network, f"{address}: {error.reason}") from error
    found: http.client.HTTPResponse = answer
    return found
