"""The way of the database from any older shape to the newest.

Imported by the composition root.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def config_of(engine: Engine) -> Config:
    """Alembic's configuration for a database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = engine
    return config


def bring_to_newest(engine: Engine) -> None:
    """Apply every migration that the database does not have yet."""
    command.upgrade(config_of(engine), "head")
