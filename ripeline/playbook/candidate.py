"""A playbook by the name a person gives it: a version, what is live or in shadow, a folder, or a single card tried in the live one."""

from pathlib import Path

from sqlmodel import Session

from ripeline.playbook.applied import applied_playbook, playbook_in_use, version_named
from ripeline.playbook.files import read_folder, read_part
from ripeline.playbook.playbook import CARD, Playbook, sound_playbook
from ripeline.playbook.shadow import shadow_hash
from ripeline.values import Refusal

LIVE, SHADOW = "live", "shadow"
FORMS = "give 'live', 'shadow', the start of a version's hash, a folder that holds playbook/, or a scorecard file"


def playbook_named(session: Session, named: str, home: Path) -> Playbook:
    """Return the playbook of this name: `live`, `shadow`, a path, or the start of a stored version's hash.

    A path is a folder that holds playbook/, such a playbook folder itself (templates and catalogues then come from `home`), or a
    scorecard file, which takes the place of the live card. Files are checked as `ripeline check` does, letters left out: raises Unfit.
    """
    if named == LIVE:
        return applied_playbook(session)
    if named == SHADOW:
        return in_shadow(session)
    path = Path(named).expanduser()
    if path.is_dir():
        return sound_playbook(_folder(path, home), letters=False)
    if path.is_file():
        return _with_card(session, path)
    if not named or not set(named.lower()) <= set("0123456789abcdef"):
        raise Refusal(f"'{named}' is neither a file, a folder nor a version: {FORMS}")
    return version_named(session, named.lower())


def in_shadow(session: Session) -> Playbook:
    """Return the playbook in shadow; raise Refusal where none is."""
    version = shadow_hash(session)
    if version is None:
        raise Refusal("no card is in shadow: `ripeline scorecard shadow VERSION` puts one there")
    return playbook_in_use(session, version)


def _folder(path: Path, home: Path) -> dict[str, str]:
    if (path / "playbook").is_dir():
        return read_folder(path)
    if not (path / "scoring").is_dir():
        raise Refusal(f"{path} is no playbook: neither playbook/ nor scoring/ lies in it. Please {FORMS}")
    beside = {name: text for name, text in read_folder(home).items() if not name.startswith("playbook/")}
    return beside | read_part(path, "playbook")


def _with_card(session: Session, path: Path) -> Playbook:
    live = applied_playbook(session)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is no scorecard: it is not UTF-8 text (byte {error.start})") from error
    return sound_playbook({**live.files, CARD: text}, letters=False)
