"""Log lines: one form for all modules, nothing forged, nothing secret, nobody waits for the disk."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import logging.handlers
import queue
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_core import logging_config
from flask_core.config import ConfigError
from flask_core.log_context import log_context, logged_as
from flask_core.log_line import LineFormatter
from flask_core.log_redaction import redacted
from flask_core.logging_config import LogSettings, QueuedRecords, RotatingFile

log = logging.getLogger("memories_interaction_module_flask.quotes")


def record(said: str, error: BaseException | None = None) -> logging.LogRecord:
    failure = (type(error), error, error.__traceback__) if error is not None else None
    return log.makeRecord(log.name, logging.INFO, __file__, 1, said, (), failure)


@pytest.fixture(autouse=True)
def _logging_ends() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    yield
    logging_config.stop()
    root.setLevel(level)


@pytest.fixture
def started(tmp_path: Path) -> Path:
    logging_config.configure(LogSettings(directory=str(tmp_path)))
    return tmp_path / "waddlebot.log"


def lines(path: Path) -> list[str]:
    logging_config.stop()
    return path.read_text(encoding="utf-8").splitlines()


def fields(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in lines(path)]


def test_a_line_has_the_form_that_all_modules_share(started: Path) -> None:
    with logged_as(version="2.1.0", community=7, user=42, event="ev-1", execution="x9"):
        log.info("quote saved", extra={"number": 12, "event_type": "AUDIT"})
    [line] = lines(started)
    assert re.fullmatch(
        r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] INFO memories:2\.1\.0 AUDIT community=7 user=42 "
        r'action="quote saved" result=ok event=ev-1 execution=x9 number=12',
        line,
    )


def test_what_is_not_known_is_a_dash(started: Path) -> None:
    log.warning("started")
    [line] = lines(started)
    assert " SYSTEM community=- user=- action=started result=warning" in line


@pytest.mark.parametrize(
    ("level", "extra", "event_type"),
    [
        (logging.INFO, {}, "SYSTEM"),
        (logging.ERROR, {}, "ERROR"),
        (logging.ERROR, {"event_type": "AUTH"}, "AUTH"),
        (logging.INFO, {"event_type": "AUTHZ"}, "AUTHZ"),
        (logging.INFO, {"event_type": "GOSSIP"}, "SYSTEM"),
    ],
)
def test_every_line_is_of_one_of_five_types(started: Path, level: int, extra: dict[str, str], event_type: str) -> None:
    log.log(level, "happened", extra=extra)
    assert f" {event_type} community=" in lines(started)[0]


def test_who_and_what_can_be_given_with_the_line(started: Path) -> None:
    with logged_as(community=1, user=2):
        log.info("%s signed in", "somebody", extra={"action": "sign-in", "result": "denied", "user": 9, "community": 3})
    assert " community=3 user=9 action=sign-in result=denied" in lines(started)[0]


def test_json_lines_carry_the_same_fields(tmp_path: Path) -> None:
    logging_config.configure(LogSettings(directory=str(tmp_path), as_json=True))
    with logged_as(module="router", version="1", community=7, execution="x9"):
        log.info("said %d things", 3, extra={"channel": "twitch:1:1"})
    [said] = fields(tmp_path / "waddlebot.log")
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "level": "INFO", "module": "router", "version": "1", "event_type": "SYSTEM", "community": "7", "user": "-",
        "action": "said 3 things", "result": "ok", "execution": "x9", "channel": "twitch:1:1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("logger", "module"),
    [
        ("memories_interaction_module_flask.quotes", "memories"),
        ("browser_source_core_module_flask", "browser_source"),
        ("router_module_flask.app", "router"),
        ("flask_core.database", "portal"),
        ("hypercorn.error", "portal"),
    ],
)
def test_the_module_comes_from_the_loggers_name(tmp_path: Path, logger: str, module: str) -> None:
    logging_config.configure(LogSettings(directory=str(tmp_path)), module="portal")
    logging.getLogger(logger).warning("hello")
    assert f" WARNING {module}:" in lines(tmp_path / "waddlebot.log")[0]


def test_the_module_at_work_comes_before_the_loggers_name(started: Path) -> None:
    with logged_as(module="router"):
        logging.getLogger("flask_core.database").warning("slow")
    assert " WARNING router:" in lines(started)[0]


@pytest.mark.parametrize("evil", ["a\nb", "a\r\nb", "a\u2028b", "a\x85b", "a\x1b[2Jb", 'a" result=ok b="', "a\x00b"])
def test_a_value_cannot_end_the_line_or_pretend_to_be_another_field(started: Path, evil: str) -> None:
    log.warning("came from %s", evil, extra={"name_of": evil, "a b\nc": "d"})
    logging_config.stop()
    said = started.read_text(encoding="utf-8")
    assert said.count("\n") == 1
    assert said.strip().isprintable()
    assert not re.search(r'(?<!\\)" result=ok b=', said)


def test_lines_started_inside_a_task_keep_their_fields(started: Path) -> None:
    async def work(number: int) -> None:
        with logged_as(community=number):
            await asyncio.sleep(0)
            log.warning("worked %d", number)

    async def both() -> None:
        await asyncio.gather(work(1), work(2))

    asyncio.run(both())
    assert [re.findall(r"community=(\d) .*worked (\d)", line) for line in lines(started)] == [
        [("1", "1")],
        [("2", "2")],
    ]


def test_fields_end_with_their_block_and_none_leaves_one_as_it_was() -> None:
    with logged_as(community=1, user=5):
        with logged_as(community=None, user=6) as inner:
            assert (inner.community, inner.user) == ("1", "6")
        assert log_context().user == "5"
    assert log_context().user == ""


SECRET = "Zk3" + "aB1_-" * 8


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        (f"key wbot_user_{SECRET}", SECRET),
        (f"Authorization: Bearer {SECRET[:20]}", SECRET[:20]),
        (f"GET /overlay/{SECRET}/alerts", SECRET),
        (f"GET /api/v1/feeds/{SECRET}.ics", SECRET),
        ("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJyb3V0ZXIifQ.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("/connect/spotify/callback?code=AQDw9x&state=opensesame", "AQDw9x"),
        ("/connect/spotify/callback?code=AQDw9x&state=opensesame", "opensesame"),
        ("https://api.example.com/x?key=AIzaSyD&part=snippet", "AIzaSyD"),
        ("redis://default:hunter22@redis:6379", "hunter22"),
        ("{'password': 'hunter22'}", "hunter22"),
        ("client_secret=hunter22", "hunter22"),
        ("api_key: hunter22", "hunter22"),
        ("PASS oauth:abcdef123456", "abcdef123456"),
        ("xoxb-123-456-abc and xapp-1-A-2", "456-abc"),
        ("whsec_abcdef", "abcdef"),
        ("MTA1NzE3NjU5NjQ4MDcyNzA5.GkR5sT.x0x0x0x0x0x0x0x0x0x0x0x0x0x", "x0x0x0"),
    ],
)
def test_what_opens_doors_is_taken_out(said: str, hidden: str) -> None:
    assert hidden in said
    assert hidden not in redacted(said)
    assert "***" in redacted(said)


@pytest.mark.parametrize(
    "said",
    [
        "quote 12 saved", "https://example.com/path?page=2", "twitch:123:123 is live", "token expired",
        "execution 0f3a5b7c9d1e2f3a4b5c6d7e8f901234", "idempotency key=reminder-12#2",
    ],
)  # fmt: skip
def test_what_opens_none_stays(said: str) -> None:
    assert redacted(said) == said


def test_secrets_and_peoples_words_given_as_fields_are_not_written(started: Path) -> None:
    extra = {"access_token": "hunter22", "text": "hello there", "nothing": None, "raw": b"12345"}
    log.warning("heard %s", f"wbot_user_{SECRET}", extra=extra)
    [line] = lines(started)
    assert "hunter22" not in line
    assert "hello" not in line
    assert SECRET not in line
    assert 'text="(11 characters)"' in line
    assert 'raw="(5 characters)"' in line
    assert "nothing=-" in line


def test_a_very_long_message_is_cut(started: Path) -> None:
    log.warning("x" * 1_000_000)
    assert len(lines(started)[0]) < 2500


def fail() -> None:
    try:
        int("what ada wrote")
    except ValueError as error:
        raise LookupError("what grace wrote") from error


def test_an_exception_is_told_by_type_and_place_not_by_what_it_quotes(started: Path) -> None:
    try:
        fail()
    except LookupError:
        log.exception("went wrong")
    [line] = lines(started)
    assert re.search(r'error=LookupError at="tests/test_logging_config\.py:\d+ \w+ > \S+:\d+ fail"', line)
    assert re.search(r'because="ValueError tests/test_logging_config\.py:\d+ fail"', line)
    assert "wrote" not in line


def test_at_debug_level_an_exception_says_what_it_says(tmp_path: Path) -> None:
    logging_config.configure(LogSettings(level="DEBUG", directory=str(tmp_path)))
    try:
        fail()
    except LookupError:
        log.exception("went wrong")
    assert 'said="what grace wrote"' in lines(tmp_path / "waddlebot.log")[-1]


def test_of_a_group_the_first_member_is_told_and_circles_end() -> None:
    error = ExceptionGroup("two", [KeyError("a"), ValueError("b")])
    error.exceptions[0].__context__ = error
    line = LineFormatter().format(record("both", error))
    assert "error=ExceptionGroup" in line
    assert 'because="KeyError ; ExceptionGroup "' in line


def test_an_error_without_an_exception_has_none(started: Path) -> None:
    log.error("odd", exc_info=(None, None, None))
    assert "error=" not in lines(started)[0].replace("result=error", "")


def test_the_context_that_was_suppressed_stays_suppressed(started: Path) -> None:
    try:
        try:
            int("x")
        except ValueError:
            raise LookupError from None
    except LookupError:
        log.exception("went wrong")
    assert "because" not in lines(started)[0]


def test_a_folder_that_cannot_be_written_is_told_once_and_the_console_remains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    logging_config.configure(LogSettings(directory=str(tmp_path / "file" / "logs")))
    log.info("still here")
    logging_config.stop()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "LOG_DIR cannot be written" in said[0]
    assert "still here" in said[1]


def test_configuring_twice_writes_every_line_once(started: Path, tmp_path: Path) -> None:
    logging_config.configure(LogSettings(directory=str(tmp_path / "elsewhere")))
    log.info("once")
    assert len(lines(started)) == 1
    assert not (tmp_path / "elsewhere").exists()


def test_stopping_lets_go_and_starting_again_works(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    for name in ("one", "two"):
        logging_config.configure(LogSettings(directory=str(tmp_path / name)))
        log.info(name)
        logging_config.stop()
        logging_config.stop()
    assert logging.getLogger().handlers == before
    assert "action=two" in (tmp_path / "two" / "waddlebot.log").read_text()
    assert "two" not in (tmp_path / "one" / "waddlebot.log").read_text()


def test_the_file_rotates_at_ten_megabytes_and_five_old_ones_are_kept(tmp_path: Path) -> None:
    target = RotatingFile(tmp_path / "waddlebot.log")
    assert target.maxBytes == 10 * 1024 * 1024
    target.maxBytes = 200
    for number in range(300):
        target.emit(record(f"line {number}"))
    target.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["waddlebot.log"] + [
        f"waddlebot.log.{number}" for number in range(1, 6)
    ]


class FullDisk(io.StringIO):
    def write(self, said: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = RotatingFile(tmp_path / "waddlebot.log")
    opened = target.setStream(FullDisk())
    if opened is not None:
        opened.close()
    for _ in range(3):
        target.emit(record("lost"))
    target.close()
    assert capsys.readouterr().err == "The log file cannot be written; lines go to the console.\n"


def test_when_lines_come_too_fast_the_loop_does_not_wait_and_the_loss_is_told() -> None:
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(2)
    entrance = QueuedRecords(waiting)
    for number in range(5):
        entrance.handle(record(f"line {number}"))
    assert [waiting.get().msg for _ in range(2)] == ["line 0", "line 1"]
    entrance.handle(record("line 5"))
    assert "dropped_lines=3" in LineFormatter().format(waiting.get())


def test_lines_are_written_by_another_thread(started: Path) -> None:
    writers: list[int] = []

    class Noting(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            writers.append(threading.get_ident())
            return True

    for handler in logging_config._configured[0]._writer.handlers:
        handler.addFilter(Noting())
    log.info("hello")
    logging_config.stop()
    assert set(writers).isdisjoint({threading.get_ident()})
    assert len(writers) == 2


def test_syslog_gets_the_same_line(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        logging_config.configure(LogSettings(directory="", syslog=address))
        log.warning("hello")
        assert b"] WARNING memories:" in server.recv(4096)


def test_a_syslog_that_is_not_there_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logging_config.configure(LogSettings(directory="", syslog=str(tmp_path / "no-socket")))
    log.info("one")
    log.info("two")
    logging_config.stop()
    assert capsys.readouterr().err.count("LOG_SYSLOG cannot be reached") == 1


def test_a_syslog_host_nobody_knows_is_told(tmp_path: Path) -> None:
    logging_config.configure(LogSettings(directory=str(tmp_path), syslog="nobody.invalid:514"))
    assert "LOG_SYSLOG cannot be reached" in lines(tmp_path / "waddlebot.log")[0]


def test_clients_that_would_write_whole_addresses_stay_quiet(started: Path) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example.com/?q=what+ada+wrote")
    log.info("hello")
    assert len(lines(started)) == 1


def test_settings_come_from_the_environment() -> None:
    assert LogSettings.from_env({}) == LogSettings("INFO", "/var/log/waddlebotlog", False, "")
    given = {"LOG_LEVEL": "debug", "LOG_DIR": "/logs", "LOG_FORMAT": "JSON", "LOG_SYSLOG": "log.lan:514"}
    assert LogSettings.from_env(given) == LogSettings("DEBUG", "/logs", True, "log.lan:514")


@pytest.mark.parametrize("wrong", [{"LOG_LEVEL": "loud"}, {"LOG_FORMAT": "xml"}])
def test_settings_that_cannot_be_read_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="LOG_LEVEL must be"):
        LogSettings.from_env(wrong)
