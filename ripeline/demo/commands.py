"""Which command shows what next, in the demonstration's own database."""

from pathlib import Path

from ripeline.settings import Settings


def commands(settings: Settings, folder: Path, lead: str) -> list[tuple[str, str]]:
    """Return commands with what they show. They name the demonstration's database where settings would lead elsewhere."""
    place = folder.relative_to(settings.home) if folder.is_relative_to(settings.home) else folder
    before = f"RIPELINE_VAR={place} "
    if settings.database_url:
        before += f"RIPELINE_DATABASE_URL=sqlite:///{folder / 'ripeline.db'} "
    return [
        (f"{before}ripeline explain {lead}", "every point of one lead's score, and the deeds behind it"),
        (f"{before}ripeline lead {lead}", "the same lead's story on one line of time"),
        (f"{before}ripeline messages", "each mail: when, in whose local time, where it is and why"),
        (f"{before}ripeline handoffs", "what sales received"),
        (f"{before}ripeline leads", "all people, best first"),
        ("ripeline preview case-study --locale ja", "a letter as it would go out"),
        ("ripeline check", "the playbook, read with you: edit a file and see"),
    ]
