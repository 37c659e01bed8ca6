"""Settings come from the environment and from `.env` beside the playbook; a wrong one is named, and so is one that is nearly right."""

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ripeline.connect.mail_server import SmtpSettings
from ripeline.settings import given_names, load_settings, read_settings
from ripeline.values import Refusal


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with an empty playbook as home, so that no `.env` of the developer's is read."""
    (tmp_path / "playbook").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_not_set_is_safe() -> None:
    settings = load_settings()

    assert (settings.channel, settings.only_to, settings.confirm_above) == ("maildir", "", 500)
    assert settings.url == f"sqlite:///{settings.home / 'var' / 'ripeline.db'}"


def test_home_is_the_folder_with_the_playbook_that_we_are_in(home: Path) -> None:
    assert load_settings().home == home


def test_env_is_read_beside_the_playbook_from_wherever_we_are(home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("RIPELINE_SENDER_NAME=Nora\nRIPELINE_SMTP_HOST=mail.example.com\n")
    monkeypatch.setenv("RIPELINE_HOME", str(home))
    monkeypatch.delenv("RIPELINE_TEST_POSTGRES_URL", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    assert load_settings().sender_name == "Nora"
    assert read_settings(SmtpSettings).host == "mail.example.com"
    assert given_names() == ["RIPELINE_HOME", "RIPELINE_SENDER_NAME", "RIPELINE_SMTP_HOST"]


def test_the_environment_goes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("RIPELINE_SENDER_NAME=Nora\n")
    monkeypatch.setenv("RIPELINE_SENDER_NAME", "Mila")

    assert load_settings().sender_name == "Mila"


@pytest.mark.parametrize(("name", "value", "said"), [
    pytest.param("RIPELINE_CHANNEL", "pigeon", "RIPELINE_CHANNEL is not usable: input should be 'maildir', 'smtp' or 'console', not 'pigeon'", id="a channel"),
    pytest.param("RIPELINE_WEB_PORT", "http", "RIPELINE_WEB_PORT is not usable: input should be a valid integer", id="a port in words"),
    pytest.param("RIPELINE_WEB_PORT", "70000", "RIPELINE_WEB_PORT is not usable: input should be less than or equal to 65535", id="a port beyond all"),
    pytest.param("RIPELINE_CONFIRM_ABOVE", "-1", "RIPELINE_CONFIRM_ABOVE is not usable", id="fewer than no messages"),
])  # fmt: skip
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Refusal) as refused:
        load_settings()

    assert str(refused.value).startswith(said)


def test_a_part_names_its_settings_with_their_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_SMTP_PORT", "often")

    with pytest.raises(Refusal, match=r"^RIPELINE_SMTP_PORT is not usable: "):
        read_settings(SmtpSettings)


@pytest.mark.parametrize(("wrong", "right"), [
    pytest.param("RIPELINE_ONLYTO", "RIPELINE_ONLY_TO", id="a divert that would not divert"),
    pytest.param("RIPELINE_CHANEL", "RIPELINE_CHANNEL", id="a channel"),
    pytest.param("RIPELINE_DATABASE_URI", "RIPELINE_DATABASE_URL", id="a database that would be another"),
    pytest.param("ripeline_secretkey", "RIPELINE_SECRET_KEY", id="in lower case"),
])  # fmt: skip
def test_a_name_that_is_nearly_right_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str, right: str) -> None:
    monkeypatch.setenv(wrong, "x" * 40)

    with pytest.raises(Refusal, match=f"{wrong.upper()} is no setting, and nothing would come of it. Did you mean {right}\\?"):
        load_settings()


def test_a_file_in_another_encoding_is_named(home: Path) -> None:
    (home / ".env").write_bytes("RIPELINE_COMPANY=Café\n".encode("latin-1"))

    with pytest.raises(Refusal, match=r"\.env is not UTF-8: save it as UTF-8"):
        load_settings()


def test_a_short_secret_is_refused_before_it_signs_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_SECRET_KEY", "hunter2")

    with pytest.raises(Refusal, match="RIPELINE_SECRET_KEY is shorter than 32 characters: make one with") as refused:
        _ = load_settings().key

    assert "hunter2" not in str(refused.value)


def test_a_key_is_made_once_for_its_owner_alone(home: Path) -> None:
    first, second = load_settings().key, load_settings().key

    assert first == second
    assert len(first) >= 32
    assert (home / "var/secret.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (home / "var").iterdir()] == ["secret.key"]


def test_whoever_comes_at_the_same_time_gets_the_same_key(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_settings().key, range(40)))

    assert len(set(keys)) == 1


def test_where_no_key_can_be_written_nothing_is_left_of_the_try(home: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        with pytest.raises(Refusal, match="make room"):
            _ = load_settings().key
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert [*(home / "var").iterdir()] == []


@pytest.mark.parametrize(("only_to", "address", "passes"), [
    pytest.param("", "ada@example.com", True, id="everybody"),
    pytest.param(" @OurFirm.example ", "Nora@ourfirm.EXAMPLE", True, id="a domain"),
    pytest.param("@ourfirm.example", "ada@notourfirm.example", False, id="another domain"),
    pytest.param("nora@ourfirm.example", "nora@ourfirm.example", True, id="an address"),
    pytest.param("nora@ourfirm.example", "eleanora@ourfirm.example", False, id="another address"),
])  # fmt: skip
def test_only_to_lets_an_address_or_a_domain_through(only_to: str, address: str, passes: bool) -> None:
    assert load_settings(only_to=only_to).lets_through(address) is passes


def test_an_empty_key_file_signs_nothing(home: Path) -> None:
    (home / "var").mkdir()
    (home / "var/secret.key").write_text("\n")

    with pytest.raises(Refusal, match=r"secret\.key holds no key: put back the one that was there"):
        _ = load_settings().key


def test_a_folder_that_cannot_be_made_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("RIPELINE_VAR", str(home / "file" / "var"))

    with pytest.raises(Refusal, match=r"cannot write to .*file/var") as refused:
        _ = load_settings().var_folder

    assert refused.value.exit_code == 3
