"""The pages on which administrators keep people.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY
from server.access import Role
from server.staff import FRESH
from tests.web.stage import PASSWORD, House, fill_province, text_of

COMMUNE = "xa-03013"
NEWCOMER = {"username": "an", "display_name": "Nguyễn Văn An", "role": "editor", "area": COMMUNE}


@pytest.fixture
def keeper(house: House) -> TestClient:
    house.grant("quantri-xa", COMMUNE, Role.administrator)
    return house.somebody("quantri-xa")


def grants(house: House, staff: str) -> list[tuple[str, str]]:
    with house.stores.open() as store:
        person = house.person(store, staff)
        return [(grant.role.value, grant.area_path.rstrip("/").rpartition("/")[2]) for grant in person.grants]


def test_an_account_is_made_and_its_password_shown_once(house: House, keeper: TestClient) -> None:
    page = keeper.post("/can-bo/them", data=NEWCOMER)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    password = re.findall(r'<code class="key">([^<]+)</code>', page.text)[1]
    assert password not in keeper.get("/can-bo/an").text
    newcomer = house.anonymous()
    newcomer.post("/dang-nhap", data={"username": "an", "password": password})
    assert newcomer.get("/").headers["location"] == "/tai-khoan/mat-khau"
    assert "chưa đổi mật khẩu ban đầu" in text_of(keeper.get("/can-bo").text)
    assert grants(house, "an") == [("editor", COMMUNE)]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"username": "Ấn"}, "username", "chữ cái không dấu"),
        ({"username": "bientap"}, "username", "Đã có người dùng tên này"),
        ({"display_name": " "}, "display_name", "họ và tên"),
        ({"role": ""}, "role", "chọn vai trò"),
        ({"role": "king"}, "role", "chọn vai trò"),
        ({"area": ""}, "area", "chọn khu vực"),
        ({"since": "31/02/2027"}, "since", "Không có ngày này"),
        ({"until": "01/01/2020"}, "until", "đã qua"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_the_rest_stays(
    house: House, keeper: TestClient, changes: dict[str, str], field: str, said: str
) -> None:
    answer = keeper.post("/can-bo/them", data={**NEWCOMER, **changes})
    assert answer.status_code == 422
    assert said in text_of(answer.text.partition(f'id="error-{field}"')[2].partition("</p>")[0].partition(">")[2])
    if "display_name" not in changes:
        assert 'value="Nguyễn Văn An"' in answer.text
    with house.stores.open() as store:
        assert store.staff.find("an") is None


def test_a_role_is_given_for_a_time_and_ended(house: House, keeper: TestClient) -> None:
    keeper.post("/can-bo/them", data=NEWCOMER)
    form = {"role": "approver", "area": "thon-mau-ta-chai", "since": "05/12/2026", "until": "06/12/2026"}
    assert keeper.post("/can-bo/an/quyen", data=form).status_code == 303
    page = text_of(keeper.get("/can-bo/an").text)
    assert "… chưa đến ngày" in page
    assert "từ 05/12/2026 00:00, đến 07/12/2026 00:00" in page
    assert grants(house, "an") == [("editor", COMMUNE)]
    house.clock.now += DAY
    assert grants(house, "an") == [("editor", COMMUNE), ("approver", "thon-mau-ta-chai")]
    house.clock.now += 2 * DAY
    keeper = house.somebody("quantri-xa")
    assert grants(house, "an") == [("editor", COMMUNE)]
    assert "đã hết hiệu lực" in text_of(keeper.get("/can-bo/an").text)
    [number] = re.findall(r"/can-bo/an/quyen/(\d+)/ket-thuc", keeper.get("/can-bo/an").text)
    assert keeper.post(f"/can-bo/an/quyen/{number}/ket-thuc").status_code == 303
    assert grants(house, "an") == []
    again = keeper.post("/can-bo/an/quyen", data={"role": "approver", "area": COMMUNE, "since": "x"})
    assert again.status_code == 422
    assert 'value="x"' in again.text


def test_whatever_changes_people_asks_first_who_it_is(house: House, keeper: TestClient) -> None:
    keeper.post("/can-bo/them", data=NEWCOMER)
    with house.stores.open() as store:
        [given] = store.staff.given(["an"])
    house.clock.now += FRESH
    with house.stores.open() as store:
        before = (store.staff.accounts(), store.staff.given())
    calls = [
        ("/can-bo/them", {**NEWCOMER, "username": "binh"}),
        ("/can-bo/an/quyen", {"role": "approver", "area": COMMUNE}),
        (f"/can-bo/an/quyen/{given.id}/ket-thuc", {}),
        ("/can-bo/an/mat-khau", {}),
        ("/can-bo/an/khoa", {}),
        ("/can-bo/an/mo-khoa", {}),
        ("/can-bo/an/dang-xuat", {}),
    ]
    described = {path for path, methods in house.app.openapi()["paths"].items() if "post" in methods}
    assert len([path for path in described if path.startswith("/can-bo")]) == len(calls)
    for path, form in calls:
        answer = keeper.post(path, data=form)
        assert "Có đúng là anh/chị không?" in text_of(answer.text), path
    with house.stores.open() as store:
        assert (store.staff.accounts(), store.staff.given()) == before
    assert keeper.post("/xac-nhan", data={"xac_nhan_bang": PASSWORD}).status_code == 307
    assert keeper.post("/can-bo/an/khoa").status_code == 303


def test_switching_off_signs_out_at_once_and_on_again_lets_in(house: House, keeper: TestClient) -> None:
    house.grant("an", COMMUNE, Role.editor)
    somebody = house.somebody("an")
    keeper.post("/can-bo/an/khoa")
    assert somebody.get("/").status_code == 303
    assert "✗ đã khóa" in text_of(keeper.get("/can-bo/an").text)
    assert house.anonymous().post("/dang-nhap", data={"username": "an", "password": PASSWORD}).status_code == 422
    keeper.post("/can-bo/an/mo-khoa")
    assert house.anonymous().post("/dang-nhap", data={"username": "an", "password": PASSWORD}).status_code == 303


def test_sessions_of_others_are_ended_by_who_keeps_them(house: House, keeper: TestClient) -> None:
    house.grant("an", COMMUNE, Role.editor)
    somebody, foreign = house.somebody("an"), house.somebody("pheduyet")
    assert "Đang đăng nhập: 1 nơi" in text_of(keeper.get("/can-bo/an").text)
    keeper.post("/can-bo/an/dang-xuat")
    assert somebody.get("/").status_code == 303
    page = keeper.get("/can-bo/pheduyet").text
    assert "/can-bo/pheduyet/dang-xuat" not in page, "the approver also approves in another commune"
    assert "quản trị cấp trên" in text_of(page)
    assert keeper.post("/can-bo/pheduyet/dang-xuat").status_code == 403
    assert foreign.get("/").status_code == 200


def test_nobody_is_offered_what_they_may_not_do_to_themselves(house: House, keeper: TestClient) -> None:
    page = keeper.get("/can-bo/quantri-xa")
    assert "Không ai tự giao vai trò cho mình" in text_of(page.text)
    assert "/can-bo/quantri-xa/" not in page.text
    assert keeper.post("/can-bo/quantri-xa/quyen", data={"role": "approver", "area": COMMUNE}).status_code == 403
    assert keeper.post("/can-bo/quantri-xa/mat-khau").status_code == 403
    assert grants(house, "quantri-xa") == [("administrator", COMMUNE)]


def test_people_are_found_by_name_and_area(house: House, keeper: TestClient) -> None:
    keeper.post("/can-bo/them", data=NEWCOMER)
    province = house.somebody("quantri")
    assert "Nguyễn Văn An" in text_of(province.get("/can-bo?tim=van+an").text)
    assert "Biên tập viên" not in text_of(province.get("/can-bo?tim=van+an").text)
    assert "Nguyễn Văn An" in text_of(province.get(f"/can-bo?khu_vuc={COMMUNE}").text)
    assert "Nguyễn Văn An" not in text_of(province.get("/can-bo?khu_vuc=xa-02701").text)


def test_the_pages_of_a_full_province_stay_usable(house: House) -> None:
    fill_province(house)
    province = house.somebody("quantri")
    form = province.get("/can-bo/them").text
    assert form.count("<option") < 400
    assert "Không thấy thôn, bản" in text_of(form)
    within = province.get(f"/can-bo/them?trong={COMMUNE}").text
    assert f'value="thon-{COMMUNE}-0"' in within
    assert f'value="loa-{COMMUNE}-0"' not in within
