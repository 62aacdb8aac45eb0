/** The lifecycle as a program of its own: dist/lifecycle.js. */
import {basename} from 'node:path';
import {runLifecycle} from './run-lifecycle.ts';

const [, program = '', ...words] = process.argv;
// A link named after a phase runs that phase, as upstream's binary does.
const named = /^(?:analyzer|detector|restorer|builder|exporter|creator|rebaser)$/.exec(basename(program));
process.exitCode = await runLifecycle(named === null ? words : [named[0], ...words], process.env, process);
