"""Settings: what an operator decides, from the environment or from `.env` beside the playbook, each with the prefix RIPELINE_."""

import os
import re
import secrets
from contextlib import suppress
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from ripeline.values import Refusal

CLONE = Path(__file__).resolve().parent.parent
PREFIX = "RIPELINE_"
LEAST_KEY = 32

_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,20}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")

S = TypeVar("S", bound=BaseSettings)


def _home() -> Path:
    here = Path.cwd()
    return here if (here / "playbook").is_dir() else CLONE


class Settings(BaseSettings):
    """What every part may need. A channel, CRM or source reads its own settings beside these."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    home: Path = Field(default_factory=_home, description="Folder that holds playbook/, templates/ and locales/")
    var: Path = Field(default=Path("var"), description="Folder for what the program writes, below home unless absolute")
    database_url: str = Field(default="", description="sqlite:///path or postgresql://…; default: ripeline.db in the var folder")
    secret_key: SecretStr | None = Field(
        default=None, description="Signs links and keys the suppression hashes, 32 characters or more; default: made once, in var/secret.key"
    )
    task_runner: str = Field(
        default="thread",
        pattern=r"^(thread|dask|(tcp|tls)://\S+)$",
        description="Who works the flows' batches off: thread, dask (a cluster on this machine), or tcp://… of a Dask scheduler",
    )
    channel: Literal["maildir", "smtp", "console"] = Field(default="maildir", description="How mail leaves: module in ripeline/connect/channels")
    only_to: str = Field(default="", description="Divert: only this address or @domain is mailed, everything else is not; empty: everybody")
    confirm_above: int = Field(default=500, ge=0, description="A delivery of more messages than this asks first")
    sender_name: str = Field(default="", description="Name in From")
    sender_address: str = Field(default="", description="Address in From; its domain is the Message-ID's")
    reply_to: str = Field(default="", description="Reply-To; empty: the sender address")
    bounce_address: str = Field(
        default="", description="b@bounce.example.com: each message's bounces go to b+<its token>@…, so that they say which it was; empty: the sender address"
    )
    dkim_key: Path | None = Field(default=None, description="PEM file with the RSA key that signs mails, below home unless absolute; empty: the relay signs")
    dkim_selector: str = Field(default="ripeline", description="Under which name the public key stands in DNS: <selector>._domainkey.<domain>")
    dkim_domain: str = Field(default="", description="In whose name mails are signed; empty: the sender address's domain")
    company: str = Field(default="", description="Legal name of the sender, for the footer")
    postal_address: str = Field(default="", description="Postal address of the sender, for the footer, parts separated by commas")
    base_url: str = Field(default="http://127.0.0.1:8300", description="Where the world reaches `ripeline serve`, for links in mails")
    site: str = Field(default="", description="Where your own site is, for the links in mails (/pricing, /privacy, /imprint …); empty: the base URL")
    web_host: str = Field(default="127.0.0.1", description="Where `ripeline serve` listens; 0.0.0.0 listens everywhere")
    web_port: int = Field(default=8300, ge=0, le=65535, description="And on which port")

    @field_validator("bounce_address")
    @classmethod
    def _has_room_for_a_token(cls, address: str) -> str:
        if address and not _BOUNCE_ADDRESS.fullmatch(address):
            raise ValueError("before the @ stand at most 20 plain letters, to which +<token> is added, and after it a domain in ASCII")
        return address

    @cached_property
    def var_folder(self) -> Path:
        """Return the folder for what the program writes, made if it is not there."""
        folder = self.var if self.var.is_absolute() else self.home / self.var
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(f"cannot write to {folder} ({error.strerror}): make it writable or set RIPELINE_VAR to a folder that is", 3) from error
        return folder

    def lets_through(self, address: str) -> bool:
        """Return whether RIPELINE_ONLY_TO, an address or @domain, lets a mail go to this address; empty lets everything go."""
        wanted, recipient = self.only_to.strip().casefold(), address.casefold()
        return recipient.endswith(wanted) if wanted.startswith("@") else wanted in ("", recipient)

    @property
    def links_to(self) -> str:
        """Return the address that links in mails begin with, without a slash at its end."""
        return (self.site or self.base_url).rstrip("/")

    @cached_property
    def url(self) -> str:
        """Return the database URL, the default one spelled out."""
        return self.database_url or f"sqlite:///{self.var_folder / 'ripeline.db'}"

    @cached_property
    def key(self) -> bytes:
        """Return the secret key; where none is given, the one in var/secret.key, made at first use and readable by its owner alone."""
        if self.secret_key is not None:
            if len(self.secret_key.get_secret_value()) < LEAST_KEY:
                raise Refusal(
                    f"RIPELINE_SECRET_KEY is shorter than {LEAST_KEY} characters: make one with `python3 -c 'import secrets; print(secrets.token_hex(32))'`"
                )
            return self.secret_key.get_secret_value().encode()
        return _key_in(self.var_folder / "secret.key")


def _key_in(file: Path) -> bytes:
    if not file.exists():
        try:
            _keep(file, secrets.token_hex(LEAST_KEY))
        except OSError as error:
            raise Refusal(f"cannot write {file} ({error.strerror}): make room and make it writable, or set RIPELINE_SECRET_KEY", 3) from error
    key = file.read_text().strip().encode()
    if len(key) < LEAST_KEY:
        raise Refusal(f"{file} holds no key: put back the one that was there, or remove the file for a new one, with which old unsubscribe links die")
    return key


def _keep(file: Path, key: str) -> None:
    """Write a file whole, unless it is there by now: whoever comes at the same time reads one key, and never half of it."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with open(draft, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            out.write(key)
        with suppress(FileExistsError):
            os.link(draft, file)  # unlike a rename it replaces nothing
    finally:
        draft.unlink(missing_ok=True)


def load_settings(**overrides: Any) -> Settings:
    """Return the settings of this process; a wrong one, or one whose name is nearly another's, raises Refusal that names it.

    A name written wrong must not pass: without RIPELINE_ONLY_TO everybody is mailed.
    """
    for name in given_names():
        if (meant := _meant(name)) is not None:
            raise Refusal(f"{name} is no setting, and nothing would come of it. Did you mean {meant}?")
    return read_settings(Settings, **overrides)


@cache
def _meant(name: str) -> str | None:
    """Return the setting that a name is nearly, None where it is one, or like none. Flows ask at every batch, and comparing takes time."""
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    return None if name in known else next(iter(get_close_matches(name, known, n=1, cutoff=0.88)), None)


def read_settings(shape: type[S], **overrides: Any) -> S:
    """Return the settings of one part, from the environment and `.env`; a wrong one raises Refusal that names it."""
    return _read(shape, **overrides) if overrides else _as_given(shape, _given()).model_copy()


def _given() -> tuple[object, ...]:
    """Return all that settings are read from: as long as it stays the same they need no reading. Sweeps ask at every batch."""
    file, state = _env_file(), None
    with suppress(OSError):
        state = file.stat()
    return os.getcwd(), tuple(os.environ.items()), file, state and (state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=32)
def _as_given(shape: type[S], given: tuple[object, ...]) -> S:
    return _read(shape)


def _read(shape: type[S], **overrides: Any) -> S:
    try:
        return shape(_env_file=_env_file(), **overrides)
    except ValidationError as error:
        raise Refusal(_said(error.errors(include_url=False)[0], str(shape.model_config.get("env_prefix")))) from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{_env_file()} is not UTF-8: save it as UTF-8") from error


def _said(error: ErrorDetails, prefix: str) -> str:
    name = prefix + "_".join(str(part) for part in error["loc"]).upper()
    said = error["msg"].removeprefix("Value error, ")
    return f"{name} is not usable: {said[:1].lower()}{said[1:]}, not {error.get('input')!r}"


def _env_file() -> Path:
    """Return where `.env` lies: beside the playbook, wherever the command was started."""
    return Path(os.environ.get(f"{PREFIX}HOME") or _home()) / ".env"


def given_names() -> list[str]:
    """Return the name of everything with our prefix that the environment or `.env` sets, whether or not it is a setting."""
    try:
        names = {*os.environ, *DotEnvSettingsSource(Settings, env_file=_env_file()).env_vars}
    except UnicodeDecodeError as error:
        raise Refusal(f"{_env_file()} is not UTF-8: save it as UTF-8") from error
    return sorted(name.upper() for name in names if name.upper().startswith(PREFIX))
