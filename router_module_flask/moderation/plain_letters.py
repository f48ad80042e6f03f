"""One spelling for words that only look the same: no case, no marks, nothing invisible, letters of one alphabet."""

from __future__ import annotations

import re
import unicodedata

# What other alphabets have for the same picture, after lower-casing: Cyrillic, Greek, Armenian, Latin extensions.
_ALIKE = str.maketrans(
    "аәвгԁеёһіїјкӏмнорсԛтуѵѡхүѕԝзбαβγεηικνορτυχωϲϳոսհցօɑɡɩıʟɴʀʏᴀʙᴄᴅᴇꜰɢʜᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡᴢøłđħŧ",
    "aabrdeehiijklmhopcqtyvwxyswz6abyenikvoptuxwcjnuhgoagiilnryabcdefghjkmopstuvwzoldht",
)
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text as it is compared: `Ⓢpаm` and `SPAM` are both `spam`; runs of spaces become one."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = "".join(letter for letter in apart if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})
        text = text.translate(_ALIKE)
    return _SPACES.sub(" ", text.lower())
