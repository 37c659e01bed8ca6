"""`ripeline merge`: two stored leads that are one person."""

from commands import Run


def test_a_merge_is_foreseen_asked_about_and_done(peopled: Run) -> None:
    foreseen = peopled("merge", "noor@example.net", "kenji@example.org", "--dry-run", "--json").told
    asked = peopled("merge", 2, 3)
    done = peopled("merge", 2, 3, "--yes", "--json").told

    assert (foreseen["kept"], foreseen["merged"], foreseen["is_dry_run"]) == (2, 3, True)
    assert asked.exit_code == 2
    assert "lead 3 (kenji@example.org) goes into lead 2 (noor@example.net), with " in asked.err
    assert "There is no way back. Go on? Nobody is here to ask: say --yes to go on" in asked.err
    assert done == foreseen | {"is_dry_run": False}
    assert peopled("lead", "kenji@example.org", "--json").told["lead"]["first_name"] == "健二"
    assert peopled("lead", 3).err.strip() == "lead 3 went into lead 2, which is told of here"
    assert [lead["id"] for lead in peopled("leads", "--json").told] == [1, 2, 4, 5]
