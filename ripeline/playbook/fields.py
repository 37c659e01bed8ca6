"""playbook/fields.toml: what may be asked and shown."""

from typing import Any, Literal

from pydantic import Field as Given
from pydantic import model_validator

from ripeline.decide.entry import Entry
from ripeline.decide.fields import Field, Fields, FieldType


class FieldEntry(Entry):
    """One declared attribute or property. `words`: how letters tell a value, in English; translated like all they say."""

    type: Literal["text", "number", "choice", "flag", "date", "instant"]
    meaning: str
    example: Any = None
    choices: tuple[str, ...] = ()
    personal: bool = False
    words: dict[str, str] = Given(default_factory=dict)

    @model_validator(mode="after")
    def _choices_belong_to_a_choice(self) -> "FieldEntry":
        if (self.type == "choice") != bool(self.choices):
            raise ValueError('choices go with type = "choice", and only with it')
        return self

    @model_validator(mode="after")
    def _every_choice_has_its_word(self) -> "FieldEntry":
        odd = sorted(set(self.words) ^ set(self.choices)) if self.words and self.choices else []
        if odd:
            raise ValueError(f"'{odd[0]}' stands in one of choices and words alone: with words, each choice has one")
        return self

    def as_field(self, name: str) -> Field:
        return Field(name, FieldType(self.type), self.meaning, self.example, self.choices, self.personal)


class FieldsFile(Entry):
    """The whole file. Below an event kind, `meaning` says what the kind is; every other key is a property."""

    lead: dict[str, FieldEntry]
    event: dict[str, dict[str, FieldEntry | str]]

    @model_validator(mode="after")
    def _only_a_meaning_is_text(self) -> "FieldsFile":
        stray = [f"{kind}.{name}" for kind, names in self.event.items() for name, entry in names.items() if isinstance(entry, str) and name != "meaning"]
        if stray:
            raise ValueError(f"event {stray[0]} is a text: declare a property as a table [event.{stray[0]}], or say meaning = … of the kind")
        return self

    def as_fields(self) -> Fields:
        lead = {name: entry.as_field(name) for name, entry in self.lead.items()}
        event = {kind: {name: entry.as_field(name) for name, entry in names.items() if isinstance(entry, FieldEntry)} for kind, names in self.event.items()}
        return Fields(lead, event)

    def meanings(self) -> dict[str, str]:
        """Return what each kind of event means."""
        return {kind: str(names.get("meaning", "")) for kind, names in self.event.items()}
