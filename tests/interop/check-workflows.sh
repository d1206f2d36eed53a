#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# actions/, gitlab/ and examples/workflows/: GitHub's schemas, actionlint, GitLab's schema, and our own rules for them
# (workflows.py), each of which is shown to find what it is there for.
# shellcheck disable=SC2317,SC2016 # functions are called through claim; expressions are GitHub's
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
here=tests/interop
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/claim.sh
. tests/lib/claim.sh
rustscope ci --help >"$work/help" || exit 1

rule() { $python "$here/workflows.py" "$1" "${2-.}" "$work/help"; }
claim inputs_defaults_and_words_are_those_of_rustscope_ci rule options
claim every_input_is_explained_and_reaches_the_program rule texts
claim examples_pass_and_read_what_is_there rule given
claim no_value_becomes_a_line_of_a_shell rule injection
claim rights_are_the_least_and_actions_are_pinned rule rights
claim failed_jobs_keep_their_reports rule artifacts
claim all_speak_of_this_version rule version

# A copy with one fault; the rule must name it.
copy() { rm -rf "$work/tree" && mkdir "$work/tree" && cp -r Makefile actions gitlab examples "$work/tree/"; }
finds() { # rule file sed-expression text
    copy
    sed -Ei "$3" "$work/tree/$2"
    ! cmp -s "$2" "$work/tree/$2" || { echo "nothing was changed in $2 by $3" && return 1; }
    local output
    output=$(rule "$1" "$work/tree") && { echo "$1 did not find $3 in $2" && return 1; }
    grep -qF -e "$4" <<<"$output" || { echo "$1 said: $output" && return 1; }
}
action=actions/rustscope/action.yml component=gitlab/templates/rustscope.yml
workflow=examples/workflows/github/pull-request.yml
claim a_misspelt_input_is_found finds options $action 's/^  threshold:/  treshold:/' 'no input for --threshold'
claim a_default_of_its_own_is_found finds options $action 's/default: rustscope-out/default: out/' 'output-dir'
claim a_default_that_is_not_told_is_found finds options $action 's/, else 10\."/."/' 'threshold'
claim a_word_that_is_missing_is_found finds options $component 's/\[auto, always, on-regression, never\]/[auto, never]/' 'comment permits'
claim an_unknown_variable_is_found finds options gitlab/rustscope.gitlab-ci.yml 's/RUSTSCOPE_MODE: post/RUSTSCOPE_MOD: post/' 'RUSTSCOPE_MOD '
claim an_unused_input_is_found finds texts $component 's/\$\[\[ inputs.metric \]\]/cpu/' 'nothing uses the input metric'
claim components_that_differ_are_found finds texts $component 's/default: default/default: main/' 'is another than'
claim an_input_that_the_action_lacks_is_found finds given examples/workflows/github/docker-action.yml 's/ baseline: / basline: /' 'input basline'
claim an_output_that_the_action_lacks_is_found finds given examples/workflows/github/docker-action.yml 's/outputs\.gate/outputs.gat/' 'output gat'
claim an_input_that_the_component_lacks_is_found finds given examples/workflows/gitlab/merge-request.yml 's/build-cache:/build-cash:/' 'input build-cash'
claim a_command_that_gitlab_expands_is_found finds texts $component 's/expand: false/expand: true/' 'expands the $'
claim a_report_that_nothing_writes_is_found finds artifacts gitlab/rustscope.gitlab-ci.yml 's/gl-code-quality-report/gl-quality/' 'a report is none'
claim an_expression_in_run_is_found finds injection $workflow 's/app 30/app ${{ github.head_ref }}/' 'github.head_ref'
claim an_input_in_a_script_is_found finds injection $component 's/- rustscope ci/- rustscope ci $[[ inputs.name ]]/' 'inputs.name'
claim an_unpinned_action_is_found finds rights $workflow 's/(upload-artifact)@[0-9a-f]+/\1@v7/' 'not pinned'
claim credentials_in_the_checkout_are_found finds rights $workflow 's/persist-credentials: false/persist-credentials: true/' 'credentials'
claim a_checkout_with_foreign_rights_is_found finds rights examples/workflows/github/fork-post.yml \
    's/^( +- run: )rustscope/\1cargo build \&\& rustscope/' 'runs code of the change'
claim a_right_too_many_is_found finds rights $workflow 's/contents: read/contents: write/' 'has the rights'
claim a_right_that_is_missing_is_found finds rights examples/workflows/github/fork-post.yml '/statuses: write/d' 'has the rights'
claim a_lost_report_is_found finds artifacts $workflow '/!cancelled/d' 'loses the artifact'
claim an_artifact_that_forbids_a_second_run_is_found finds artifacts $workflow '/overwrite: true/d' 'cannot be run again'
for example in acceptance shards docker-action; do # skipped, it would be a required check that passed
    claim "a_gate_of_${example}_that_is_skipped_is_found" finds artifacts examples/workflows/github/$example.yml '/if: .*always/d' 'is skipped'
    claim "a_gate_of_${example}_that_forgets_is_found" finds artifacts examples/workflows/github/$example.yml \
        "/if: needs/s/!= 'success'/== 'skipped'/g" 'or passes, when'
done
claim a_job_without_its_programs_is_found finds artifacts examples/workflows/gitlab/nightly.yml '/^rustscope:/,/needs/{/image:/d}' 'image lacks'
claim an_old_version_is_found finds version $workflow 's/@v0\.1\.0/@v0.0.9/' '0.0.9'

pins() {
    copy
    "$work/tree/actions/pin" Acme-Corp 1.2.3 "sha256:$(printf '0123456789abcdef%.0s' 1 2 3 4)" &&
        "$work/tree/actions/pin" Acme-Corp 1.2.4 "sha256:$(printf 'fedcba9876543210%.0s' 1 2 3 4)" || return
    ! grep -rnE 'OWNER/|0\.1\.0|1\.2\.3|0123456789abcdef' "$work/tree/gitlab" "$work/tree/actions" "$work/tree/examples/workflows" \
        --include='*.yml' || return
    grep -qF "docker://ghcr.io/acme-corp/rustscope:1.2.4@sha256:fedcba" "$work/tree/$action" &&
        sed -i 's/^VERSION := .*/VERSION := 1.2.4/' "$work/tree/Makefile" && rule version "$work/tree"
}
claim a_release_pins_owner_version_and_digest pins
refuses() { copy && ! "$work/tree/actions/pin" "$@" && diff -r actions "$work/tree/actions"; }
claim a_digest_that_is_none_is_refused refuses acme 1.2.3 sha256:12
claim an_owner_that_would_be_a_path_is_refused refuses acme/../evil 1.2.3

# From here on with foreign programs.
if modules=$("$here/../lib/npm-install" "$here/npm"); then
    validate() { # file...; each by a process of its own, since one that has seen a dozen dies
        local file status=0
        for file; do node "$here/npm/yaml.mjs" "$modules" "$file" || status=1; done
        return "$status"
    }
    claim actions_and_workflows_are_valid validate actions/*/action.yml examples/workflows/github/*.yml
    invalid() { # file sed-expression
        mkdir -p "$work/bad" && sed -E "$2" "$1" >"$work/bad/${1##*/}" && grep -F "$work/bad/${1##*/}:" <<<"$(validate "$work/bad/${1##*/}")"
    }
    claim an_invalid_action_is_found invalid $action 's/using: docker/using: dokker/'
    claim an_unknown_right_is_found invalid $workflow 's/contents: read/content: read/'
    claim an_unknown_context_is_found invalid $workflow 's/github\.token/github.tokn/'

    # GitLab's own schema, and its inputs, by gitlab-ci-local.
    node22=$(for node in "$modules"/node_modules/node-linux-*/bin/node; do [ ! -x "$node" ] || echo "$node"; done)
    gitlab() { # folder arguments...
        (cd "$1" && shift && timeout 120 "${node22:-node}" "$modules/node_modules/gitlab-ci-local/dist/index.js" "$@" 2>&1)
    }
    project() {
        mkdir "$work/project" && cp -r gitlab "$work/project/" || return
        for file in examples/workflows/gitlab/*.yml; do
            sed -E 's|remote: https://raw.githubusercontent.com/OWNER/rustscope/v[^/]*/|local: |' "$file" >"$work/project/${file##*/}"
        done
        git -C "$work/project" init -q -b main && git -C "$work/project" add . &&
            git -C "$work/project" -c user.name=t -c user.email=t@example.com commit -qm t &&
            git -C "$work/project" remote add origin git@gitlab.example.com:group/project.git &&
            git -C "$work/project" symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
    }
    project || exit 1
    for file in examples/workflows/gitlab/*.yml; do
        example=${file##*/}
        valid() {
            gitlab "$work/project" --file "$example" --list --variable CI_PIPELINE_SOURCE=merge_request_event >"$work/list"
            grep -q '^rustscope ' "$work/list" || { cat "$work/list" && return 1; }
        }
        claim "gitlab_takes_${example%.yml}" valid
    done
    refused() { # input text
        printf 'include:\n  - local: gitlab/templates/rustscope.yml\n    inputs:\n      %s\n' "$1" >"$work/project/bad.yml"
        ! gitlab "$work/project" --file bad.yml --list >"$work/list" && grep -F -e "$2" "$work/list" && return
        cat "$work/list" && return 1
    }
    claim gitlab_refuses_an_unknown_severity refused 'fail-on: severe' 'fail-on'
    claim gitlab_refuses_a_token_for_its_name refused 'token-variable: glpat-abc' 'token-variable'
else
    echo "$modules"
fi
exit $failed
