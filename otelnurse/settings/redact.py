"""Values as they may be printed: what a URL carries of names, passwords and tokens stays out."""


def url(text: str) -> str:
    """Replace user information and query by a word.

    The text need not be a URL, since wrong values are printed too, also lists of URLs: all that stands before the
    last ``@`` and all behind the first ``?`` may be secret.
    """
    before, at, after = text.rpartition("@")
    if at:
        scheme, slashes, _ = before.partition("//")
        text = f"{scheme}//REDACTED@{after}" if slashes else f"REDACTED@{after}"
    base, _, query = text.partition("?")
    return f"{base}?REDACTED" if query else text
