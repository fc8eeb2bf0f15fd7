"""The words that stand for units, rates, scales and comparisons. Data, and pure.

Imported by `spoken_rules`, `spoken_dates`, `spoken_amounts` and tests.
"""

from collections.abc import Mapping

UNITS: Mapping[str, str] = {
    "%": "phần trăm",
    "‰": "phần nghìn",
    "°C": "độ",
    "ºC": "độ",
    "℃": "độ",
    "oC": "độ",
    "độ C": "độ",
    "°": "độ",
    "º": "độ",
    "đ": "đồng",
    "đồng": "đồng",
    "mmHg": "mi li mét thủy ngân",
    "VNĐ": "đồng",
    "VND": "đồng",
    "vnđ": "đồng",
    "USD": "đô la mỹ",
    "kg": "ki lô gam",
    "Kg": "ki lô gam",
    "KG": "ki lô gam",
    "g": "gam",
    "gr": "gam",
    "gam": "gam",
    "mg": "mi li gam",
    "yến": "yến",
    "tạ": "tạ",
    "tấn": "tấn",
    "mm": "mi li mét",
    "cm": "xen ti mét",
    "dm": "đề xi mét",
    "km": "ki lô mét",
    "Km": "ki lô mét",
    "KM": "ki lô mét",
    "m": "mét",
    "mét": "mét",
    "km2": "ki lô mét vuông",
    "km²": "ki lô mét vuông",
    "cm2": "xen ti mét vuông",
    "m2": "mét vuông",
    "m²": "mét vuông",
    "m3": "mét khối",
    "m³": "mét khối",
    "ha": "héc ta",
    "sào": "sào",
    "l": "lít",
    "lít": "lít",
    "ml": "mi li lít",
    "cc": "xê xê",
    "kV": "ki lô vôn",
    "KV": "ki lô vôn",
    "kv": "ki lô vôn",
    "V": "vôn",
    "kW": "ki lô oát",
    "KW": "ki lô oát",
    "kWh": "ki lô oát giờ",
    "KWh": "ki lô oát giờ",
    "MW": "mê ga oát",
    "h": "giờ",
    "giờ": "giờ",
    "phút": "phút",
    "s": "giây",
    "giây": "giây",
}
COUNTED = (
    *("năm", "tháng", "tuần", "ngày", "đêm", "quý", "vụ", "hộ", "người", "con", "khẩu", "lần", "ca", "bữa", "buổi"),
    *("suất", "thôn", "bản", "xã", "lớp", "em", "cháu", "cây", "bao", "mẫu", "công", "đợt", "lượt", "chuyến", "gói"),
    *("liều", "mũi", "đầu người", "nhân khẩu", "học sinh", "gia đình", "hộ gia đình"),
)
"""What stands behind how many there are."""
PER: Mapping[str, str] = {
    **{unit: said for unit, said in UNITS.items() if unit[0].isalpha()},
    **{word: word for word in COUNTED},
}
"""What may stand behind "/": so much a day, so many a household."""
SCALES: Mapping[str, str] = {
    **{word: word for word in ("trăm", "nghìn", "ngàn", "vạn", "triệu", "tỷ", "tỉ")},
    **dict.fromkeys(("trđ", "tr.đ", "tr đ", "trđồng"), "triệu đồng"),
    "tr": "triệu",
    "k": "nghìn",
}
COMPARED: Mapping[str, str] = {
    "<": "nhỏ hơn",
    ">": "lớn hơn",
    "≤": "nhỏ hơn hoặc bằng",
    "≥": "lớn hơn hoặc bằng",
    "~": "khoảng",
    "≈": "khoảng",
    "±": "cộng trừ",
}
