"""The base of every shape a marketer writes in TOML."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


class Entry(BaseModel):
    """Frozen, and strict about names: a key nobody knows is a typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def misplaced(place: tuple[str | int, ...], sentence: str, value: Any = None) -> ValidationError:
    """Return what a validator of a whole shape raises about one place in it, so that the mistake is told on its own line."""
    told = PydanticCustomError("value_error", "{sentence}", {"sentence": sentence})
    return ValidationError.from_exception_data("shape", [InitErrorDetails(type=told, loc=place, input=value)])
