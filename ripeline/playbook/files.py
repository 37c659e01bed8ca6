"""The playbook as files: path → text, read from a folder, and the hash that names the whole."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ripeline.values import Refusal

FOLDERS = ("playbook", "templates", "locales")
SUFFIXES = {".toml", ".txt", ".mjml", ".html", ".po", ".csv"}


def read_folder(home: Path) -> dict[str, str]:
    """Return every file of the playbook below `home`, by POSIX path; files of other kinds and hidden ones are not part of it."""
    if not (home / "playbook").is_dir():
        raise Refusal(f"no folder playbook/ in {home}: run this in the clone, or set RIPELINE_HOME to it")
    return {path: text for name in FOLDERS for path, text in read_part(home / name, name).items()}


def read_part(folder: Path, name: str) -> dict[str, str]:
    """Return every file below `folder` as if that were called `name`: a copy of playbook/ may lie anywhere."""
    return {f"{name}/{path.relative_to(folder).as_posix()}": _text(path) for path in sorted(folder.rglob("*")) if _belongs(path, folder)}


def read_candidate(folder: Path, home: Path) -> dict[str, str]:
    """Return the files of a playbook that is not home's: `folder` holds playbook/, or is itself such a folder. Parts it does not have are home's."""
    if (folder / "playbook").is_dir():
        own = read_folder(folder)
    elif (folder / "limits.toml").is_file():
        inside = (path for path in sorted(folder.rglob("*")) if _belongs(path, folder))
        own = {f"playbook/{path.relative_to(folder).as_posix()}": _text(path) for path in inside}
    else:
        raise Refusal(f"{folder} is no playbook: name a folder that holds playbook/, or one like it, with limits.toml in it")
    parts = {path.split("/", 1)[0] for path in own}
    return own | {path: text for path, text in read_folder(home).items() if path.split("/", 1)[0] not in parts}


def _belongs(path: Path, folder: Path) -> bool:
    return path.is_file() and path.suffix in SUFFIXES and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise Refusal(f"{path} cannot be read ({error.strerror}): check its permissions") from error


def content_hash(files: Mapping[str, str]) -> str:
    """Return the SHA-256 over paths and texts in path order, as hex: equal files, equal hash."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            encoded = part.encode()
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
