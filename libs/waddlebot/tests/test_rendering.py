"""What is derived from the modules is written when it is stale, and not otherwise."""

from __future__ import annotations

from pathlib import Path

from waddlebot import rendering


def test_what_is_fresh_is_left_alone(tree: Path) -> None:
    assert rendering.render(tree) == []


def test_a_change_of_a_module_reaches_everything_that_names_it(tree: Path, karma: Path) -> None:
    toml = karma / "module.toml"
    toml.write_text(toml.read_text().replace("8060", "8099"))
    assert {"docker-compose.yml", "docs/modules.md", f"{karma.name}/Dockerfile"} <= set(rendering.render(tree))
    assert "8099" in (tree / "docs" / "modules.md").read_text()
    assert "EXPOSE 8099" in (karma / "Dockerfile").read_text()
    assert rendering.render(tree) == []


def test_commands_are_listed_with_who_may_and_how_often(tree: Path) -> None:
    page = (tree / "docs" / "commands.md").read_text()
    assert "| `!karma give <member>` | viewer | member 30 s | Give somebody a point. |" in page


def test_what_was_deleted_is_written_again(tree: Path) -> None:
    (tree / ".env.example").unlink()
    assert rendering.render(tree) == [".env.example"]
