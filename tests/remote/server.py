#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both forges' APIs with a memory, and with faults on demand. Standard library alone.

usage: server.py [--state FILE] [--log FILE] [--dump FILE] [--limit-s 600]
       server.py ask URL state|requests|violations     prints JSON (requests: one a line)
       server.py ask URL set PATH JSON                 PATH: repositories|o/r|changes|7|head
       server.py ask URL fault JSON                    adds one, or a list of them
       server.py ask URL stop                          exit status 1 if something was violated

In a test: start it in the background with its output in a file, wait for the first line and read the URL from it:
    server.py --state state.json >server.out & ; URL=$(sed -n 's/^url //p' server.out)
It prints `url http://127.0.0.1:PORT` and `other http://127.0.0.1:PORT` (another origin, where no token may ever arrive),
and it ends at SIGTERM, `ask URL stop`, or after --limit-s seconds. GitHub's API is at URL, URL/api/v3 and URL/any/sub/path/api/v3
(and api/v1, as Gitea has it), GitLab's at URL/api/v4 and URL/any/sub/path/api/v4; both show the same changes.

State (JSON; what is left out has a default):
    {"tokens": {"secret": {"user": "bot", "may": ["read", "comment", "status", "check", "thread", "user"]}},
                                        "may" is all of that by default; GitHub's own job token cannot "user"
     "users": {"bot": {"id": 12, "type": "Bot"}},       made up for any name that is not there
     "page_size": 2,                    at most so many elements in a page, whatever is asked for
     "pagination": "both",              of GitLab: "link", "x-next-page" or "both"
     "comment_limit_chars": 65536,      1000000 on GitLab
     "repositories": {"o/r": {"id": 42, "changes": {"7": {
         "head": SHA, "head_repository": "o/r", "state": "open"|"closed"|"merged", "title": "T", "author": "a",
         "labels": ["x"],
         "events": [{"label": "x", "action": "add"|"remove", "by": "a", "at": "2026-01-02T03:04:05Z"}],
         "comments": [{"id": 1, "user": "bot", "body": "...", "system": false}],
         "threads": [{"id": "d1", "resolved": false, "resolved_by": null, "notes": [{"id": 2, "user": "bot", "body": ".."}]}]}},
       "statuses": [{"sha", "state", "context", ...}], "check_runs": [{"id", "name", "annotations": [...], ...}]}},
     "faults": [...],                   each with "n_matches", how often its request came so far
     "violations": [...]}

A fault: {"request": "POST */issues/7/comments",        method and a pattern for the path behind the API's base
          "from": 1, "times": 1,                        from its n-th match on, so many times
          and what happens:
          "status": 429, "headers": {"Retry-After": "2"}, "body": TEXT or JSON     instead of what was asked for;
          "preset": one of PRESETS below                                            the same by name;
          "carry_out": true                              the request does its work all the same (as with every "close")
          "close": "before" (nothing is done) | "middle" of the answer | "after" (the answer is lost)
          "slow_s": 2                                    before the answer; "drip_s": between its bytes
          "redirect": "other" | "/path", "status": 307   to the other origin, or to a path on this one
          "oversized_bytes": N | "deep": N               an answer of so many bytes, of lists within lists
          "meet": 2                                      so many requests are answered together, once all were carried out
          "then": [[PATH, JSON], ...]                    changes of the state after it}

Violations, which `stop` fails with: a token on the other origin, in a URL or in a body; a request without User-Agent, with an
Authorization of its own on GitLab beside a PRIVATE-TOKEN; a body that is no JSON object; a GitLab note that runs a quick action."""
import argparse
import copy
import datetime
import email.utils
import fnmatch
import http.server
import json
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

ALL_RIGHTS = ["read", "comment", "status", "check", "thread", "user"]
FORBIDDEN = {"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"}
PRESETS = {
    "forbidden": {"status": 403, "body": FORBIDDEN},
    "not_found": {"status": 404, "body": {"message": "Not Found"}},
    "conflict": {"status": 409, "body": {"message": "Conflict"}},
    "invalid": {"status": 422, "body": {"message": "Validation Failed", "errors": [{"field": "body", "code": "missing"}]}},
    "too_long": {"status": 422, "body": {"message": "Validation Failed", "errors": [
        {"resource": "IssueComment", "code": "unprocessable", "field": "data",
         "message": "Body is too long (maximum is 65536 characters)"}]}},
    "rate_seconds": {"status": 429, "headers": {"Retry-After": "1"}, "body": {"message": "API rate limit exceeded"}},
    "rate_date": {"status": 429, "headers": {"Retry-After": "{date+1}"}, "body": {"message": "API rate limit exceeded"}},
    "rate_blank": {"status": 429, "headers": {"Retry-After": ""}, "body": {"message": "API rate limit exceeded"}},
    "rate_primary": {"status": 403, "headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{epoch+1}"},
                     "body": {"message": "API rate limit exceeded for installation"}},
    "rate_secondary": {"status": 403, "body": {"message": "You have exceeded a secondary rate limit"}},
    "retry_later": {"status": 429, "headers": {"Retry-After": "1", "Content-Type": "text/plain"}, "body": "Retry later\n"},
    "unavailable": {"status": 503, "body": "<html>Service Unavailable</html>"},
    "gateway": {"status": 502, "body": "<html>Bad Gateway</html>"},
    "no_json": {"status": 200, "body": "<!DOCTYPE html><html>Sign in</html>"},
}
QUICK_ACTION = re.compile(r"^/(approve|merge|close|reopen|label|unlabel|assign|title|milestone|lock|rebase|done|todo|award|"
                          r"relabel|draft|ready|subscribe|spend|estimate|copy_metadata|target_branch|unapprove)\b", re.M)
GITHUB, GITLAB = "github", "gitlab"


class Refusal(Exception):
    """An answer that ends a request."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status, self.body = status, body


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def fill(value):
    """{date+2} and {epoch+2} in a header: two seconds from now."""
    value = re.sub(r"\{date\+(\d+)\}", lambda m: email.utils.formatdate(time.time() + int(m[1]), usegmt=True), value)
    return re.sub(r"\{epoch\+(\d+)\}", lambda m: str(int(time.time()) + int(m[1])), value)


class Forge:
    """The state, and what requests do to it. Every method is called with the lock held."""

    def __init__(self, state):
        self.lock = threading.RLock()
        self.met = threading.Condition(self.lock)
        self.state = {"tokens": {}, "users": {}, "repositories": {}, "faults": [], "violations": [], **state}
        self.next_id = 1000
        self.requests, self.log = [], None

    def violate(self, what):
        self.state["violations"].append(what)

    def new_id(self):
        self.next_id += 1
        return self.next_id

    def user(self, name):
        known = self.state["users"].setdefault(name, {})
        known.setdefault("id", zlib.crc32(name.encode()))
        known.setdefault("type", "Bot" if name.endswith("[bot]") else "User")
        return known

    def set(self, path, value):
        path = path.split("|") if isinstance(path, str) else path
        place = self.state
        for key in path[:-1]:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        if isinstance(place, list):
            place[int(path[-1])] = value
        else:
            place[path[-1]] = value

    def fault_for(self, method, path):
        for fault in self.state["faults"]:
            wanted_method, pattern = fault["request"].split(" ", 1)
            if wanted_method not in ("*", method) or not fnmatch.fnmatchcase(path, pattern):
                continue
            fault["n_matches"] = fault.get("n_matches", 0) + 1
            first = fault.get("from", 1)
            if first <= fault["n_matches"] < first + fault.get("times", fault.get("meet", 1)):
                return {**PRESETS.get(fault.get("preset"), {}), **fault, "itself": fault}
        return {}

    # --- what both have ---

    def repository(self, kind, name):
        for full_name, repository in self.state["repositories"].items():
            if name == full_name or (kind == GITLAB and name == str(repository.get("id", 0))):
                return repository
        raise Refusal(404, {"message": "Not Found" if kind == GITHUB else "404 Project Not Found"})

    def change(self, repository, number):
        change = repository.get("changes", {}).get(str(number))
        if not change:
            raise Refusal(404, {"message": "Not Found"})
        for key, default in (("labels", []), ("events", []), ("comments", []), ("threads", []), ("state", "open"),
                             ("title", "A change"), ("author", "author")):
            change.setdefault(key, copy.deepcopy(default))
        return change

    def body_text(self, kind, request):
        text = request.get("body")
        limit = self.state.get("comment_limit_chars", 65536 if kind == GITHUB else 1000000)
        if not isinstance(text, str) or not text:
            raise Refusal(422 if kind == GITHUB else 400, {"message": "Validation Failed: body is missing"})
        if len(text) > limit:
            raise Refusal(*((422, {"message": "Validation Failed", "errors": [
                {"resource": "IssueComment", "code": "custom", "field": "body",
                 "message": f"body is too long (maximum is {limit} characters)"}]}) if kind == GITHUB else
                (400, {"message": {"note": [f"is too long (maximum is {limit} characters)"]}})))
        if kind == GITLAB and QUICK_ACTION.search(re.sub(r"(?ms)^```.*?^```", "", text)):
            self.violate("a note runs a quick action: " + QUICK_ACTION.search(text)[0])
        return text

    def all_comments(self, change):
        notes = [note for thread in change["threads"] for note in thread["notes"]]
        return sorted(change["comments"] + notes, key=lambda comment: comment["id"])

    def comment_by_id(self, repository, comment_id, number=None):
        for key, _ in list(repository.get("changes", {}).items()):
            change = self.change(repository, key)
            if number is not None and key != str(number):
                continue
            for comment in self.all_comments(change):
                if comment["id"] == comment_id:
                    return change, comment
        raise Refusal(404, {"message": "Not Found"})

    def remove(self, change, comment):
        change["comments"] = [c for c in change["comments"] if c is not comment]
        for thread in change["threads"]:
            thread["notes"] = [n for n in thread["notes"] if n is not comment]
        change["threads"] = [t for t in change["threads"] if t["notes"]]

    # --- GitHub ---

    def github_user(self, name):
        user = self.user(name)
        return {"login": name, "id": user["id"], "type": user["type"]}

    def github_comment(self, comment, name, number):
        return {"id": comment["id"], "body": comment["body"], "user": self.github_user(comment["user"]),
                "html_url": f"https://github.example/{name}/pull/{number}#issuecomment-{comment['id']}",
                "created_at": comment.setdefault("created_at", now_text()), "updated_at": comment["created_at"]}

    def github_pull(self, name, number, change):
        head_repository = change.get("head_repository", name)
        return {"number": int(number), "state": "open" if change["state"] == "open" else "closed",
                "merged": change["state"] == "merged", "title": change["title"], "user": self.github_user(change["author"]),
                "head": {"sha": change["head"], "ref": change.get("branch", "topic"),
                         "repo": {"full_name": head_repository} if head_repository else None},
                "base": {"ref": "main", "sha": change.get("base", "0" * 40), "repo": {"full_name": name}},
                "labels": [{"id": i, "name": label} for i, label in enumerate(change["labels"])]}

    def github_event(self, event):
        return {"id": event.setdefault("id", self.new_id()), "created_at": event.get("at"),
                "event": event.get("event") or {"add": "labeled", "remove": "unlabeled"}[event["action"]],
                "actor": self.github_user(event["by"]) if event.get("by") else None, "label": {"name": event.get("label")}}

    def github_check(self, repository, run, request):
        output = request.get("output")
        if run is None and not (request.get("name") and request.get("head_sha")):
            raise Refusal(422, {"message": "Invalid request. name and head_sha are needed."})
        if output is not None:
            if not output.get("title") or not isinstance(output.get("summary"), str):
                raise Refusal(422, {"message": "Invalid request. output needs title and summary."})
            if len(output["summary"]) > 65535 or len(output.get("annotations", [])) > 50:
                raise Refusal(422, {"message": "Invalid request. output is too long."})
            for a in output.get("annotations", []):
                if a.get("annotation_level") not in ("notice", "warning", "failure") or not a.get("path") or \
                        not isinstance(a.get("start_line"), int) or not isinstance(a.get("end_line"), int) or not a.get("message"):
                    raise Refusal(422, {"message": "Invalid request. An annotation is incomplete."})
        if request.get("status") == "completed" and not request.get("conclusion"):
            raise Refusal(422, {"message": "Invalid request. conclusion is needed."})
        if run is None:
            run = {"id": self.new_id(), "annotations": []}
            repository.setdefault("check_runs", []).append(run)
        run.update({key: value for key, value in request.items() if key != "output"})
        for key in ("title", "summary"):
            if output:
                run[key] = output[key]
        run["annotations"] += (output or {}).get("annotations", [])
        return {"id": run["id"], "name": run["name"], "head_sha": run["head_sha"], "status": run.get("status", "queued"),
                "conclusion": run.get("conclusion"), "external_id": run.get("external_id", "")}

    def github(self, method, path, request, who, query):
        if path == "/user":
            return 200, self.github_user(who.need("user"))
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)", path)
        if not found:
            raise Refusal(404, {"message": "Not Found"})
        name = urllib.parse.unquote(found[1])
        repository, rest = self.repository(GITHUB, name), found[2]
        who.need("read")
        if found := re.fullmatch(r"/issues/(\d+)/comments", rest):
            change = self.change(repository, found[1])
            if method == "POST":
                comment = {"id": self.new_id(), "user": who.need("comment"), "body": self.body_text(GITHUB, request)}
                change["comments"].append(comment)
                return 201, self.github_comment(comment, name, found[1])
            return 200, [self.github_comment(c, name, found[1]) for c in self.all_comments(change)]
        if found := re.fullmatch(r"/issues/comments/(\d+)", rest):
            change, comment = self.comment_by_id(repository, int(found[1]))
            if method != "GET" and not comment.get("foreign"):
                who.need("comment")
            if method != "GET" and comment.get("foreign"):
                raise Refusal(403, FORBIDDEN)
            if method == "DELETE":
                self.remove(change, comment)
                return 204, None
            if method == "PATCH":
                comment["body"] = self.body_text(GITHUB, request)
            return 200, self.github_comment(comment, name, 0)
        if found := re.fullmatch(r"/issues/(\d+)/(labels|events)", rest):
            change = self.change(repository, found[1])
            if found[2] == "labels":
                return 200, [{"id": i, "name": label} for i, label in enumerate(change["labels"])]
            return 200, [self.github_event(event) for event in change["events"]]
        if found := re.fullmatch(r"/pulls/(\d+)", rest):
            return 200, self.github_pull(name, found[1], self.change(repository, found[1]))
        if found := re.fullmatch(r"/commits/([^/]+)/pulls", rest):
            return 200, [self.github_pull(name, n, self.change(repository, n)) for n, c in repository["changes"].items()
                         if c["head"] == found[1]]
        if found := re.fullmatch(r"/commits/([^/]+)/check-runs", rest):
            runs = [run for run in repository.get("check_runs", []) if run["head_sha"] == found[1] and
                    run["name"] in query.get("check_name", [run["name"]])]
            return 200, {"total_count": len(runs), "check_runs": [self.github_check(repository, run, {}) for run in runs]}
        if rest == "/check-runs" and method == "POST":
            who.need("check")
            return 201, self.github_check(repository, None, request)
        if (found := re.fullmatch(r"/check-runs/(\d+)", rest)) and method == "PATCH":
            who.need("check")
            for run in repository.get("check_runs", []):
                if run["id"] == int(found[1]):
                    return 200, self.github_check(repository, run, request)
        if (found := re.fullmatch(r"/statuses/([^/]+)", rest)) and method == "POST":
            who.need("status")
            if request.get("state") not in ("error", "failure", "pending", "success") or len(request.get("description", "")) > 140:
                raise Refusal(422, {"message": "Validation Failed"})
            repository.setdefault("statuses", []).append({"sha": found[1], **request})
            return 201, {"id": self.new_id(), **request}
        raise Refusal(404, {"message": "Not Found"})

    # --- GitLab ---

    def gitlab_user(self, name):
        return {"id": self.user(name)["id"], "username": name, "name": name} if name else None

    def gitlab_note(self, note, thread=None):
        told = {"id": note["id"], "body": note["body"], "author": self.gitlab_user(note["user"]),
                "system": note.get("system", False), "created_at": note.setdefault("created_at", now_text()),
                "resolvable": thread is not None, "noteable_type": "MergeRequest"}
        if thread is not None:
            told["resolved"] = bool(thread.get("resolved"))
            told["resolved_by"] = self.gitlab_user(thread.get("resolved_by"))
        return told

    def gitlab_discussion(self, thread):
        return {"id": thread["id"], "individual_note": False, "notes": [self.gitlab_note(n, thread) for n in thread["notes"]]}

    def gitlab_merge_request(self, number, change):
        source = change.get("head_repository")
        source_id = self.state["repositories"].get(source, {}).get("id", 4711) if source else \
            next(r.get("id", 0) for r in self.state["repositories"].values() if change in r["changes"].values())
        return {"iid": int(number), "sha": change["head"], "title": change["title"],
                "state": {"open": "opened"}.get(change["state"], change["state"]), "author": self.gitlab_user(change["author"]),
                "source_project_id": source_id, "labels": change["labels"],
                "diff_refs": {"head_sha": change["head"], "base_sha": change.get("base", "0" * 40)}}

    def gitlab_threads(self, method, rest, change, request, who):
        if rest == "":
            if method == "GET":
                singles = [{"id": f"s{c['id']}", "individual_note": True, "notes": [self.gitlab_note(c)]}
                           for c in change["comments"]]
                threads = [self.gitlab_discussion(t) for t in change["threads"]]
                return 200, sorted(singles + threads, key=lambda d: d["notes"][0]["id"])
            note = {"id": self.new_id(), "user": who.need("thread"), "body": self.body_text(GITLAB, request)}
            change["threads"].append({"id": f"{note['id']:040x}", "resolved": False, "notes": [note]})
            return 201, self.gitlab_discussion(change["threads"][-1])
        for thread in change["threads"]:
            if rest == "/" + thread["id"] and method == "PUT":
                if not isinstance(request.get("resolved"), bool):
                    raise Refusal(400, {"error": "resolved is missing"})
                thread["resolved"] = request["resolved"]
                thread["resolved_by"] = who.need("thread") if request["resolved"] else None
                return 200, self.gitlab_discussion(thread)
        raise Refusal(404, {"message": "404 Discussion Not Found"})

    def gitlab_notes(self, method, rest, change, request, who):
        if rest == "":
            if method == "GET":
                of_thread = {id(n): t for t in change["threads"] for n in t["notes"]}
                return 200, [self.gitlab_note(c, of_thread.get(id(c))) for c in self.all_comments(change)]
            note = {"id": self.new_id(), "user": who.need("comment"), "body": self.body_text(GITLAB, request)}
            change["comments"].append(note)
            return 201, self.gitlab_note(note)
        for note in self.all_comments(change):
            if rest == f"/{note['id']}":
                if method != "GET" and note["user"] != who.need("comment"):
                    raise Refusal(403, {"message": "403 Forbidden"})
                if method == "DELETE":
                    self.remove(change, note)
                    return 204, None
                if method == "PUT":
                    note["body"] = self.body_text(GITLAB, request)
                return 200, self.gitlab_note(note)
        raise Refusal(404, {"message": "404 Note Not Found"})

    def gitlab(self, method, path, request, who, query):
        if path == "/user":
            return 200, self.gitlab_user(who.need("user"))
        found = re.fullmatch(r"/projects/([^/]+)(/.*)", path)
        if not found:
            raise Refusal(404, {"error": "404 Not Found"})
        repository, rest = self.repository(GITLAB, urllib.parse.unquote(found[1])), found[2]
        who.need("read")
        if found := re.fullmatch(r"/merge_requests/(\d+)(/[a-z_]+)?(/\w+)?", rest):
            change = self.change(repository, found[1])
            what, rest = found[2], found[3] or ""
            if what is None:
                return 200, self.gitlab_merge_request(found[1], change)
            if what == "/notes":
                return self.gitlab_notes(method, rest, change, request, who)
            if what == "/discussions":
                return self.gitlab_threads(method, rest, change, request, who)
            if what == "/resource_label_events" and rest == "":
                return 200, [{"id": e.setdefault("id", self.new_id()), "user": self.gitlab_user(e.get("by")), "action": e["action"],
                              "created_at": e.get("at"), "label": {"name": e["label"]} if e.get("label") else None}
                             for e in change["events"] if "action" in e]
        if found := re.fullmatch(r"/repository/commits/([^/]+)/merge_requests", rest):
            return 200, [self.gitlab_merge_request(n, self.change(repository, n)) for n, c in repository["changes"].items()
                         if c["head"] == found[1]]
        if (found := re.fullmatch(r"/statuses/([^/]+)", rest)) and method == "POST":
            who.need("status")
            new = {"sha": found[1], **request}
            for old in repository.setdefault("statuses", []):
                if (old["sha"], old.get("name"), old.get("state")) == (new["sha"], new.get("name"), new.get("state")):
                    raise Refusal(400, {"message": f"Cannot transition status via :enqueue from :{new['state']}"})
            repository["statuses"].append(new)
            return 201, {"id": self.new_id(), **new}
        raise Refusal(404, {"error": "404 Not Found"})


class Who:
    """Whom a token belongs to."""

    def __init__(self, kind, token):
        self.kind, self.token = kind, token

    def need(self, right):
        if right in self.token.get("may", ALL_RIGHTS):
            return self.token.get("user", "bot")
        raise Refusal(403, FORBIDDEN if self.kind == GITHUB else {"message": "403 Forbidden"})


def token_of(kind, headers):
    authorization = headers.get("Authorization", "")
    for prefix in ("Bearer ", "token "):
        if authorization.startswith(prefix):
            return authorization[len(prefix):]
    return (headers.get("PRIVATE-TOKEN") or headers.get("JOB-TOKEN")) if kind == GITLAB else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "forge", ""
    forge, other, home = None, "", ""

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def take(self):
        n_bytes = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(n_bytes).decode("utf-8", "replace")
        whole = urllib.parse.urlsplit(self.path)
        return text, whole.path, urllib.parse.parse_qs(whole.query)

    def record(self, origin, text):
        forge = self.forge
        entry = {"origin": origin, "method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": text}
        forge.requests.append(entry)
        if forge.log:
            forge.log.write(json.dumps(entry) + "\n")
            forge.log.flush()
        seen = json.dumps(entry) if origin == "other" else json.dumps([self.path, text])
        for token in forge.state["tokens"]:
            if token in seen:
                forge.violate(f"a token in {self.command} {self.path}, {origin} origin")
        if not self.headers.get("User-Agent"):
            forge.violate(f"no User-Agent: {self.command} {self.path}")
        if self.headers.get("PRIVATE-TOKEN") and self.headers.get("Authorization"):
            forge.violate(f"two tokens: {self.command} {self.path}")

    def carry_out(self, kind, path, text, query):
        """Status, headers, body of an answer without faults."""
        forge, token = self.forge, token_of(kind, self.headers)
        known = forge.state["tokens"].get(token)
        try:
            request = json.loads(text) if text else {}
            if not isinstance(request, dict):
                raise ValueError
        except ValueError:
            forge.violate(f"{self.command} {self.path}: the body is no JSON object")
            return 400, {}, {"message": "Problems parsing JSON"}
        try:
            if known is None:
                raise Refusal(401, {"message": "Bad credentials" if kind == GITHUB else "401 Unauthorized"})
            status, answer = getattr(forge, kind)(self.command, path, request, Who(kind, known), query)
        except Refusal as refusal:
            return refusal.status, {}, refusal.body
        if self.command == "GET" and isinstance(answer, list):
            return self.page(kind, answer, query)
        return status, {}, answer

    def page(self, kind, elements, query):
        forge = self.forge
        size = int(query.get("per_page", ["30" if kind == GITHUB else "20"])[0])
        size = max(1, min(size, 100, forge.state.get("page_size", 100)))
        n = int(query.get("page", ["1"])[0])
        n_pages = max(1, -(-len(elements) // size))
        headers, how = {}, "link" if kind == GITHUB else forge.state.get("pagination", "both")
        if how in ("link", "both"):
            links = [(rel, at) for rel, at in (("prev", n - 1), ("next", n + 1), ("first", 1), ("last", n_pages))
                     if 1 <= at <= n_pages and (rel not in ("first", "prev") or n > 1) and (rel != "last" or n < n_pages)]
            base = urllib.parse.urlsplit(self.path)
            queries = [(rel, urllib.parse.urlencode({**{k: v[0] for k, v in query.items()}, "page": at})) for rel, at in links]
            if queries:
                headers["Link"] = ", ".join(f'<{self.home}{base.path}?{text}>; rel="{rel}"' for rel, text in queries)
        if how in ("x-next-page", "both"):
            headers["X-Next-Page"] = str(n + 1) if n < n_pages else ""
        return 200, headers, elements[(n - 1) * size:n * size]

    def answer(self, status, headers, body, fault):
        data = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        if "deep" in fault:
            data = b"[" * fault["deep"] + b"]" * fault["deep"]
        if "oversized_bytes" in fault:
            data = b'["' + b"x" * fault["oversized_bytes"] + b'"]'
        if fault.get("close") == "after":
            self.close_connection = True
            return
        self.send_response(status)
        headers = {"Content-Type": "application/json", **headers}
        for name, value in headers.items():
            self.send_header(name, fill(value))
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if fault.get("close") == "middle":
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
            return
        for i in range(0, len(data), 1 if "drip_s" in fault else max(1, len(data))):
            self.wfile.write(data[i:i + 1] if "drip_s" in fault else data)
            self.wfile.flush()
            time.sleep(fault.get("drip_s", 0))

    def meet(self, fault):
        """Waits until so many have come this far; nobody waits for ever."""
        forge = self.forge
        fault["n_met"] = fault.get("n_met", 0) + 1
        forge.met.notify_all()
        end = time.monotonic() + 10
        while fault["n_met"] < fault["meet"] and time.monotonic() < end:
            forge.met.wait(0.1)

    def respond(self):
        text, path, query = self.take()
        forge = self.forge
        if path.startswith("/_test/"):
            self.control(path[len("/_test/"):], text)
            return
        found = re.fullmatch(r"(?:.*/api/v([134]))?(/(?:repos|user|projects)\b.*)", path)
        kind = GITLAB if found and found[1] == "4" else GITHUB
        rest = found[2] if found else path
        with forge.lock:
            self.record("home", text)
            fault = forge.fault_for(self.command, rest)
            status, headers, body = fault.get("status", 200), fault.get("headers", {}), fault.get("body", "")
            instead = "status" in fault or "redirect" in fault
            if "redirect" in fault:
                target = self.other + self.path if fault["redirect"] == "other" else fault["redirect"]
                status, headers, body = fault.get("status", 307), {"Location": target}, ""
            if fault.get("close") == "before":
                self.close_connection = True
            elif not instead or fault.get("carry_out"):
                done = self.carry_out(kind, rest, text, query)
                status, headers, body = (status, headers, body) if instead else done
            for place, value in fault.get("then", []):
                forge.set(place, value)
            if "meet" in fault:
                self.meet(fault["itself"])
        if fault.get("close") != "before":
            time.sleep(fault.get("slow_s", 0))
            self.answer(status, headers, body, fault)

    def control(self, what, text):
        forge, answer = self.forge, None
        with forge.lock:
            if what == "state":
                answer = forge.state
            elif what == "violations":
                answer = forge.state["violations"]
            elif what == "requests":
                answer = forge.requests
            elif what == "set":
                forge.set(*json.loads(text))
            elif what == "fault":
                faults = json.loads(text)
                forge.state["faults"] += faults if isinstance(faults, list) else [faults]
            elif what == "stop":
                answer = forge.state["violations"]
            self.answer(200, {}, answer, {})
        if what == "stop":
            self.close_connection = True
            threading.Thread(target=self.server.shutdown).start()

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond


class OtherHandler(Handler):
    """Another origin: it answers anything with an empty list and tells of tokens."""

    def respond(self):
        text, _, _ = self.take()
        with self.forge.lock:
            self.record("other", text)
        self.answer(200, {}, [], {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond


def ask(url, what, rest):
    body = None
    if what == "set":
        body = json.dumps([rest[0], json.loads(rest[1])])
    elif what == "fault":
        body = json.dumps(json.loads(rest[0]))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{url}/_test/{what}", data=body and body.encode()), timeout=30) as answer:
        text = answer.read().decode()
    told = json.loads(text) if text else None
    if what == "requests":
        for request in told:
            print(json.dumps(request))
    elif told:
        print(json.dumps(told, indent=1))
    return 1 if what in ("stop", "violations") and told else 0


def main():
    if sys.argv[1:2] == ["ask"]:
        return ask(sys.argv[2], sys.argv[3], sys.argv[4:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state")
    parser.add_argument("--log")
    parser.add_argument("--dump")
    parser.add_argument("--limit-s", type=float, default=600)
    options = parser.parse_args()
    state = {}
    if options.state:
        with open(options.state, encoding="utf-8") as file:
            state = json.load(file)
    forge = Handler.forge = Forge(state)
    forge.log = open(options.log, "w", encoding="utf-8") if options.log else None  # pylint: disable=consider-using-with
    home = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OtherHandler)
    home.daemon_threads = other.daemon_threads = True
    Handler.home, Handler.other = (f"http://127.0.0.1:{server.server_address[1]}" for server in (home, other))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=home.shutdown).start())
    timer = threading.Timer(options.limit_s, home.shutdown)
    timer.daemon = True
    timer.start()
    threading.Thread(target=other.serve_forever, daemon=True).start()
    print(f"url {Handler.home}\nother {Handler.other}", flush=True)
    home.serve_forever(poll_interval=0.05)
    if options.dump:
        with forge.lock, open(options.dump, "w", encoding="utf-8") as file:
            json.dump(forge.state, file, indent=1)
    for violation in forge.state["violations"]:
        print("violated: " + violation, file=sys.stderr)
    return 1 if forge.state["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
