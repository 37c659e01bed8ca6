"""The demonstration's own folder and settings: nothing of the demonstration touches what is yours."""

import shutil
from pathlib import Path

from ripeline.values import Refusal

MARKER = ".ripeline-demo"
KEY = "the-demonstration-has-no-secrets"


def fresh_folder(folder: Path) -> Path:
    """Return `folder`, empty and marked as ours. One that is not empty and lacks the mark is somebody's own: Refusal."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise Refusal(f"{folder} is not empty and was not made by a demonstration: name another folder with --folder")
    try:
        shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None
        folder.mkdir(parents=True)
        (folder / MARKER).write_text("Made by `ripeline demo`, which removes this whole folder when it runs again.\n")
        (folder / "secret.key").write_text(KEY)
        (folder / "inbox").mkdir()
    except OSError as error:
        raise Refusal(f"cannot make {folder} ({error.strerror}): name a writable folder with --folder", 3) from error
    return folder


def demo_settings(home: Path, folder: Path, smtp_port: int) -> dict[str, str]:
    """Return the environment of the demonstration: every setting that could lead out of its folder is set, whatever .env says."""
    return {
        "RIPELINE_HOME": str(home),
        "RIPELINE_VAR": str(folder),
        "RIPELINE_DATABASE_URL": f"sqlite:///{folder / 'ripeline.db'}",
        "RIPELINE_SECRET_KEY": KEY,
        "RIPELINE_CHANNEL": "smtp",
        "RIPELINE_ONLY_TO": "",
        "RIPELINE_SMTP_HOST": "127.0.0.1",
        "RIPELINE_SMTP_PORT": str(smtp_port),
        "RIPELINE_SMTP_USER": "",
        "RIPELINE_SMTP_PASSWORD": "",
        "RIPELINE_SMTP_STARTTLS": "false",
        "RIPELINE_SMTP_SINK": "true",
        "RIPELINE_SENDER_NAME": "Nora at Tidewerk",
        "RIPELINE_SENDER_ADDRESS": "nora@tidewerk.example",
        "RIPELINE_REPLY_TO": "",
        "RIPELINE_COMPANY": "Tidewerk BV",
        "RIPELINE_POSTAL_ADDRESS": "Keizersgracht 1, 1015 CN Amsterdam, Netherlands",
        "RIPELINE_BASE_URL": "https://go.tidewerk.example",
    }
