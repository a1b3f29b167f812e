"""The usage store with its page events kept in partitions, each of some months."""

from __future__ import annotations

import datetime as dt

from databases import many, sql
from dateutil.relativedelta import relativedelta

INDEXES = ("visit_id", "customer_ref", "viewed_at")
OLD = (dt.date(2022, 1, 1), dt.date(2022, 4, 1), dt.date(2022, 7, 1))  # quarters in which nothing keeps a row
OLD_PARTS = tuple(f"page_events_{day:%Y_%m}" for day in OLD)
IN_EACH = 40


def with_old_events(url: str) -> None:
    """Adds events of long ago, whose customers nobody knows any more, to visits young and old."""
    visits = [row[0] for row in sql(url, "SELECT visit_id FROM visits ORDER BY visit_id")]
    ((last,),) = sql(url, "SELECT max(event_id) FROM page_events")
    rows = [
        (
            last + 1 + number * IN_EACH + n,
            visits[(n * 7 + number) % len(visits)],
            f"{day + dt.timedelta(days=2 * n)} 09:00:00",
            "/",
        )
        for number, day in enumerate(OLD)
        for n in range(IN_EACH)
    ]
    many(url, "INSERT INTO page_events (event_id, visit_id, viewed_at, path) VALUES (?, ?, ?, ?)", rows)


def partition(url: str, months: int = 3) -> list[str]:
    """Moves the page events into a table partitioned by the range of their moment. Returns the names of its partitions.

    The primary key of such a table has to hold that moment, so that rows without one cannot be in it.
    """
    sql(url, "DELETE FROM page_events WHERE viewed_at IS NULL")
    sql(url, "ALTER TABLE page_events RENAME TO plain")
    sql(
        url,
        "CREATE TABLE page_events (event_id bigint, visit_id bigint NOT NULL REFERENCES visits (visit_id),"
        " customer_ref varchar(16), viewed_at timestamp, path varchar(200) NOT NULL, previous_path varchar(200),"
        " seconds integer, PRIMARY KEY (event_id, viewed_at)) PARTITION BY RANGE (viewed_at)",
    )
    start, names = OLD[0], []
    while start < dt.date(2027, 1, 1):
        end, name = start + relativedelta(months=months), f"page_events_{start:%Y_%m}"
        bound = f"'{end}'" if end < dt.date(2027, 1, 1) else "MAXVALUE"
        sql(url, f"CREATE TABLE {name} PARTITION OF page_events FOR VALUES FROM ('{start}') TO ({bound})")
        names.append(name)
        start = end
    sql(
        url,
        "INSERT INTO page_events SELECT event_id, visit_id, customer_ref, viewed_at, path, previous_path, seconds FROM plain",
    )
    sql(url, "DROP TABLE plain")
    for column in INDEXES:
        sql(url, f"CREATE INDEX ix_page_events_{column} ON page_events ({column})")
    return names


def parts(url: str) -> dict[str, bool]:
    """The partitions of the page events that are attached, and whether they are half detached."""
    query = "SELECT inhrelid::regclass::text, inhdetachpending FROM pg_inherits WHERE inhparent = 'page_events'::regclass"
    return dict(sql(url, query))


def there(url: str, part: str) -> bool:
    """Whether a table of that name is there, attached or not."""
    return bool(sql(url, "SELECT to_regclass(?) IS NOT NULL", part)[0][0])
