// Compares our lifecycle, as it was bundled, with what upstream's own code did in the same builds: files, layers, labels, cache, failures.
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type CaseStep, runBuildCase, type StepResult} from './build-case.ts';
import {createLimit} from './limit.ts';
import {whyNoPrivateRoot} from './private-root.ts';

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'dist/lifecycle.js');
const cases = path.join(root, 'test/fixtures/conformance/builds');
const obstacle = whyNoPrivateRoot() ?? (existsSync(bundle) ? undefined : 'needs dist/lifecycle.js: npm run build');
const limit = createLimit(2);

type Recorded = Readonly<Record<string, unknown>> & {
  readonly failedAt?: string;
  readonly error?: string;
  readonly errorType?: string;
};

describe.concurrent('a build as upstream does it', () => {
  for (const name of readdirSync(cases)) {
    const directory = path.join(cases, name);
    const {Note, Steps} = readJson(directory, 'case.json') as {
      readonly Note: string;
      readonly Steps: readonly CaseStep[];
    };
    const {results} = readJson(directory, 'expected.json') as {readonly results: readonly Recorded[]};
    const title = `${name}: ${Note}`;
    if (obstacle !== undefined) {
      test.skip(`${title} (${obstacle})`, () => {});
      continue;
    }
    test(title, {timeout: 60_000}, async () => {
      const actual = await limit(() => runBuildCase(directory, Steps, bundle));
      expect(actual.length).toBe(results.length);
      for (const [index, recorded] of results.entries())
        compare(actual[index], recorded, `${name}, build ${index + 1}`);
    });
  }
});

function readJson(directory: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(directory, file), 'utf8'));
}

function compare(actual: StepResult | undefined, recorded: Recorded, where: string): void {
  expect(failureOf(actual), `${where}: ${actual?.message ?? ''}`).toEqual(expectedFailure(recorded));
  if (recorded.error !== undefined && recorded.failedAt !== 'detect' && recorded.failedAt !== 'detect-init') {
    expect(actual?.message, where).toContain(recorded.error);
  }
  for (const file of ['analyzed.toml', 'group.toml', 'config/metadata.toml']) {
    if (typeof recorded[file] === 'string') expect(actual?.files[file], `${where}: ${file}`).toBe(recorded[file]);
  }
  const plan = recorded['plan.toml (entries sorted by name)'];
  if (typeof plan === 'string') expect(actual?.files['plan.toml'], `${where}: plan.toml`).toBe(plan);
  compareWhereRecorded(actual, recorded, where);
}

function compareWhereRecorded(actual: StepResult | undefined, recorded: Recorded, where: string): void {
  for (const key of ['layersAfterRestore', 'layersAfterBuild', 'cacheFiles', 'cacheMetadata'] as const) {
    if (recorded[key] !== undefined)
      expect(withSortedPlan(actual?.[key]), `${where}: ${key}`).toEqual(withSortedPlan(recorded[key]));
  }
  if (recorded['image'] !== undefined)
    expect(actual?.image, `${where}: image`).toEqual(withoutEntries(recorded['image']));
  const seen = environmentLines(recorded['buildOutput']);
  if (seen.length > 0) expect(environmentLines(actual?.buildOutput), `${where}: what buildpacks saw`).toEqual(seen);
}

/** The order of plan.toml's entries is random upstream; the file itself is compared in sorted order above. */
function withSortedPlan(listing: unknown): unknown {
  if (!Array.isArray(listing)) return listing;
  return listing.map((line: string) => (line.startsWith('/layers/plan.toml = ') ? '/layers/plan.toml' : line));
}

/** The entries of a layer follow from its diffID. */
function withoutEntries(image: unknown): unknown {
  const {layers, ...rest} = image as {readonly layers: readonly Readonly<Record<string, unknown>>[]};
  return {...rest, layers: layers.map(({entries: _entries, ...layer}) => layer)};
}

/** Of a buildpack's output the lines about its environment and arguments; the rest has dates and temporary paths in it. */
function environmentLines(output: unknown): readonly string[] {
  return typeof output === 'string' ? output.split('\n').filter((line) => /^(?:ENV|ARGS) /.test(line)) : [];
}

type Failure = {readonly phase: string; readonly code: number} | undefined;

function failureOf(actual: StepResult | undefined): Failure {
  return actual?.failedAt === undefined ? undefined : {phase: actual.failedAt, code: actual.exitCode ?? -1};
}

function expectedFailure({failedAt, errorType, error = ''}: Recorded): Failure {
  switch (failedAt) {
    case undefined:
      return undefined;
    case 'detect-init':
      return {phase: 'detect', code: error.startsWith('buildpack API version') ? 12 : 22};
    case 'detect':
      return {
        phase: 'detect',
        code: errorType === 'ERR_FAILED_DETECTION' ? 20 : errorType === 'ERR_BUILDPACK' ? 21 : 22,
      };
    case 'build':
      return {phase: 'build', code: errorType === 'ERR_BUILDPACK' ? 51 : 52};
    case 'restore':
      return {phase: 'restore', code: 42};
    default:
      return {phase: failedAt, code: 62};
  }
}
