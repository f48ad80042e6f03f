"""What an importer has to tell about a row: the sentence, and whether somebody has to decide something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A note's sentence, `{about}` being its word; what only `informs` holds nothing up."""

    sentence: str
    informs: bool = True


def _asks(sentence: str) -> Known:
    return Known(sentence, informs=False)


NOTES: dict[str, Known] = {
    "ambiguous_zone": Known("A time zone in it has a name that means several; it is read as a fixed one."),
    "became_trigger": Known("Without ! it is no command here: a rule listens for “{about}” and runs the command."),
    "built_in": Known("WaddleBot has {about} already."),
    "built_in_name": _asks("!{about} belongs to WaddleBot itself. Give it another name, or leave it out."),
    "check_limits": Known("The limits mean almost the same here; look at them before you switch the filter on."),
    "check_price": Known("It costs {about} points; what people have starts with what is imported there."),
    "check_user": Known("A bare ${{user}} is the caller here."),
    "cooldown_clamped": Known("The cooldown is cut to {about} s."),
    "cron_unknown": _asks("The rhythm {about} cannot be kept exactly; it runs every hour."),
    "edited_on_both_sides": _asks("It was changed there and here since the last import."),
    "empty_text": _asks("There is no text."),
    "eval_used": Known("It runs JavaScript; the setting “eval” decides whether it may."),
    "level_unknown": _asks("The level {about} is not known; it was made stricter."),
    "managers_had_it": Known("Managers could use it there; make it “admin” if they should here."),
    "name_changed": _asks("The name was not possible here; it is !{about} now."),
    "name_taken": _asks("There is a !{about} already that came from elsewhere."),
    "named_twice": _asks("!{about} is there twice; the first one has the name."),
    "no_equivalent": _asks("WaddleBot has nothing that does the same as {about}."),
    "no_songs": _asks("Song requests are not installed here."),
    "no_zone": Known("The date names no time zone; the community's is used."),
    "not_kept_here": Known("Something that it asks for is not kept here, and stays empty."),
    "not_taken": _asks("{about} cannot be a regular here; only Twitch and Discord accounts can."),
    "not_yet_on": Known("The filter stays off until you switch it on."),
    "other_platform": Known("It asks for a platform that WaddleBot does not know."),
    "one_platform": Known("It asks for {about}, which WaddleBot does not know."),
    "privileged": Known("It changes the channel or what is kept, so only moderators may use it."),
    "query_was_code": _asks("It ran what viewers wrote as code; that is text here. $(math …) calculates safely."),
    "regex_refused": _asks("The expression {about} is not one that can be run safely; it is off."),
    "removed_here": Known("It was removed here, and stays so."),
    "retired_field": Known("A field that it asks for does not exist at Twitch any more, and stays empty."),
    "retired_variable": Known("A variable in it has no source any more, and stays empty."),
    "song_provider": _asks("{about} is not supported."),
    "text_too_long": _asks("The text has more than {about} characters and was not taken."),
    "timer_caller": _asks("A timer has no caller, so {about} stays empty."),
    "timer_clamped": Known("It runs every 5 minutes to 24 hours here: {about}."),
    "timer_variables": _asks("Several messages with variables cannot take turns; each needs a timer."),
    "there_already": _asks("{about} is set up here already, differently. Keep that, or replace it."),
    "too_many": _asks("Only the first {about} were taken."),
    "trigger_as_viewer": _asks("What people write runs it with a viewer's rights, and {about} is needed."),
    "type_unknown": _asks("The way of answering “{about}” is not known; it just says it."),
    "unknown_target": _asks("It runs {about}, which does not exist here."),
    "unknown_variable": _asks("{about} is not known and stays as it is written."),
    "unreadable": _asks("This cannot be read: {about}."),
    "weekday_rhythm": Known("It ran on certain days only; here it runs every day."),
}


def told(code: str, about: str = "") -> str:
    """The note as people read it."""
    return NOTES[code].sentence.format(about=about)
