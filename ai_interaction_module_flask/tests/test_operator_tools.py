"""The operator's file of servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_interaction_module_flask.operator_tools import operator_servers
from flask_core.config import ConfigError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "not as expected"),
        ('{"mcpServers": {"Bad Name": {"command": "x"}}}', "is no name"),
        ('{"mcpServers": {"both": {"command": "x", "url": "http://y"}}}', "either a command or a url"),
        ('{"mcpServers": {"none": {}}}', "either a command or a url"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mcp.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        operator_servers(str(file))


def test_there_may_be_no_file_but_not_a_missing_one(tmp_path: Path) -> None:
    assert operator_servers("") == {}
    with pytest.raises(ConfigError, match="cannot be read"):
        operator_servers(str(tmp_path / "nothing.json"))
    file = tmp_path / "mcp.json"
    file.write_text('{"mcpServers": {"shop": {"url": "http://shop:8090/mcp", "type": "http"}}}')
    assert operator_servers(str(file))["shop"].url == "http://shop:8090/mcp"
