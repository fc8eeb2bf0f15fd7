"""Tests of what a thief of the database finds: a real file, with real hashes.

Nobody imports this module.
"""

import base64
import hashlib
from pathlib import Path

import pyotp
import pytest
from pwdlib import PasswordHash

from server import second_factor, staff
from server.access import Person
from server.keyring import signing_key
from server.migrations import bring_to_newest
from server.repositories.store import Stores, engine_of
from server.staff import Door, SignedIn, Visit
from server.vault import Vault, vault_in
from tests.store.stage import NOW, VAULT

PASSWORD, TOKEN, KEY = "khau-lenh-cua-toi", "token-of-a-session", b"k" * 32
CHUTICH = Person("chutich", "chutich", "Chủ tịch", ())


def test_who_reads_the_database_finds_nothing_to_sign_in_with(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'loaban.db'}")
    bring_to_newest(engine)
    hasher = PasswordHash.recommended()
    signing_key(tmp_path, lambda: KEY)
    with Stores(engine).open() as store:
        store.staff.add("chutich", "chutich", "Chủ tịch", hasher.hash(PASSWORD))
        signed_in = staff.sign_in(store, Door(hasher, VAULT), "chutich", PASSWORD, Visit("10.0.0.1"), NOW, TOKEN)
        assert isinstance(signed_in, SignedIn)
    engine.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("loaban.db*"))
    assert b"chutich" in content
    assert b"$argon2id$" in content
    for secret in (PASSWORD.encode(), TOKEN.encode(), KEY):
        assert secret not in content


def test_who_reads_the_database_finds_no_second_factor_in_it(tmp_path: Path) -> None:
    """Set up as people do it; then every byte of the database is looked through, in all the ways a secret may be
    written."""
    engine = engine_of(f"sqlite:///{tmp_path / 'loaban.db'}")
    bring_to_newest(engine)
    vault = vault_in(tmp_path, lambda: KEY)
    with Stores(engine).open() as store:
        store.staff.add("chutich", "chutich", "Chủ tịch", "x")
        secret = second_factor.begin(store, vault, CHUTICH, "chance")
        sealed_before = store.factors.of("chutich").wanted
        code = pyotp.TOTP(secret).at(NOW // 1000)
        codes = second_factor.confirm(store, vault, CHUTICH, code, NOW, "chance", "")
        assert isinstance(codes, tuple)
    engine.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("loaban.db*"))
    assert sealed_before.encode() in content, "this is where it would be"
    raw = base64.b32decode(secret)
    spellings = [raw, raw.hex().encode(), base64.b64encode(raw), secret.encode(), secret.lower().encode(), KEY]
    for code in codes:
        bare = code.replace("-", "").encode()
        spellings += [code.encode(), bare, hashlib.sha256(bare).hexdigest().encode()]
    for secret_bytes in spellings:
        assert secret_bytes not in content


def test_what_is_sealed_opens_for_its_owner_with_this_key_alone(tmp_path: Path) -> None:
    vault = vault_in(tmp_path, lambda: KEY)
    sealed = vault.seal("chutich", "SECRET")
    assert vault.open("chutich", sealed) == "SECRET"
    assert vault.open("bientap", sealed) is None, "moved to another row"
    assert Vault(b"o" * 32).open("chutich", sealed) is None, "another key"
    for damaged in ("", "x", sealed[:-4], sealed[:-2] + "AA"):
        assert vault.open("chutich", damaged) is None


def test_the_key_of_people_is_made_once_and_is_for_the_server_alone(tmp_path: Path) -> None:
    made = iter([KEY, b"o" * 32])
    first = vault_in(tmp_path / "new", lambda: next(made))
    again = vault_in(tmp_path / "new", lambda: next(made))
    assert again.open("an", first.seal("an", "s")) == "s"
    assert (tmp_path / "new" / "people.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "new" / "people.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="damaged"):
        vault_in(tmp_path / "new", lambda: KEY)


def test_a_mark_is_bound_to_all_its_parts() -> None:
    vault = Vault(KEY)
    mark = vault.mark("browser", "an", "b-1")
    assert vault.marked(mark, "browser", "an", "b-1")
    for parts in (("browser", "an", "b-2"), ("browser", "ann", "-1"), ("recovery", "an", "b-1"), ("browser", "anb-1")):
        assert not vault.marked(mark, *parts)
    assert not vault.marked("é", "browser", "an", "b-1")
