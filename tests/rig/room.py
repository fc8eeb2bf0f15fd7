"""What a microphone at a pole records: a horn that distorts, echoes from the other side of the valley, wind, voices,
engines, and a clock of its own. Simulated, with chance from a seed.

Imported by tests and the bench.
"""

import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from device_agent.ear.detection import HIGHEST_HZ, LOWEST_HZ, RATE, Samples
from device_agent.ear.verdict import MARGIN_MS

NOISES = ("wind", "voices", "engine", "hiss")
_ECHOES, _FARTHEST_S, _TAIL_S = 6, 0.45, 0.15
_PPM = 60
BULLETINS = (
    "Kính thưa bà con nhân dân. Tối nay có mưa to, đề phòng lũ quét và sạt lở đất ở ven suối. Mời bà con họp lúc bảy giờ.",
    "Ủy ban nhân dân xã thông báo lịch tiêm phòng cho đàn trâu bò. Bà con đưa gia súc về chuồng trước bảy giờ sáng thứ hai.",
    "Điện lực thông báo ngừng cung cấp điện từ tám giờ đến mười một giờ ngày mai để sửa chữa đường dây. Mong bà con thông cảm.",
    "Ngày mai chợ phiên họp như thường lệ. Bà con giữ gìn vệ sinh, không đốt rác, không buôn bán hàng kém chất lượng.",
    "Trạm y tế xã mời các bà mẹ đưa trẻ dưới năm tuổi đến uống vitamin A. Khi đi nhớ mang theo sổ theo dõi sức khỏe.",
    "Thời tiết rét đậm kéo dài. Bà con che chắn chuồng trại, dự trữ rơm rạ, không thả rông trâu bò khi nhiệt độ xuống thấp.",
)
"""Sample texts."""


def speak(folder: Path, seconds: float, rate: int = RATE) -> list[Path]:
    """Each of the bulletins, by the same voice, over and over for so long."""
    made = []
    for number, text in enumerate(BULLETINS):
        once, path = folder / f"once{number}.wav", folder / f"said{number}.wav"
        subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(once), text], check=True)
        command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(once), "-t", str(seconds)]
        subprocess.run([*command, "-ar", str(rate), "-ac", "1", str(path)], check=True)
        made.append(path)
    return made


def samples(path: Path) -> Samples:
    """Those of a WAV file, at its own rate."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float) / 32_768


def recorded(
    played: Samples | None, length: int, others: Sequence[Samples], noise: str, snr_db: float, seed: int
) -> tuple[Samples, float]:
    """What an ear records of `length` samples, with the margin that `detection.listen` wants; and how late (ms) the
    sound was in it. `played`: None for a loudspeaker that is dumb; `others`: voices for the noise."""
    chance = np.random.default_rng(seed)
    margin = RATE * MARGIN_MS // 1000
    total = length + 2 * margin
    late_ms = float(chance.uniform(-400, 600))
    heard = np.zeros(total)
    if played is not None:
        sounding = _in_the_air(played[:length], chance)
        first = margin + round(late_ms * RATE / 1000)
        heard[first : first + len(sounding)] = sounding[: total - first]
    around = _noise(noise, total, others, chance)
    loud = _in_band(heard) if played is not None else 1.0
    return heard + around * loud / _in_band(around) * 10 ** (-snr_db / 20), late_ms


def _in_the_air(sound: Samples, chance: np.random.Generator) -> Samples:
    spectrum, hertz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < LOWEST_HZ) | (hertz > HIGHEST_HZ)] = 0
    horn = np.fft.irfft(spectrum, len(sound))
    horn = np.tanh(0.75 * horn / np.std(horn))
    heard = horn.copy()
    for _ in range(_ECHOES):
        later = int(chance.uniform(0.02, _FARTHEST_S) * RATE)
        heard[later:] += chance.uniform(-0.7, 0.7) * horn[:-later]
    tail = chance.standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / (_TAIL_S * RATE))
    size = len(heard) + len(tail)
    around = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(tail / np.linalg.norm(tail), size), size)
    heard += 0.5 * around[: len(heard)]
    return np.interp(np.arange(len(heard)) * (1 + chance.uniform(-_PPM, _PPM) * 1e-6), np.arange(len(heard)), heard)


def _noise(kind: str, length: int, others: Sequence[Samples], chance: np.random.Generator) -> Samples:
    hiss = chance.standard_normal(length)
    if kind == "wind":
        spectrum = np.fft.rfft(hiss)
        return np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), length)
    if kind == "voices":
        return np.sum([np.roll(np.resize(other, length), chance.integers(length)) for other in others], axis=0)
    if kind == "engine":
        turns = np.arange(length) / RATE * chance.uniform(25, 60)
        return 2 * (turns % 1) - 1 + 0.3 * hiss
    return hiss


def _in_band(sound: Samples) -> float:
    power, hertz = np.abs(np.fft.rfft(sound)) ** 2, np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(np.sqrt(power[(hertz > LOWEST_HZ) & (hertz < HIGHEST_HZ)].mean()))
