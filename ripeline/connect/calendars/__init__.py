"""Calendars of the outside world: public holidays."""
