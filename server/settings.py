"""The server's settings: variables `LOABAN_<FIELD>`, or a `.env` file in the working folder. A shell.

Imported by composition roots. Every field stands in the README's table.
"""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from audio.preference import DEFAULT, preferences
from audio.preset import HORN, PRESETS
from audio.sentence_cache import QUOTA_MB
from audio.voices.command_voice import Line
from audio.voices.roster import VoiceSettings
from server.archive import FEWEST_MONTHS
from server.log_lines import FORMATS, PLAIN

SMTP_SCHEMES = ("smtp", "smtp+starttls", "smtps")


class Settings(BaseSettings):
    """What an installation may choose."""

    model_config = SettingsConfigDict(env_prefix="LOABAN_", env_file=".env", extra="ignore")

    data_folder: Path = Field(default=Path("data"), description="where the database, clips and the signing key live")
    database: str = Field(default="", description="URL of the database; empty: SQLite in the data folder")
    host: str = Field(default="127.0.0.1", description="address of the web pages")
    port: int = Field(default=8000, description="port of the web pages")
    broker: str = Field(default="", description="mqtts://host:port of an MQTT 5 broker; empty: the embedded one")
    loudspeaker_broker: str = Field(default="", description="where loudspeakers meet it; empty: where the server does")
    broker_port: int = Field(default=0, description="port of the embedded broker; 0: the port of the pages + 10")
    gateway: str = Field(default="loaban-gateway", description="client id of this gateway at the broker")
    shared_reports: bool = Field(
        default=True, description="several processes share the reports at a broker of your own"
    )
    voices: str = Field(default=DEFAULT, description="which engines may speak which language, the best first")
    gtts: bool = Field(default=False, description="gTTS may be asked (over the network); the text leaves the country")
    piper_voice: str = Field(default="", description="the Piper voice to be preferred; empty: the first that is there")
    voice_command: str = Field(default="", description="command line of an engine of one's own")
    voice_command_version: str = Field(default="", description="its version, for the provenance")
    voice_command_voice: str = Field(default="", description="the voice that it is to speak with")
    voice_command_folders: str = Field(default="", description="folders that it may read, with : between them")
    voice_command_network: bool = Field(default=False, description="it may reach the network")
    speech_check: bool = Field(default=True, description="listen again with viet-asr, where it is installed")
    sentence_cache_mb: int = Field(default=QUOTA_MB, ge=10, description="megabytes for sentences that were spoken")
    sound_preset: str = Field(default=HORN.name, description="horn, or column for loudspeakers indoors")
    retention_months: int = Field(
        default=24, ge=1, description="months that aired sound and its originals are kept; legal holds keep longer"
    )
    archive_months: int = Field(
        default=13, ge=FEWEST_MONTHS, description="whole months of the log that `loaban archive` leaves in the database"
    )
    secure_cookies: bool = Field(default=False, description="cookies over HTTPS only; switch on behind HTTPS")
    tls_certificate: str = Field(default="", description="the pages' own certificate (PEM): HTTPS")
    tls_key: str = Field(default="", description="its key (PEM)")
    oidc_issuer: str = Field(default="", description="address of the province's OpenID provider; empty: none")
    oidc_client_id: str = Field(default="", description="what the provider calls this server")
    oidc_client_secret: str = Field(default="", description="the secret that it gave to this server")
    oidc_claim: str = Field(
        default="preferred_username", description="the claim of the ID token that holds the username here"
    )
    oidc_second_factor: str = Field(
        default="", description="values of amr or acr that count as a second factor, with commas between; empty: none"
    )
    source_url: str = Field(default="", description="address of the source-information system; empty: none")
    source_token: str = Field(default="", description="the token that it gave to this server")
    source_minutes: int = Field(default=5, ge=1, description="minutes from one question to the next")
    metrics: str = Field(default="", description="host:port of the figures for Prometheus; empty: none")
    log_format: str = Field(default=PLAIN, description="plain for people, json for machines")
    api_per_minute: int = Field(default=120, ge=1, description="questions a minute for each token of the JSON API")
    page_address: str = Field(
        default="", description="address of the pages as people type it, for links in messages; empty: host and port"
    )
    smtp: str = Field(
        default="",
        description="the mail server: smtps://, smtp+starttls:// or smtp://host:port; empty: no e-mail",
    )
    smtp_from: str = Field(default="", description="the address that e-mail comes from")
    smtp_user: str = Field(default="", description="the account at the mail server; empty: none is needed")
    smtp_password: str = Field(default="", description="its password")
    mail_attachments_mb: float = Field(
        default=10, ge=0, description="megabytes that an e-mail with a report may weigh; a heavier one brings a link"
    )
    private_targets: bool = Field(
        default=False, description="webhooks and push services may stand in a private network, and over HTTP"
    )
    demo: bool = Field(default=False, description="this is a demonstration: pages say so")

    @field_validator("voices")
    @classmethod
    def _written_well(cls, written: str) -> str:
        preferences(written)
        return written

    @field_validator("log_format")
    @classmethod
    def _of_ours(cls, name: str) -> str:
        if name not in FORMATS:
            raise ValueError(f"“{name}”: {', '.join(FORMATS)}")
        return name

    @field_validator("sound_preset")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in PRESETS:
            raise ValueError(f"“{name}”: {', '.join(PRESETS)}")
        return name

    @field_validator("smtp")
    @classmethod
    def _a_mail_server(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in SMTP_SCHEMES or not urlsplit(url).hostname):
            raise ValueError(f"“{url}”: {', '.join(f'{scheme}://host:port' for scheme in SMTP_SCHEMES)}")
        return url

    @property
    def address(self) -> str:
        """Where people open the pages, without a slash at its end."""
        scheme = "https" if self.tls_certificate else "http"
        return (self.page_address or f"{scheme}://{self.host}:{self.port}").rstrip("/")

    @property
    def voice_settings(self) -> VoiceSettings:
        """What the engines need to know."""
        folders = tuple(filter(None, self.voice_command_folders.split(":")))
        named = (self.voice_command, self.voice_command_version, self.voice_command_voice)
        line = Line(*named, folders, self.voice_command_network)
        folder = str(self.data_folder.resolve())
        return VoiceSettings(folder, self.voices, self.gtts, self.piper_voice, line, self.sentence_cache_mb)

    @property
    def behind_tls(self) -> bool:
        """Whether browsers meet the pages over HTTPS."""
        return self.secure_cookies or bool(self.tls_certificate)

    @property
    def database_url(self) -> str:
        """The database of this installation."""
        return self.database or f"sqlite:///{self.data_folder.resolve() / 'loaban.db'}"

    @property
    def embedded_port(self) -> int:
        """Where the embedded broker listens."""
        return self.broker_port or self.port + 10
