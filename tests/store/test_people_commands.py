"""Tests of the commands about people, on real folders: a lost second factor, and that no real server runs as a
demonstration.

Nobody imports this module.
"""

import argparse
import signal
from pathlib import Path

import pytest

from server import __main__, demo, second_factor, seed, system_clock
from server.access import Role
from server.commands import keeping_people, serving, setting_up
from server.console import Console
from server.parts import Parts, assemble, unheard
from server.settings import Settings
from server.staff import Door, SignedIn, Step, Visit, hashed, sign_in, standing
from tests.fault.ports import free_ports

HERE = Visit("10.0.0.1")


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A real server with an approver in it."""
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    made = assemble(Settings(), unheard)
    with made.stores.open() as store:
        seed.seed_province(store)
        store.staff.add("chutich", "chutich", "Chủ tịch", "")
        store.staff.grant("chutich", seed.PROVINCE, Role.approver)
    return made


def test_a_lost_second_factor_is_reset_at_the_terminal(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    now = system_clock.utc_ms()
    with parts.stores.open() as store:
        store.factors.keep("chutich", parts.vault.seal("chutich", "JBSWY3DPEHPK3PXP"), 7)
        person = store.staff.person("chutich", now)
        assert person is not None
        [code, *_] = second_factor.renew_recovery(store, parts.vault, person, now, "chance")
        store.sessions.begin(hashed("t"), "chutich", now)
    assert __main__.main(["second-factor", "reset", "ChuTich"]) == 0
    assert "bước xác nhận thứ hai" in capsys.readouterr().out
    with parts.stores.open() as store:
        assert standing(store, "t", now) is None, "signed out"
        assert not second_factor.right(store, parts.vault, "chutich", code, now)
        store.sessions.begin(hashed("u"), "chutich", now)
        found = standing(store, "u", now)
        assert found is not None
        assert found.step is Step.second_factor
        line = list(store.trail.lines())[-1]
    assert (line.act, line.subject, line.before, line.after) == ("second_factor", "chutich", "set", "reset")
    assert line.address == "terminal"
    for nobody in ("chutich", "nobody"):
        given = argparse.Namespace(command="second-factor", act="reset", username=nobody)
        assert keeping_people.run(given, Console("vi")) == 2


def test_a_forgotten_password_is_given_anew_at_the_terminal(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    with parts.stores.open() as store:
        store.sessions.begin(hashed("t"), "chutich", 1)
    assert __main__.main(["password", "chutich"]) == 0
    password = capsys.readouterr().out.strip().split()[-1]
    door = Door(parts.hasher, parts.vault)
    with parts.stores.open() as store:
        assert standing(store, "t", 1) is None
        assert isinstance(sign_in(store, door, "chutich", password, HERE, 1, "u"), SignedIn)
        found = standing(store, "u", 1)
    assert found is not None
    assert found.step is Step.password
    assert __main__.main(["password", "nobody"]) == 2


def test_a_first_password_from_the_terminal_must_be_changed(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    given = argparse.Namespace(command="person", username="moi", name="Người mới", role="editor", area="Xã Y Tý")
    assert setting_up.run(given, Console("vi")) == 0
    password = capsys.readouterr().out.strip().split()[-1]
    with parts.stores.open() as store:
        sign_in(store, Door(parts.hasher, parts.vault), "moi", password, HERE, 1, "t")
        found = standing(store, "t", 1)
    assert found is not None
    assert found.step is Step.password


def test_a_real_server_does_not_start_as_a_demonstration(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With it the second factor would be off, and the band would stand on a real server's pages."""
    monkeypatch.setenv("LOABAN_DEMO", "true")
    given = argparse.Namespace(command="serve", broker="", port=0)
    assert serving.run(given, Console("vi")) == 2
    assert "LOABAN_DEMO" in capsys.readouterr().err


def test_a_demonstration_does_not_open_the_folder_of_a_real_server(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    given = argparse.Namespace(command="demo", port=free_ports(1)[0], data=parts.settings.data_folder, fresh=False)
    before = signal.getsignal(signal.SIGTERM)
    assert serving.run(given, Console("vi")) == 2
    signal.signal(signal.SIGTERM, before)
    assert "máy chủ thật" in capsys.readouterr().err
    with parts.stores.open() as store:
        assert [account.username for account in store.staff.accounts()] == ["chutich"]


def test_a_demonstration_opens_no_other_database(parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOABAN_DATABASE", f"sqlite:///{parts.settings.data_folder / 'loaban.db'}")
    assert demo.settings_of(tmp_path / "demo", 8000).database_url == f"sqlite:///{tmp_path / 'demo' / 'loaban.db'}"


def test_a_provider_without_https_is_refused_in_words(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOABAN_OIDC_ISSUER", "http://sso.laocai.example")
    assert __main__.main(["keys", "show"]) == 2
    assert "LOABAN_OIDC_ISSUER" in capsys.readouterr().err
