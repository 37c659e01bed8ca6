"""People are greeted in their own order: family name first in East Asian letters, unless the name itself is written in another script."""

import pytest
from shipped import FILES

from ripeline.letter.sample import sample_data
from ripeline.letter.writing import write_letter


@pytest.mark.parametrize(("locale", "first", "last", "greeting"), [
    pytest.param("zh_Hans", "小明", "王", "王小明，您好：", id="Chinese, without a blank"),
    pytest.param("zh_Hans", "Ada", "Neumann", "Ada Neumann，您好：", id="a Western name in Chinese"),
    pytest.param("ko", "민수", "김", "김민수 님, 안녕하세요.", id="Korean, without a blank"),
    pytest.param("ja", "健二", "田中", "田中 様", id="Japanese, by family name"),
    pytest.param("tr", "Ayşe", "Yılmaz", "Sayın Ayşe Yılmaz,", id="Turkish, in full"),
    pytest.param("zh_Hans", None, "王", "您好：", id="a name of which half is known"),
])  # fmt: skip
def test_people_are_greeted_in_the_order_of_their_name(locale: str, first: str | None, last: str, greeting: str) -> None:
    lead = sample_data({"first_name": first, "last_name": last}) | {"answers": {}, "next_asset": None}

    text = write_letter(FILES, "email/case-recap", locale, lead).text

    assert text.splitlines()[0] == greeting
