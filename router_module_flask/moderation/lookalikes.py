"""Letters that look like others: where a reader sees `spam`, a rule for `spam` shall see it too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Letters of other alphabets, by Unicode's names, for what a reader takes them for. Case is gone before this is asked.
_DRAWN_ALIKE = {
    "CYRILLIC SMALL LETTER": (
        "a:A b:VE b:SOFT_SIGN c:ES d:KOMI_DE e:IE e:UKRAINIAN_IE e:ABKHASIAN_CHE g:KOMI_SJE h:SHHA h:EN"
        " i:BYELORUSSIAN-UKRAINIAN_I i:PALOCHKA i:IOTA j:JE k:KA m:EM n:PE o:O o:BARRED_O p:ER q:QA r:GHE s:DZE t:TE"
        " v:IZHITSA w:SHA w:OMEGA w:WE x:HA y:U y:STRAIGHT_U"
    ),
    "GREEK SMALL LETTER": (
        "a:ALPHA b:BETA e:EPSILON f:DIGAMMA i:IOTA k:KAPPA m:SAN n:ETA o:OMICRON o:SIGMA p:RHO t:TAU u:UPSILON v:NU"
        " w:OMEGA x:CHI y:GAMMA"
    ),
    "ARMENIAN SMALL LETTER": "d:ZHE f:KEH g:CO h:HO j:YI n:VO n:RA o:OH q:GIM q:ZA u:SEH w:AYB",
    "CHEROKEE LETTER": (
        "a:GO b:SI c:TLI d:A e:GV g:NAH h:NI h:MI i:V j:GU k:TSO l:TLE m:LU n:NE p:TLV r:E r:SV s:DU t:I v:DO w:LA"
        " y:GI z:NO"
    ),
    "COPTIC SMALL LETTER": "a:ALFA c:SIMA e:EIE i:IAUDA k:KAPA m:MI n:NI o:O p:RO r:GAMMA t:TAU x:KHI y:UA z:ZATA",
    "LATIN SMALL LETTER": "a:ALPHA i:IOTA y:GAMMA w:TURNED_M v:V_WITH_HOOK",
}

# Letters whose names say which letter they are drawn from, where Unicode's own foldings leave them alone.
_NAMED = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) LETTER |LATIN LETTER SMALL CAPITAL "
    r"|(?:NEGATIVE |CROSSED NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER "
    r"|REGIONAL INDICATOR SYMBOL LETTER )"
    r"(?:DOTLESS |SCRIPT |INSULAR |OPEN )?([A-Z])(?: WITH .+)?"
)
_NAMED_BLOCKS = (
    (0x00C0, 0x02B0), (0x1D00, 0x1DC0), (0x2C60, 0x2C80), (0xA720, 0xA800), (0xAB30, 0xAB70), (0x1F130, 0x1F200),
)  # fmt: skip


def lookalikes() -> dict[int, str]:
    """Code points of look-alikes → the small letter of the alphabet that is read."""
    return dict(_by_name()) | dict(_by_shape())


def _by_name() -> Iterator[tuple[int, str]]:
    for first, end in _NAMED_BLOCKS:
        for code in range(first, end):
            named = _NAMED.fullmatch(unicodedata.name(chr(code), ""))
            if named is not None:
                yield code, named[1].lower()


def _by_shape() -> Iterator[tuple[int, str]]:
    for alphabet, letters in _DRAWN_ALIKE.items():
        for pair in letters.split():
            letter, _, name = pair.partition(":")
            for small in unicodedata.lookup(f"{alphabet} {name.replace('_', ' ')}").casefold():
                yield ord(small), letter
