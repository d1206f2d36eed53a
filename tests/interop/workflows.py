# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for actions/, gitlab/ and examples/workflows/ that no schema knows, one per subcommand; prints violations, and exits
with 1 when there is one. usage: workflows.py RULE TREE [HELP]      HELP: output of `rustscope ci --help`"""
import glob
import os
import re
import sys

import yaml

# Options that belong into rustscope.yml, or are for a person at a terminal; as a variable RUSTSCOPE_NAME all of them work.
SELDOM = dict.fromkeys("""help trials seed quiet shell stdin env setup prepare cleanup exit-codes warmup launches show-output
allow-undecided measure-identical alpha correction blame diff symbols debuginfod no-inlines no-symbols""".split(), "seldom")
# What a container action cannot offer, and why.
NOT_IN_ACTION = {
    **SELDOM,
    "token-variable": "GitLab's; the action has the input token",
}
# The same for the components.
NOT_IN_COMPONENT = {
    **SELDOM,
    "mode": "told by the template: a job's own",
    "results": "told by the template",
    "shard": "a matrix extends .rustscope-shard of rustscope.gitlab-ci.yml",
    "check-run": "GitHub's",
    "api-url": "the pipeline tells it",
    "allow-api-url": "the pipeline tells it",
    "summary": "GitHub's",
    "annotations": "GitHub's",
}
# Inputs that are no options of `rustscope ci`.
ACTION_OWN = {"token"}
COMPONENT_OWN = {"job-name", "stage", "image", "needs", "rules", "interruptible", "install-version", "install-mirror", "install-sha256"}
COMPONENTS = ["gitlab/templates/rustscope.yml", "gitlab/templates/rustscope-two-jobs.yml"]
PLAIN = "gitlab/rustscope.gitlab-ci.yml"
WIDGETS = {"gl-code-quality-report.json", "junit.xml", "metrics.txt"} # as `rustscope ci` names them

problems = []


def problem(where, text):
    problems.append(f"{where}: {text}")


class Loader(yaml.SafeLoader):
    """YAML 1.2's words: `on` is a key of workflows and no truth value."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:bool"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def read(tree, path):
    with open(os.path.join(tree, path), encoding="utf-8") as file:
        return file.read()


def documents(tree, path):
    return list(yaml.load_all(read(tree, path), Loader))


def names(tree, pattern):
    return sorted(os.path.relpath(name, tree) for name in glob.glob(os.path.join(tree, pattern)))


def steps_of(workflow):
    for job_name, job in workflow["jobs"].items():
        for step in job.get("steps", []):
            yield job_name, job, step


class Option:
    def __init__(self, name, text):
        words = re.search(r"\[([a-z|-]+)\]", text)
        default = re.search(r"\(default: ([^)]*)\)", text)
        self.name = name
        self.words = words.group(1).split("|") if words else []
        self.default = default.group(1) if default else ""


def options_of(help_file):
    """Rows of --help: "  -s, --name=ARG   text"."""
    found = {}
    with open(help_file, encoding="utf-8") as file:
        for line in file:
            row = re.match(r"^  (?:-\w, )?--([a-z0-9-]+)(?:=\S+)?\s+(.*)$", line)
            if row:
                found[row.group(1)] = Option(*row.groups())
    if len(found) < 20:
        problem(help_file, f"only {len(found)} options found")
    return found


def compare_names(where, have, options, own, left_out):
    wanted = set(options) - set(left_out)
    for name in sorted(wanted - have):
        problem(where, f"has no input for --{name}")
    for name in sorted(have - wanted - own):
        problem(where, f"input {name} is no option of `rustscope ci`")
    for name in sorted(set(left_out) - set(options) - {"help"}):
        problem("workflows.py", f"leaves out --{name}, which is no option")


def compare_default(where, option, default, description):
    """A default that is given is the program's. One that is left to the program is told in the text."""
    default = str(default).lower() if isinstance(default, bool) else str(default)
    if default not in ("", "false"):
        if default != option.default:
            problem(where, f"{option.name} is {default!r} by default, and {option.default!r} in `rustscope ci`")
    elif default == "" and option.default not in description:
        problem(where, f"the text of {option.name} does not tell its default {option.default!r}")


def rule_options(tree, help_file):
    options = options_of(help_file)
    path = "actions/rustscope/action.yml"
    action = documents(tree, path)[0]
    compare_names(path, set(action["inputs"]), options, ACTION_OWN, NOT_IN_ACTION)
    for name, row in action["inputs"].items():
        if name not in options:
            continue
        compare_default(path, options[name], row["default"], row["description"])
        for word in options[name].words:
            if not re.search(rf"\b{word}\b", row["description"]):
                problem(path, f"the text of {name} does not tell the word {word}")
    for path in COMPONENTS:
        inputs = documents(tree, path)[0]["spec"]["inputs"]
        compare_names(path, set(inputs), options, COMPONENT_OWN, NOT_IN_COMPONENT)
        for name, row in inputs.items():
            if name not in options:
                continue
            compare_default(path, options[name], row["default"], row["description"])
            if options[name].words and set(row.get("options", [])) - {""} != set(options[name].words):
                problem(path, f"{name} permits {row.get('options')}, and `rustscope ci` {options[name].words}")
    for path in [*COMPONENTS, PLAIN, *names(tree, "examples/workflows/*/*.yml")]:
        for variable in sorted(set(re.findall(r"\bRUSTSCOPE_([A-Z_]+)\b", re.sub(r"INSTALL_RUSTSCOPE_\w+", "", read(tree, path))))):
            if variable not in ("GITLAB_TOKEN", "NAME") and variable.lower().replace("_", "-") not in options:
                problem(path, f"RUSTSCOPE_{variable} is no option of `rustscope ci`")
        for line in re.findall(r"rustscope ci ([^\n]*)", read(tree, path)):
            for option in re.findall(r"(?<!\S)--([a-z-]+)", re.sub(r"'[^']*'", "", line).split(" -- ")[0]):
                if option not in options:
                    problem(path, f"--{option} is no option of `rustscope ci`")


def check_given(path, what, given, known):
    for name in sorted(set(given) - set(known)):
        problem(path, f"{what} {name} is not known")


def rule_given(tree, _):
    """What the examples pass to our actions and components, and read from them, is there."""
    for path in names(tree, "examples/workflows/github/*.yml"):
        text = read(tree, path)
        for _, _, step in steps_of(documents(tree, path)[0]):
            used = re.fullmatch(r"OWNER/rustscope/(actions/[a-z]+)@.*", step.get("uses", ""))
            if used:
                action = documents(tree, used.group(1) + "/action.yml")[0]
                check_given(path, "input", step.get("with", {}), action["inputs"])
                check_given(path, "output", re.findall(rf"steps\.{step.get('id')}\.outputs\.([\w-]+)", text), action["outputs"])
    for path in names(tree, "examples/workflows/gitlab/*.yml"):
        for include in documents(tree, path)[0]["include"]:
            component = re.search(r"gitlab/templates/[\w.-]+$", include["remote"])
            known = documents(tree, component.group(0))[0]["spec"]["inputs"] if component else []
            check_given(path, "input", include.get("inputs", []), known)


def rule_texts(tree, _):
    """Everything that a person can set is explained; every input of the components reaches the program."""
    for path in names(tree, "actions/*/action.yml"):
        action = documents(tree, path)[0]
        for key in ("name", "description", "author", "branding"):
            if key not in action:
                problem(path, f"has no {key}")
        for kind in ("inputs", "outputs"):
            for name, row in action[kind].items():
                if not row.get("description", "").endswith("."):
                    problem(path, f"{name} has no sentence as description")
                if kind == "inputs" and "default" not in row:
                    problem(path, f"input {name} has no default")
                if kind == "outputs" and action["runs"]["using"] == "composite" and "value" not in row:
                    problem(path, f"output {name} has no value")
    for path in COMPONENTS:
        spec, jobs = documents(tree, path)
        inputs = spec["spec"]["inputs"]
        for name, row in inputs.items():
            if not row.get("description", "").endswith(".") or "default" not in row:
                problem(path, f"{name} has no sentence as description, or no default")
            if name not in COMPONENT_OWN and row.get("type", "string") != "string":
                problem(path, f"{name} is no string, and a variable may be nothing else")
            users = re.findall(rf"\$\[\[ inputs\.{re.escape(name)} \]\]", read(tree, path))
            if not users:
                problem(path, f"nothing uses the input {name}")
        for job in jobs.values():
            for variable, value in job["variables"].items():
                if re.fullmatch("RUSTSCOPE_(BASELINE|CURRENT|COMMAND|((BASELINE|CURRENT)_)?BUILD|FILTER)", variable) and (
                        not isinstance(value, dict) or value.get("expand") is not False):
                    problem(path, f"GitLab expands the $ of {variable}")
                value = value["value"] if isinstance(value, dict) else value
                told = re.fullmatch(r"\$\[\[ inputs\.(.*) \]\]", str(value))
                if told and variable.startswith("RUSTSCOPE_") and variable != "RUSTSCOPE_RESULTS":
                    if "RUSTSCOPE_" + told.group(1).upper().replace("-", "_") != variable:
                        problem(path, f"{variable} is filled from {told.group(1)}")
    one, two = ({n: r for n, r in documents(tree, p)[0]["spec"]["inputs"].items() if n != "job-name"} for p in COMPONENTS)
    for name in sorted(set(one) | set(two)):
        if one.get(name) != two.get(name):
            problem(COMPONENTS[1], f"input {name} is another than in {COMPONENTS[0]}")


def rule_injection(tree, _):
    """Values reach a shell through its environment alone."""
    def check_run(path, text):
        for expression in re.findall(r"\$\{\{.*?\}\}|\$\[\[.*?\]\]", text, re.S):
            problem(path, f"{expression} in a line that a shell reads")

    for path in names(tree, "actions/*/action.yml"):
        runs = documents(tree, path)[0]["runs"]
        for step in runs.get("steps", []):
            check_run(path, step.get("run", ""))
        if runs["using"] == "docker" and runs.get("args") != ["ci"]:
            problem(path, "a value among the arguments")
    for path in names(tree, "examples/workflows/github/*.yml"):
        for _, _, step in steps_of(documents(tree, path)[0]):
            check_run(path, step.get("run", ""))
    for path in [*COMPONENTS, PLAIN, *names(tree, "examples/workflows/gitlab/*.yml")]:
        for document in documents(tree, path):
            for job in document.values():
                for key in ("script", "before_script", "after_script"):
                    lines = job.get(key, []) if isinstance(job, dict) else []
                    for line in [lines] if isinstance(lines, str) else lines:
                        check_run(path, line)


def needed_rights(job):
    """The rights that what a job does asks for, and no other."""
    rights = {}
    for step in job["steps"]:
        uses, run = step.get("uses", ""), step.get("run", "")
        if uses.startswith("actions/checkout@"):
            rights["contents"] = "read"
        if "run-id" in step.get("with", {}):
            rights["actions"] = "read"
        if "/actions/rustscope@" in uses or "GITHUB_TOKEN" in step.get("env", {}):
            rights["pull-requests"] = "write"
        if "--commit-status" in run:
            rights["statuses"] = "write"
    return rights


def rule_rights(tree, _):
    """Least rights, pinned actions, no credentials left in the checkout, no code of strangers with our token."""
    for path in names(tree, "examples/workflows/github/*.yml"):
        text, workflow = read(tree, path), documents(tree, path)[0]
        if workflow.get("permissions") != {}:
            problem(path, "no `permissions: {}` at the top")
        if "concurrency" not in workflow:
            problem(path, "no concurrency group")
        if "pull_request_target" in workflow["on"]:
            problem(path, "pull_request_target")
        for name, job in workflow["jobs"].items():
            if "permissions" not in job or "timeout-minutes" not in job:
                problem(path, f"job {name} has no permissions or no timeout")
            if job.get("permissions") != needed_rights(job):
                problem(path, f"job {name} has the rights {job.get('permissions')} and needs {needed_rights(job)}")
        for name, job, step in steps_of(workflow):
            uses = step.get("uses", "")
            if uses.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
                problem(path, f"job {name} leaves its credentials in the checkout")
            if "workflow_run" in workflow["on"] and ("checkout" in uses or "cargo" in step.get("run", "")):
                problem(path, f"job {name} has the default branch's rights and runs code of the change")
            if "--mode measure" in step.get("run", "") and ("token" in str(step.get("env", "")).lower() or "write" in str(job["permissions"])):
                problem(path, f"job {name} measures with a token or with rights")
        for uses, comment in re.findall(r"^ +(?:- )?uses: (\S+)(.*)", text, re.M):
            own = uses.startswith("OWNER/rustscope/actions/")
            if not own and not (re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses) and re.fullmatch(r" # v\d+\.\d+\.\d+", comment)):
                problem(path, f"{uses} is not pinned by its commit, with its version in a comment")


def check_workflow_artifacts(path, workflow):
    """A second attempt may replace what the first one left, and what a failed job found is kept."""
    for name, _, step in steps_of(workflow):
        if not step.get("uses", "").startswith("actions/upload-artifact@"):
            continue
        if step["with"].get("overwrite") is not True:
            problem(path, f"job {name} cannot be run again: its artifact is there already")
        if step["with"]["path"] == "rustscope-out" and "!cancelled()" not in str(step.get("if")):
            problem(path, f"job {name} loses the artifact of a failed gate")


def check_workflow_needs(path, workflow):
    """GitHub takes a required job that was skipped, as the job that it needs failed, for one that passed."""
    for name, job in workflow["jobs"].items():
        for needed in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []):
            stops = [s for s in job["steps"] if f"needs.{needed}.result != 'success'" in str(s.get("if")) and s.get("run") == "exit 1"]
            if "always()" not in str(job.get("if")) or not stops:
                problem(path, f"job {name} is skipped, or passes, when {needed} failed")


def check_images(path, document):
    """rustscope's own image has neither curl nor a toolchain."""
    for name, job in document.items():
        lines = " ".join(job.get("script", [])) if isinstance(job, dict) else ""
        parents = [job, document.get(job.get("extends"), {})] if lines else []
        if re.search(r"\b(curl|cargo)\b", lines) and not any("image" in parent for parent in parents):
            problem(path, f"{name} calls what rustscope's own image lacks")


def rule_artifacts(tree, _):
    """What the widgets of merge requests need, and is only there when a job asks for it; what a failed job leaves."""
    for path in names(tree, "examples/workflows/github/*.yml"):
        check_workflow_artifacts(path, documents(tree, path)[0])
        check_workflow_needs(path, documents(tree, path)[0])
    for path in names(tree, "examples/workflows/gitlab/*.yml"):
        check_images(path, documents(tree, path)[0])
    for path in [*COMPONENTS, PLAIN]:
        jobs = documents(tree, path)[-1]
        posting = [job for job in jobs.values() if "reports" in job.get("artifacts", {})]
        if len(posting) != 1:
            problem(path, f"{len(posting)} jobs with reports")
        for job in posting:
            artifacts = job["artifacts"]
            if set(artifacts["reports"]) != {"codequality", "junit", "metrics"} or "expose_as" not in artifacts:
                problem(path, "a report or the link to it is missing")
            if {os.path.basename(place) for place in artifacts["reports"].values()} != WIDGETS:
                problem(path, f"a report is none of {sorted(WIDGETS)}")
            if not job.get("resource_group"):
                problem(path, "two pipelines of one change may post at once")
        for name, job in jobs.items():
            if "extends" in job:
                continue
            if job["artifacts"].get("when") != "always" or job["image"].get("entrypoint") != [""]:
                problem(path, f"{name}: artifacts of failed jobs are lost, or the entrypoint is in the way")
            if job["variables"].get("GIT_DEPTH") != "0" or "interruptible" not in job or "rules" not in job:
                problem(path, f"{name}: no history, not interruptible or no rules")


def rule_version(tree, _):
    version = re.search(r"^VERSION := (\S+)$", read(tree, "Makefile"), re.M).group(1)
    for path in [*names(tree, "actions/*/action.yml"), *names(tree, "gitlab/**/*.yml"), *names(tree, "gitlab/*.yml"),
                 *names(tree, "examples/workflows/*/*.yml"), "actions/README.md", "gitlab/README.md"]:
        for pattern in (r"OWNER/rustscope[\w/]*@v?([\w.]+)", r"OWNER/rustscope:([\w.]+)", r"OWNER/rustscope/v([\w.]+)/",
                        r"INSTALL_RUSTSCOPE_VERSION: (\d[\w.]*)", r"install-version:\n      default: (\S+)",
                        r"version:\n    description: \"Version to fetch.\"\n    default: (\S+)", r"/rustscope/rustscope@([\w.]+)"):
            for found in re.findall(pattern, read(tree, path)):
                if found.strip(".") != version:
                    problem(path, f"speaks of version {found}, and this is {version}")


def main():
    name, tree = sys.argv[1], sys.argv[2]
    globals()["rule_" + name](tree, sys.argv[3] if len(sys.argv) > 3 else None)
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)


main()
