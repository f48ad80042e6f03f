"""Says in variables of ours what common scripts of imported commands do; offered, never done unasked.

A script is only recognized in exactly the shapes that are written down here: tokens are compared, not text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alias_interaction_module_flask.evaluator.families.chance import ANSWERS
from alias_interaction_module_flask.scripts.javascript import MARK, Kind, Token, tokens

_EVAL = re.compile(r"\$\(\s*eval\s", re.IGNORECASE)
_MEANS_MORE_HERE = re.compile(r"[{\\]")
_PLAIN = re.compile(r"(?! )(?:[^\s|$(){}\"'“”‘’`\\]|(?<=\w)['’](?=\w)| (?=[^ ]))*")
_FETCHES_JSON = re.compile(r"\$\(\s*urlfetch\s+json\s+(\S(?:.*\S)?)\s*\)", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_TYPED = frozenset({"$(query)", "$(1)", "$(querystring)"})
_MOST_SIDES = 10**9

# Shapes have a space between tokens; S and V with a number are strings and variables.
_S, _V = rf"{MARK}S(\d+)", rf"{MARK}V(\d+)"
_DRAWN = r"Math \. random \( \) \*"
_LIST = rf"\[ (?P<list>{MARK}S\d+(?: , {MARK}S\d+)*)(?: ,)? \]"
_NAMED = r"(?:const|let|var) (?P<name>[A-Za-z_]\w*) ="
_STEPS = rf"(?P<steps>(?: \??\. [A-Za-z_]\w*| \[ \d+ \]| \[ {MARK}S\d+ \])+)"
_STEP = re.compile(rf"\. (\w+)| \[ (\d+) \]| \[ {_S} \]")


@dataclass(frozen=True, slots=True)
class _Script:
    """A script's shape, and what its strings and variables are; None for a string that no text of ours can say."""

    shape: str
    strings: Sequence[str | None]
    variables: Sequence[str]

    def text(self, number: str, *, least: int = 0) -> str:
        """What a string says; raises ValueError when we cannot say it."""
        found = self.strings[int(number)]
        if found is None or len(found) < least:
            raise ValueError(number)
        return found


def rewritten(text: str) -> str | None:
    """A Nightbot text without its scripts, in our own dialect; None when one of them is not recognized."""
    marked, variables = _marked(text)
    if MARK in text or any(_EVAL.search(source) for source in variables.values()):
        return None
    out, at = [], 0
    while found := _EVAL.search(marked, at):
        body, end = _body(marked, found.end(), variables)
        said = _said(_read(body, found.end(), variables)) if end else None
        if said is None:
            return None
        out += [_restored(marked, at, found.start(), variables), said]
        at = end
    rest = _restored(marked, at, len(marked), variables)
    outside = "".join([*out[::2], rest])
    return None if not out or _MEANS_MORE_HERE.search(outside) else "".join([*out, rest])


def _marked(text: str) -> tuple[str, dict[int, str]]:
    """The text with a mark for every variable that is no script, and what the marks stand for."""
    out, variables, at, length = [], dict[int, str](), 0, 0
    closed = _closed(text)
    while at < len(text):
        end = at + 1
        if text.startswith("$(", at) and not _EVAL.match(text, at):
            end = closed.get(at + 1, end)
        piece = text[at:end]
        if len(piece) > 1:
            variables[length], piece = piece, MARK
        out.append(piece)
        length += 1
        at = end
    return "".join(out), variables


def _closed(text: str) -> dict[int, int]:
    """For every round bracket that is closed, the place behind its end."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for at, char in enumerate(text):
        if char == "(":
            opened.append(at)
        elif char == ")" and opened:
            ends[opened.pop()] = at + 1
    return ends


def _body(marked: str, start: int, variables: Mapping[int, str]) -> tuple[list[Token], int]:
    """The tokens of a script that begins at `start`, and the place behind its bracket; 0 when it is not closed."""
    body: list[Token] = []
    depth = 0
    for token in tokens(marked[start:], {at - start for at in variables if at >= start}):
        if token.kind is Kind.SIGN:
            depth += (token.text == "(") - (token.text == ")")
        if depth < 0:
            return body, start + token.start + 1
        body.append(token)
    return body, 0


def _read(body: Sequence[Token], start: int, variables: Mapping[int, str]) -> _Script:
    shape: list[str] = []
    strings: list[str | None] = []
    named: list[str] = []
    for token in body:
        if token.kind is Kind.STRING:
            shape.append(f"{MARK}S{len(strings)}")
            strings.append(_plain(token, start, variables))
        elif token.kind is Kind.VALUE:
            shape.append(f"{MARK}V{len(named)}")
            named.append(variables[start + token.start])
        elif token.kind not in {Kind.SPACE, Kind.COMMENT}:
            shape.append(token.text)
    return _Script(" ".join(shape).removesuffix(" ;"), strings, named)


def _plain(token: Token, start: int, variables: Mapping[int, str]) -> str | None:
    """The content of a string as it may stand in a text of ours."""
    inside = token.text[1:-1]
    if len(token.text) < 2 or token.text[-1] != token.text[0] or not _PLAIN.fullmatch(inside):
        return None
    at = start + token.start + 1
    return "".join(variables.get(at + n, char) if char == MARK else char for n, char in enumerate(inside))


def _restored(marked: str, start: int, end: int, variables: Mapping[int, str]) -> str:
    return "".join(variables.get(at, marked[at]) for at in range(start, end))


def _said(script: _Script) -> str | None:
    """The variable that does what the script does."""
    for shape, say in _SHAPES:
        if found := shape.fullmatch(script.shape):
            try:
                return say(script, found)
            except ValueError:
                return None
    return None


def _dice(_: _Script, found: re.Match[str]) -> str:
    sides, least = int(found["sides"]), int(found["least"] or 0)
    if not 1 <= sides <= _MOST_SIDES or least > _MOST_SIDES:
        raise ValueError(sides)
    return f"$(random {least}-{least + sides - 1})"


def _picked(script: _Script, found: re.Match[str]) -> str:
    items = [script.text(item.lstrip(f"{MARK}S"), least=1) for item in found["list"].split(" , ")]
    if found["count"] and int(found["count"]) != len(items):
        raise ValueError(found["count"])
    if sorted(map(_letters, items)) == sorted(map(_letters, ANSWERS)):
        return "$(8ball)"
    return f"$(pick {' | '.join(items)})"


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))


def _cased(script: _Script, found: re.Match[str]) -> str:
    return f"$({found['case'].lower()} {script.text(found[1], least=1)})"


def _if_missing(script: _Script, found: re.Match[str]) -> str:
    asked, null, then, otherwise = (script.text(found[name]) for name in ("asked", "null", "then", "otherwise"))
    if null != "null":
        raise ValueError(null)
    return _if(asked, found["sign"][0], then, otherwise)


def _if_typed(script: _Script, found: re.Match[str]) -> str:
    asked, then, otherwise = (script.text(found[name]) for name in ("asked", "then", "otherwise"))
    return _if(asked, "!", then, otherwise)


def _if(asked: str, sign: str, then: str, otherwise: str) -> str:
    if asked not in _TYPED and not re.fullmatch(r"\$\(\d\)", asked):
        raise ValueError(asked)
    return f'$(if {asked} {"=" if sign == "=" else "!="} "" | {then} | {otherwise})'


def _json(script: _Script, found: re.Match[str]) -> str:
    fetched = _FETCHES_JSON.fullmatch(script.variables[0])
    steps = [
        name or index or script.text(number) for name, index, number in _STEP.findall(found["steps"])
    ]  # fmt: skip
    if fetched is None or not all(step.isdecimal() or _KEY.fullmatch(step) for step in steps) or "length" in steps:
        raise ValueError(steps)
    return f"$(json {'.'.join(steps)} {fetched[1]})"


def _calculated(script: _Script, _: re.Match[str]) -> str:
    if script.variables[0] not in _TYPED - {"$(querystring)"}:
        raise ValueError(script.variables[0])
    return f'$(math "{script.variables[0]}")'


_BRANCHES = rf"\? {_S.replace('(', '(?P<then>', 1)} : {_S.replace('(', '(?P<otherwise>', 1)}"
_ASKED = _S.replace("(", "(?P<asked>", 1)
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[_Script, re.Match[str]], str]], ...] = tuple(
    (re.compile(shape, re.ASCII), say)
    for shape, say in (
        (rf"Math \. floor \( {_DRAWN} (?P<sides>\d{{1,9}}) \)(?: \+ (?P<least>\d{{1,9}}))?", _dice),
        (rf"Math \. floor \( \(? ?{_DRAWN} (?P<sides>\d{{1,9}}) (?:\) )?\+ (?P<least>\d{{1,9}}) \)", _dice),
        (rf"{_LIST} \[ Math \. floor \( {_DRAWN} (?P<count>\d{{1,4}}) \) \]", _picked),
        (
            rf"{_NAMED} {_LIST} ; (?P=name) \[ Math \. floor \( {_DRAWN}"
            r" (?:(?P<count>\d{1,4})|(?P=name) \. length) \) \]",
            _picked,
        ),
        (rf"Math \. round \( {_DRAWN} 100 \)", lambda _, __: "$(percent)"),
        (rf"{_S} \. to(?P<case>Upper|Lower)Case \( \)", _cased),
        (rf"{_ASKED} (?P<sign>==|===|!=|!==) {_S.replace('(', '(?P<null>', 1)} {_BRANCHES}", _if_missing),
        (rf"{_ASKED} {_BRANCHES}", _if_typed),
        (rf"{_V}{_STEPS}", _json),
        (rf"{_NAMED} {_V} ; (?P=name){_STEPS}", _json),
        (rf"{_V}|eval \( {_V} \)", _calculated),
    )
)
