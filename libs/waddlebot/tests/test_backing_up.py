"""On one machine a backup is made and restored from the command line, also on a machine that is new."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from flask_core.database_connections import open_connection
from flask_core.local_secrets import local_secrets
from flask_core.testing.servers import free_port
from waddlebot.backing_up import joined
from waddlebot.tree import modules, root


def run(command: str, *arguments: str, data: Path, passphrase: str) -> tuple[int, str]:
    """How `waddlebot command` ends, and what it says."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("WADDLEBOT", "DATABASE_URL"))}
    paths = [str(root()), str(root() / "libs/flask_core"), str(root() / "libs/waddlebot")]
    ports = {f"{info.name.upper()}_PORT": str(free_port()) for info in modules()}
    settings = {"PYTHONPATH": os.pathsep.join(paths), "BACKUP_PASSPHRASE": passphrase}
    ended = subprocess.run(
        [sys.executable, "-m", "waddlebot", command, *arguments, "--data", str(data)],
        env=ours | ports | settings, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout + ended.stderr


def test_a_new_machine_gets_everything_of_the_old_one_and_its_keys(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    passphrase = "a long winter on the ice"
    code, said = run("backup", data=old, passphrase=passphrase)
    assert code == 0, said
    code, said = run("restore", str(max(old.glob("backups/*.wbk"))), data=new, passphrase="not that one at all")
    assert (code, said.strip()) == (1, "This passphrase does not open the backup.")
    assert not new.exists()
    connection = open_connection(f"sqlite://{old}/memories.db", "")
    connection.execute(
        "INSERT INTO community_settings (community_id, document, version, changed_at) VALUES (7, '{}', 1, ?)",
        ("2026-03-01T03:30:00.000000Z",),
    )
    connection.close()
    code, said = run("backup", data=old, passphrase=passphrase)
    assert code == 0, said
    code, said = run("restore", str(max(old.glob("backups/*.wbk"))), data=new, passphrase=passphrase)
    assert code == 0, said
    connection = open_connection(f"sqlite://{new}/memories.db", "")
    assert connection.execute("SELECT community_id FROM community_settings", ()).fetchall() == [(7,)]
    connection.close()
    keys = local_secrets(new)["WADDLEBOT_ENCRYPTION_KEYS"]
    assert keys.endswith(local_secrets(old)["WADDLEBOT_ENCRYPTION_KEYS"])


def test_the_backups_last_key_stays_the_last_because_it_hashes() -> None:
    assert joined("new,old", "old") == "new,old"
    assert joined("old,new", "old") == "new,old"
    assert joined("mine", "b, a") == "mine,b,a"
