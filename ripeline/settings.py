"""Settings: what an operator decides, from the environment or `.env`, each with the prefix RIPELINE_."""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ripeline.values import Refusal

CLONE = Path(__file__).resolve().parent.parent


def _home() -> Path:
    here = Path.cwd()
    return here if (here / "playbook").is_dir() else CLONE


class Settings(BaseSettings):
    """What every part may need. A channel, CRM or source reads its own settings beside these."""

    model_config = SettingsConfigDict(env_prefix="RIPELINE_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default_factory=_home, description="Folder that holds playbook/, templates/ and locales/")
    var: Path = Field(default=Path("var"), description="Folder for what the program writes, below home unless absolute")
    database_url: str = Field(default="", description="sqlite:///path or postgresql://…; default: ripeline.db in the var folder")
    secret_key: SecretStr | None = Field(default=None, description="Signs links and keys the suppression hashes, 32 characters or more; default: made once, in var/secret.key")
    channel: Literal["maildir", "smtp", "console"] = Field(default="maildir", description="How mail leaves: module in ripeline/connect/channels")
    only_to: str = Field(default="", description="Divert: only this address or @domain is mailed, everything else is not; empty: everybody")
    confirm_above: int = Field(default=500, description="A delivery of more messages than this asks first")
    sender_name: str = Field(default="", description="Name in From")
    sender_address: str = Field(default="", description="Address in From; its domain is the Message-ID's")
    reply_to: str = Field(default="", description="Reply-To; empty: the sender address")
    company: str = Field(default="", description="Legal name of the sender, for the footer")
    postal_address: str = Field(default="", description="Postal address of the sender, for the footer, parts separated by commas")
    base_url: str = Field(default="http://127.0.0.1:8300", description="Where the world reaches `ripeline serve`, for links in mails")
    web_host: str = "127.0.0.1"
    web_port: int = 8300

    @cached_property
    def var_folder(self) -> Path:
        """Return the folder for what the program writes, made if it is not there."""
        folder = self.var if self.var.is_absolute() else self.home / self.var
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(f"cannot write to {folder} ({error.strerror}): make it writable or set RIPELINE_VAR to a folder that is", 3) from error
        return folder

    @cached_property
    def url(self) -> str:
        """Return the database URL, the default one spelled out."""
        return self.database_url or f"sqlite:///{self.var_folder / 'ripeline.db'}"

    @cached_property
    def key(self) -> bytes:
        """Return the secret key; where none is given, the one in var/secret.key, made at first use and readable by its owner alone."""
        if self.secret_key is not None:
            if len(self.secret_key.get_secret_value()) < 32:
                raise Refusal("RIPELINE_SECRET_KEY is shorter than 32 characters: make one with `python3 -c 'import secrets; print(secrets.token_hex(32))'`")
            return self.secret_key.get_secret_value().encode()
        return _key_in(self.var_folder / "secret.key")


def _key_in(file: Path) -> bytes:
    if not file.exists():
        try:
            with open(file, "x", opener=lambda path, flags: __import__("os").open(path, flags, 0o600)) as out:
                out.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        except OSError as error:
            raise Refusal(f"cannot write {file} ({error.strerror}): make it writable or set RIPELINE_SECRET_KEY", 3) from error
    return file.read_text().strip().encode()


def load_settings(**overrides: Any) -> Settings:
    """Return the settings of this process; a wrong one raises Refusal that names it."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "RIPELINE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Refusal(f"{name} is not usable: {first['msg']} (got {first.get('input')!r})") from error
