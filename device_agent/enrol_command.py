"""`loaban-agent enrol CODE https://server`: a technician makes this machine one of a server's loudspeakers. A shell.

Imported by the composition root. It may be interrupted at any moment and run again, with the same code, within the
code's hour: the key is on the card before anything is sent, and the server gives the same answer to the same key.
"""

import argparse
import http.client
import ipaddress
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from device_agent import identity
from device_agent.identity import IDENTITY, PENDING
from device_agent.key_ring import KeyRing
from device_agent.settings import ENROLLED, Enrolment, read_settings
from device_agent.whole_file import write_whole
from schedules import claim_code
from schedules.assignment import Assignment
from schedules.clock import Now
from schedules.enrolling import AUTHORITY_PATH, CLAIM_PATH, LARGEST_ANSWER, Claim, Enrolled, Turned
from schedules.signing import PUBLIC_BYTES, trusted_by
from schedules.wire import decode, is_identifier, unseal_message

TIMEOUT_S = 30
_UNIT, _SYSTEMD = Path("/etc/systemd/system/loaban-agent.service"), Path("/run/systemd/system")
_SERIAL = Path("/sys/firmware/devicetree/base/serial-number")

REFUSALS = {
    "wrong_code": (
        "Mã không đúng, hoặc đã có mã mới hơn. Xin mã mới trên trang Loa.",
        "The code does not hold; ask for a new one.",
    ),
    "expired": ("Mã đã quá một giờ. Xin mã mới trên trang Loa.", "The code is an hour old; ask for a new one."),
    "used": ("Mã đã được một máy khác dùng. Xin mã mới trên trang Loa.", "Another machine has used this code."),
    "shut_out": (
        "Chứng thư cấp theo mã này đã bị thu hồi. Xin mã mới trên trang Loa.",
        "What this code gave has been revoked; ask for a new one.",
    ),
    "too_many": ("Có quá nhiều lần nhập sai. Đợi 15 phút rồi thử lại.", "Too many wrong codes; wait 15 minutes."),
    "bad_request": (
        "Máy chủ không nhận yêu cầu của máy này. Cập nhật phần mềm trên loa.",
        "The server does not take this request; update this machine.",
    ),
}
"""By the server's reason: in Vietnamese and in English."""
OTHERWISE = ("Máy chủ từ chối. Xem nhật ký của máy chủ.", "The server refuses; see its log.")


class NotEnrolled(Exception):
    """What went wrong and what to do, in words for a technician."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(f"{vietnamese} / {english}")


class Server:
    """The server, over HTTPS; over plain HTTP on this very machine alone."""

    def __init__(self, address: str, now: Callable[[], Now]) -> None:
        """Raises `NotEnrolled`."""
        url = _url(address)
        self._url, self._now = url, now

    def authority(self, seal: str) -> x509.Certificate:
        """Its authority, if it is the one that the code names; on this first question nothing else vouches for it."""
        blind = ssl._create_unverified_context()  # noqa: S323, SLF001 - the code is what verifies
        status, content = self._ask("GET", AUTHORITY_PATH, b"", blind, None)
        try:
            found = identity.certificate_in(content) if status == http.HTTPStatus.OK else None
        except ValueError:
            found = None
        if found is None:
            raise NotEnrolled(
                f"{self._url.geturl()} không phải là máy chủ Loa Bản. Xem lại địa chỉ.",
                "This is no Loa Bản server; see the address.",
            )
        if claim_code.seal_of(found.public_bytes(Encoding.DER)) != seal:
            raise NotEnrolled(
                "Mã này là của máy chủ khác, hoặc có kẻ đứng giữa. Không gửi gì cả. Xem lại mã và địa chỉ.",
                "The code is another server's, or somebody stands in between. Nothing was sent; see code and address.",
            )
        return found

    def claim(self, claim: Claim, authority: x509.Certificate) -> Enrolled:
        """Bring the code. Raises `NotEnrolled`."""
        pem = authority.public_bytes(Encoding.PEM).decode()
        context = identity.tls(pem, public=True)
        status, content = self._ask("POST", CLAIM_PATH, msgspec.json.encode(claim), context, authority)
        enrolled = decode(Enrolled, content) if status == http.HTTPStatus.OK else None
        if enrolled is not None:
            return enrolled
        turned = decode(Turned, content)
        raise NotEnrolled(*REFUSALS.get(turned.refused if turned else "", OTHERWISE))

    def _ask(
        self, method: str, path: str, body: bytes, context: ssl.SSLContext, authority: x509.Certificate | None
    ) -> tuple[int, bytes]:
        host, port = self._url.hostname or "", self._url.port
        link = (
            http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
            if self._url.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        )
        try:
            link.connect()
            if authority is not None and isinstance(link.sock, ssl.SSLSocket):
                # No code was ever made before the authority was: so late it is at least, whatever this clock says.
                past = identity.validity_of(authority).not_before
                identity.judge(link.sock.getpeercert(), self._now(), past)
            link.request(method, path, body or None, {"content-type": "application/json"})
            answer = link.getresponse()
            return answer.status, answer.read(LARGEST_ANSWER)
        except ssl.SSLCertVerificationError as error:
            raise NotEnrolled(
                f"Không tin được chứng thư HTTPS của {host}: {error.verify_message or error}. Không gửi mã.",
                "The HTTPS certificate cannot be trusted; the code was not sent.",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise NotEnrolled(
                f"Không liên lạc được với {self._url.geturl()}: {error}. Kiểm tra mạng rồi chạy lại đúng lệnh này.",
                "No answer; check the network and run the same command again.",
            ) from error
        finally:
            link.close()


def run(arguments: Sequence[str], now: Callable[[], Now]) -> int:
    """Do it; the exit status."""
    parser = argparse.ArgumentParser(prog="loaban-agent enrol", description="Ghi danh loa này / enrol this loudspeaker")
    parser.add_argument("code")
    parser.add_argument("server", help="https://…")
    given, rest = parser.parse_known_args(arguments)
    settings = read_settings(rest)
    try:
        enrolled = enrol(given.code, given.server, settings.folder, now)
    except NotEnrolled as error:
        print(f"loaban-agent: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        text = f"Không ghi được vào {settings.folder}: {error}. Chạy bằng sudo? / Cannot write there; run with sudo?"
        print(f"loaban-agent: {text}", file=sys.stderr)
        return 2
    print(f"Đã ghi danh: {enrolled.device}. / Enrolled.")
    if not _restarted():
        print("Khởi động lại phần mềm của loa. / Now restart the agent: sudo systemctl restart loaban-agent")
    return 0


def _restarted() -> bool:
    """Have the agent begin anew with what it is now, where that is this system's and this user's to do."""
    if os.geteuid() != 0 or not _UNIT.exists() or not _SYSTEMD.exists():
        return False
    return subprocess.run(["systemctl", "restart", _UNIT.stem], check=False).returncode == 0


def enrol(typed: str, address: str, folder: Path, now: Callable[[], Now]) -> Enrolled:
    """Become this server's loudspeaker. Raises `NotEnrolled`, OSError."""
    code = claim_code.read(typed)
    if code is None:
        raise NotEnrolled(
            "Mã gõ sai: có 20 chữ và số, chia năm nhóm. Xem lại từng nhóm.",
            "The code is mistyped: twenty letters and digits in five groups.",
        )
    server = Server(address, now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _pending_key(folder / PENDING)
    authority = server.authority(code.seal)
    claim = Claim(code.secret, identity.request_for(key).decode(), _serial())
    enrolled = server.claim(claim, authority)
    _check(enrolled, key, authority)
    _keep(enrolled, key, authority, folder)
    return enrolled


def _url(address: str) -> SplitResult:
    try:
        url = urlsplit(address if "://" in address else f"https://{address}")
        host, _ = url.hostname or "", url.port
    except ValueError:
        host, url = "", urlsplit("")
    if not host or url.scheme not in ("https", "http"):
        raise NotEnrolled(f"“{address}” không phải là địa chỉ máy chủ.", "This is no server's address: https://…")
    if url.scheme == "http" and not _is_here(host):
        raise NotEnrolled(
            "Chỉ ghi danh qua HTTPS: gõ https:// thay cho http://.",
            "Only over HTTPS: type https:// in place of http://.",
        )
    return url


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pending_key(path: Path) -> EllipticCurvePrivateKey:
    """The key of an enrolment that was interrupted, or a fresh one; it is on the card before anything is sent."""
    try:
        return identity.key_in(path.read_bytes())
    except (OSError, ValueError):
        key = identity.new_key()
        write_whole(path, identity.key_pem(key))
        return key


def _check(enrolled: Enrolled, key: EllipticCurvePrivateKey, authority: x509.Certificate) -> None:
    certificate = identity.certified(enrolled.certificate.encode(), key, enrolled.device, authority)
    keys_sound = enrolled.signing_keys and all(len(each) == PUBLIC_BYTES for each in enrolled.signing_keys)
    first = unseal_message(Assignment, enrolled.assignment, trusted_by(enrolled.signing_keys)) if keys_sound else None
    assigned = isinstance(first, Assignment) and first.device == enrolled.device
    if certificate is None or not is_identifier(enrolled.device) or not assigned:
        raise NotEnrolled("Câu trả lời của máy chủ không khớp.", "The server's answer does not fit together.")


def _keep(enrolled: Enrolled, key: EllipticCurvePrivateKey, authority: x509.Certificate, folder: Path) -> None:
    """The pending key goes last: who is interrupted before that runs the command again."""
    write_whole(folder / IDENTITY, identity.key_pem(key) + enrolled.certificate.encode())
    enrolment = Enrolment(
        device=enrolled.device,
        broker=enrolled.broker,
        signing_keys=enrolled.signing_keys,
        keys_revision=enrolled.keys_revision,
        authority=authority.public_bytes(Encoding.PEM).decode(),
        assignment=enrolled.assignment,
    )
    write_whole(folder / ENROLLED, msgspec.json.encode(enrolment))
    KeyRing(folder).forget()
    (folder / PENDING).unlink(missing_ok=True)


def _serial() -> str:
    try:
        return _SERIAL.read_text().strip("\0\n ")[:64]
    except (OSError, UnicodeDecodeError):
        return ""
