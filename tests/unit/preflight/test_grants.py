"""Exactly what the grants script says is enough for a night, and nothing less is."""

from __future__ import annotations

import pytest
from sqlalchemy import URL
from stage import BUNDLE, build, check, execute, role, said

from retention import installation
from retention.clock import today
from retention.errors import StoreError
from retention.preflight.check import check_evidence
from retention.preflight.grants import Roles, grants
from retention.preflight.needs import evidence_needs, store_needs
from retention.resolve import resolve
from retention.stores.connect import make_engine
from retention.stores.places import placed

STORES = ("account", "transaction", "subscription", "usage")


def script(url: URL, store: str, roles: Roles) -> list[str]:
    mapped = placed(BUNDLE.store(store), url.render_as_string())
    return lines(grants(url.render_as_string(), store_needs(mapped, resolve(BUNDLE, mapped, today())), roles))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("--")]


def nightly(user: URL) -> Roles:
    return Roles(f"{user.username}@%" if user.get_backend_name() == "mariadb" else str(user.username))


@pytest.mark.parametrize("store", STORES)
def test_what_the_script_grants_is_enough_and_not_too_much(server_database: URL, store: str) -> None:
    build(server_database, store)
    with role(server_database) as user:
        execute(server_database, *script(server_database, store, nightly(user)))
        assert check(user, store) == []


def test_a_privilege_that_is_missing_is_named(server_database: URL) -> None:
    build(server_database, "transaction")
    with role(server_database) as user:
        whole = script(server_database, "transaction", nightly(user))
        execute(server_database, *(line.replace("DELETE, UPDATE", "UPDATE") for line in whole))
        missing = said(check(user, "transaction"))
        assert "the user lacks DELETE on table payments" in missing
        assert len(missing) == sum("DELETE, UPDATE" in line for line in whole) > 0


def test_a_column_that_could_not_be_blanked_is_named(server_database: URL) -> None:
    build(server_database, "usage")
    with role(server_database) as user:
        quote = '"' if server_database.get_backend_name() == "postgresql" else "`"
        whole = script(server_database, "usage", nightly(user))
        execute(server_database, *(line.replace(f"{quote}ip_address{quote}, ", "") for line in whole))
        assert said(check(user, "usage")) == ["the user lacks UPDATE (ip_address) on table visits"]


def test_the_archive_has_an_access_of_its_own(server_database: URL) -> None:
    """The night may look, put in and take out; that the application may do nothing there is said beside it."""
    user = nightly(server_database.set(username="night"))
    mapped = placed(BUNDLE.store("transaction"), server_database.render_as_string())
    needs = store_needs(mapped, resolve(BUNDLE, mapped, today()))
    text = grants(server_database.render_as_string(), needs, user)
    quote = '"' if server_database.get_backend_name() == "postgresql" else "`"
    schema = mapped.declared.schemas[0]
    assert f"GRANT SELECT, INSERT, DELETE ON TABLE {quote}{schema}{quote}.{quote}archived_invoices{quote} TO" in text
    assert f"-- {schema} has an access of its own" in text and "the application's role gets nothing" in text
    assert f"GRANT SELECT, DELETE ON TABLE {quote}" in next(line for line in text.splitlines() if "invoices" in line[:99])


def test_an_archive_that_is_open_to_everybody_is_warned_of(server_database: URL) -> None:
    if server_database.get_backend_name() != "postgresql":
        pytest.skip("there nobody has rights that were not granted to him")
    build(server_database, "transaction")
    with role(server_database) as user:
        execute(server_database, *script(server_database, "transaction", nightly(user)))
        execute(
            server_database, "REVOKE USAGE ON SCHEMA archive FROM " + f'"{str(user.username).replace(chr(34), chr(34) * 2)}"'
        )
        assert "the user lacks USAGE on schema archive" in said(check(user, "transaction"))
        execute(server_database, "GRANT USAGE ON SCHEMA archive TO PUBLIC")
        assert said(check(user, "transaction"), "warn") == [
            "schema archive is open to everybody: it is to have an access of its own"
        ]


def test_privileges_beyond_the_need_are_warned_of(server_database: URL) -> None:
    build(server_database, "usage")
    with role(server_database) as user:
        execute(server_database, *script(server_database, "usage", nightly(user)))
        more = next(line for line in script(server_database, "usage", nightly(user)) if "retention_receipt" in line)
        execute(server_database, more.replace("SELECT, INSERT", "DELETE"))
        assert said(check(user, "usage"), "warn") == [
            "the user may do more than a night needs: DELETE on table retention_receipt"
        ]
        assert said(check(user, "usage")) == []


def test_an_administrator_is_warned_of_once(server_database: URL) -> None:
    findings = check(build(server_database, "account"), "account")
    assert said(findings) == []
    told = said(findings, "warn")
    assert 0 < len(told) <= 3
    assert all("more than a night needs" in what for what in told)


def test_the_owner_can_make_our_tables_and_nobody_else(server_database: URL) -> None:
    build(server_database, "usage", install=False)
    if server_database.get_backend_name() == "postgresql":  # as it is from version 15 on, and was not before
        execute(server_database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with role(server_database) as owner, role(server_database) as user:
        whole = script(server_database, "usage", Roles(nightly(user).nightly, nightly(owner).nightly))
        begin = 2 if server_database.get_backend_name() == "postgresql" else 1
        with pytest.raises(StoreError):
            installation.install_store("usage", owner.render_as_string(hide_password=False))
        execute(server_database, *whole[:begin])
        assert installation.install_store("usage", owner.render_as_string(hide_password=False)).made
        execute(server_database, *whole[begin:])
        assert check(user, "usage") == []


def test_evidence_can_be_added_to_and_not_rewritten(server_database: URL) -> None:
    installation.install_evidence(server_database.render_as_string(hide_password=False))
    with role(server_database) as user:
        execute(
            server_database,
            *lines(grants(server_database.render_as_string(), evidence_needs(), nightly(user), stages=True)),
        )
        engine = make_engine(user)
        try:
            assert [found for found in check_evidence(engine, headroom=1.0) if found.level != "unknown"] == []
        finally:
            engine.dispose()


def test_a_file_has_no_roles() -> None:
    with pytest.raises(StoreError, match="roles"):
        grants("sqlite:///store.db", (), Roles("night"))
