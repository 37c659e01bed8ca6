"""Letters checked before anybody receives one: every letter, in every locale it can go out in, on every branch, for the leads that break letters."""

from ripeline.letter.check.beside import confined_faults
from ripeline.letter.check.fault import Fault
from ripeline.letter.check.leads import HOSTILE_LEADS
from ripeline.letter.check.tour import letter_faults

__all__ = ["HOSTILE_LEADS", "Fault", "confined_faults", "letter_faults"]
