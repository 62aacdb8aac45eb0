// How the tests run: threads, one fixed terminal size, one time zone, no CI variable (Ink draws nothing when it is set).
import {defineConfig} from 'vitest/config';

delete process.env['CI'];
delete process.env['NO_COLOR'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: [
      '**/node_modules/**',
      'test/**/fixtures/**',
      'test/engine/**',
      'test/reliability/**',
    ],
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: {COLUMNS: '100', LINES: '40', FORCE_COLOR: '3', TZ: 'UTC'},
  },
});
