"""meta.toml: who writes, where answers go, what a letter is for, how its links are counted."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.letter.counted import counted_html, counted_text
from ripeline.letter.meta import meta_of
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import write_letter
from ripeline.render import RenderError

HELLO, BASE = "templates/email/hello/meta.toml", "templates/email/_base/meta.toml"
UTM = (("utm_source", "ripeline"), ("utm_content", "case study"))
SITE = "https://www.example.com"


def test_a_letter_says_more_than_its_family_and_keeps_the_rest(small: dict[str, str]) -> None:
    small[BASE] = 'reply_to = "desk@tidewerk.example"\n[sender]\nname = "Tidewerk"\n[utm]\nsource = "ripeline"\nmedium = "email"'
    small[HELLO] = '[sender]\nname = "Nora"\n[utm]\nmedium = ""\ncontent = "{touch}-{locale}"'

    meta = meta_of(small, "email/hello")

    assert (meta.sender.name, meta.reply_to, meta.purpose) == ("Nora", "desk@tidewerk.example", "marketing")
    assert meta.utm.parameters("hello", "de") == (("utm_source", "ripeline"), ("utm_content", "hello-de"))


def test_a_touch_is_marketing_and_what_sales_sends_is_service() -> None:
    assert (meta_of({}, "email/hello").is_bulk, meta_of({}, "handoff/card").is_bulk) == (True, False)


@pytest.mark.parametrize("text", [
    pytest.param('reply_to = "nobody"', id="no address"),
    pytest.param('[sender]\nname = "Nora\\nBcc: x@example.com"', id="a name of two lines"),
    pytest.param('purpose = "fun"', id="a purpose nobody has"),
    pytest.param('sendr = "Nora"', id="a key nobody knows"),
    pytest.param("[", id="no TOML"),
])  # fmt: skip
def test_a_wrong_meta_is_refused_by_its_path(text: str) -> None:
    with pytest.raises(RenderError, match=r"email/hello/meta\.toml"):
        meta_of({HELLO: text}, "email/hello")


def test_links_to_our_site_are_counted_in_both_parts_alike_and_the_way_out_is_not(small: dict[str, str]) -> None:
    small[HELLO] = '[utm]\nsource = "ripeline"\ncontent = "{touch}"'

    letter = write_letter(small, "email/hello", "en", sample_data())

    wanted = f"{SITE}/guide?utm_source=ripeline&utm_content=hello"
    assert re.findall(r"https://\S+", letter.text) == [wanted, f"{SITE}/unsubscribe/sample-token", f"{SITE}/imprint?utm_source=ripeline&utm_content=hello"]
    assert [html.unescape(link) for link in re.findall(r'href="([^"]+)"', letter.html)] == [
        wanted,
        f"{SITE}/unsubscribe/sample-token",
        f"{SITE}/imprint?utm_source=ripeline&utm_content=hello",
    ]


@pytest.mark.parametrize(("before", "after"), [
    pytest.param(f"{SITE}/a.", f"{SITE}/a?utm_source=ripeline&utm_content=case%20study.", id="a full stop behind it"),
    pytest.param(f"({SITE}/a?b=1#c)", f"({SITE}/a?b=1&utm_source=ripeline&utm_content=case%20study#c)", id="a query, a fragment, parentheses"),
    pytest.param(f"{SITE}", f"{SITE}?utm_source=ripeline&utm_content=case%20study", id="the site alone"),
    pytest.param(f"{SITE}/a?utm_source=x", f"{SITE}/a?utm_source=x&utm_content=case%20study", id="what the author counts already"),
    pytest.param(f"{SITE}.evil.example/a", f"{SITE}.evil.example/a", id="a host that begins like ours"),
    pytest.param("https://other.example/a", "https://other.example/a", id="another site"),
    pytest.param(f"{SITE}/out", f"{SITE}/out", id="the way out"),
])  # fmt: skip
def test_a_link_in_text_is_counted(before: str, after: str) -> None:
    assert counted_text(before, SITE, UTM, f"{SITE}/out") == after


def test_pictures_are_not_counted() -> None:
    assert counted_html(f'<img src="{SITE}/logo.png">', SITE, UTM, None) == f'<img src="{SITE}/logo.png">'


PATHS = st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="/-_?&=#"), max_size=20).filter(lambda path: not path.endswith("?"))


@given(PATHS)
@tried(40)
def test_text_and_html_lead_to_the_same_place_and_counting_twice_changes_nothing(path: str) -> None:
    address = f"{SITE}/{path}"

    text = counted_text(address, SITE, UTM, None)
    markup = counted_html(f'<a href="{html.escape(address)}">', SITE, UTM, None)

    assert html.unescape(markup) == f'<a href="{text}">'
    assert counted_text(text, SITE, UTM, None) == text
