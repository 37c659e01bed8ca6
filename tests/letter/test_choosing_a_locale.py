"""Which language a lead is written to in, and why (RELIABILITY D16)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.letter.locales import choose_locale

HAVE = ("en", "nl", "nb", "de", "fr", "es", "pt_BR", "ja", "ar", "he", "zh_Hans")


@pytest.mark.parametrize(("wanted", "country", "have", "expected"), [
    pytest.param("de", None, HAVE, "de", id="what is wanted"),
    pytest.param("pt-BR", None, HAVE, "pt_BR", id="as BCP 47 writes it"),
    pytest.param("PT_br", None, HAVE, "pt_BR", id="in the wrong case"),
    pytest.param("de_AT", None, HAVE, "de", id="the language without its territory"),
    pytest.param("pt_PT", None, HAVE, "pt_BR", id="another territory's, if that is all there is"),
    pytest.param("pt", None, ("pt_BR", "pt_PT"), "pt_BR", id="no territory: the language's likely one"),
    pytest.param("pt_AO", "PT", ("pt_BR", "pt_PT"), "pt_PT", id="no own territory: the country the lead lives in"),
    pytest.param("no", None, HAVE, "nb", id="Norwegian is Bokmål"),
    pytest.param("nn_NO", None, HAVE, "nb", id="Nynorsk readers read Bokmål"),
    pytest.param("iw", None, HAVE, "he", id="Hebrew by its old code"),
    pytest.param("zh_CN", None, HAVE, "zh_Hans", id="mainland Chinese is simplified"),
    pytest.param("zh", None, HAVE, "zh_Hans", id="Chinese alone is simplified"),
    pytest.param("zh_TW", None, HAVE, "en", id="Taiwan's script is another"),
    pytest.param("zh_HK", "HK", HAVE, "en", id="so is Hong Kong's"),
    pytest.param("zh_Hant_CN", None, HAVE, "en", id="a script that is said wins over the country"),
    pytest.param("sr_Latn", None, ("en", "sr"), "en", id="Serbian in Latin letters is not in Cyrillic"),
    pytest.param("ko", "DE", HAVE, "en", id="a wish we cannot grant is not answered by the country"),
    pytest.param(None, "AT", HAVE, "de", id="no wish: the country's language"),
    pytest.param(None, "NO", HAVE, "nb", id="no wish, Norway"),
    pytest.param(None, "BE", ("en", "fr", "de"), "fr", id="the second language where the first is missing"),
    pytest.param(None, "br", HAVE, "pt_BR", id="a country in small letters"),
    pytest.param(None, "TW", HAVE, "en", id="Taiwan has no simplified letters"),
    pytest.param("", "JP", HAVE, "ja", id="an empty wish is none"),
    pytest.param("klingon", "JP", HAVE, "ja", id="a wish that is no language is none"),
    pytest.param(None, None, HAVE, "en", id="nothing known"),
    pytest.param(None, "XX", HAVE, "en", id="an unknown country"),
])  # fmt: skip
def test_a_lead_gets_the_nearest_language_we_have(wanted, country, have, expected):
    assert choose_locale(wanted, country, have, "en")[0] == expected


@pytest.mark.parametrize(("wanted", "country", "because"), [
    pytest.param("de", None, "the lead's language", id="granted"),
    pytest.param("de_CH", None, "nearest to de_CH", id="nearly granted"),
    pytest.param("ko", "KR", "no complete letter in ko: fallback", id="not granted"),
    pytest.param(None, "DE", "official language of DE", id="guessed"),
    pytest.param(None, None, "fallback", id="nothing to go by"),
])  # fmt: skip
def test_the_choice_says_why(wanted, country, because):
    assert choose_locale(wanted, country, HAVE, "en")[1] == because


@given(st.none() | st.text(max_size=20), st.none() | st.text(max_size=4), st.sets(st.sampled_from(HAVE)))
def test_whatever_came_a_locale_we_have_is_chosen_and_nothing_breaks(wanted, country, have):
    chosen, because = choose_locale(wanted, country, have, "en")

    assert chosen in have | {"en"}
    assert because
