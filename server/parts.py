"""The parts of one server, put together from its settings.

A composition root: imported by the command line and the demonstration.
"""

from collections.abc import Callable

import msgspec
from pwdlib import PasswordHash

from audio.preset import PRESETS
from audio.vietasr_recogniser import VietAsrRecogniser
from audio.voice import Narrator
from audio.working_narrator import WorkingNarrator
from schedules.clock import UtcMs
from schedules.signing import SigningKey
from schedules.wire import Report
from server import clearing, system_clock
from server.bell import Bell
from server.bell_ringer import BellRinger
from server.clip_archive import ClipArchive
from server.desk import Desk
from server.embedded_broker import EmbeddedBroker
from server.fallbacks import Renewal, renew
from server.keyring import Keyring
from server.migrations import bring_to_newest
from server.mqtt_gateway import Gateway
from server.mqtt_reports import ReportLine
from server.narrations import Narrations
from server.occupancy import Occupancy
from server.oidc import Provider
from server.originals import Originals
from server.province_sign_in import IdentityProvider
from server.repositories.store import Stores, engine_of
from server.settings import Settings
from server.staff import Hasher
from server.studio import Studio
from server.vault import Vault, vault_in


class Parts(msgspec.Struct, frozen=True):
    """Everything that a server is made of. `broker` is None with a broker of one's own."""

    settings: Settings
    stores: Stores
    bell: Bell
    archive: ClipArchive
    narrator: Narrator
    originals: Originals
    studio: Studio
    narrations: Narrations
    hasher: Hasher
    vault: Vault
    provider: IdentityProvider | None
    keyring: Keyring
    broker: EmbeddedBroker | None
    gateway: Gateway
    reports: ReportLine
    ringer: BellRinger
    renewal: Renewal
    occupancy: Occupancy

    @property
    def key(self) -> SigningKey:
        """The key that signs now."""
        return self.keyring.current().key

    def start(self) -> None:
        """Meet the broker. Raises `Occupied` where another server does."""
        self.occupancy.begin()
        self.ringer.start()
        self.renewal.start()
        self.gateway.start()
        self.reports.start()

    def stop(self) -> None:
        """Leave it."""
        self.reports.stop()
        self.gateway.stop()
        self.renewal.stop()
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
    narrator = WorkingNarrator(settings.voice_settings)
    recogniser = VietAsrRecogniser() if settings.speech_check else None
    studio = Studio(narrator, archive, originals, recogniser, PRESETS[settings.sound_preset])
    keyring = Keyring(folder, system_clock.new_key)
    broker = None if settings.broker else EmbeddedBroker(settings.embedded_port, folder)
    url = settings.broker or (broker.url if broker else "")

    def clear(now: UtcMs) -> None:
        clearing.clear(stores, archive, originals, settings.retention_months, now)

    desk = Desk(stores, bell, system_clock.utc_ms, filed, keyring, clear)
    return Parts(
        settings=settings,
        stores=stores,
        bell=bell,
        archive=archive,
        narrator=narrator,
        originals=originals,
        studio=studio,
        narrations=Narrations(studio),
        hasher=PasswordHash.recommended(),
        vault=vault_in(folder, system_clock.new_key),
        provider=_provider(settings),
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
        renewal=Renewal(lambda: renew(stores, studio, system_clock.utc_ms), lambda: bell.ring("log")),
        ringer=BellRinger(bell, desk.newest_act),
        occupancy=Occupancy(folder),
    )


def unheard(_device: str, _report: Report) -> None:
    """Nobody listens to what is filed."""


def _provider(settings: Settings) -> IdentityProvider | None:
    """The province's single sign-on, where there is one. Raises `InsecureIssuer`."""
    if not settings.oidc_issuer or settings.demo:
        return None
    second = tuple(value.strip() for value in settings.oidc_second_factor.split(",") if value.strip())
    return Provider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_claim, second
    )
