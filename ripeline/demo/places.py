"""Where the people of the demonstration live: languages, names' origin, cities and their zones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A city on the map of the demonstration. `region` is ISO 3166-2 without the country, or empty."""

    city: str
    region: str
    country: str
    zone: str


@dataclass(frozen=True)
class Origin:
    """People whose names, firms and language belong together. `names` is a Faker locale, `locale` a CLDR id, `share` a weight."""

    names: str
    locale: str
    share: int
    places: tuple[Place, ...]


def _places(country: str, *cities: tuple[str, str, str]) -> tuple[Place, ...]:
    return tuple(Place(city, region, country, zone) for city, region, zone in cities)


ORIGINS = (
    Origin("en_US", "en_US", 22, _places(
        "US", ("New York", "NY", "America/New_York"), ("Chicago", "IL", "America/Chicago"), ("Denver", "CO", "America/Denver"),
        ("Seattle", "WA", "America/Los_Angeles"), ("Phoenix", "AZ", "America/Phoenix"))),
    Origin("en_GB", "en_GB", 9, _places("GB", ("London", "ENG", "Europe/London"), ("Edinburgh", "SCT", "Europe/London"))),
    Origin("en_CA", "en_CA", 4, _places("CA", ("Toronto", "ON", "America/Toronto"), ("St. John's", "NL", "America/St_Johns"))),
    Origin("fr_CA", "fr_CA", 2, _places("CA", ("Montréal", "QC", "America/Toronto"))),
    Origin("en_AU", "en_AU", 5, _places(
        "AU", ("Sydney", "NSW", "Australia/Sydney"), ("Adelaide", "SA", "Australia/Adelaide"), ("Perth", "WA", "Australia/Perth"))),
    Origin("en_NZ", "en_NZ", 1, _places("NZ", ("Auckland", "AUK", "Pacific/Auckland"))),
    Origin("en_IN", "en_IN", 4, _places("IN", ("Bengaluru", "KA", "Asia/Kolkata"), ("Mumbai", "MH", "Asia/Kolkata"))),
    Origin("hi_IN", "hi", 4, _places("IN", ("दिल्ली", "DL", "Asia/Kolkata"), ("जयपुर", "RJ", "Asia/Kolkata"))),
    Origin("ne_NP", "ne", 2, _places("NP", ("काठमाडौँ", "", "Asia/Kathmandu"))),
    Origin("th_TH", "th", 2, _places("TH", ("กรุงเทพมหานคร", "10", "Asia/Bangkok"))),
    Origin("ja_JP", "ja", 9, _places("JP", ("東京", "13", "Asia/Tokyo"), ("大阪", "27", "Asia/Tokyo"), ("札幌", "01", "Asia/Tokyo"))),
    Origin("zh_CN", "zh_CN", 6, _places("CN", ("上海", "SH", "Asia/Shanghai"), ("深圳", "GD", "Asia/Shanghai"))),
    Origin("ko_KR", "ko", 5, _places("KR", ("서울", "11", "Asia/Seoul"), ("부산", "26", "Asia/Seoul"))),
    Origin("ar_SA", "ar", 4, _places("SA", ("الرياض", "01", "Asia/Riyadh"), ("جدة", "02", "Asia/Riyadh"))),
    Origin("ar_AA", "ar", 3, _places("AE", ("دبي", "DU", "Asia/Dubai"), ("أبوظبي", "AZ", "Asia/Dubai"))),
    Origin("he_IL", "he", 4, _places("IL", ("תל אביב", "TA", "Asia/Jerusalem"), ("חיפה", "HA", "Asia/Jerusalem"))),
    Origin("el_GR", "el", 3, _places("GR", ("Αθήνα", "I", "Europe/Athens"), ("Θεσσαλονίκη", "B", "Europe/Athens"))),
    Origin("uk_UA", "uk", 2, _places("UA", ("Київ", "30", "Europe/Kyiv"), ("Львів", "46", "Europe/Kyiv"))),
    Origin("fi_FI", "fi", 2, _places("FI", ("Helsinki", "18", "Europe/Helsinki"))),
    Origin("ru_RU", "ru", 3, _places("KZ", ("Алматы", "", "Asia/Almaty"))),
    Origin("tr_TR", "tr", 4, _places("TR", ("İstanbul", "34", "Europe/Istanbul"), ("İzmir", "35", "Europe/Istanbul"))),
    Origin("pt_BR", "pt_BR", 7, _places("BR", ("São Paulo", "SP", "America/Sao_Paulo"), ("Manaus", "AM", "America/Manaus"))),
    Origin("de_DE", "de", 9, _places(
        "DE", ("Berlin", "BE", "Europe/Berlin"), ("München", "BY", "Europe/Berlin"), ("Hamburg", "HH", "Europe/Berlin"))),
    Origin("de_AT", "de_AT", 2, _places("AT", ("Wien", "9", "Europe/Vienna"))),
    Origin("nl_NL", "nl", 6, _places("NL", ("Amsterdam", "NH", "Europe/Amsterdam"), ("Utrecht", "UT", "Europe/Amsterdam"))),
    Origin("no_NO", "nb", 5, _places("NO", ("Oslo", "03", "Europe/Oslo"), ("Tromsø", "55", "Europe/Oslo"))),
    Origin("fr_FR", "fr", 7, _places("FR", ("Paris", "IDF", "Europe/Paris"), ("Lyon", "ARA", "Europe/Paris"))),
    Origin("es_ES", "es", 5, _places("ES", ("Madrid", "MD", "Europe/Madrid"), ("Las Palmas", "CN", "Atlantic/Canary"))),
    Origin("es_MX", "es_MX", 3, _places("MX", ("Ciudad de México", "CMX", "America/Mexico_City"))),
    Origin("zu_ZA", "en_ZA", 3, _places("ZA", ("Johannesburg", "GP", "Africa/Johannesburg"), ("Durban", "KZN", "Africa/Johannesburg"))),
)  # fmt: skip
"""Thirty origins; among their zones are half-hour, quarter-hour and southern ones. Four of their languages no shipped catalogue speaks."""
