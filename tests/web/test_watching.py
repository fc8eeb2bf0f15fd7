"""What who watches over the server sees: health, figures, the log, and the dashboard that shows them.

Imported by pytest alone.
"""

import io
import json
import logging
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY
from starlette.testclient import TestClient

from schedules.clock import ClockTrust
from schedules.wire import Report, Status
from server import log_lines
from server.app import build
from server.log_lines import JsonLines, PlainLines
from server.metrics import Metrics, NoAddress, address_of
from tests.contract.house import ROOT
from tests.web.stage import PASSWORD, House
from tests.web.test_api import GOOD, Program, make

DASHBOARD = ROOT / "deploy" / "grafana" / "loaban.json"
METRIC = re.compile(r"\b(?:loaban|process)_[a-z_]+")


@pytest.fixture
def metrics(house: House) -> Iterator[Metrics]:
    with Metrics(house.stores, house.clock, house.desk.settings.data_folder) as metrics:
        metrics.linked = lambda: house.linked
        yield metrics


def scrape(metrics: Metrics) -> str:
    port = metrics.serve("127.0.0.1:0")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_the_figures_are_what_happened(house: House, metrics: Metrics) -> None:
    sent = house.write()
    house.write("Chờ duyệt")
    house.approve(sent)
    house.clock.now += 2 * 3_600_000
    playback = house.expected("loa-mau-6", sent)
    house.report("loa-mau-6", playback)
    metrics.filed(Report("journal-1", (playback,)))
    house.hear("loa-mau-6", Status(True, "j", trust=ClockTrust.server))
    with house.stores.open() as store:
        for device in ("loa-mau-5", "loa-mau-6"):
            store.fleet.enrolled(device, house.clock.now)
    counted = build(msgspec.structs.replace(house.desk, counting=metrics))
    assert TestClient(counted).get("/loa/none-of-these/ghi-danh", follow_redirects=False).status_code == 303
    metrics.answered("GET", "/loa", 200, 0.2)
    told = scrape(metrics)
    for line in (
        'loaban_loudspeakers{state="online"} 1.0',
        'loaban_loudspeakers{state="never"} 5.0',
        'loaban_plays_day{outcome="played"} 1.0',
        "loaban_plays_silent_day 0.0",
        "loaban_broker_linked 1.0",
        "loaban_database_up 1.0",
        'loaban_playbacks_filed_total{outcome="played"} 1.0',
        'loaban_requests_total{method="GET",route="/loa",status="200"} 1.0',
        'loaban_requests_total{method="GET",route="/loa/{device}/ghi-danh",status="303"} 1.0',
        'loaban_request_seconds_bucket{le="0.3",route="/loa"} 1.0',
    ):
        assert line in told, line
    assert not [name for name in REGISTRY._names_to_collectors if name.startswith("loaban")]


def test_a_database_that_does_not_answer_is_a_figure(house: House, metrics: Metrics) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql("alter table planned_play rename to gone")
    assert "loaban_database_up 0.0" in scrape(metrics)


def test_every_query_of_the_dashboard_names_a_figure_that_there_is(metrics: Metrics) -> None:
    metrics.answered("GET", "/", 200, 0.1)
    logging.getLogger("loaban.test").setLevel(logging.WARNING)
    there = set(re.findall(r"^(\w+)(?:\{| )", scrape(metrics), re.MULTILINE))
    there |= {
        f"{name.removesuffix('_total')}_total" for name in re.findall(r"# TYPE (\w+) counter", scrape_again(metrics))
    }
    there |= set(re.findall(r"# TYPE (\w+) ", scrape_again(metrics)))
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(queries) > 10
    for query in queries:
        named = METRIC.findall(query)
        assert named, query
        assert set(named) <= there, query


def scrape_again(metrics: Metrics) -> str:
    """What is told once more, at the port that is open."""
    assert metrics._door is not None
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics._door[0].server_port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_an_address_is_loopback_unless_it_says_otherwise() -> None:
    assert address_of("9464") == ("127.0.0.1", 9464)
    assert address_of(":9464") == ("127.0.0.1", 9464)
    assert address_of("10.0.0.5:9464") == ("10.0.0.5", 9464)
    for typed in ("", "x", "host:", "host:99999", "1.2.3.4"):
        with pytest.raises(NoAddress):
            address_of(typed)


def test_a_taken_port_stops_no_server(house: House, metrics: Metrics) -> None:
    port = metrics.serve("127.0.0.1:0")
    with Metrics(house.stores, house.clock, house.desk.settings.data_folder) as other:
        for address in (f"127.0.0.1:{port}", "nowhere"):
            other.open(address)
            assert other._door is None


def test_ready_says_what_is_missing_in_words(house: House) -> None:
    browser = house.anonymous()
    assert browser.get("/readyz").json() == {"ok": True, "missing": {}}
    house.linked = False
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert "Mất kết nối" in answer.json()["missing"]["broker"]
    assert browser.get("/healthz").status_code == 200


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The whole log of a test, as JSON, down to the last detail."""
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(JsonLines())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger(log_lines.REQUESTS).setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_each_line_names_its_request_and_no_line_holds_secrets_or_texts(house: House, written: io.StringIO) -> None:
    secret = make(house)
    program = Program(house, secret)
    answer = program.send(GOOD, **{"x-request-id": "yc-cua-may-chu-truoc"})
    assert answer.headers["x-request-id"] == "yc-cua-may-chu-truoc"
    assert program.send({**GOOD, "topic": "x"}, key="k2").headers["x-request-id"].startswith("yc-")
    house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    with house.engine.begin() as connection:  # a fault in the middle of keeping a text
        connection.exec_driver_sql("alter table draft_edition rename to gone")
    browser = TestClient(house.app, raise_server_exceptions=False)
    told = {"authorization": f"Bearer {secret}", "idempotency-key": "k3"}
    assert browser.post("/api/1/bulletins", json=GOOD, headers=told).status_code == 500
    try:
        house.write()
        program.send(GOOD, key="k4")
    except Exception:
        logging.getLogger("loaban.test").exception("could not keep it: token=%s", secret)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    ours = [
        line for line in lines if line.get("request") == "yc-cua-may-chu-truoc" and line["logger"] == log_lines.REQUESTS
    ]
    assert ours[0]["route"] == "/api/1/bulletins"
    assert ours[0]["status"] == 201
    assert any("fault" in line for line in lines), "there was a fault to be told"
    whole = written.getvalue()
    for hidden in (secret, PASSWORD, GOOD["texts"]["vi"], GOOD["title"]):
        assert hidden not in whole, hidden


def test_a_loudspeaker_is_named_and_line_ends_make_no_new_line(written: io.StringIO) -> None:
    with log_lines.hearing("loa-7"):
        logging.getLogger("loaban.x").warning("two\nlines of %s", "it")
    [line] = [json.loads(each) for each in written.getvalue().splitlines()]
    assert (line["loudspeaker"], line["says"], line["level"]) == ("loa-7", "two\nlines of it", "warning")


def test_people_read_plain_lines() -> None:
    record: Any = logging.LogRecord("loaban.x", logging.INFO, "", 0, "hello Bearer %s", ("abcdefgh",), None)
    with log_lines.hearing("loa-7"), log_lines.answering("yc-1"):
        said = PlainLines().format(record)
    assert said.endswith("loaban.x INFO hello Bearer […] [loa-7 yc-1]")
