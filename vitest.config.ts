// How the tests run: threads, one fixed terminal size, one time zone, no CI variable (Ink draws nothing when it is set; a test that must know
// reads SLIPWAY_IN_CI).
import {availableParallelism} from 'node:os';
import {configDefaults, defineConfig} from 'vitest/config';

if (process.env['CI']) process.env['SLIPWAY_IN_CI'] = process.env['CI'];
delete process.env['CI'];
delete process.env['NO_COLOR'];
// The React that the built program has in it, in every worker.
process.env['NODE_ENV'] = 'production';

/** Suites that run only when they are asked for by their folder. */
const apart = ['test/e2e', 'test/examples', 'test/executors', 'test/engine', 'test/reliability'].filter(
  (folder) => !process.argv.some((word) => word.includes(folder)),
);

/**
 * Folders whose files keep nothing in their process: they share a worker and what it has loaded, which saves a quarter of their time. Whoever
 * measures memory or changes the environment has a worker of its own.
 */
const sharing = [
  'client',
  'commands',
  'controller',
  'daemon-images',
  'daemon-rules',
  'daemon-transport',
  'domain',
  'executors-container',
  'fleet',
  'history',
  'lifecycle',
  'oci-registry',
  'preferences',
  'protocol',
  'sources',
  'state',
].map(testsIn);

/** The same for whoever draws: workers of their own, for they replace timers while they draw. */
const drawing = ['ui', 'ui-log'].map(testsIn);

const exclude = [...configDefaults.exclude, 'test/**/fixtures/**', ...apart.map((folder) => `${folder}/**`)];

export default defineConfig({
  test: {
    pool: 'threads',
    maxWorkers: workers(availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: {COLUMNS: '100', LINES: '40', FORCE_COLOR: '3', TZ: 'UTC'},
    projects: [
      {extends: true, test: {name: 'sharing', include: sharing, exclude, isolate: false}},
      {extends: true, test: {name: 'drawing', include: drawing, exclude, isolate: false}},
      {
        extends: true,
        test: {name: 'alone', include: ['test/**/*.test.{ts,tsx}'], exclude: [...exclude, ...sharing, ...drawing]},
      },
    ],
  },
});

/** One core more than there are, for a file that runs builds waits for them half of its time; beyond eight the disk is what they wait for. */
function workers(cores: number): number {
  return cores === 1 ? 1 : Math.min(cores + 1, 8);
}

function testsIn(folder: string): string {
  return `test/${folder}/**/*.test.{ts,tsx}`;
}
