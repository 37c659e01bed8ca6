"""Values as TOML writes them, on one line."""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(value: Any) -> str:
    """Return a text, number, flag, list or table as TOML says it inline (toml.io, 1.0)."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            pairs = ", ".join(f"{key_written(str(key))} = {written(inner)}" for key, inner in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def key_written(key: str) -> str:
    """Return a key as TOML says it: bare where it may be."""
    return key if _BARE.fullmatch(key) else written(key)
