// The arguments of every phase, as pack gives them.
import {describe, expect, test} from 'vitest';
import {
  lifecycleCommand,
  type LifecycleProgram,
  type LifecycleRequest,
} from '../../source/executors/container/lifecycle-arguments.ts';

const plain: LifecycleRequest = {target: 'layout', image: 'app', tags: [], runImage: 'run'};
const full: LifecycleRequest = {
  target: 'registry',
  image: 'app',
  tags: ['app:1', 'app:2'],
  runImage: 'run',
  previousImage: 'old',
  cacheImage: 'cache',
  processType: 'web',
  insecureRegistries: ['one:5000', 'two:5000'],
  logLevel: 'debug',
  skipLayers: true,
};
const insecure = '-insecure-registry one:5000 -insecure-registry two:5000';

const cases: readonly (readonly [LifecycleProgram, string, LifecycleRequest, string])[] = [
  ['analyzer', 'layout', plain, '-run /layers/run.toml -run-image run app'],
  ['analyzer', 'registry', {...plain, target: 'registry'}, '-run /layers/run.toml -run-image run app'],
  [
    'analyzer',
    'engine',
    {...plain, target: 'engine'},
    '-daemon -run /layers/run.toml -run-image run -launch-cache /launch-cache app',
  ],
  [
    'analyzer',
    'all that can be asked for, the last tag first',
    full,
    `-cache-image cache ${insecure} -log-level debug -run /layers/run.toml -run-image run -tag app:2 -tag app:1 -previous-image old -skip-layers app`,
  ],
  ['detector', 'any', plain, '-app /workspace'],
  ['detector', 'debug', full, '-app /workspace -log-level debug'],
  ['restorer', 'layout', plain, '-cache-dir /cache'],
  ['restorer', 'engine', {...plain, target: 'engine'}, '-cache-dir /cache -daemon'],
  ['restorer', 'all', full, `-skip-layers -cache-image cache ${insecure} -log-level debug`],
  ['builder', 'any', plain, '-app /workspace'],
  ['builder', 'debug', full, '-app /workspace -log-level debug'],
  ['exporter', 'layout', plain, '-app /workspace -cache-dir /cache -run /layers/run.toml app'],
  [
    'exporter',
    'engine',
    {...plain, target: 'engine', tags: ['app:1']},
    '-daemon -launch-cache /launch-cache -app /workspace -cache-dir /cache -run /layers/run.toml app app:1',
  ],
  [
    'exporter',
    'all',
    full,
    `-log-level debug -app /workspace -cache-dir /cache -run /layers/run.toml -process-type web ${insecure} -cache-image cache app app:1 app:2`,
  ],
  ['creator', 'layout', plain, '-app /workspace -cache-dir /cache -run-image run app'],
  [
    'creator',
    'engine',
    {...plain, target: 'engine'},
    '-daemon -launch-cache /launch-cache -app /workspace -cache-dir /cache -run-image run app',
  ],
  [
    'creator',
    'all',
    full,
    `-log-level debug -app /workspace -cache-dir /cache -run-image run -tag app:1 -tag app:2 -skip-restore ${insecure} -previous-image old -process-type web -cache-image cache app`,
  ],
];

describe('the lifecycle is called as pack calls it', () => {
  test.each(cases)('%s, %s', (program, _what, request, expected) => {
    expect(lifecycleCommand(program, request)).toEqual([`/cnb/lifecycle/${program}`, ...expected.split(' ')]);
  });
});
