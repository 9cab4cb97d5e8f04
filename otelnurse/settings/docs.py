"""The table in docs/settings.md, made from the one in the code."""

from otelnurse.settings.table import SETTINGS, AnySetting

BEGIN = "<!-- settings: begin -->"
END = "<!-- settings: end -->"
_HEAD = "| Setting | Also read | Value | Default | Meaning |\n|---|---|---|---|---|"


def rewritten(page: str) -> str:
    """Return the page with the table between its two marks made anew.

    Raises:
        ValueError: the marks are not there.
    """
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page needs the lines {BEGIN} and {END}, in this order")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def settings_table() -> str:
    """All settings in Markdown."""
    return "\n".join((_HEAD, *map(_row, SETTINGS)))


def _row(setting: AnySetting) -> str:
    default = setting.default_words or (f"`{setting.default}`" if setting.default else "")
    alias = f"`{setting.alias}`" if setting.alias else ""
    return f"| `{setting.variable}` | {alias} | {setting.kind.words} | {default} | {setting.description} |"
