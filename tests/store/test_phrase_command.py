"""The command of the phrase bank, on a real folder.

Nobody imports this module.
"""

from pathlib import Path

import pytest

from server import __main__, seed
from server.parts import assemble, unheard
from server.settings import Settings
from tests.store.stage import NOW, PlainHasher


@pytest.fixture(autouse=True)
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("LOABAN_LANG", "en")
    monkeypatch.chdir(tmp_path)
    with assemble(Settings(), unheard).stores.open() as store:
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "secret", NOW)


def test_the_plan_of_a_language_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["phrases", "plan", "vi", "--area", "Xã Tả Phìn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{len(lines) - 1} prompts to record"
    assert "ngay:5\t\tngày mùng năm" in lines
    assert any(line.endswith("\tThôn Tả Chải (mẫu)") for line in lines)
    assert not any("Sim San" in line for line in lines), "that is another commune's"
    assert __main__.main(["phrases", "plan", "mww"]) == 0
    assert capsys.readouterr().out == "0 prompts to record\n", "nobody has translated anything"


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["phrases", "plan", "xyz"]) == 2
    assert "There is no language “xyz”." in capsys.readouterr().err
    assert __main__.main(["phrases", "plan", "vi", "--area", "Xã Không Có"]) == 2
    assert "There is no area “Xã Không Có”." in capsys.readouterr().err
