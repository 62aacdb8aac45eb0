// Runs one suite, every gate of it even when one fails, and closes with one plain line: `N passed, N failed`.
import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {addCounts, noCounts, printResults, type TestCounts} from '../test/support/test-counts.ts';

/** A command that passes or fails as a whole and counts as one check. */
type Gate = {readonly name: string; readonly command: readonly string[]};

/** What one npm script runs: the build, then the test files whose path contains one of `paths`, with the gates beside them. */
type Suite = {readonly gates: readonly Gate[]; readonly paths: readonly string[]};

const build: Gate = {name: 'build', command: ['node', 'scripts/build.ts']};

const gates: readonly Gate[] = [
  {name: 'types', command: ['tsc', '--noEmit', '-p', '.']},
  {name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.']},
  {name: 'format', command: ['biome', 'format', '.']},
  {name: 'imports', command: ['depcruise', '--config', '.dependency-cruiser.cjs', 'source', 'cli.tsx']},
];

const suites: Readonly<Record<string, Suite>> = {
  all: {gates, paths: []},
  conformance: {gates: [], paths: ['test/conformance/']},
  e2e: {gates: [], paths: ['test/e2e/', 'test/examples/', 'test/executors/']},
  engine: {gates: [], paths: ['test/engine/']},
  reliability: {gates: [], paths: ['test/reliability/']},
};

const root = path.resolve(import.meta.dirname, '..');
const [name = 'all', ...vitestArguments] = process.argv.slice(2);
process.exitCode = await runSuite(name, vitestArguments);

async function runSuite(suiteName: string, extra: readonly string[]): Promise<number> {
  const suite = suites[suiteName];
  if (!suite) throw new Error(`expected one of ${Object.keys(suites).join(', ')}, got ${suiteName}`);
  const built = await runGate(build);
  const [tests, gateCounts] = await Promise.all([runTests(suite, extra), runGates(suite.gates)]);
  const counts = addCounts(addCounts(countedBuild(suiteName, built), gateCounts), tests);
  printResults(counts);
  await handOn(counts);
  const ran = tests.passed + tests.failed.length;
  return counts.failed.length > 0 || ran === 0 ? 1 : 0;
}

/** Beside the main suite the build is only a means: it counts when it fails, not as a case that passed. */
function countedBuild(suiteName: string, built: TestCounts): TestCounts {
  return suiteName === 'all' ? built : {...built, passed: 0};
}

/** One after another, beside the tests: most of a gate is one thread. */
async function runGates(all: readonly Gate[]): Promise<TestCounts> {
  let counts = noCounts;
  for (const gate of all) counts = addCounts(counts, await runGate(gate));
  return counts;
}

async function runGate(gate: Gate): Promise<TestCounts> {
  console.log(`\n# ${gate.name}: ${gate.command.join(' ')}`);
  const code = await run(gate.command);
  if (code === 0) return {...noCounts, passed: 1};
  return {...noCounts, failed: [{name: gate.name, reason: `${gate.command.join(' ')} ended with ${code}`}]};
}

async function runTests(suite: Suite, extra: readonly string[]): Promise<TestCounts> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-test-'));
  const file = path.join(folder, 'counts.json');
  try {
    console.log('\n# tests');
    const code = await run(vitestCommand(suite, extra), {SLIPWAY_TEST_COUNTS: file});
    return agreeWithExit(await readCounts(file), code);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

function vitestCommand(suite: Suite, extra: readonly string[]): readonly string[] {
  return [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=./test/support/closing-line-reporter.ts',
    ...suite.paths,
    ...extra,
  ];
}

async function readCounts(file: string): Promise<TestCounts> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TestCounts;
  } catch (cause) {
    return {...noCounts, failed: [{name: 'the run', reason: `vitest left no counts (${(cause as Error).message})`}]};
  }
}

/** Vitest may end badly for a reason that no test carries; that must not read as success. */
function agreeWithExit(counts: TestCounts, code: number): TestCounts {
  if (code === 0 || counts.failed.length > 0) return counts;
  return {...counts, failed: [{name: 'the run', reason: `vitest ended with ${code}`}]};
}

/** For whoever adds up several suites: the counts as JSON, where SLIPWAY_SUITE_COUNTS names a file. */
async function handOn(counts: TestCounts): Promise<void> {
  const file = process.env['SLIPWAY_SUITE_COUNTS'];
  if (file) await writeFile(file, JSON.stringify(counts));
}

/** Runs a program of this checkout with the pinned Node first on the PATH; CI, which would make Ink draw nothing, becomes SLIPWAY_IN_CI. */
function run([program = '', ...rest]: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<number> {
  const {CI, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...inherited} = process.env;
  const bin = path.join(root, 'node_modules/.bin');
  const env = {
    ...inherited,
    ...(CI && {SLIPWAY_IN_CI: inherited['SLIPWAY_IN_CI'] ?? CI}),
    ...extra,
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
  };
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}
