"""Which passwords are taken: long ones that nobody guesses first."""

from __future__ import annotations

from flask_core.errors import InvalidInput

SHORTEST, LONGEST = 12, 128
# Lists of broken passwords begin with these; the rest of such lists is shorter than 12 characters.
_GUESSED = (
    "password", "passwort", "qwerty", "qwertyuiop", "letmein", "iloveyou", "administrator", "welcome", "monkey",
    "dragon", "football", "baseball", "sunshine", "princess", "superman", "trustno1", "whatever", "starwars",
    "computer", "michelle", "jennifer", "abcdefgh", "abcdefghijkl", "asdfghjkl", "zxcvbnm", "changeme", "secret",
    "waddlebot", "penguin", "twitch", "discord", "minecraft", "pokemon", "liverpool", "chelsea", "charlie",
)  # fmt: skip


def check_password(password: str, *, name: str, email: str) -> None:
    """Raise InvalidInput with what is accepted, unless the password may be used."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"A password has {SHORTEST} to {LONGEST} characters.", field="password")
    plain = password.casefold()
    if plain in {name.casefold(), email.casefold(), email.partition("@")[0].casefold()}:
        raise InvalidInput("Your name or address is the first thing that others would try.", field="password")
    if len(set(plain)) < 5 or _guessable(plain):
        raise InvalidInput(
            "This is one of the first that others would try. Take a few words of your own.", field="password"
        )


def _guessable(plain: str) -> bool:
    """A well-known word with digits or itself around it."""
    kept = "".join(character for character in plain if character.isalpha())
    if not kept:
        return True
    return any(kept in {word, word * 2, word * 3} or (word in kept and len(kept) - len(word) < 3) for word in _GUESSED)
