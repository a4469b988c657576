from typing import Annotated

from pydantic import AfterValidator


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
"""Text as PostgreSQL can keep it, not blank."""
