"""The servers that tests and measurements start: real, on their own data, and back after a crash."""

from __future__ import annotations

import psycopg2
import pytest
from redis import Redis

from flask_core.testing.servers import PostgresServer, RedisServer, Server, postgres_server, redis_server, running


def test_a_killed_postgres_comes_back_with_what_was_committed() -> None:
    with running(PostgresServer()) as server:
        with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE lines AS SELECT 'kept' AS text")
        connection.close()
        server.kill()
        assert not server.answers()
        server.start()
        with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT text FROM lines")
            assert cursor.fetchall() == [("kept",)]
        connection.close()
    assert not server.folder.exists()


def test_a_killed_redis_comes_back_with_what_it_was_told() -> None:
    with running(RedisServer()) as server:
        with Redis.from_url(server.url) as client:
            client.set("line", "kept")
            # Written to the file by now; only the disk may lag behind by a second.
            client.ping()
        server.kill()
        assert not server.answers()
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.get("line") == b"kept"


class Broken(Server):
    """Ends as soon as it starts."""

    def command(self) -> list[str]:
        return ["sh", "-c", "echo no luck; sleep 0.2; exit 1"]

    def answers(self) -> bool:
        return False


def test_a_server_that_does_not_start_says_its_last_words() -> None:
    server = Broken(start_seconds=0.3)
    with pytest.raises(RuntimeError, match=r"did not start.*no luck"), running(server):
        pass
    assert not server.folder.exists()


def test_servers_of_the_environment_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgres://there")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://there")
    with postgres_server() as postgres, redis_server() as redis:
        assert (postgres, redis) == ("postgres://there", "redis://there")
