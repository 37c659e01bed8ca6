"""Letters: files and plain data in, a rendered letter out; then its bytes."""

from ripeline.letter.data import HandoffData, Links, MeetingData, ReasonData, RepData, ScoreData, Sender, letter_data
from ripeline.letter.locales import choose_locale
from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import Letter, complete_locales, write_letter, write_page

__all__ = [
    "Envelope", "HandoffData", "Letter", "Links", "MeetingData", "ReasonData", "RepData", "ScoreData", "Sender", "choose_locale",
    "complete_locales", "letter_data", "sample_data", "to_bytes", "write_letter", "write_page",
]  # fmt: skip
