"""Tests of what a thief of the database finds: a real file, with real hashes.

Nobody imports this module.
"""

from pathlib import Path

from pwdlib import PasswordHash

from server import staff
from server.keyring import signing_key
from server.migrations import bring_to_newest
from server.repositories.store import Stores, engine_of
from server.staff import Door, SignedIn, Visit
from tests.store.stage import NOW, VAULT

PASSWORD, TOKEN, KEY = "khau-lenh-cua-toi", "token-of-a-session", b"k" * 32


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
