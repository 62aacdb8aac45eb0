// Compares our lifecycle, as it was bundled, with what upstream's own code did in the same builds: files, layers, labels, cache, failures.
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, test} from 'vitest';
import {type CaseStep, runBuildCase, type StepResult} from './build-case.ts';
import {createLimit} from './limit.ts';
import {whyNoPrivateRoot} from './private-root.ts';

type Recorded = Readonly<Record<string, unknown>> & {
  readonly failedAt?: string;
  readonly error?: string;
  readonly errorType?: string;
};

type BuildCase = {
  readonly name: string;
  readonly note: string;
  readonly directory: string;
  readonly steps: readonly CaseStep[];
  readonly recorded: readonly Recorded[];
};

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'dist/lifecycle.js');
const obstacle = whyNoPrivateRoot() ?? (existsSync(bundle) ? undefined : 'needs dist/lifecycle.js: npm run build');
const limit = createLimit(2);

describe.concurrent('a build as upstream does it', () => {
  test.for(readCases(path.join(root, 'test/fixtures/conformance/builds')))(
    '$name: $note',
    {timeout: 60_000},
    async ({directory, steps, recorded}, {skip, expect}) => {
      skip(obstacle !== undefined, obstacle);
      const results = await limit(() => runBuildCase(directory, steps, bundle));
      expect(results.map((result, index) => observed(result, recorded[index]))).toEqual(recorded.map(expected));
    },
  );
});

function readCases(folder: string): readonly BuildCase[] {
  return readdirSync(folder).map((name) => {
    const directory = path.join(folder, name);
    const read = (file: string): unknown => JSON.parse(readFileSync(path.join(directory, file), 'utf8'));
    const {Note: note, Steps: steps} = read('case.json') as {
      readonly Note: string;
      readonly Steps: readonly CaseStep[];
    };
    const {results: recorded} = read('expected.json') as {readonly results: readonly Recorded[]};
    return {name, note, directory, steps, recorded};
  });
}

const recordedPlan = 'plan.toml (entries sorted by name)';
const recordedFiles = ['analyzed.toml', 'group.toml', recordedPlan, 'config/metadata.toml'] as const;
const recordedStates = ['layersAfterRestore', 'layersAfterBuild', 'cacheFiles', 'cacheMetadata'] as const;

/** What is compared of a recorded build: whatever was recorded of it. */
function expected(recorded: Recorded): Readonly<Record<string, unknown>> {
  const files = recordedFiles
    .filter((file) => typeof recorded[file] === 'string')
    .map((file) => [file, recorded[file]]);
  const states = recordedStates
    .filter((key) => recorded[key] !== undefined)
    .map((key) => [key, comparable(recorded[key])]);
  return {
    failure: expectedFailure(recorded),
    saysWhy: true,
    ...Object.fromEntries(files),
    ...Object.fromEntries(states),
    image: recorded['image'] === undefined ? undefined : withoutEntries(recorded['image']),
    seenByBuildpacks: environmentLines(recorded['buildOutput']),
  };
}

/** The same of a build of ours. */
function observed(result: StepResult, recorded: Recorded = {}): Readonly<Record<string, unknown>> {
  const files = recordedFiles
    .filter((file) => typeof recorded[file] === 'string')
    .map((file) => [file, result.files[file === recordedPlan ? 'plan.toml' : file]]);
  const states = recordedStates
    .filter((key) => recorded[key] !== undefined)
    .map((key) => [key, comparable(result[key])]);
  return {
    failure: result.failedAt === undefined ? undefined : `${result.failedAt} with ${result.exitCode ?? -1}`,
    saysWhy: saysWhy(result, recorded),
    ...Object.fromEntries(files),
    ...Object.fromEntries(states),
    image: recorded['image'] === undefined ? undefined : result.image,
    seenByBuildpacks: environmentLines(result.buildOutput),
  };
}

/** Upstream's words must be in ours; what detect says of a group is told elsewhere. */
function saysWhy(result: StepResult, {error = '', failedAt = ''}: Recorded): boolean {
  return failedAt.startsWith('detect') || (result.message ?? '').includes(error);
}

/** The order of plan.toml's entries is random upstream, so the listing says only that it is there. */
function comparable(state: unknown): unknown {
  if (!Array.isArray(state)) return state;
  return state.map((line: string) => (line.startsWith('/layers/plan.toml = ') ? '/layers/plan.toml' : line));
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

function expectedFailure({failedAt, errorType, error = ''}: Recorded): string | undefined {
  switch (failedAt) {
    case undefined:
      return undefined;
    case 'detect-init':
      return `detect with ${error.startsWith('buildpack API version') ? 12 : 1}`;
    case 'detect':
      return `detect with ${errorType === 'ERR_FAILED_DETECTION' ? 20 : errorType === 'ERR_BUILDPACK' ? 21 : 22}`;
    case 'build':
      return `build with ${errorType === 'ERR_BUILDPACK' ? 51 : 52}`;
    case 'restore':
      return 'restore with 42';
    default:
      return `${failedAt} with 62`;
  }
}
