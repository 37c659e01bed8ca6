"""Dates, times, numbers, money and lists in the letter's language."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ripeline.render.formats import formats_for

AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(("locale", "name", "args", "expected"), [
    pytest.param("en", "date", (date(2026, 3, 4),), "March 4, 2026", id="a day"),
    pytest.param("de", "date", (date(2026, 3, 4), "full"), "Mittwoch, 4. März 2026", id="a day with its weekday"),
    pytest.param("ja", "date", ("2026-03-04",), "2026年3月4日", id="a day as text"),
    pytest.param("de", "time", (AT, "Europe/Berlin"), "10:30", id="an instant on the lead's clock"),
    pytest.param("ar", "datetime", (AT, "Asia/Riyadh"), "4 مارس 2026، 12:30 م", id="day and time joined the language's way"),
    pytest.param("de", "datetime", (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin"), "25. Oktober 2026, 02:30", id="the night the clocks go back"),
    pytest.param("fr", "number", (Decimal("1234.5"),), "1\u202f234,5", id="a number"),
    pytest.param("en", "number", (Decimal("1234.5"), 0), "1,234", id="a number without decimals"),
    pytest.param("nl", "money", (1250, "EUR"), "€\xa01.250,00", id="money"),
    pytest.param("ja", "money", (1250, "JPY"), "￥1,250", id="money without cents"),
    pytest.param("es", "list", (["a", "b", "c"],), "a, b y c", id="a list"),
    pytest.param("en", "list", (["a", "b"], "or"), "a or b", id="a choice"),
])  # fmt: skip
def test_a_value_is_written_as_the_language_writes_it(locale, name, args, expected):
    assert formats_for(locale)[name](*args) == expected


@pytest.mark.parametrize(("name", "args"), [
    pytest.param("datetime", (AT,), id="an instant without a clock"),
    pytest.param("datetime", (AT, "Mars/Base"), id="an unknown zone"),
    pytest.param("datetime", (date(2026, 3, 4),), id="a day where a time is wanted"),
    pytest.param("time", (date(2026, 3, 4),), id="the time of a day"),
    pytest.param("time", (AT, "Europe/Berlin", "full"), id="a time with a zone it has lost"),
    pytest.param("date", ("tomorrow",), id="a word"),
    pytest.param("date", (5,), id="a number as a day"),
    pytest.param("number", ("5",), id="a text as a number"),
    pytest.param("number", (True,), id="a flag as a number"),
])  # fmt: skip
def test_a_value_of_another_kind_is_refused(name, args):
    with pytest.raises((ValueError, TypeError)):
        formats_for("en")[name](*args)


def test_a_list_escapes_what_it_lists(rendered):
    assert rendered("{{ words|list }}", kind="html", words=["<b>", "c"]) == "&lt;b&gt; and c"
