"""Who may use which page and which call of the surface: a line for each.

Imported by `test_matrix`, which holds the application to it.
"""

from typing import NamedTuple

from server.access import Role

HERE, ELSEWHERE, HAMLET = "xa-03013", "xa-02701", "thon-mau-ta-chai"
"""Two communes of the sample, and a hamlet of the first."""
EVERYBODY = " ".join(role.value for role in Role)
WRITERS, DECIDERS, KEEPERS = "editor approver", "approver", "administrator"
INSTALLERS = "technician administrator"
REPORTERS = "overseer administrator"
MAILED = {"area": HAMLET, "every": "month", "format": "pdf", "day": "5", "addresses": "ubnd@xa.example"}
COMPOSERS, OFFICERS = f"{WRITERS} emergency_officer", "emergency_officer"
TAKE = "7" * 32
"""Of somebody else."""
TITLE, MEMBER = "Chuyện kín của thôn", "Nguyễn Kín"


class Line(NamedTuple):
    """Who may use a route on something that is theirs to see, and what is answered: to them, to another role here, to
    who holds that role (and all others) elsewhere, and to who holds none. `form`: what is sent."""

    roles: str
    done: int
    refused: int = 403
    elsewhere: int = 404
    none: int = 404
    form: dict[str, str] = {}


def page(roles: str = EVERYBODY, refused: int = 403, elsewhere: int = 200, none: int = 200) -> Line:
    """A page that is there for everybody, or for these roles wherever they hold them."""
    return Line(roles, 200, refused, elsewhere, none)


def own(done: int, form: dict[str, str] | None = None) -> Line:
    """What everybody does with their own account."""
    return Line(EVERYBODY, done, 0, done, done, form or {})


GRANT = {"role": "editor", "area": HAMLET}
URGENT = {
    "title": "Khẩn cấp: lũ quét",
    "text": "Khẩn cấp. Có lũ quét. Bà con lên nơi cao ngay.",
    "reason": "Lũ quét",
    "authority": "UBND xã",
    "responsible": "Chủ tịch xã",
    "targets": HAMLET,
}
READING = {"area": HAMLET, "written": "QXY"}
OPEN = (
    "/dang-nhap", "/dang-nhap/ma", "/dang-nhap/tinh", "/dang-nhap/tinh/ve", "/dang-xuat", "POST /ngon-ngu", "/khoe", "/tinh/{stamp}/{name}", "/su-kien",
    "/ghi-danh", "/ghi-danh/to-chuc.crt",
    "/cong-khai/{commune}", "/cong-khai/{commune}/tin.atom", "/cong-khai/{commune}/{name}.mp3", "/robots.txt",
    "/healthz", "/readyz", "/api/1", "/api/1/openapi.json", *(f"/api/1/{each}" for each in (
        "bulletins", "bulletins/{bulletin}", "broadcasts", "broadcasts/{broadcast}", "playbacks", "loudspeakers",
        "loudspeakers/{device}", "areas", "topics", "events",
    )),
    "/ghi-danh", "/ghi-danh/to-chuc.crt", "/dang-nhap/lai", "/loaban.webmanifest", "/tho-nen.js", "/ngoai-tuyen",
)  # fmt: skip
"""What a stranger may ask, and a loudspeaker with a code (`tests/web/test_enrolment.py`); `/su-kien` tells a stranger nothing, and others only that something has changed; below `/api/1` a token opens, and no session (`tests/web/test_api.py`)."""
TABLE: dict[str, Line] = {
    "GET /": page(),
    "GET /ban-tin": page(),
    "GET /ban-tin/soan": page(COMPOSERS, none=403),
    "POST /ban-tin/soan": Line(COMPOSERS, 422, 403, 422, 403, {"title": "x"}),
    "POST /ban-tin/nhap": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Lũ về.", "broadcast_class": "emergency"}),
    "GET /ban-tin/nhap/co-chua": page(COMPOSERS, none=403),
    "POST /ban-tin/doc": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    "POST /ban-tin/nghe-thu": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    "POST /ban-tin/du-lieu": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    "GET /thu-am/dang-do": page(COMPOSERS, none=403),
    **dict.fromkeys(  # a take is for who recorded it, and nobody else: tests/web/test_takes.py
        (
            "POST /thu-am/{take}",
            "POST /thu-am/{take}/{chunk}/doan",
            "POST /thu-am/{take}/xong",
            "POST /thu-am/{take}/cat",
            "POST /thu-am/{take}/thay",
            "POST /thu-am/{take}/hoan-tac",
            "POST /thu-am/{take}/bo",
        ),
        Line(COMPOSERS, 404, 403, 404, 403),
    ),
    "GET /ngan-hang-cau/{language}/ghi-am": Line(COMPOSERS, 200, 403, 404, 403),
    # For a presenter whose consent lies here: tests/web/test_sessions.py
    "POST /ngan-hang-cau/{language}/ghi-am": Line(COMPOSERS, 404, 403, 404, 403),
    "POST /ngan-hang-cau/{language}/ghi-am/{take}": Line(COMPOSERS, 404, 403, 404, 403),
    "GET /cach-doc": page(WRITERS, none=403),
    "POST /cach-doc": Line(WRITERS, 303, form={**READING, "said": "quy ích"}),
    "POST /cach-doc/bo": Line(WRITERS, 303, form=READING),
    "POST /cach-doc/doc-lai": Line(WRITERS, 303, form={"area": HAMLET}),
    "GET /khan-cap": page(COMPOSERS, none=403),
    "GET /khan-cap/soan": page(COMPOSERS, none=403),
    "POST /khan-cap/soan": Line(COMPOSERS, 303, 403, 422, 403, URGENT),
    "GET /khan-cap/dang-phat/{broadcast}": Line(EVERYBODY, 200),
    "POST /khan-cap/het/{broadcast}": Line(WRITERS, 303, none=403),
    "GET /thu-vien": page(none=404),
    "POST /thu-vien": Line(WRITERS, 422, form={"area": HAMLET, "name": "x"}),
    "POST /thu-vien/bo": Line(WRITERS, 303, form={"area": HAMLET, "tune": "am-kin"}),
    "POST /thu-vien/nhac-hieu": Line(DECIDERS, 303, form={"area": HAMLET, "pause": "0,6", "times": "2", "again": "2"}),
    "GET /ngan-hang-cau": page(),
    "GET /ngan-hang-cau/{language}": Line(EVERYBODY, 200),
    "GET /ngan-hang-cau/{language}/mau/{template}": Line(EVERYBODY, 200),
    "POST /ngan-hang-cau/{language}/mau/{template}": Line(WRITERS, 422, form={"text": "", "number": "0"}),
    "POST /ngan-hang-cau/{language}/mau/{template}/duyet": Line(DECIDERS, 409, form={"number": "999"}),
    "GET /nguoi-doc": page(f"{WRITERS} {KEEPERS}", none=403),
    "POST /nguoi-doc": Line(WRITERS, 422, form={"area": HAMLET, "name": ""}),
    "POST /nguoi-doc/{presenter}/rut": Line(f"{WRITERS} {KEEPERS}", 303),
    "GET /ban-tin/mau-cau": page(COMPOSERS, none=403),
    "POST /ban-tin/mau-cau": Line(COMPOSERS, 422, 403, 422, 403, {"mau": "hop-thon"}),
    "GET /nhom-loa": page(COMPOSERS, none=403),
    "POST /nhom-loa/{group}/ten": Line(COMPOSERS, 303, none=403, form={"group_name": "Nhóm khác"}),
    "POST /nhom-loa/{group}/bo": Line(COMPOSERS, 303, none=403),
    "GET /phe-duyet": page(),
    "GET /ban-tin/{broadcast}": Line(EVERYBODY, 200),
    "GET /ban-tin/{broadcast}/san-sang": Line(EVERYBODY, 200),
    "GET /ban-tin/{broadcast}/ket-qua": Line(EVERYBODY, 200),
    "GET /ban-tin/{broadcast}/doi-gio": Line(WRITERS, 409),  # not due at no instant: tests/web/test_moving.py
    "POST /ban-tin/{broadcast}/doi-gio": Line(WRITERS, 409),
    "GET /ban-tin/{approved}/phat-lai": Line(WRITERS, 200),
    "POST /ban-tin/{approved}/phat-lai": Line(
        WRITERS, 409, form={"loai": "silent"}
    ),  # nothing has failed: tests/web/test_results.py
    "POST /ban-tin/{broadcast}/duyet": Line(DECIDERS, 409, form={"seal": "not the one"}),
    "POST /ban-tin/{broadcast}/tra-lai": Line(DECIDERS, 303, form={"note": "Sửa lại."}),
    "POST /ban-tin/{broadcast}/rut": Line(WRITERS, 303),
    "POST /ban-tin/{broadcast}/da-nghe": Line(DECIDERS, 409, form={"seal": "not the one", "language": "vi"}),
    "POST /ban-tin/{stored}/phat-ngay": Line(f"{DECIDERS} {OFFICERS}", 303),
    "GET /ban-tin/nhap/{draft}/phat-ngay": Line(OFFICERS, 200, none=403),
    "POST /ban-tin/nhap/{draft}/phat-ngay": Line(OFFICERS, 303, none=403, form={"number": "1"}),
    "POST /ban-tin/{alone}/xem-lai": Line(DECIDERS, 303, form={"verdict": "confirm"}),
    "GET /luu-giu": page(KEEPERS, none=403),
    "POST /luu-giu": Line(KEEPERS, 303, none=403, form={"area": HAMLET, "reason": "Công văn 12"}),
    "POST /luu-giu/{hold}/bo": Line(KEEPERS, 303, none=403),
    "GET /am-thanh/{name}.mp3": Line(EVERYBODY, 200),
    "GET /am-thanh/{name}.svg": Line(EVERYBODY, 200),
    "GET /ban-tin/nghe-thu/{key}": Line(EVERYBODY, 404, 404, 404, 404),  # it is for who asked, and nobody else
    "GET /nhat-ky": page(),
    "GET /nhat-ky.csv": page(),
    "GET /bao-cao": page(),
    "POST /bao-cao/xuat": Line(EVERYBODY, 303, form={"area": HAMLET, "period": "2026-11", "format": "csv"}),
    "GET /bao-cao/gui-thu": page(REPORTERS, none=403),
    "POST /bao-cao/gui-thu": Line(REPORTERS, 303, form=MAILED),
    "POST /bao-cao/gui-thu/{mailing}/dung": Line(REPORTERS, 303),
    "POST /bao-cao/gui-thu/{mailing}/gui-lai": Line(REPORTERS, 303, form={"period": "2026-11"}),
    "GET /bao-cao/gui-thu/{mailing}/{period}": Line(EVERYBODY, 200),
    "GET /bao-cao/gui-thu/{mailing}/{period}/{file}": Line(EVERYBODY, 200),
    **dict.fromkeys(  # a file is for who asked for it, and nobody else: tests/web/test_reports.py
        (
            "GET /bao-cao/tep/{export}",
            "GET /bao-cao/tep/{export}/tai",
            "GET /bao-cao/tep/{export}/chu-ky",
            "POST /bao-cao/tep/{export}/huy",
        ),
        Line(EVERYBODY, 404, 404, 404, 404),
    ),
    "GET /nhat-ky/{device}/{occurrence}": Line(EVERYBODY, 200),
    "POST /nhat-ky/{device}/{occurrence}/dinh-chinh": Line(
        f"{DECIDERS} {INSTALLERS}", 303, form={"outcome": "played", "why": "Tôi đã nghe."}
    ),
    "POST /nhat-ky/xem": own(303, {"name": "Tuần này"}),
    "POST /nhat-ky/xem/bo": Line(EVERYBODY, 404, 404, 404, 404, {"number": "0"}),
    "GET /bang-dieu-khien": page(),
    "GET /bang-dieu-khien/mat-lien-lac": page(),
    "GET /bang-dieu-khien/im-lang": Line(EVERYBODY, 404, 404, 404, 404),  # without days
    "GET /bang-dieu-khien/khan-cap": page(),
    "GET /nghe": page(),
    "GET /nghe/{area}": Line(EVERYBODY, 200),
    "GET /loa": page(),
    "GET /loa/them": page(INSTALLERS, refused=404, none=404),
    "POST /loa/them": Line(INSTALLERS, 303, form={"place": HAMLET, "name": "Loa mới"}),
    "GET /loa/{device}/ghi-danh": Line(EVERYBODY, 200),
    "POST /loa/{device}/ghi-danh": Line(INSTALLERS, 200),
    "POST /loa/{device}/chan": Line(INSTALLERS, 303),
    "GET /loa/{device}": Line(EVERYBODY, 200),
    "POST /loa/{device}/phat-thu": Line(f"{WRITERS} {INSTALLERS}", 409),  # no tone has been made there
    "GET /loa/{device}/thong-tin": Line(EVERYBODY, 200),
    "POST /loa/{device}/thong-tin": Line(INSTALLERS, 303, form={"place": "Nhà văn hóa"}),
    "POST /loa/{device}/sua-chua": Line(
        f"{COMPOSERS} {INSTALLERS}", 303, form={"trouble": "Rè", "owner": "technician"}
    ),
    "GET /sua-chua/{repair}": Line(EVERYBODY, 200),
    "POST /sua-chua/{repair}": Line(f"{COMPOSERS} {INSTALLERS}", 303, form={"words": "Gọi thợ", "owner": "technician"}),
    "POST /sua-chua/{repair}/xong": Line(f"{COMPOSERS} {INSTALLERS}", 303, form={"found": "Đứt dây"}),
    "GET /ban-do.json": page(),
    "GET /ban-do/noi.json": page(),
    "GET /ban-do/ranh-gioi": page(),
    "POST /ban-do/ranh-gioi": Line(KEEPERS, 422, 403, 422, 403),
    "GET /vi-tri/{area}": Line(EVERYBODY, 200),
    "POST /vi-tri/{area}": Line(INSTALLERS, 303, form={"lat": "22.5", "lon": "104.1"}),
    "GET /ban-giao/{area}": Line(EVERYBODY, 200),
    "GET /am-luong/{area}": Line(EVERYBODY, 200),
    "POST /am-luong/{area}": Line(INSTALLERS, 303, form={"volume": "inherit"}),
    "GET /cai-dat": page(),
    "GET /cai-dat/cong-khai": page(DECIDERS, none=403),
    "POST /cai-dat/cong-khai": Line(DECIDERS, 303, form={"area": HERE, "public": "closed"}),
    "GET /day-ban-tin": page(),
    "GET /day-ban-tin/{pushed}": Line(EVERYBODY, 404, 404, 404, 404),  # for the office: tests/web/test_uptake.py
    "POST /day-ban-tin/{pushed}/nhac": Line(EVERYBODY, 404, 404, 404, 404),
    "GET /tu-cap-tren": page(),
    "GET /tu-cap-tren/{pushed}": Line(EVERYBODY, 200),
    "POST /tu-cap-tren/{pushed}/nhan": Line(DECIDERS, 303, form={"area": HERE}),
    "POST /tu-cap-tren/{pushed}/tu-choi": Line(DECIDERS, 303, form={"area": HERE, "reason": "Trùng lịch xã"}),
    "GET /tu-nguon": page(f"{WRITERS} {KEEPERS}", none=403),
    "GET /cai-dat/ket-noi": page(KEEPERS, none=403),
    "POST /cai-dat/ket-noi": Line(KEEPERS, 422, 403, 422, 403, {"name": ""}),
    "POST /cai-dat/ket-noi/{token}/thu-hoi": Line(KEEPERS, 303, 403, 404, 403),
    "GET /lich-phat": page(),
    "GET /lich-phat/thang": page(),
    "GET /gioi-han": page(),
    "GET /gioi-han/{area}": Line(EVERYBODY, 200),
    "POST /gioi-han/{area}": Line(KEEPERS, 303, form={"quiet": "inherit", "ceiling": "inherit"}),
    "GET /tam-ngung/{area}": Line(EVERYBODY, 200),
    "POST /tam-ngung/{area}": Line(f"{DECIDERS} {KEEPERS}", 303, form={"name": "Thi", "first": "05/12/2026"}),
    "POST /tam-ngung/{area}/bo": Line(f"{DECIDERS} {KEEPERS}", 404, form={"which": "not one"}),
    "GET /cho-xac-nhan": page(),
    "POST /cho-xac-nhan/{number}/xac-nhan": Line(KEEPERS, 409, form={"seen": "not the one"}),
    "POST /cho-xac-nhan/{number}/khong": Line(KEEPERS, 303),
    "GET /canh-bao": page(),
    "POST /canh-bao/{concern}/da-biet": Line(EVERYBODY, 303),
    "GET /canh-bao/quy-tac": page(),
    "GET /canh-bao/quy-tac/{area}": Line(EVERYBODY, 200),
    "POST /canh-bao/quy-tac/{area}": Line(KEEPERS, 303, form={"own": "0"}),
    "GET /ket-noi": page(KEEPERS, none=403),
    "POST /ket-noi": Line(
        KEEPERS, 200, 403, 404, 403, {"area": HAMLET, "url": "https://x.example/", "matter": "approval"}
    ),
    "POST /ket-noi/{webhook}/thu": Line(KEEPERS, 303),
    "POST /ket-noi/{webhook}/khoa": Line(KEEPERS, 200),
    "POST /ket-noi/{webhook}/tiep": Line(KEEPERS, 409),
    "POST /ket-noi/{webhook}/gui-lai": Line(KEEPERS, 303),
    "POST /ket-noi/{webhook}/bo": Line(KEEPERS, 303),
    "GET /khu-vuc": page(),
    "GET /khu-vuc/{area}": Line(EVERYBODY, 200),
    "POST /khu-vuc/{area}/them": Line(KEEPERS, 422, form={"name": ""}),
    "POST /khu-vuc/{area}/ten": Line(KEEPERS, 303, form={"name": "Thôn Tả Chải (mẫu)"}),
    "POST /khu-vuc/{area}/ket-thuc": Line(KEEPERS, 422, form={"day": "x"}),
    "POST /khu-vuc/{area}/sap-nhap": Line(KEEPERS, 422, form={"day": "31/12/2026"}),
    "GET /ngon-ngu": page(),
    "GET /ngon-ngu/them": page("", none=403, elsewhere=403),
    "POST /ngon-ngu/them": Line("", 303, 403, 403, 403, {"tag": "qaa", "name": "Thử"}),
    "GET /ngon-ngu/tieng/{tag}": page(),
    "POST /ngon-ngu/tieng/{tag}": Line("", 303, 403, 403, 403, {"name": "Khác"}),
    "POST /ngon-ngu/tieng/{tag}/nguoi-tham-dinh": Line("", 303, 403, 403, 403, {"username": "bientap"}),
    "POST /ngon-ngu/tieng/{tag}/thoi-tham-dinh": Line("", 303, 403, 403, 403, {"staff": "bientap"}),
    "GET /ngon-ngu/phu": page(),
    "GET /thon": page(),
    "GET /thon/{area}": Line(EVERYBODY, 200),
    "POST /thon/{area}": Line(KEEPERS, 303, form={"language": "vi", "share": "60"}),
    "POST /ban-tin/{broadcast}/nho-ghi-am": Line(WRITERS, 303, form={"language": "mww", "staff": "bientap"}),
    "POST /nho-ghi-am/{asked}/tu-choi": Line("", 303, 404),  # it is for who is asked, and nobody else
    "POST /nho-ghi-am/{asked}/thoi": Line(WRITERS, 303),
    "POST /ban-tin/{broadcast}/tham-dinh": Line("", 303, form={"language": "vi"}),
    "GET /can-bo": page(KEEPERS, none=403),
    "GET /can-bo/them": page(KEEPERS, none=403),
    "POST /can-bo/them": Line(KEEPERS, 200, 403, 404, 403, {**GRANT, "username": "moi", "display_name": "Người mới"}),
    "GET /can-bo/{staff}": Line(KEEPERS, 200, 404),
    "POST /can-bo/{staff}/quyen": Line(KEEPERS, 303, 404, form={**GRANT, "role": "approver"}),
    "POST /can-bo/{staff}/quyen/{grant}/ket-thuc": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/mat-khau": Line(KEEPERS, 200, 404),
    "POST /can-bo/{staff}/khoa": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/mo-khoa": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/dang-xuat": Line(KEEPERS, 303, 404),
    "POST /xac-nhan": own(422, {"xac_nhan_bang": "wrong"}),
    "GET /tai-khoan": own(200),
    "GET /tai-khoan/thong-bao": own(200),
    "POST /tai-khoan/thong-bao": own(303, {"language": "vi"}),
    "POST /tai-khoan/thong-bao/thu": own(303),
    "POST /tai-khoan/thong-bao/trinh-duyet": own(422, {"endpoint": "x"}),
    # A browser and a message are for whom they are, and nobody else: tests/web/test_notices.py
    "POST /tai-khoan/thong-bao/trinh-duyet/{browser}/tat": own(404),
    "GET /thong-bao": own(200),
    "GET /thong-bao/chuong": own(200),
    "POST /thong-bao/da-doc": own(303),
    "POST /thong-bao/{notice}/mo": own(404),
    "GET /huong-dan": own(303),
    "GET /tai-khoan/mat-khau": own(200),
    "POST /tai-khoan/mat-khau": own(422, {"password": "x"}),
    "GET /tai-khoan/buoc-hai": own(200),
    "POST /tai-khoan/buoc-hai/bat-dau": own(303),
    "POST /tai-khoan/buoc-hai": own(422, {"code": "000000"}),
    "POST /tai-khoan/ma-du-phong": Line(EVERYBODY, 200, 0, 200, 303),
    "POST /tai-khoan/phien/khac/ket-thuc": own(303),
    "POST /tai-khoan/phien/{session}/ket-thuc": own(303),
}
