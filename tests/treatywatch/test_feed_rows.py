"""New rows of the feeds file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatywatch.errors import ConfigError
from treatywatch.feed_rows import address, append_feeds, free_id, make_feed, render_rows
from treatywatch.feeds import Feed, load_feeds

TEXT = """# the list
feeds:
    # -- Baltic
    - id: one
      url: https://news.example.org/feed  # by hand
      outlet: Illustrative
      country: "NO"
# the end"""
NEW = Feed(id="two", url="https://other.example.org/rss", outlet="Other: a & b", country="NO", verified=False)

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40)
feeds = st.builds(
    Feed,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    url=st.from_regex(r"https?://[a-z]{1,8}\.example\.org/[a-z]{0,5}(\?[a-z]=[0-9]{1,3})?", fullmatch=True),
    outlet=texts,
    owner=st.none() | texts,
    country=st.none() | st.sampled_from(["NO", "XX", "EU", "LT"]),
    language=st.sampled_from(["en", "no", "nb", "zh-Hans", "lt"]),
    kind=st.none() | texts,
    enabled=st.booleans(),
    verified=st.booleans(),
    illustrative=st.booleans(),
    interval_seconds=st.none() | st.floats(0.1, 1e6),
)
lists = st.lists(feeds, max_size=4, unique_by=(lambda f: f.id, lambda f: address(f.url)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_row_is_appended_and_the_rest_stays_as_it_was(file: Path) -> None:
    """Comments, quotes and indentation included."""
    append_feeds(file, [NEW])

    text = file.read_text(encoding="utf-8")
    assert text.startswith(TEXT + "\n    - id: two\n      url: ")
    assert load_feeds(file)[1] == NEW
    assert [path.name for path in file.parent.iterdir()] == ["feeds.yml"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "one"}, "id 'one' is taken by https://news.example.org/feed"),
        ({"url": "https://news.example.org/feed"}, "is there already, as 'one'"),
        ({"url": "http://NEWS.example.org:80/feed/#top"}, "is there already, as 'one'"),
    ],
)
def test_feed_that_is_there_is_refused_and_the_file_untouched(file: Path, changes: dict[str, str], said: str) -> None:
    """However its address is spelled."""
    with pytest.raises(ConfigError, match=said):
        append_feeds(file, [NEW.model_copy(update=changes)])

    assert file.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("url", ["https://news.example.org/feed?lang=lt", "https://news.example.org:8443/feed"])
def test_other_feed_of_the_same_host_is_added(file: Path, url: str) -> None:
    """A near miss: another query or port is another feed."""
    append_feeds(file, [NEW.model_copy(update={"url": url})])

    assert len(load_feeds(file)) == 2


def test_empty_list_in_brackets_and_a_new_file_are_written_to(tmp_path: Path) -> None:
    """A list with feeds in brackets is left to a person."""
    for name, text in (
        ("empty", "feeds: []  # none yet\n"),
        ("new", None),
        ("full", 'feeds: [{id: a, url: "http://a.example.org", outlet: A}]\n'),
    ):
        path = tmp_path / name
        if text:
            path.write_text(text, encoding="utf-8")
        if name == "full":
            with pytest.raises(ConfigError, match="brackets"):
                append_feeds(path, [NEW])
        else:
            append_feeds(path, [NEW])
            assert load_feeds(path) == (NEW,)


def test_file_that_ends_in_something_else_is_left_alone(file: Path) -> None:
    """What would not be read as before is not written."""
    file.write_text(TEXT + "\n...\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        append_feeds(file, [NEW])

    assert file.read_text(encoding="utf-8") == TEXT + "\n...\n"


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One line, no traceback."""
    with pytest.raises(ConfigError, match="cannot be written"):
        append_feeds(tmp_path / "none" / "feeds.yml", [NEW])


@given(lists)
def test_rows_are_read_back_as_they_were(rows: list[Feed]) -> None:
    """Whatever is in them, colons, quotes and line breaks included."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feeds.yml")
        path.write_text(TEXT, encoding="utf-8")
        before = load_feeds(path)
        rows = [row for row in rows if row.id != "one" and address(row.url) != address(before[0].url)]
        append_feeds(path, rows)
        assert load_feeds(path) == (*before, *rows)
        assert path.read_text(encoding="utf-8").startswith(TEXT)


@pytest.mark.parametrize(
    ("outlet", "expected"),
    [
        ("Žinių Radijas", "ziniu-radijas"),
        ("Łódź & Øst", "lodz-ost"),
        ("Известия", "news-example-org"),
        ("One", "one-2"),
    ],
)
def test_id_is_made_from_the_outlet(outlet: str, expected: str) -> None:
    """In plain letters; from the host where the outlet has none; numbered where it is taken."""
    assert free_id(outlet, "https://www.news.example.org/feed", {"one"}) == expected


@given(texts)
def test_made_id_is_always_valid(outlet: str) -> None:
    """Whatever the outlet is called."""
    assert make_feed(id=free_id(outlet, NEW.url, ()), url=NEW.url, outlet=outlet).outlet == outlet


def test_fault_in_a_value_names_it() -> None:
    """All at once."""
    with pytest.raises(ConfigError) as raised:
        make_feed(id="a", url="ftp://a.example.org/", outlet="A", country="Lithuania")

    assert [fault.split(":")[0] for fault in raised.value.faults] == ["url", "country"]


def test_no_rows_are_no_text() -> None:
    """Not an empty line."""
    assert render_rows([]) == ""
