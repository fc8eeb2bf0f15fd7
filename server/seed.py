"""What a new server begins with: the province, and for a demonstration two communes with sample hamlets.

Imported by the command line, the demonstration and tests. Seeding twice changes nothing. Everything made up for the
demonstration is labelled as a sample ("mẫu").
"""

import csv
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from audio.language import SEED as LANGUAGES
from audio.language import VIETNAMESE, Language
from audio.sample_speech import sample_recording
from audio.spoken_text import speak
from audio.voice import Narrator
from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins
from server.access import Person, Role
from server.area import HAMLET, Area
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.hamlet import Spoken, Wrong, checked, pairs_of, spoken_by
from server.repositories.store import Store
from server.staff import Hasher
from server.studio import Rendered, Studio

PROVINCE = "tinh-lao-cai"
DISTRICT = "huyen-bat-xat"
LEVELS = (
    ("province", "Tỉnh"),
    ("region", "Khu vực"),
    ("former_district", "Huyện cũ"),
    ("commune", "Xã, phường"),
    ("hamlet", "Thôn, bản, tổ dân phố"),
    ("loudspeaker", "Loa"),
)
TOPICS = (
    ("chinh-sach", "Chính sách, pháp luật"),
    ("du-an-an-sinh", "Dự án, an sinh xã hội"),
    ("kinh-te-van-hoa", "Kinh tế, văn hóa, khoa học, công nghệ"),
    ("an-ninh", "An ninh, quốc phòng"),
    ("thien-tai-dich-benh", "Thiên tai, cứu nạn, cháy, dịch bệnh"),
    ("nguoi-tot-viec-tot", "Người tốt, việc tốt"),
    ("phong-chong-toi-pham", "Phòng, chống tội phạm"),
    ("san-pham", "Sản phẩm, hàng hóa, dịch vụ"),
    ("tra-loi-kien-nghi", "Trả lời kiến nghị của người dân"),
)
# The districts that ended on 1 July 2025, as far as this seed needs them, and the communes of today in them.
FORMER_DISTRICTS = {
    (DISTRICT, "Huyện Bát Xát (cũ)"): (
        "Xã A Mú Sung",
        "Xã Trịnh Tường",
        "Xã Y Tý",
        "Xã Dền Sáng",
        "Xã Bát Xát",
        "Xã Bản Xèo",
        "Xã Mường Hum",
    ),
    ("thi-xa-sa-pa", "Thị xã Sa Pa (cũ)"): (
        "Phường Sa Pa",
        "Xã Tả Phìn",
        "Xã Tả Van",
        "Xã Ngũ Chỉ Sơn",
        "Xã Mường Bo",
        "Xã Bản Hồ",
    ),
}
SAMPLE_HAMLETS = {
    "Xã Y Tý": (
        ("thon-mau-trung-tam", "Thôn Trung tâm (mẫu)", "vi:90", 120),
        ("thon-mau-sim-san", "Thôn Sim San 1 (mẫu)", "vi:30,ium:70", 64),
        ("thon-mau-lao-chai", "Thôn Lao Chải 2 (mẫu)", "vi:65,hni:35", 80),
    ),
    "Xã Tả Phìn": (
        ("thon-mau-can-ngai", "Thôn Can Ngài (mẫu)", "mww:85,vi:15", 58),
        ("thon-mau-sa-xeng", "Thôn Sả Xéng (mẫu)", "ium:75,vi:25", 71),
        ("thon-mau-ta-chai", "Thôn Tả Chải (mẫu)", "vi,mww,ium", 0),  # nobody has counted there
    ),
}
PEOPLE = (
    ("bientap", "Biên tập viên (mẫu)", Role.editor, ("Xã Y Tý", "Xã Tả Phìn")),
    ("pheduyet", "Lãnh đạo phê duyệt (mẫu)", Role.approver, ("Xã Y Tý", "Xã Tả Phìn")),
    ("tinh", "Giám sát tỉnh (mẫu)", Role.overseer, (PROVINCE,)),
    ("huyenbatxat", "Giám sát Bát Xát, huyện cũ (mẫu)", Role.overseer, (DISTRICT,)),
    ("trucbao", "Trực cảnh báo (mẫu)", Role.emergency_officer, ("Xã Y Tý", "Xã Tả Phìn")),
    ("quantri", "Quản trị tỉnh (mẫu)", Role.administrator, (PROVINCE,)),
)
FIRST_TITLE = "Bản tin mẫu: chào bà con (chạy thử)"
FIRST_TEXT = "Kính thưa bà con. Đây là bản tin mẫu để chạy thử loa. Thôn ta họp lúc 19h30 ngày 05/12."
SAMPLE_TEXT = "(Bản ghi mẫu: một âm báo và lời giới thiệu bằng tiếng Việt.)"
_RECORDED = ("mww", "ium")
_TAGS = frozenset(language.tag for language in LANGUAGES)
_COMMUNES = Path(__file__).parent / "seed" / "lao-cai-communes.csv"


def communes() -> list[tuple[str, str]]:
    """Id and name of the province's communes and wards."""
    with _COMMUNES.open(encoding="utf-8", newline="") as file:
        return [(f"xa-{row['code']}", " ".join(row["name"].split())) for row in csv.DictReader(file)]


def centres() -> dict[str, tuple[float, float]]:
    """The middle of each commune and ward, in degrees, by its id (`seed/SOURCES.toml` says where they are from)."""
    with _COMMUNES.open(encoding="utf-8", newline="") as file:
        return {f"xa-{row['code']}": (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(file)}


def seed_province(store: Store) -> dict[str, Area]:
    """Languages, topics, levels, the province with its former districts and communes; areas by name."""
    for position, (level, name) in enumerate(LEVELS):
        store.areas.keep_level(level, name, position)
    for language in LANGUAGES:
        store.languages.add(language)
    for position, (topic, name) in enumerate(TOPICS):
        store.areas.add_topic(topic, name, position)
    province = _kept(store, Area(PROVINCE, None, f"/{PROVINCE}/", 0, "province", "Tỉnh Lào Cai"))
    found = {PROVINCE: province}
    district_of: dict[str, Area] = {}
    for (id_, name), names in FORMER_DISTRICTS.items():
        found[id_] = _below(store, province, id_, name, "former_district", valid_to="2025-06-30")
        district_of.update(dict.fromkeys(names, found[id_]))
    for id_, name in communes():
        parent = district_of.get(name, province)
        found[name] = _below(store, parent, id_, name, "commune", valid_from="2025-07-01")
    return found


def seed_sample(
    store: Store, areas: Mapping[str, Area], hasher: Hasher, new_password: Callable[[], str], now: UtcMs
) -> dict[str, str]:
    """Sample hamlets, loudspeakers and people; new passwords by username, for those who are new. Quiet hours are
    switched off in the province: a demonstration must sound at any hour."""
    province = areas[PROVINCE]
    if not province.settings.quiet_hours_off:
        settings = msgspec.structs.replace(province.settings, quiet_hours_off=True)
        store.areas.keep(msgspec.structs.replace(province, settings=settings))
    number = 0
    for commune, hamlets in SAMPLE_HAMLETS.items():
        for id_, name, spoken, households in hamlets:
            number += 1
            hamlet = _hamlet(store, areas[commune], id_, name, checked(pairs_of(spoken), str(households), _TAGS))
            _loudspeaker(store, hamlet, f"loa-mau-{number}", f"Loa mẫu số {number}", now)
    passwords = {}
    for username, display_name, role, grants in PEOPLE:
        if store.staff.find(username) is None:
            passwords[username] = new_password()
            store.staff.add(username, username, display_name, hasher.hash(passwords[username]))
        for area in grants:
            store.staff.grant(username, areas[area].id, role)
    return passwords


def first_variants(studio: Studio, narrator: Narrator) -> tuple[Draft, dict[str, Rendered]]:
    """The sample bulletin: Vietnamese by a machine, Mông and Dao as recordings that say that they are samples."""
    languages = {language.tag: language for language in LANGUAGES}
    spoken = speak(FIRST_TEXT).words
    rendered = {VIETNAMESE: studio.speak(spoken, VIETNAMESE)}
    variants = [DraftVariant(VIETNAMESE, FIRST_TEXT, spoken)]
    for tag in _RECORDED:
        rendered[tag] = studio.record(_sample(languages[tag], narrator), tag)
        variants.append(DraftVariant(tag, SAMPLE_TEXT, "", rendered[tag].clip.sha256))
    communes_ids = [id_ for id_, name in communes() if name in SAMPLE_HAMLETS]
    draft = Draft(
        FIRST_TITLE,
        "nguoi-tot-viec-tot",
        BroadcastClass.ordinary,
        tuple(variants),
        tuple(communes_ids),
        Mode.once,
        None,
    )
    return draft, rendered


def first_broadcast(
    store: Store,
    draft: Draft,
    rendered: Mapping[str, Rendered],
    start: UtcMs,
    now: UtcMs,
    new_id: Callable[[str], str],
) -> str:
    """The sample bulletin on air at `start`: written by the editor, approved by the approver."""
    editor, approver = sample_person(store, "bientap", now), sample_person(store, "pheduyet", now)
    timed = msgspec.structs.replace(draft, recurrence=Once(start))
    broadcast = bulletins.compose(store, editor, timed, rendered, now, new_id)
    seal = bulletins.page(store, approver, broadcast).seal
    # Nobody has listened: a program approves its own sample, and the log says by what.
    bulletins.approve(store, approver, broadcast, seal, now, [variant.language for variant in draft.variants])
    return broadcast


def sample_person(store: Store, username: str, now: UtcMs) -> Person:
    """One of the sample's people."""
    person = store.staff.person(username, now)
    if person is None:
        raise ValueError(f"the sample has no “{username}”")
    return person


def _sample(language: Language, narrator: Narrator) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "sample.wav")
        sample_recording(language, narrator, wav)
        return wav.read_bytes()


def _below(
    store: Store, parent: Area, id_: str, name: str, level: str, valid_from: str = "", valid_to: str = ""
) -> Area:
    path, depth = f"{parent.path}{id_}/", parent.depth + 1
    return _kept(store, Area(id_, parent.id, path, depth, level, name, "", valid_from, valid_to))


def _hamlet(store: Store, commune: Area, id_: str, name: str, spoken: Spoken | Wrong) -> Area:
    """A sample hamlet, with what it speaks. Where an older sample had no shares, they are filled in."""
    if isinstance(spoken, Wrong):
        raise TypeError(f"the sample's “{name}”: {spoken}")
    path, depth = f"{commune.path}{id_}/", commune.depth + 1
    found = _kept(store, spoken_by(Area(id_, commune.id, path, depth, HAMLET, name), spoken))
    if (found.languages, found.shares, found.households) == (spoken.languages, {}, 0):
        found = spoken_by(found, spoken)
        store.areas.keep(found)
    return found


def _kept(store: Store, area: Area) -> Area:
    """As it stands in the database, if it is there: what people have changed since stays."""
    found = store.areas.find(area.id)
    if found is not None:
        return found
    store.areas.keep(area)
    return area


def _loudspeaker(store: Store, hamlet: Area, id_: str, name: str, now: UtcMs) -> None:
    if not store.fleet.is_known(id_):
        area = Area(id_, hamlet.id, f"{hamlet.path}{id_}/", hamlet.depth + 1, "loudspeaker", name)
        store.fleet.keep(area, place="Dữ liệu mẫu", enrolled_at=now)
