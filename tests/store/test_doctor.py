"""Tests of `loaban doctor` on real files and a real database: what it sees, says and returns.

Nobody imports this module.
"""

import argparse
from pathlib import Path

import pytest

from server import seed
from server.access import Role
from server.checkup import Weakness, examine
from server.commands import examining
from server.console import Console
from server.keyring import signing_key
from server.migrations import bring_to_newest
from server.parts import assemble, unheard
from server.repositories.store import Stores, engine_of
from server.settings import Settings
from tests.store.stage import NOW, PlainHasher


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return Settings()


def weaknesses(settings: Settings) -> dict[Weakness, str]:
    return {finding.weakness: finding.about for finding in examine(examining.look(settings))}


def installed(settings: Settings, *, sample: bool) -> None:
    """A server that has been started once."""
    settings.data_folder.mkdir(mode=0o700)
    engine = engine_of(settings.database_url)
    bring_to_newest(engine)
    with Stores(engine).open() as store:
        areas = seed.seed_province(store)
        if sample:
            seed.seed_sample(store, areas, PlainHasher(), lambda: "x", NOW)
        store.staff.add("chutich", "chutich", "Chủ tịch", "")
        store.staff.grant("chutich", seed.PROVINCE, Role.administrator)
    engine.dispose()
    signing_key(settings.data_folder, lambda: b"k" * 32)


def test_before_the_first_start_nothing_is_made_and_nothing_is_weak_in_it(settings: Settings) -> None:
    found = weaknesses(settings)
    assert not settings.data_folder.exists()
    assert not {Weakness.database_unreadable, Weakness.key_readable, Weakness.sample_in_production} & found.keys()


def test_a_demonstrations_data_is_noticed_in_production(settings: Settings) -> None:
    installed(settings, sample=True)
    found = weaknesses(settings)
    assert found[Weakness.sample_in_production] == "bientap, huyenbatxat, pheduyet, quantri, tinh, trucbao"
    assert found[Weakness.quiet_hours_off] == "Tỉnh Lào Cai"
    assert found[Weakness.second_factor_off] == "chutich, pheduyet, quantri, trucbao"
    assert found[Weakness.language_unreviewed] == "Hà Nhì, Dao (Đỏ), Mông (Trắng)"
    with Stores(engine_of(settings.database_url)).open() as store:
        store.languages.add_reviewer("ium", "tinh", "quantri", NOW)
    assert weaknesses(settings)[Weakness.language_unreviewed] == "Hà Nhì, Mông (Trắng)"
    settings.demo = True
    demo = weaknesses(settings)
    assert not {Weakness.sample_in_production, Weakness.quiet_hours_off, Weakness.second_factor_off} & demo.keys()


def test_a_secret_that_others_may_read_is_noticed(settings: Settings, tmp_path: Path) -> None:
    installed(settings, sample=False)
    good = weaknesses(settings)
    assert not {Weakness.key_readable, Weakness.database_readable, Weakness.quiet_hours_off} & good.keys()
    (settings.data_folder / "signing.key").chmod(0o644)
    (tmp_path / ".env").write_text("LOABAN_DATABASE=")
    settings.data_folder.chmod(0o755)
    (settings.data_folder / "loaban.db").chmod(0o644)
    found = weaknesses(settings)
    assert {Weakness.key_readable, Weakness.database_readable} <= found.keys()


def test_a_database_that_cannot_be_read_is_said_so(settings: Settings) -> None:
    settings.data_folder.mkdir()
    (settings.data_folder / "loaban.db").write_bytes(b"this is no database" * 100)
    assert Weakness.database_unreadable in weaknesses(settings)


@pytest.mark.parametrize("url", ["nonsense", "no-such-kind://x/y", "sqlite:////no/such/folder/x.db"])
def test_an_address_that_leads_nowhere_is_said_so(settings: Settings, url: str) -> None:
    settings.database = url
    assert Weakness.database_unreadable in weaknesses(settings)


@pytest.mark.parametrize(("language", "said"), [("vi", "Giờ yên lặng đang tắt"), ("en", "Quiet hours are off")])
def test_it_says_what_to_do_and_fails(
    settings: Settings, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    installed(settings, sample=True)
    assert examining.run(argparse.Namespace(), Console(language)) in (1, 2)
    told = capsys.readouterr()
    assert said in told.err
    assert "loaban quiet" in told.err


def test_the_folder_of_a_new_server_is_for_its_user_alone(settings: Settings) -> None:
    assemble(settings, unheard)
    assert settings.data_folder.stat().st_mode & 0o077 == 0
    assert not {Weakness.key_readable, Weakness.database_readable} & weaknesses(settings).keys()


def test_a_key_that_a_demonstration_has_too_is_noticed(settings: Settings, tmp_path: Path) -> None:
    installed(settings, sample=False)
    demonstration = tmp_path / "demo-data" / "8000"
    demonstration.mkdir(parents=True)
    assert examining.look(settings, tmp_path / "demo-data").shared_keys == ()
    (demonstration / "signing.key").write_bytes(b"another" * 5)
    assert examining.look(settings, tmp_path / "demo-data").shared_keys == ()
    (demonstration / "signing.key").write_bytes((settings.data_folder / "signing.key").read_bytes())
    shared = str(demonstration / "signing.key")
    assert examining.look(settings, tmp_path / "demo-data").shared_keys == (shared,)


def test_the_next_key_is_a_secret_too(settings: Settings) -> None:
    installed(settings, sample=False)
    (settings.data_folder / "signing.next").write_bytes(b"n" * 32)
    (settings.data_folder / "signing.next").chmod(0o644)
    assert weaknesses(settings)[Weakness.key_readable].endswith("signing.next")
