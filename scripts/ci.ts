// What CI runs after the installation: fetches the peers that the tests compare with, runs every suite, and closes with the sum of all in one line.
import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  addCounts,
  closingLine,
  type NamedResult,
  noCounts,
  printResults,
  type TestCounts,
} from '../test/support/test-counts.ts';

const root = path.resolve(import.meta.dirname, '..');
const peers = ['get-image-tools.sh', 'get-registry.sh', 'get-engines.sh', 'get-lifecycle.sh'];
/** The commands of the readme. */
const suites = ['test', 'test:e2e', 'test:engine', 'test:reliability'];

process.exitCode = await runAll();

async function runAll(): Promise<number> {
  let counts = noCounts;
  for (const script of peers) counts = addCounts(counts, await fetchPeer(script));
  for (const suite of suites) counts = addCounts(counts, await runSuite(suite));
  console.log(`\n# all suites: ${suites.join(', ')}`);
  printResults(counts);
  return counts.failed.length > 0 ? 1 : 0;
}

/** A peer that cannot be had is a failure here, where on a person's machine it is a test skipped by name. It is no case that passed. */
async function fetchPeer(script: string): Promise<TestCounts> {
  console.log(`\n# ${script} --install`);
  const code = await run('bash', [path.join('test/peers', script), '--install']);
  return code === 0 ? noCounts : failure(script, `ended with ${code}; what it said stands above`);
}

async function runSuite(name: string): Promise<TestCounts> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-suite-'));
  const file = path.join(folder, 'counts.json');
  const started = performance.now();
  try {
    console.log(`\n## npm run ${name}`);
    // The peers have been installed: a test that misses one fails.
    const env = {SLIPWAY_SUITE_COUNTS: file, SLIPWAY_IN_CI: 'peers'};
    const code = await run('npm', ['run', '--silent', name], env);
    const counts = await readCounts(name, file);
    console.log(`npm run ${name}: ${closingLine(counts)} in ${Math.round((performance.now() - started) / 1000)} s`);
    if (code === 0 || counts.failed.length > 0) return counts;
    return addCounts(counts, failure(`npm run ${name}`, `ended with ${code}`));
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function readCounts(name: string, file: string): Promise<TestCounts> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TestCounts;
  } catch (cause) {
    return failure(`suite ${name}`, `left no counts (${(cause as Error).message})`);
  }
}

function failure(name: string, reason: string): TestCounts {
  const failed: readonly NamedResult[] = [{name, reason}];
  return {...noCounts, failed};
}

function run(program: string, words: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      env: {...process.env, ...extra},
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}
