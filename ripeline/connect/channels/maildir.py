"""The maildir channel: every mail becomes a file that any mail reader opens. The default: nothing leaves the machine."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ripeline.connect.channels import Accepted, Channel, Deferred, Mail, Outcome, Withdrawn
from ripeline.connect.errors import Temporary
from ripeline.settings import Settings, read_settings

PARTS = ("tmp", "new", "cur")


class MaildirSettings(BaseSettings):
    """Where the files lie."""

    model_config = SettingsConfigDict(env_prefix="RIPELINE_MAILDIR_", extra="ignore", frozen=True)

    folder: Path = Field(default=Path("mail"), description="Maildir folder, below var unless absolute")


class Maildir(Channel):
    """A Maildir (tmp, new, cur): written to tmp, flushed to the disk, then renamed into new in one step.

    A file is named by its mail, so that submitting the same mail again replaces it: one mail is one file, whatever happened.
    """

    is_sink = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)
        self._read: frozenset[str] = frozenset()

    def open(self) -> None:
        try:
            for part in PARTS:
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            # A mail reader moves a file to cur and adds its flags to the name: `name.eml:2,S`.
            self._read = frozenset(file.name.partition(":")[0] for file in (self.folder / "cur").iterdir())
        except OSError as error:
            raise Temporary(self._unwritable(error)) from error

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        name = hashlib.blake2b(mail.mail_id.encode(), digest_size=16).hexdigest() + ".eml"
        draft, kept = self.folder / "tmp" / f"{name}.{os.getpid()}", self.folder / "new" / name
        try:
            _write(draft, mail.raw)
            if not on_dot():
                return Withdrawn()
            if name in self._read:
                return Accepted(250, "kept already")
            draft.rename(kept)
            _flush(kept.parent)
        except OSError as error:
            return Deferred(None, self._unwritable(error), "connect")
        finally:
            with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                draft.unlink()
        return Accepted(250, "kept")

    def close(self) -> None:
        """Do nothing: every mail is on the disk already."""

    def _unwritable(self, error: OSError) -> str:
        return f"cannot write mail to {self.folder} ({error.strerror}): make it writable or set RIPELINE_MAILDIR_FOLDER to a folder that is"


def channel(settings: Settings) -> Maildir:
    """Return the maildir channel of these settings."""
    return Maildir(settings.var_folder / read_settings(MaildirSettings).folder)


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
