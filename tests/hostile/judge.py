# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether reports of hostile names are as harmless as one of a plain name.

usage: judge.py FOLDER
FOLDER holds what tests/unit/test_report_hostile.c wrote: KIND.NAME.SUFFIX, where NAME is a number, or "plain" for the report that all
others of the kind must look like. Markdown is rendered by cmark-gfm as GitHub and GitLab do it; .html is opened by Chromium. Prints what
is not so, and "SKIP: reason" for what could not be asked.
"""
import collections
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

GFM = ["cmark-gfm", "--unsafe"] + [word for name in ("table", "autolink", "strikethrough", "tasklist", "footnotes") for word in ("-e", name)]
VARIANTS = [GFM, GFM + ["-e", "tagfilter"]]
# What the forges look for in the text after Markdown: people, issues, requests, labels, milestones, snippets, epics, alerts.
LIVE = re.compile(r"@\w|#\d|!\d|\bGH-\d|[~%&$^][\"\w]|\*iteration:", re.IGNORECASE)
INERT = {"a", "code"}
SILENT = {"script", "style"}
WATCHED = ["script", "img", "iframe", "style", "link", "meta", "form", "input", "base", "object", "embed", "template", "h1", "title"]


class Page(html.parser.HTMLParser):
    """Tags in their order, links, and the text outside code."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.text, self.kinds, self.bad = [], [], [], collections.Counter(), []
        self.title, self.depth, self.open = "", 0, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.kinds[tag] += 1
        if tag not in INERT:
            self.tags.append(tag)
        self.depth += tag in ("code", "pre")
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name.startswith("on") or re.match(r"\s*(javascript|data):", value or "", re.IGNORECASE):
                self.bad.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag):
        if tag not in INERT:
            self.tags.append("/" + tag)
        self.depth -= tag in ("code", "pre") and self.depth > 0

    def handle_data(self, data):
        if self.depth == 0 and not (self.open and self.open[-1] in SILENT):
            self.text.append(data)
        if self.open and self.open[-1] == "title" and not self.title:
            self.title = data


def rendered(command, path):
    return subprocess.run(command + [str(path)], capture_output=True, check=True, timeout=60).stdout.decode("utf-8")


def judge_lines(path, text):
    """What a runner or GitLab would take for a command of the log or of a comment."""
    for line in text.splitlines():
        bare = line.lstrip(" \t\u200b") if path.suffix != ".md" else line.lstrip(" \t")
        if path.suffix == ".md" and bare.startswith("/"):
            yield f"{path.name}: a line begins with a slash: {line[:80]!r}"
        if path.suffix != ".log" and bare.startswith("::") or "##[" in line or "##vso[" in line:
            yield f"{path.name}: a command: {line[:80]!r}"
        if path.suffix == ".log" and not re.match(r"::(error|warning|notice) [^:]*::.", line):
            yield f"{path.name}: no line of ours: {line[:80]!r}"
    for char in text:
        if (ord(char) < 0x20 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0 or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069":
            yield f"{path.name}: the character U+{ord(char):04X}"
            break


def judge_markdown(path, plain, link):
    yield from judge_lines(path, path.read_text("utf-8"))
    for command, expected in zip(VARIANTS, plain):
        page = Page(rendered(command, path))
        if page.tags != expected.tags:
            first = next((i for i, (a, b) in enumerate(zip(page.tags, expected.tags)) if a != b), min(len(page.tags), len(expected.tags)))
            yield f"{path.name}: other tags from the {first + 1}th on: {page.tags[first:first + 4]}, not {expected.tags[first:first + 4]}"
        for href in page.links:
            if not re.fullmatch(link, href):
                yield f"{path.name}: a link to {href[:80]}"
        if page.kinds["a"] > expected.kinds["a"]:
            yield f"{path.name}: {page.kinds['a']} links, not {expected.kinds['a']}"
        for live in LIVE.finditer("\0".join(page.text)):
            yield f"{path.name}: a reference: {live.group()!r}"
        yield from (f"{path.name}: {bad}" for bad in page.bad)


def judge_junit(path, plain):
    tree = xml.etree.ElementTree.fromstring(path.read_bytes())
    shape = [(element.tag, sorted(set(element.keys()) - {"file"})) for element in tree.iter()]
    if shape != plain:
        yield f"{path.name}: other elements than of a plain name"


def opened(path):
    profile = path.with_suffix(".profile")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", f"--user-data-dir={profile}", "--dump-dom"]
    done = subprocess.run(command + [path.as_uri()], capture_output=True, check=False, timeout=200)
    return Page(done.stdout.decode("utf-8", "replace"))


def judge_html(path, plain_path):
    if not shutil.which("chromium"):
        print("SKIP: there is no chromium", file=sys.stderr)
        return
    page, plain = opened(path), opened(plain_path)
    if page.kinds["html"] != 1 or page.kinds["table"] < 2:
        yield f"{path.name}: no page was dumped"
    yield from (f"{path.name}: the element {tag} is of a name" for tag in page.kinds if tag not in plain.kinds)
    yield from (f"{path.name}: {page.kinds[tag]} of {tag}, not {plain.kinds[tag]}" for tag in WATCHED if page.kinds[tag] != plain.kinds[tag])
    yield from (f"{path.name}: {bad}" for bad in page.bad)
    if page.title != plain.title or "pwned" in page.title:
        yield f"{path.name}: a script of a name has run: the title is {page.title!r}"


def judge(folder):
    problems, n_judged = [], collections.Counter()
    for plain_path in sorted(folder.glob("*.plain.*")):
        kind, _, suffix = plain_path.name.partition(".plain")
        others = sorted(folder.glob(f"{kind}.[0-9]*{suffix}"))
        n_judged[suffix] += len(others)
        if suffix == ".md":
            plain = [Page(rendered(command, plain_path)) for command in (VARIANTS if kind == "all" else VARIANTS[:1])]
            link = r"https://github\.com/o/r/[A-Za-z0-9._~%/#-]+" if kind == "all" else r"https?://[^\s<>\"'|`]+"
            for path in others:
                problems += judge_markdown(path, plain, link)
        elif suffix == ".xml":
            tree = xml.etree.ElementTree.fromstring(plain_path.read_bytes())
            plain = [(element.tag, sorted(set(element.keys()) - {"file"})) for element in tree.iter()]
            for path in others:
                problems += judge_junit(path, plain)
        elif suffix == ".json":
            length = len(json.loads(plain_path.read_text("utf-8")))
            problems += [f"{path.name}: another number of findings" for path in others if len(json.loads(path.read_text("utf-8"))) != length]
        elif suffix == ".html":
            for path in others:
                problems += judge_html(path, plain_path)
        else:
            n_lines = len(plain_path.read_text("utf-8").split("\n"))
            for path in others:
                text = path.read_text("utf-8")
                problems += judge_lines(path, text)
                if suffix == ".log" and len(text.split("\n")) != n_lines:
                    problems.append(f"{path.name}: another number of lines")
    problems = list(dict.fromkeys(problems))
    print("\n".join(problems[:40]))
    if len(problems) > 40:
        print(f"and {len(problems) - 40} more")
    print("judged:", ", ".join(f"{n} {suffix}" for suffix, n in sorted(n_judged.items())), file=sys.stderr)


if __name__ == "__main__":
    judge(pathlib.Path(sys.argv[1]))
