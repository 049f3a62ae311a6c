"""REST against a real server process on a free port."""

from __future__ import annotations

import html
import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from workflow_server.doors.rest import failures

from .conftest import Era
from .web import Web, environment, serving


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One server for the module; each test makes items of its own."""
    with serving(tmp_path_factory.mktemp("web")) as started:
        yield started


def create(web: Web, title: str = "New task", **fields: Any) -> dict[str, Any]:
    answer = web.ask("POST", "/mcp/work_items", {"title": title, **fields})
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    return item


def test_create_answers_201_with_the_whole_item(web: Web) -> None:
    item = create(web)
    assert item["title"] == "New task"
    assert (item["item_type"], item["status"], item["version"]) == ("task", "planned", 1)
    assert (item["entity_references"], item["metadata"], item["warnings"]) == ([], {}, [])
    assert item["created_at"] == item["updated_at"]
    assert item["project"] == "tests"
    read = web.ask("GET", f"/mcp/work_items/{item['id']}")
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    assert read.json()["title"] == "New task"


def test_a_retry_with_the_idempotency_header_is_the_same_item_and_200(web: Web) -> None:
    headers = {"Idempotency-Key": "retry-1"}
    first = web.ask("POST", "/mcp/work_items", {"title": "Once"}, headers=headers)
    again = web.ask("POST", "/mcp/work_items", {"title": "Once"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_patch_changes_and_null_empties(web: Web) -> None:
    item = create(web, assignee="ann", due="2026-05-01")
    changed = web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"assignee": None, "priority": 0})
    assert changed.status_code == 200
    body = changed.json()
    assert (body["assignee"], body["priority"], body["due"], body["version"]) == (None, 0, "2026-05-01", 2)


@pytest.mark.parametrize("how", ["body", "header"])
def test_a_stale_version_is_409_and_says_who_changed_what(web: Web, how: str) -> None:
    item = create(web)
    path = f"/mcp/work_items/{item['id']}"
    web.ask("PATCH", path, {"title": "By another"}, headers={"X-Tandem-Actor": "ann"})
    if how == "body":
        answer = web.ask("PATCH", path, {"title": "Mine", "expected_version": 1})
    else:
        answer = web.ask("PATCH", path, {"title": "Mine"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 409
    assert answer.json()["error"] == "version_conflict"
    assert "ann" in answer.json()["message"]


def test_delete_restore_and_undo(web: Web) -> None:
    item = create(web)
    path = f"/mcp/work_items/{item['id']}"
    gone = web.ask("DELETE", path)
    assert gone.json()["deleted"] == [item["id"]]
    assert item["id"] not in [
        row["id"] for row in web.ask("GET", "/mcp/work_items?limit=200").json()["items"]
    ]
    assert web.ask("POST", f"{path}/restore").json()["restored"] == [item["id"]]
    web.ask("PATCH", path, {"title": "Other"})
    assert web.ask("POST", f"{path}/undo").status_code == 200
    assert web.ask("GET", path).json()["title"] == "New task"


def test_claims_are_won_once(web: Web) -> None:
    item = create(web)
    path = f"/mcp/work_items/{item['id']}/claim"
    won = web.ask("POST", path, {}).json()
    lost = web.ask("POST", path, {}).json()
    assert (won["claimed"], lost["claimed"]) == (True, False)
    freed = web.ask("POST", path, {"action": "release", "claim_token": won["claim_token"]})
    assert freed.status_code == 200
    assert freed.json()["item"]["claim"] is None


def test_completing_what_is_open_is_409_with_the_list(web: Web) -> None:
    item = create(web, acceptance_criteria=["it is shown"])
    path = f"/mcp/work_items/{item['id']}"
    refused = web.ask("PATCH", path, {"status": "completed"})
    assert refused.status_code == 409
    assert refused.json()["error"] == "not_done"
    assert "it is shown" in refused.json()["message"]
    done = web.ask("PATCH", path, {"status": "completed", "override_reason": "shown elsewhere"})
    assert done.json()["status"] == "completed"


def test_lists_filter_by_query(web: Web) -> None:
    create(web, "Filtered one", labels=["sieve"], metadata={"size": 3})
    create(web, "Filtered two", labels=["sieve"], status="active")

    def titles(query: str) -> list[str]:
        answer = web.ask("GET", f"/mcp/work_items?label=sieve&{query}")
        assert answer.status_code == 200, answer.text
        return sorted(row["title"] for row in answer.json()["items"])

    assert titles("status=active,planned") == ["Filtered one", "Filtered two"]
    assert titles("status=active&status=blocked") == ["Filtered two"]
    assert titles('metadata={"size":3}') == ["Filtered one"]
    assert titles("text=filt*&limit=1&sort=title") == ["Filtered one"]


def test_plans_types_projects_history_and_figures_have_routes(web: Web) -> None:
    plan = web.ask(
        "POST",
        "/mcp/work_items/batch",
        {"items": [{"key": "a", "title": "A"}, {"title": "B", "parent_id": "a"}]},
    )
    assert plan.status_code == 201
    rehearsed = web.ask("POST", "/mcp/work_items/batch", {"items": [{"title": "C"}], "dry_run": True})
    assert rehearsed.status_code == 200
    made = plan.json()["items"][0]["id"]
    assert web.ask("GET", f"/mcp/work_items/{made}/history").json()["events"][0]["door"] == "rest"
    assert "open" in " ".join(web.ask("GET", f"/mcp/work_items/{made}/why").json()["reasons"])
    schema = {"type": "object", "properties": {"level": {"enum": [1, 2]}}}
    assert web.ask("PUT", "/mcp/types/risk", {"schema": schema}).status_code == 200
    assert "risk" in [kind["name"] for kind in web.ask("GET", "/mcp/types").json()["types"]]
    assert web.ask("POST", "/mcp/projects", {"name": "beside"}).status_code == 201
    assert web.ask("GET", "/mcp/work_items?project=beside").json()["total_count"] == 0
    assert web.ask("GET", "/mcp/statistics").json()["counts"]["planned"] > 0
    assert 'workflow_items{project="tests",state="open"}' in web.ask("GET", "/metrics").text


def test_monitors_are_told_of_load_times_and_the_last_failure(web: Web) -> None:
    assert web.ask("POST", "/mcp/work_items", {"title": "Seen by a monitor"}).status_code == 201
    assert web.ask("GET", "/mcp/work_items/wi_aaaaaaa").status_code == 404
    text = web.ask("GET", "/metrics").text
    assert 'workflow_requests_total{operation="create_work_item",outcome="ok"}' in text
    assert 'workflow_requests_total{operation="get_work_item",outcome="work_item_not_found"}' in text
    assert 'workflow_request_seconds_bucket{operation="create_work_item",le="+Inf"}' in text
    assert (
        'workflow_last_error_timestamp_seconds{operation="get_work_item",code="work_item_not_found"}' in text
    )
    assert 'workflow_writes_waiting{project="tests"} 0' in text
    health = web.ask("GET", "/health").json()
    assert health["status"] == "ok"
    assert (health["running"], health["writes_waiting"], health["bridge"]) == (0, 0, {})
    assert health["last_error"]["operation"] == "get_work_item"
    assert health["last_error"]["code"] == "work_item_not_found"
    assert health["last_error"]["at"].endswith("Z")


REFUSALS: tuple[tuple[str, str, Any, int, str], ...] = (
    ("GET", "/mcp/work_items/wi_aaaaaaa", None, 404, "work_item_not_found"),
    ("GET", "/mcp/work_items?project=nowhere", None, 404, "project_not_found"),
    ("GET", "/nothing", None, 404, "route_not_found"),
    ("PUT", "/mcp/work_items", {}, 405, "method_not_allowed"),
    ("POST", "/mcp/work_items", {}, 422, "invalid_arguments"),
    ("POST", "/mcp/work_items", {"titel": "x"}, 422, "invalid_arguments"),
    ("POST", "/mcp/work_items", [], 400, "invalid_request"),
    ("GET", "/mcp/work_items?limit=many", None, 422, "invalid_arguments"),
    ("GET", "/mcp/work_items?colour=red", None, 422, "invalid_arguments"),
    ("POST", "/mcp/projects", {"name": "tests"}, 409, "project_exists"),
    ("POST", "/mcp/undo", {"event": "ev_aaaaaaaaaa"}, 404, "event_not_found"),
)


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), REFUSALS)
def test_refusals_have_a_status_a_code_a_message_and_a_hint(
    web: Web, method: str, path: str, body: Any, status: int, code: str
) -> None:
    create(web)
    answer = web.ask(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == code
    assert answer.json()["message"]
    assert "hint" in answer.json()


def test_what_is_no_json_is_refused(web: Web) -> None:
    headers = {"Authorization": f"Bearer {web.token}", "Content-Type": "application/json"}
    broken = httpx.post(f"{web.url}/mcp/work_items", content=b"{", headers=headers, trust_env=False)
    assert (broken.status_code, broken.json()["error"]) == (400, "invalid_json")
    headers["Content-Type"] = "text/plain"
    form = httpx.post(
        f"{web.url}/mcp/work_items", content=b'{"title": "x"}', headers=headers, trust_env=False
    )
    assert (form.status_code, form.json()["error"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "path", ["/", "/mcp", "/mcp/work_items", "/health", "/openapi.json", "/board/main.js", "/nothing"]
)
def test_every_route_wants_host_origin_and_token(web: Web, path: str) -> None:
    def status(**headers: str) -> int:
        return httpx.get(web.url + path, headers=headers, trust_env=False).status_code

    bearer = f"Bearer {web.token}"
    assert status() == 401
    assert status(Authorization="Bearer wrong") == 401
    assert status(Authorization=bearer, Host="evil.example:80") == 421
    assert status(Authorization=bearer, Origin="http://evil.example") == 403
    assert status(Authorization=bearer, Origin="null") == 403


def test_the_printed_link_works_once_and_leaves_a_cookie_that_scripts_cannot_read(web: Web) -> None:
    with httpx.Client(trust_env=False) as browser:
        first = browser.get(web.link)
        assert first.status_code == 200
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        board = browser.get(web.url + "/")
        assert board.status_code == 200
        assert "script-src 'self'" in board.headers["content-security-policy"]
        assert browser.get(f"{web.url}/mcp/work_items").status_code == 200
    assert httpx.get(web.link, trust_env=False).status_code == 401
    assert "workflow-server web" in httpx.get(web.url + "/", trust_env=False).text


@pytest.mark.parametrize(
    "path", ["/board/../app.py", "/board/%2e%2e/bundle.py", "/board//etc/passwd", "/board/"]
)
def test_only_files_of_the_page_are_served(web: Web, path: str) -> None:
    assert web.ask("GET", path).status_code == 404


def test_who_acts_is_named_by_a_header_that_the_document_describes(web: Web) -> None:
    item = create(web)
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"priority": 0}, headers={"X-Tandem-Actor": "carol"})
    events = web.ask("GET", f"/mcp/work_items/{item['id']}/history").json()["events"]
    assert events[-1]["actor"] == "carol"
    paths = web.ask("GET", "/openapi.json").json()["paths"]
    for method, path in (("patch", "/mcp/work_items/{id}"), ("post", "/mcp/work_items")):
        told = {one["name"]: one["in"] for one in paths[path][method]["parameters"]}
        assert told["X-Tandem-Actor"] == "header"


def test_openapi_describes_every_route_of_the_tools(web: Web) -> None:
    document = web.ask("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    create_body = document["paths"]["/mcp/work_items"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert create_body["required"] == ["title"]
    assert create_body["additionalProperties"] is False
    assert set(document["paths"]["/mcp/work_items/{id}"]) == {"get", "patch", "delete"}


def test_every_status_that_an_error_can_have_is_in_the_document_of_every_route(web: Web) -> None:
    item = create(web, "To be deleted")
    assert web.ask("DELETE", f"/mcp/work_items/{item['id']}").status_code == 200
    gone = web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"title": "Late"})
    assert gone.status_code == 410
    possible = {
        str(status) for status in (*failures.STATUS_OF_CODE.values(), *dict(failures.BY_ENDING).values())
    }
    for path, methods in web.ask("GET", "/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            told = set(operation["responses"])
            assert possible | {"401", "403", "413", "421", "422"} <= told, f"{method} {path}"


def test_changes_are_streamed(web: Web) -> None:
    headers = {"Authorization": f"Bearer {web.token}"}
    with httpx.stream("GET", f"{web.url}/mcp/events", headers=headers, timeout=20, trust_env=False) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        item = create(web, "Seen at once")
        assert next(line for line in lines if line.startswith("event:")) == "event: change"
        data = json.loads(next(line for line in lines if line.startswith("data:")).removeprefix("data: "))
        assert data["items"] == [item["id"]]


async def test_mcp_is_served_beside_rest(web: Web, era: Era) -> None:
    headers = {"Authorization": f"Bearer {web.token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=20) as http:
        transport = streamable_http_client(f"{web.url}/mcp", http_client=http)
        async with Client(transport, mode=era) as client:
            made = await client.call_tool("create_work_item", {"title": "Over HTTP"})
            assert made.structured_content is not None
            item_id = made.structured_content["id"]
    assert web.ask("GET", f"/mcp/work_items/{item_id}").json()["title"] == "Over HTTP"


def test_a_second_web_prints_a_link_of_the_first(web: Web) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workflow_server", "web"],
        cwd=web.folder,
        env=environment(web.folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith(f"{web.url}/login?ticket=")
    assert httpx.get(done.stdout.strip(), trust_env=False).status_code == 200


def second_web(web: Web, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`web` once more in another folder, of the same person; no project is set unless ``more`` sets one."""
    return subprocess.run(
        [sys.executable, "-m", "workflow_server", *arguments, "web"],
        cwd=folder,
        env=environment(web.folder, **{"WORKFLOW_PROJECT": "", **more}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def page_behind(link: str) -> str:
    """The address that a browser is sent on to by the page of a login link."""
    answer = httpx.get(link, trust_env=False)
    assert answer.status_code == 200
    found = re.search(r'content="0;url=([^"]*)"', answer.text)
    assert found
    return html.unescape(found[1])


def test_the_link_of_a_running_board_leads_to_the_project_of_the_folder_it_was_asked_in(
    web: Web, tmp_path: Path
) -> None:
    folder = tmp_path / "orchard"
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    done = second_web(web, folder)
    assert page_behind(done.stdout.strip()) == "/?project=orchard"
    assert "project 'orchard'" in done.stderr
    listed = web.ask("GET", "/mcp/work_items?project=orchard")
    assert (listed.status_code, listed.json()["project"]) == (200, "orchard")


def test_the_link_of_a_running_board_leads_to_the_project_that_is_named(web: Web, tmp_path: Path) -> None:
    done = second_web(web, tmp_path, "-p", "drag")
    assert page_behind(done.stdout.strip()) == "/?project=drag"
    assert web.ask("GET", "/mcp/work_items?project=drag").status_code == 200


def test_a_running_board_is_opened_without_a_project_where_none_is_meant_and_says_so(
    web: Web, tmp_path: Path
) -> None:
    done = second_web(web, tmp_path)
    assert page_behind(done.stdout.strip()) == "/"
    assert "--project NAME" in done.stderr


def test_a_used_link_opens_the_board_in_a_browser_that_is_signed_in(web: Web) -> None:
    link = f"{web.url}{web.ask('POST', '/mcp/tickets').json()['path']}"
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(link).status_code == 200
        again = browser.get(f"{link}&project=tests")
        assert again.status_code == 200
        assert 'content="0;url=/?project=tests"' in again.text
    refused = httpx.get(f"{link}&project=tests", trust_env=False)
    assert refused.status_code == 401
    assert 'href="/?project=tests"' in refused.text


def test_a_port_that_is_taken_is_told(web: Web, tmp_path: Path) -> None:
    port = web.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "workflow_server", "web", "--port", port],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert port in done.stderr
    assert "--port" in done.stderr


def test_the_endpoint_file_is_private_and_goes_with_its_server(tmp_path: Path) -> None:
    with serving(tmp_path, ends=True) as web:
        file = tmp_path / "runtime" / "workflow-endpoint.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        web.process.send_signal(signal.SIGTERM)
        assert web.process.wait(timeout=60) == 0
        assert not file.exists()


def test_a_stream_that_somebody_follows_keeps_it_from_ending_no_longer_than_the_grace(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, ends=True) as web:
        headers = {"Authorization": f"Bearer {web.token}"}
        follow = httpx.stream("GET", f"{web.url}/mcp/events", headers=headers, timeout=60, trust_env=False)
        with follow as stream:
            assert next(line for line in stream.iter_lines() if line.startswith("event:")) == "event: hello"
            web.process.send_signal(signal.SIGINT)
            assert web.process.wait(timeout=60) == 130
        assert not (tmp_path / "runtime" / "workflow-endpoint.json").exists()


def test_without_a_token_on_a_machine_of_ones_own(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-token") as web:
        assert httpx.get(f"{web.url}/mcp/work_items", trust_env=False).status_code == 200
        assert httpx.get(web.link, trust_env=False).status_code == 200
        wrong = httpx.get(f"{web.url}/health", headers={"Host": "evil.example"}, trust_env=False)
        assert wrong.status_code == 421


def test_what_would_be_passed_over_is_refused(web: Web) -> None:
    item = web.ask("POST", "/mcp/work_items", {"title": "One"}).json()
    path = f"/mcp/work_items/{item['id']}"
    beside = web.ask("PATCH", path, {"ids": ["wi_other"], "title": "Two"})
    assert beside.status_code == 422
    assert "`ids` stands in the path already" in beside.json()["message"]
    for method, place in (("POST", "/mcp/work_items"), ("PATCH", path), ("POST", f"{path}/undo")):
        answer = web.ask(method, f"{place}?titel=x", {"title": "Two"})
        assert answer.status_code == 422
        assert "`titel`" in answer.json()["message"]
    assert web.ask("GET", path).json()["title"] == "One"


def test_the_history_is_chosen_by_time_and_actor_and_no_parameter_is_passed_over(web: Web) -> None:
    mine = {"X-Tandem-Actor": "dora"}
    made = web.ask("POST", "/mcp/work_items", {"title": "Of dora"}, headers=mine).json()["id"]
    create(web, "Of somebody else")
    asked = web.ask("GET", "/mcp/history?actor=Dora&since=yesterday").json()
    assert [event["item_id"] for event in asked["events"]] == [made]
    assert web.ask("GET", f"/mcp/history?since={asked['next_cursor']}&actor=dora").json()["events"] == []
    backwards = web.ask("GET", "/mcp/history?before=0&actor=dora").json()
    assert [event["item_id"] for event in backwards["events"]] == [made]
    listed = web.ask("GET", "/mcp/work_items?changed_by=dora&changed_since=1h").json()
    assert [item["id"] for item in listed["items"]] == [made]
    for path in ("/mcp/history", f"/mcp/work_items/{made}/history"):
        refused = web.ask("GET", f"{path}?acter=dora")
        assert refused.status_code == 422
        assert "Did you mean `actor`" in refused.json()["hint"]
        unread = web.ask("GET", f"{path}?since=soon")
        assert (unread.status_code, "yesterday" in unread.json()["hint"]) == (422, True)


def test_a_project_comes_back_from_the_archive_as_it_went_there(web: Web) -> None:
    web.ask("POST", "/mcp/projects", {"name": "Old"})
    web.ask("POST", "/mcp/projects/Old/archive")
    refused = web.ask("POST", "/mcp/work_items?project=Old", {"title": "No"})
    assert refused.json()["error"] == "project_archived"
    assert "restore=true" in refused.json()["hint"]
    back = web.ask("POST", "/mcp/projects/Old/restore").json()
    assert [project["archived"] for project in back["projects"]] == [False]
    assert web.ask("POST", "/mcp/work_items?project=Old", {"title": "Yes"}).status_code == 201
