"""The manifest of a file that was handed out: what it is, its SHA-256, and where the audit chain stood, signed. Pure.

Imported by the use cases of reports, the commands and tests. It lies beside the file as `FILE.sig.json`; with it and
the public key of the server anybody can tell, on any machine, whether the file is whole.
"""

import enum
from collections.abc import Mapping

import msgspec

from schedules.clock import UtcMs
from schedules.signing import Refusal, SigningKey, key_id_of, seal, unseal
from server.audit import AuditLine

_KIND = "ReportManifest"
SUFFIX = ".sig.json"
EXPORT = "export_report"
"""The act of the audit whose line holds the SHA-256 of a file that was handed out."""


class Manifest(msgspec.Struct, frozen=True):
    """`name`: of the file; `size` in bytes, `sha256` in hex; `rows`: how many plays of the log it tells of, planned in
    [since, until) below `area`. `line`, `head`: number and hash of the line of the audit that names
    this file: who holds an export of the audit finds it there."""

    name: str
    size: int
    sha256: str
    area: str
    area_name: str
    since: UtcMs
    until: UtcMs
    rows: int
    made_at: UtcMs
    line: int
    head: str


class Signed(msgspec.Struct, frozen=True):
    """As it lies beside the file: readable, and sealed by `public`."""

    manifest: Manifest
    key: str
    public: bytes
    envelope: bytes


class Verdict(enum.Enum):
    """What there is to say of a file and its manifest."""

    whole = "whole"
    changed = "changed"  # the file is not what was signed
    forged = "forged"  # the manifest was not signed by the key that it names
    strange_key = "strange_key"  # whole, and signed by another key than the one that was expected
    not_in_audit = "not_in_audit"  # the audit that was given does not know of it


def signed(manifest: Manifest, key: SigningKey) -> bytes:
    """The content of `FILE.sig.json`."""
    envelope = seal(_KIND, msgspec.json.encode(manifest), key)
    found = Signed(manifest, key.key_id.hex(), key.public, envelope)
    return msgspec.json.format(msgspec.json.encode(found), indent=1)


def read(content: bytes) -> Signed:
    """Raises `msgspec.MsgspecError` for what is no manifest."""
    return msgspec.json.decode(content, type=Signed)


def verdict(
    given: Signed,
    size: int,
    sha256: str,
    expected: frozenset[str] = frozenset(),
    audit: Mapping[int, AuditLine] | None = None,
) -> Verdict:
    """Whether a file of this size and hash is what was signed. `expected`: ids of keys that may have signed it, empty
    where nobody knows any; `audit`: the lines of an export that is whole."""
    trusted = {key_id_of(given.public): given.public}
    body = unseal(_KIND, given.envelope, trusted)
    if isinstance(body, Refusal) or body != msgspec.json.encode(given.manifest) or given.key != key_of(given):
        return Verdict.forged
    if (size, sha256) != (given.manifest.size, given.manifest.sha256):
        return Verdict.changed
    if expected and key_of(given) not in expected:
        return Verdict.strange_key
    if audit is not None:
        line = audit.get(given.manifest.line)
        if line is None or line.hash != given.manifest.head or sha256 not in line.after:
            return Verdict.not_in_audit
    return Verdict.whole


def key_of(given: Signed) -> str:
    """The id of the key that stands in it."""
    return key_id_of(given.public).hex()
