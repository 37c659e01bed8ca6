"""The playbook as files: what belongs to it, and the hash that names the whole."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.playbook.files import content_hash, read_folder
from ripeline.values import Refusal


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a folder with a small playbook and things that are none."""
    texts = {
        "playbook/fields.toml": "a = 1\n",
        "playbook/lists/own.txt": "x\r\ny\r\n",
        "templates/email/x/body.mjml": "<mj-text>",
        "locales/de/LC_MESSAGES/messages.po": "",
    }
    strangers = ("playbook/.hidden.toml", "playbook/notes.docx", "templates/.cache/x.html", "locales/messages.pot", "var/x.toml")
    texts |= dict.fromkeys(strangers, "")
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    return tmp_path


def test_what_a_marketer_writes_belongs_to_it_and_nothing_else(home: Path) -> None:
    assert sorted(read_folder(home)) == ["locales/de/LC_MESSAGES/messages.po", "playbook/fields.toml", "playbook/lists/own.txt", "templates/email/x/body.mjml"]


def test_line_ends_of_another_system_make_no_other_version(home: Path) -> None:
    assert read_folder(home)["playbook/lists/own.txt"] == "x\ny\n"


def test_a_folder_without_a_playbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no folder playbook/ in"):
        read_folder(tmp_path)


def test_a_file_in_another_encoding_is_named(home: Path) -> None:
    (home / "playbook/fields.toml").write_bytes("Größe".encode("latin-1"))

    with pytest.raises(Refusal, match=r"fields\.toml is not UTF-8 \(byte 2\): save it as UTF-8"):
        read_folder(home)


_FILES = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4)


@given(_FILES, _FILES)
def test_equal_files_and_only_they_have_equal_hashes(one: dict[str, str], other: dict[str, str]) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)
    assert content_hash(dict(reversed(one.items()))) == content_hash(one)


def test_nothing_moves_between_path_and_text_unseen() -> None:
    assert content_hash({"ab": "c"}) != content_hash({"a": "bc"})
