import unicodedata


def search_term(text: str) -> str:
    """What is looked for in `contacts.search_text`, folded as Rookery folds it."""
    folded = unicodedata.normalize("NFC", text).lower().upper().lower()
    return (
        unicodedata.normalize("NFC", folded)
        .replace("i\u0307", "i")
        .replace("ς", "σ")
        .replace("\u0001", " ")
    )
