// A statement that tests hold: they are run here and now, and what counts is how many passed, which must be some.
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** Runs the files; with `named` only tests whose full name matches it. */
export async function runTests(files: readonly string[], named?: string): Promise<{figure: string; pass: boolean}> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-bar-'));
  const report = path.join(folder, 'report.json');
  const flags = ['--reporter=json', `--outputFile=${report}`, ...(named === undefined ? [] : ['-t', named])];
  const {CI: _ci, ...env} = process.env;
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  try {
    await new Promise<void>((resolve) => {
      execFile(process.execPath, [vitest, 'run', ...files, ...flags], {cwd: root, env, maxBuffer: 2 ** 26}, () =>
        resolve(),
      );
    });
    const {numPassedTests, numFailedTests} = JSON.parse(await readFile(report, 'utf8')) as {
      readonly numPassedTests: number;
      readonly numFailedTests: number;
    };
    return {
      figure: `${numPassedTests} tests passed, ${numFailedTests} failed`,
      pass: numPassedTests > 0 && numFailedTests === 0,
    };
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}
