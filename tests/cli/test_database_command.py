"""`ripeline db upgrade`: tables come, and come only once."""

from commands import Run

from ripeline.database import engine_for
from ripeline.migrations import newest


def test_the_tables_are_made_once(run: Run, fresh_url: str) -> None:
    first, second = (run("db", "upgrade", database_url=fresh_url) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"now at revision {newest()}" in first.out
    assert f"already at revision {newest()}" in second.out
    assert run("leads", "--json", database_url=fresh_url).told == []


def test_a_password_is_not_shown(run: Run, fresh_url: str) -> None:
    shown = run("db", "upgrade", database_url=fresh_url).out

    assert (engine_for(fresh_url).url.password or "no password") not in shown


def test_without_a_url_the_database_is_a_file_in_var(run: Run, tmp_path: object) -> None:
    assert run("db", "upgrade").out.startswith(f"sqlite:///{tmp_path}/var/ripeline.db: now at")


def test_a_database_of_a_newer_program_is_left_alone(run: Run, fresh_url: str) -> None:
    run("db", "upgrade", database_url=fresh_url)
    with engine_for(fresh_url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    answer = run("db", "upgrade", database_url=fresh_url)

    assert answer.exit_code == 3
    assert "at revision 9999, which this program does not know: run the newer one" in answer.err
