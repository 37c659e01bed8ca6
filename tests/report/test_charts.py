"""Charts: what stands in them is read without guessing."""

from ripeline.report.charts import Bar, long_bars_chart

LONG = "about to leave the track: total >= 25 OR stage NOT IN ('lead', 'marketing_qualified')"


def test_a_label_as_long_as_a_sentence_stands_above_its_bar_and_is_whole_to_whoever_hovers() -> None:
    picture = long_bars_chart([Bar(LONG, 6), Bar("cap of 2 in seven days", 2)], "Put off")

    assert picture.count('class="bar"') == 2
    assert "<title>about to leave the track: total &gt;= 25 OR stage NOT IN (&#39;lead&#39;, &#39;marketing_qualified&#39;)</title>" in picture
    assert "marketing_qualified&#39;)<" not in picture.replace("marketing_qualified&#39;)</title>", "")
