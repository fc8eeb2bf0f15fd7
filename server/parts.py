"""The parts of one server, put together from its settings.

A composition root: imported by the command line and the demonstration.
"""

from collections.abc import Callable

import msgspec
from pwdlib import PasswordHash

from audio import mastering
from audio.voice import Voice
from audio.voices.espeak_voice import EspeakVoice
from audio.voices.fallback_voice import FallbackVoice
from audio.voices.gtts_voice import GttsVoice
from schedules.signing import SigningKey
from schedules.wire import Report
from server import system_clock
from server.bell import Bell
from server.bell_ringer import BellRinger
from server.clip_archive import ClipArchive
from server.desk import Desk
from server.embedded_broker import EmbeddedBroker
from server.keyring import Keyring
from server.migrations import bring_to_newest
from server.mqtt_gateway import Gateway
from server.mqtt_reports import ReportLine
from server.occupancy import Occupancy
from server.originals import Originals
from server.repositories.store import Stores, engine_of
from server.settings import Settings
from server.staff import Hasher
from server.studio import Studio


class Parts(msgspec.Struct, frozen=True):
    """Everything that a server is made of. `broker` is None with a broker of one's own."""

    settings: Settings
    stores: Stores
    bell: Bell
    archive: ClipArchive
    voice: Voice
    originals: Originals
    studio: Studio
    hasher: Hasher
    keyring: Keyring
    broker: EmbeddedBroker | None
    gateway: Gateway
    reports: ReportLine
    ringer: BellRinger
    occupancy: Occupancy

    @property
    def key(self) -> SigningKey:
        """The key that signs now."""
        return self.keyring.current().key

    def start(self) -> None:
        """Meet the broker. Raises `Occupied` where another server does."""
        self.occupancy.begin()
        self.ringer.start()
        self.gateway.start()
        self.reports.start()

    def stop(self) -> None:
        """Leave it."""
        self.reports.stop()
        self.gateway.stop()
        self.ringer.stop()
        self.occupancy.end()


def assemble(settings: Settings, filed: Callable[[str, Report], None]) -> Parts:
    """Make or open everything; nothing listens yet."""
    folder = settings.data_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = engine_of(settings.database_url)
    bring_to_newest(engine)
    stores, bell = Stores(engine), Bell()
    archive = ClipArchive(folder / "clips")
    originals = Originals(folder / "originals")
    originals.forget(system_clock.utc_ms())
    voice = _voice(settings)
    keyring = Keyring(folder, system_clock.new_key)
    broker = None if settings.broker else EmbeddedBroker(settings.embedded_port, folder)
    url = settings.broker or (broker.url if broker else "")
    desk = Desk(stores, bell, system_clock.utc_ms, filed, keyring)
    return Parts(
        settings=settings,
        stores=stores,
        bell=bell,
        archive=archive,
        voice=voice,
        originals=originals,
        studio=Studio(voice, archive, originals),
        hasher=PasswordHash.recommended(),
        keyring=keyring,
        broker=broker,
        gateway=Gateway(url, settings.gateway, desk, keyring, archive, bell),
        reports=ReportLine(
            url,
            f"{settings.gateway}-reports",
            desk,
            keyring,
            shared=bool(settings.broker) and settings.shared_reports,
        ),
        ringer=BellRinger(bell, desk.newest_act),
        occupancy=Occupancy(folder),
    )


def unheard(_device: str, _report: Report) -> None:
    """Nobody listens to what is filed."""


def _voice(settings: Settings) -> Voice:
    espeak = EspeakVoice()
    if not settings.gtts:
        return espeak
    return FallbackVoice([GttsVoice(mastering.to_wav, system_clock.rest), espeak])
