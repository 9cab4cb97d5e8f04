"""URLs as they may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelnurse.redact import redact, redact_text

CASES = {
    "http://example/path": "http://example/path",
    "https://user:pass@example:8443/": "https://example:8443/",
    "https://user@example": "https://example",
    "https://us@er:pa@ss@example/": "https://example/",
    "http://example/?token=secret": "http://example/?***",
    "http://example?token=secret#part": "http://example?***",
    "http://[::1]:8080/path": "http://[::1]:8080/path",
    "http://user:pass@[2001:db8::1]/?q": "http://[2001:db8::1]/?***",
    "http://[::1": "***",
    "user:pass@example/path": "***",
    "https:user:pass@example": "***",
    "/path?secret": "***",
    "": "***",
}


@pytest.mark.parametrize(("url", "shown"), CASES.items())
def test_cases(url, shown):
    """Userinfo is gone, a query is hidden, and what makes no sense is hidden whole."""
    assert redact(url) == shown


word = st.text(st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=127), min_size=12, max_size=20)


@given(user=word, password=word, query=word, host=st.sampled_from(["example", "[::1]", "192.0.2.1:80"]))
def test_no_secret_is_left(user, password, query, host):
    """Neither name, password nor query of any URL is shown, and showing twice changes nothing."""
    shown = redact(f"https://{user}:{password}@{host}/path?{query}")
    assert shown == f"https://{host}/path?***"
    assert redact(shown) == shown


@given(st.text())
def test_any_text(text):
    """No text makes it fail."""
    assert isinstance(redact(text), str)


@given(user=word, password=word, query=word)
def test_no_secret_is_left_of_what_is_no_url(user, password, query):
    """A wrong value, or a list of several, is shown without them too."""
    shown = redact_text(f"a:https://b/,{user}:{password}@[x?{query}")
    assert not {user, password, query} & {*shown.replace("?", " ").replace("@", " ").replace(":", " ").split()}
    assert redact_text("file_sd:/a.json,http_sd:http://b/") == "file_sd:/a.json,http_sd:http://b/"
