#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Payloads that GitHub really sent, of all kinds of events: each is understood, and change, commits, branch, repository
# and fork are what another reader (JavaScript) finds in it at the places that GitHub documents.
set -u
package=@octokit/webhooks-examples version=7.6.1
sha512=0dee94dd707a3b70ed09aedb2a008ccd31dd7a8a6aa99e92362bcc6099caeb989eaca2f5027348034b644580914bb970193efdd9df8fb3559b7c796ca3a3329d
for program in npm node; do
    command -v $program >/dev/null || { echo "SKIP: no $program here" && exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reader=$BUILD/tests/unit/test_ci_context
timeout 120 npm pack --silent --pack-destination "$work" "$package@$version" >"$work/npm.log" 2>&1 ||
    { echo "SKIP: $package $version cannot be had: $(tail -n 1 "$work/npm.log")"; exit 0; }
sum=$(sha512sum "$work"/*.tgz)
[ "${sum%% *}" = "$sha512" ] || { echo "not ok the package is the one that was pinned"; exit 1; }
tar -xzf "$work"/*.tgz -C "$work"
cat >"$work/check.js" <<'JS'
const { spawnSync } = require("child_process"), fs = require("fs"), path = require("path");
const [folder, reader] = process.argv.slice(2);
const zeros = /^0+$/, sha = "5".repeat(40), counts = {};
let n_failed = 0, n_payloads = 0;

function expected(name, p) {
    const e = { change: undefined, head_sha: sha, base_sha: undefined, is_fork: undefined };
    const branch = p.repository?.default_branch;
    e.base_ref = branch;
    if (name.startsWith("pull_request") && p.pull_request && name !== "pull_request_review_thread") {
        const pr = p.pull_request;
        e.change = pr.number;
        e.head_sha = pr.head.sha;
        e.base_sha = pr.base.sha;
        e.base_ref = pr.base.ref;
        e.is_fork = pr.head.repo?.full_name !== p.repository.full_name ? 1 : undefined;
    } else if (name === "push") {
        e.head_sha = zeros.test(p.after) ? sha : p.after;
        e.base_sha = zeros.test(p.before) || p.forced ? undefined : p.before;
    } else if (name === "merge_group") {
        e.change = +/pr-(\d+)-/.exec(p.merge_group.head_ref)[1];
        e.head_sha = p.merge_group.head_sha;
        e.base_sha = p.merge_group.base_sha;
        e.base_ref = p.merge_group.base_ref.slice("refs/heads/".length);
    } else if (name === "workflow_run") {
        const run = p.workflow_run, mine = run.pull_requests.filter((x) => x.head.sha === run.head_sha);
        e.head_sha = run.head_sha;
        e.is_fork = run.head_repository.full_name !== p.repository.full_name ? 1 : undefined;
        e.measured_at_s = Date.parse(run.updated_at) / 1000;
        if (mine.length === 1) [e.change, e.base_sha, e.base_ref] = [mine[0].number, mine[0].base.sha, mine[0].base.ref];
    } else if (name === "issue_comment" && p.issue.pull_request) {
        e.change = p.issue.number;
        e.head_sha = undefined;
        e.is_fork = 1;
    }
    return e;
}

function check(server, name, payload, number) {
    const file = path.join(folder, "event.json"), where = `${server} ${name} ${number}`;
    fs.writeFileSync(file, JSON.stringify(payload));
    const env = {
        GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: file, GITHUB_SHA: sha,
        GITHUB_API_URL: "https://api.example.com", ASAN_OPTIONS: process.env.ASAN_OPTIONS || "",
    };
    if (payload.repository) env.GITHUB_REPOSITORY = payload.repository.full_name;
    const run = spawnSync(reader, ["--show"], { env, encoding: "utf8" });
    const found = Object.fromEntries(run.stdout.split("\n").filter(Boolean).map((line) => line.split(/: (.*)/s)));
    const want = expected(name, payload), wrong = [];
    if (found.system !== "github" || found.api_url !== "https://api.example.com" || found.event !== name)
        wrong.push(`said: ${run.stdout}${run.stderr}`);
    else
        for (const key in want)
            if (found[key] !== (want[key] === undefined ? undefined : String(want[key])))
                wrong.push(`${key}: ${found[key]}, expected ${want[key]}`);
    n_payloads++;
    counts[name] = (counts[name] || 0) + 1;
    if (wrong.length) {
        n_failed++;
        console.log(`not ok ${where}: ${wrong.join("; ")}`);
    }
}

for (const server of ["api.github.com", "ghes-35"])
    for (const { name, examples } of JSON.parse(fs.readFileSync(path.join(folder, "package", server, "index.json"))))
        examples.forEach((payload, i) => check(server, name, payload, i + 1));
for (const name of ["pull_request", "push", "merge_group", "workflow_run", "issue_comment"])
    console.log(counts[name] ? `ok ${name}: ${counts[name]} payloads` : `not ok ${name}: no payload at all`);
if (!n_failed) console.log(`ok all ${n_payloads} payloads of ${Object.keys(counts).length} events are understood`);
process.exit(n_failed ? 1 : 0);
JS
node "$work/check.js" "$work" "$reader"
