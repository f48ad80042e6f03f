"""Languages by their codes, as people call them."""

from __future__ import annotations

LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian",
    "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_OWN_NAMES = {
    "deutsch": "de", "español": "es", "espanol": "es", "français": "fr", "francais": "fr", "italiano": "it",
    "português": "pt", "portugues": "pt", "polski": "pl", "русский": "ru", "українська": "uk", "türkçe": "tr",
    "turkce": "tr", "nederlands": "nl", "svenska": "sv", "dansk": "da", "norsk": "no", "suomi": "fi", "magyar": "hu",
    "čeština": "cs", "日本語": "ja", "한국어": "ko", "中文": "zh",
}  # fmt: skip
_NAMES = {name.casefold(): code for code, name in LANGUAGES.items()} | _OWN_NAMES
# Codes that are words: whoever begins a line with one means the word.
_WORDS = frozenset({"no", "it", "hi", "id", "he", "de", "el", "et", "ms", "da", "sr"})


def language_called(words: str) -> str | None:
    """The code of a language by code or name, None for what is none."""
    words = words.strip().casefold()
    return words if words in LANGUAGES else _NAMES.get(words)


def language_of(locale: str) -> str:
    """The language of a locale such as `en-GB`; English for one that we do not know."""
    code = locale.replace("_", "-").partition("-")[0].lower()
    return code if code in LANGUAGES else "en"


def split_target(text: str) -> tuple[str, str, bool]:
    """What to translate into ("" for the usual), the rest, and whether a language was named that we do not know."""
    first, _, rest = text.strip().partition(" ")
    if first.casefold() == "to" and rest.strip():
        name, _, rest = rest.strip().partition(" ")
        code = language_called(name)
        return code or "", rest.strip(), code is None
    code = language_called(first)
    if code is None or (first.casefold() in _WORDS and rest.strip()):
        return "", text.strip(), False
    return code, rest.strip(), False
