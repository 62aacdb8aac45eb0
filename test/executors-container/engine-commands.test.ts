// What is said to the engines' command lines, and what never is.
import {describe, expect, test} from 'vitest';
import {
  type ContainerRequest,
  copyIn,
  createContainer,
  createVolume,
  listLabelled,
  removeContainers,
} from '../../source/executors/container/engine-commands.ts';
import type {Engine, EngineKind} from '../../source/executors/container/engine.ts';

const kinds: readonly EngineKind[] = ['docker', 'podman'];
const anEngine = (kind: EngineKind): Engine => ({
  kind,
  program: kind,
  version: '1.0.0',
  rootless: false,
  environment: {},
  limits: [],
});

const aContainer = (more: Partial<ContainerRequest> = {}): ContainerRequest => ({
  name: 'slipway-1-builder',
  labels: {'dev.slipway.run': 'me'},
  image: 'sha256:1',
  command: ['/cnb/lifecycle/builder', '-app', '/workspace'],
  environment: {CNB_PLATFORM_API: '0.13'},
  inherited: [],
  mounts: [{kind: 'volume', volume: 'slipway-1-layers', to: '/layers'}],
  network: 'slipway-1-network',
  ...more,
});

describe.each(kinds)('%s', (kind) => {
  test('a container of a phase that runs buildpacks has no capability, no new privileges and its own network', () => {
    expect(createContainer(anEngine(kind), aContainer()).join(' ')).toBe(
      'create --name slipway-1-builder --pull never --log-driver none --label dev.slipway.run=me --network slipway-1-network ' +
        '--security-opt no-new-privileges --cap-drop ALL -e CNB_PLATFORM_API=0.13 -v slipway-1-layers:/layers ' +
        '--entrypoint /cnb/lifecycle/builder sha256:1 -app /workspace',
    );
  });

  test('a phase that starts as root gets back what chown and setuid need', () => {
    const said = createContainer(anEngine(kind), aContainer({user: 'root'})).join(' ');
    expect(said).toContain(
      '--cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add SETGID --cap-add SETUID --user 0:0',
    );
  });

  test('a credential is named and never said', () => {
    const said = createContainer(anEngine(kind), aContainer({inherited: ['CNB_REGISTRY_AUTH']}));
    expect(said.slice(said.indexOf('CNB_REGISTRY_AUTH') - 1).slice(0, 2)).toEqual(['-e', 'CNB_REGISTRY_AUTH']);
  });

  test("the engine's socket does not cost no-new-privileges", () => {
    const mounts = [{kind: 'socket', path: '/run/engine.sock'}] as const;
    const said = createContainer(anEngine(kind), aContainer({mounts})).join(' ');
    expect(said).toContain('--security-opt no-new-privileges --security-opt label=disable');
    expect(said).toContain('-v /run/engine.sock:/var/run/docker.sock');
  });

  test('everything is found again by one label', () => {
    for (const what of ['container', 'volume', 'network'] as const) {
      expect(listLabelled(what, 'dev.slipway.run=me').filter((word) => word === '--filter')).toHaveLength(1);
    }
  });
});

test('podman is told whose a volume is, docker cannot be', () => {
  const owner = {userId: 1001, groupId: 1000};
  expect(createVolume(anEngine('docker'), 'v', {}, owner)).toEqual(['volume', 'create', 'v']);
  expect(createVolume(anEngine('podman'), 'v', {}, owner)).toEqual([
    'volume',
    'create',
    '--opt',
    'o=uid=1001,gid=1000',
    'v',
  ]);
});

test('podman would give copied files to the user of the container', () => {
  expect(copyIn(anEngine('docker'), 'c', '/layers')).toEqual(['cp', '-', 'c:/layers']);
  expect(copyIn(anEngine('podman'), 'c', '/layers')).toEqual(['cp', '--archive=false', '-', 'c:/layers']);
});

test('podman would give a container ten seconds to end by itself', () => {
  expect(removeContainers(anEngine('podman'), ['c'])).toContain('--time');
});
