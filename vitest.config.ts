// How the tests run: threads, one fixed terminal size, one time zone, no CI variable (Ink draws nothing when it is set; a test that must know
// reads SLIPWAY_IN_CI).
import {defineConfig} from 'vitest/config';

if (process.env['CI']) process.env['SLIPWAY_IN_CI'] = process.env['CI'];
delete process.env['CI'];
delete process.env['NO_COLOR'];

/** Suites that run only when they are asked for by their folder. */
const apart = ['test/engine', 'test/reliability'].filter(
  (folder) => !process.argv.some((word) => word.includes(folder)),
);

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'test/**/fixtures/**', ...apart.map((folder) => `${folder}/**`)],
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: {COLUMNS: '100', LINES: '40', FORCE_COLOR: '3', TZ: 'UTC'},
  },
});
