"""Ready words for emergencies: what, where, what to do, in the order in which people must hear it. Pure.

Imported by the page "Phát khẩn cấp" and tests. The words are Vietnamese; what a hamlet hears in its own language is
recorded and stored at its loudspeakers beforehand.
"""

import enum
from collections.abc import Sequence

import msgspec

from server.compose_form import ComposeForm, Mode
from server.exercise import announced

TOPIC = "thien-tai-dich-benh"
_WHERE = "{noi}"
_MOST_NAMES = 4


class EmergencyKind(enum.Enum):
    """What happens. The order is that of the page."""

    flash_flood = "flash_flood"
    landslide = "landslide"
    storm = "storm"
    forest_fire = "forest_fire"
    epidemic = "epidemic"
    missing_person = "missing_person"
    other = "other"


class Ready(msgspec.Struct, frozen=True):
    """`{noi}` stands for the places."""

    title: str
    text: str
    reason: str


READY: dict[EmergencyKind, Ready] = {
    EmergencyKind.flash_flood: Ready(
        "Khẩn cấp: lũ quét tại {noi}",
        "Khẩn cấp. Có lũ quét tại {noi}. Bà con ở ven sông, ven suối phải rời nhà ngay, lên nơi cao. "
        "Không đi qua suối và ngầm tràn. Đưa người già, trẻ em đi trước. "
        "Làm theo hướng dẫn của trưởng thôn và chính quyền xã.",
        "Nguy cơ lũ quét đe dọa tính mạng người dân.",
    ),
    EmergencyKind.landslide: Ready(
        "Khẩn cấp: sạt lở đất tại {noi}",
        "Khẩn cấp. Có nguy cơ sạt lở đất tại {noi}. Bà con ở chân đồi, sườn dốc phải rời nhà ngay, đến nơi an toàn. "
        "Không quay lại lấy đồ. Đưa người già, trẻ em đi trước. "
        "Thấy vết nứt hay nghe tiếng động lạ, báo ngay cho trưởng thôn.",
        "Nguy cơ sạt lở đất đe dọa tính mạng người dân.",
    ),
    EmergencyKind.storm: Ready(
        "Khẩn cấp: mưa bão tại {noi}",
        "Khẩn cấp. Mưa bão rất lớn đang đến {noi}. Bà con ở yên trong nhà chắc chắn, không ra đường. "
        "Nhà yếu, nhà ven suối phải sang nơi an toàn ngay. Ngắt điện khi nước vào nhà. Giữ liên lạc với trưởng thôn.",
        "Mưa bão lớn đe dọa tính mạng và tài sản người dân.",
    ),
    EmergencyKind.forest_fire: Ready(
        "Khẩn cấp: cháy rừng tại {noi}",
        "Khẩn cấp. Đang cháy rừng tại {noi}. Bà con gần khu vực cháy phải rời đi ngay, tránh hướng gió. "
        "Không tự ý vào rừng. Lực lượng chữa cháy tập trung theo lệnh của chính quyền xã.",
        "Cháy rừng đe dọa tính mạng và tài sản người dân.",
    ),
    EmergencyKind.epidemic: Ready(
        "Khẩn cấp: dịch bệnh tại {noi}",
        "Khẩn cấp. Có dịch bệnh nguy hiểm tại {noi}. Bà con hạn chế tụ tập, đeo khẩu trang, rửa tay thường xuyên. "
        "Ai có dấu hiệu bệnh, báo ngay cho trạm y tế xã và ở tại nhà. Làm theo hướng dẫn của cán bộ y tế.",
        "Dịch bệnh nguy hiểm có thể lây lan.",
    ),
    EmergencyKind.missing_person: Ready(
        "Khẩn cấp: tìm người mất tích tại {noi}",
        "Khẩn cấp. Có người mất tích tại {noi}. Ai nhìn thấy hoặc biết tin, báo ngay cho công an xã hoặc trưởng thôn. "
        "Bà con kiểm tra quanh nhà, nương rẫy và ven suối.",
        "Có người mất tích, cần tìm kiếm ngay.",
    ),
    EmergencyKind.other: Ready("Khẩn cấp tại {noi}", "", ""),
}
OVER = Ready(
    "Hết khẩn cấp: {tin}",
    "Tin khẩn cấp vừa phát về {tin} đã hết hiệu lực. Bà con chú ý nghe thông báo tiếp theo của chính quyền xã.",
    "Báo tin khẩn cấp trước đã hết hiệu lực.",
)
_PREFIXES = ("khẩn cấp: ", "khẩn cấp ")


def form_for(
    kind: EmergencyKind, names: Sequence[str], targets: Sequence[str], by: ComposeForm, *, exercise: bool = False
) -> ComposeForm:
    """The form with the words of this kind for these places (by name, and by id), in earnest or as an exercise. `by`:
    the form that says who orders it and who answers for it."""
    ready, where = READY[kind], _where(names)
    title, text = ready.title.replace(_WHERE, where), ready.text.replace(_WHERE, where)
    if exercise:  # the word that people must run at belongs to what is earnest
        title, text = without_alarm(title), text.removeprefix("Khẩn cấp. ")
    form = msgspec.structs.replace(
        by,
        title=title,
        text=text,
        reason="" if exercise else ready.reason,
        topic=TOPIC,
        broadcast_class="priority" if exercise else "emergency",
        targets=tuple(targets),
        mode=Mode.now.value,
        exercise=exercise,
    )
    return announced(form)


def form_over(before: ComposeForm) -> ComposeForm:
    """The form that tells the same places that an emergency is over."""
    about = without_alarm(before.title.strip())
    return msgspec.structs.replace(
        before,
        title=OVER.title.replace("{tin}", about)[:200],
        text=OVER.text.replace("{tin}", about),
        reason=OVER.reason,
        answers={},
        texts={},
        recordings={},
        mode=Mode.now.value,
    )


def without_alarm(title: str) -> str:
    """A title without the word that announces an emergency."""
    for prefix in _PREFIXES:
        title = title[len(prefix) :] if title.casefold().startswith(prefix) else title
    return title[:1].lower() + title[1:]


def _where(names: Sequence[str]) -> str:
    """Places as people say them: "xã Y Tý", "thôn A và thôn B"; many of them are "nhiều nơi"."""
    said = [name[:1].lower() + name[1:] for name in names]
    if not said or len(said) > _MOST_NAMES:
        return "nhiều nơi trong xã" if said else "địa bàn xã"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} và {said[-1]}"
