"""Who gets a lead: by country, then language, then who has most room; never anybody who is away or full."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.decide.handoff import Rep
from ripeline.decide.route import Desk, Load, choose_rep, speaks

MONDAY = date(2026, 3, 2)


def a_rep(name: str, countries: str = "", languages: str = "en", **changes: object) -> Rep:
    address = f"{name.lower().replace(' ', '.')}@example.com"
    known = {"name": name, "email": address, "zone": "Europe/Oslo", "countries": countries.split(), "languages": languages.split()}
    return Rep.model_validate(known | changes)


def a_desk(*reps: Rep, **loads: Load) -> Desk:
    return Desk(reps, lambda rep: MONDAY, loads)


INGRID = a_rep("Ingrid", "NO SE", "nb sv en")
LARS = a_rep("Lars", "NO", "en")
MEI = a_rep("Mei", "CN", "zh_Hans en", fallback=True)
AWAY = [{"from": date(2026, 3, 2), "to": date(2026, 3, 6)}]


def chosen(lead_id: int, country: str | None, language: str | None, desk: Desk) -> str | None:
    routing = choose_rep(lead_id, country, language, desk)
    return routing.rep.name if routing.rep else None


@pytest.mark.parametrize(
    ("country", "language", "expected"),
    [
        pytest.param("NO", "nb", "Ingrid", id="country and language"),
        pytest.param("NO", "nn", "Ingrid", id="Nynorsk is understood by who speaks Bokmål"),
        pytest.param("SE", "fi", "Ingrid", id="country comes before language"),
        pytest.param("SG", "zh_Hant", "Mei", id="a fallback rep who speaks the language, script or not"),
        pytest.param("BR", "pt_BR", "Mei", id="a fallback rep in English"),
        pytest.param(None, None, "Mei", id="nothing is known of the lead"),
        pytest.param("CN", "zh", "Mei", id="a fallback rep has countries of their own"),
    ],
)
def test_country_comes_first_then_language_then_a_fallback(country: str | None, language: str | None, expected: str) -> None:
    assert chosen(1, country, language, a_desk(INGRID, LARS, MEI)) == expected


def test_the_reason_names_country_language_and_load() -> None:
    routing = choose_rep(1, "NO", "nb", a_desk(INGRID, LARS, Ingrid=Load(open=3)))

    assert routing.because == "Ingrid serves NO and speaks nb; 3 of 20 open"


def test_the_lesser_share_of_capacity_wins_not_the_lesser_count() -> None:
    part_time, full_time = a_rep("Ida", "NO", capacity=4), a_rep("Ole", "NO", capacity=40)

    assert chosen(1, "NO", "en", a_desk(part_time, full_time, Ida=Load(open=2), Ole=Load(open=5))) == "Ole"


def test_who_is_away_gets_nobody_and_the_reason_says_so() -> None:
    ingrid = a_rep("Ingrid", "NO", "nb en", away=AWAY)

    routing = choose_rep(1, "NO", "nb", a_desk(ingrid, LARS))

    assert routing.rep == LARS
    assert routing.because == "Lars serves NO, but does not speak nb; 0 of 20 open; Ingrid is away until 2026-03-06"


def test_who_is_full_gets_nobody() -> None:
    routing = choose_rep(1, "NO", "nb", a_desk(INGRID, Ingrid=Load(open=20)))

    assert routing.rep is None
    assert routing.because == "Ingrid is full (20 of 20 open)"


def test_a_lead_whom_nobody_serves_waits_with_a_reason() -> None:
    routing = choose_rep(1, "BR", "pt_BR", a_desk(INGRID, LARS))

    assert routing.rep is None
    assert routing.because.startswith("nobody serves leads of BR")


def test_who_comes_back_from_a_holiday_does_not_have_to_catch_up() -> None:
    back = a_rep("Ida", "NO", away=[{"from": date(2026, 2, 6), "to": date(2026, 2, 27)}])
    stayed = a_rep("Ole", "NO")

    # Ida was there for 6 of 28 days and got 2; Ole was there all the time and got 8: a day of hers was the busier one.
    assert chosen(1, "NO", "en", a_desk(back, stayed, Ida=Load(recent=2), Ole=Load(recent=8))) == "Ole"


def test_equals_share_leads_evenly_and_the_same_way_in_every_run() -> None:
    desk = a_desk(a_rep("Ida", "NO"), a_rep("Ole", "NO"))
    first = [chosen(lead, "NO", "en", desk) for lead in range(1000)]

    assert first == [chosen(lead, "NO", "en", desk) for lead in range(1000)]
    assert 430 < first.count("Ida") < 570


reps_of_two = st.lists(
    st.builds(
        lambda number, countries, languages, capacity, fallback, away: a_rep(
            f"Rep {number}", " ".join(countries), " ".join(languages), capacity=capacity, fallback=fallback, away=AWAY if away else []
        ),
        st.integers(1, 9), st.sets(st.sampled_from(["NO", "JP"])), st.sets(st.sampled_from(["nb", "ja", "en"]), min_size=1),
        st.integers(1, 3), st.booleans(), st.booleans(),
    ),
    max_size=6, unique_by=lambda rep: rep.name,
)  # fmt: skip


@given(reps=reps_of_two, loads=st.lists(st.integers(0, 3), min_size=9, max_size=9), lead=st.integers(1, 99), order=st.randoms())
def test_no_order_of_the_file_changes_who_is_chosen_and_nobody_unfit_ever_is(reps, loads, lead, order) -> None:  # type: ignore[no-untyped-def]
    by_name = {f"Rep {number}": Load(open=load) for number, load in enumerate(loads, start=1)}
    shuffled = order.sample(reps, len(reps))

    routing = choose_rep(lead, "NO", "nb", Desk(reps, lambda rep: MONDAY, by_name))

    assert choose_rep(lead, "NO", "nb", Desk(shuffled, lambda rep: MONDAY, by_name)).rep == routing.rep
    assert routing.because
    if routing.rep:
        assert not routing.rep.is_away(MONDAY)
        assert by_name[routing.rep.name].open < routing.rep.capacity
        assert "NO" in routing.rep.countries or routing.rep.fallback


def test_speech_knows_neither_script_nor_territory() -> None:
    rep = a_rep("Mei", "CN", "zh_Hans pt_BR he")

    assert all(speaks(rep, language) for language in ("zh", "zh_TW", "zh-Hant-HK", "pt", "pt_PT", "iw"))
    assert not speaks(rep, "ja")
