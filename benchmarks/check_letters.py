"""`ripeline check` of letters: every touch in every language, on every branch, for every hostile lead, in processes beside ours."""

import os
import time
import tomllib
from collections.abc import Mapping

from benchmarks.goals import CHECK
from benchmarks.row import Row
from ripeline.letter.catalogue import SOURCE_LOCALE, locales_in
from ripeline.letter.check import confined_faults
from ripeline.letter.enumerations import FIELDS
from ripeline.letter.folder import templates_in
from ripeline.playbook.files import read_folder
from ripeline.settings import CLONE

GOAL_SECONDS = 60.0


def run(small: bool) -> list[Row]:
    """Return a row for 18 touches in 14 languages, whose goal is told, and one for all that is shipped."""
    files = read_folder(CLONE)
    return [_row(_fewer(files, 1, 1))] if small else [_row(_fewer(files, 18, 14), goal=GOAL_SECONDS), _row(files)]


def _fewer(files: Mapping[str, str], touches: int, languages: int) -> dict[str, str]:
    """Return the files with so many touches and languages left, and no letters and pages beside them."""
    left = set([each for each in templates_in(files) if each.startswith("email/")][:touches])
    gone = [each for each in templates_in(files) if each not in left]
    spoken = {SOURCE_LOCALE, *[locale for locale in locales_in(files) if locale != SOURCE_LOCALE][: languages - 1]}
    unspoken = [f"locales/{locale}/" for locale in locales_in(files) if locale not in spoken]
    unwanted = tuple([f"templates/{each}" for each in gone] + unspoken)
    return {path: text for path, text in files.items() if not path.startswith(unwanted)}


def _row(files: Mapping[str, str], goal: float | None = None) -> Row:
    begun = time.perf_counter()
    declared, processors = tomllib.loads(files[FIELDS])["lead"], len(os.sched_getaffinity(0))
    found = confined_faults(files, declared, processes=processors)
    seconds = time.perf_counter() - begun
    touches = sum(each.startswith("email/") for each in templates_in(files))
    what = f"check {touches} touches × {len(locales_in(files))} languages"
    others = len(templates_in(files)) - touches
    beside = f", and {others} other letters and pages" if others else ""
    told = f"{seconds:.0f} s on {processors} cores, {len(found)} findings"
    return Row(CHECK, what + beside, told, "", None, f"under {goal:.0f} s" if goal else "", seconds < goal if goal else None)
