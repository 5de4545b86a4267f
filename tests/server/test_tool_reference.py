"""docs/tools.md says what the server says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from prosona.core import errors

if TYPE_CHECKING:
    from tests.server.conftest import Connect

PAGE = Path(__file__).parents[2] / "docs" / "tools.md"


def section(heading: str) -> str:
    """The part of the page under a heading, up to the next one of the same level or above."""
    text = PAGE.read_text(encoding="utf-8")
    level = heading.split()[0]
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/tools.md has no section {heading!r}"
    return found[1]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a text: rows of cells, without the header and with no backticks around a cell."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [
            [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]
            for row in block.splitlines()[2:]
        ]
        for block in blocks
    ]


async def test_the_page_describes_every_tool_as_the_server_does(connect: Connect) -> None:
    async with connect() as client:
        tools = (await client.list_tools()).tools
    headings = re.findall(r"^### (\w+)$", section("## Tools"), re.MULTILINE)
    assert headings == [tool.name for tool in tools]
    for tool in tools:
        text = section(f"### {tool.name}")
        assert f"\n> {tool.description}\n" in text
        arguments, results = tables(text)
        assert arguments == [
            [name, field["type"], field["description"]]
            for name, field in tool.input_schema["properties"].items()
        ]
        assert tool.output_schema is not None
        assert [row[0] for row in results] == list(tool.output_schema["properties"])
        hints = tool.annotations
        assert hints is not None
        for phrase, expected in (
            ("Read-only", hints.read_only_hint),
            ("not destructive", not hints.destructive_hint),
            ("not idempotent", not hints.idempotent_hint),
            ("closed world", not hints.open_world_hint),
        ):
            assert (phrase in text) is expected, phrase


def test_the_page_lists_every_error_code() -> None:
    codes = {
        cls.code
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.ProsonaError)
    }
    (table,) = tables(section("## Errors"))
    assert {row[0] for row in table} == codes


async def test_the_page_lists_every_resource_and_prompt(connect: Connect) -> None:
    async with connect() as client:
        templates = (await client.list_resource_templates()).resource_templates
        prompts = (await client.list_prompts()).prompts
    (resources,) = tables(section("## Resources"))
    assert [row[:2] for row in resources] == [[t.uri_template, t.mime_type] for t in templates]
    (listed,) = tables(section("## Prompts"))
    assert listed == [[prompt.name, prompt.description] for prompt in prompts]
