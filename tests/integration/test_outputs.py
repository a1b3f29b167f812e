"""Reports, registers and the ledger's head on an object store that speaks S3: another process, over the network."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import openpyxl
import pytest

from cluster.parts import ROOT, free_port
from retention import clock
from retention.errors import OutputError
from retention.evidence.records import LedgerHead
from retention.night.record import note_head, noted_head
from retention.night.steps import open_night, run_night
from retention.outputs import delivered
from retention.sample import generate
from retention.workspace import Workspace

KEYS = {"AWS_ACCESS_KEY_ID": "robot", "AWS_SECRET_ACCESS_KEY": "not shown", "AWS_DEFAULT_REGION": "eu-west-3"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of one's own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(port)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert any("Running on" in line for line in process.stderr), "moto did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3}.items():
        monkeypatch.setenv(name, value)
    made = boto3.resource("s3", endpoint_url=s3).Bucket("papers")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    yield made
    made.objects.all().delete()
    made.delete()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return replace(Workspace.at(tmp_path, decision_set="example"), output_url="s3://papers/retention")


def names(bucket: Any) -> set[str]:
    return {found.key for found in bucket.objects.all()}


def test_a_night_s_papers_are_put_there_whole(bucket: Any, workspace: Workspace) -> None:
    generate(workspace.store_file, as_of=clock.today(), usage_rows=0)
    with delivered(workspace) as there:
        run_night(open_night(there, "usage", as_of=clock.today(), run_id="usage:one", dry_run=True))
        assert not [name for name in names(bucket) if not name.endswith(".writable")], "nothing is seen before it is finished"
    report = f"retention/reports/rapport-{clock.today()}.xlsx"
    assert names(bucket) == {report, "retention/reports/ledger-head.json"}
    book = openpyxl.load_workbook(io.BytesIO(bucket.Object(report).get()["Body"].read()))
    assert len(book.worksheets) > 5
    assert noted_head(workspace) == workspace.evidence(readonly=True).head()
    assert not workspace.output.exists(), "nothing is left on this machine"


def test_what_was_finished_before_an_error_is_there_and_half_a_file_is_not(bucket: Any, workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), delivered(workspace) as there:
        note_head(there, LedgerHead(7, "a" * 64))
        (there.output / "reports" / ".half.xlsx.1.tmp").write_bytes(b"half")
        raise ZeroDivisionError
    assert names(bucket) == {"retention/reports/ledger-head.json"}
    assert json.loads(bucket.Object("retention/reports/ledger-head.json").get()["Body"].read())["seq"] == 7


def test_a_bucket_that_is_not_there_stops_a_night_before_it_begins(bucket: Any, workspace: Workspace) -> None:
    nowhere = replace(workspace, output_url="s3://nowhere/retention")
    with pytest.raises(OutputError, match="cannot be written") as error, delivered(nowhere) as there:
        there.output_folder("reports")
    assert "not shown" not in str(error.value)


def test_an_ordinary_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    plain = Workspace.from_env({"RETENTION_OUTPUT": f"file://{tmp_path}"})
    assert plain.output == tmp_path and plain.output_url == ""
    with delivered(plain) as same:
        assert same is plain


def test_the_command_line_writes_there_too(bucket: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "RETENTION_HOME": str(workspace.home),
        "RETENTION_OUTPUT": "s3://papers/cli",
        "RETENTION_DECISIONS": "example",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    generate(workspace.store_file, as_of=clock.today(), usage_rows=0)
    done = subprocess.run(
        [sys.executable, "-m", "retention.cli", "run", "--store", "usage", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"cli/reports/rapport-{clock.today()}.xlsx" in names(bucket)
