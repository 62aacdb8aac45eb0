// The difference between two run images: in the oci room, through the controller's door, and as a command prints it.
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {createBaseDifference} from '../../source/daemon/base-difference.ts';
import {statePaths} from '../../source/daemon/state-paths.ts';
import {demoStacks} from '../../source/daemon/workspace/demo-stacks.ts';
import {makeBaseImages} from '../../source/daemon/workspace/make-base-images.ts';
import type {BaseDifference} from '../../source/domain/base-difference.ts';
import {differenceOf} from '../../source/oci/base-image-difference.ts';
import type {ContainerConfig} from '../../source/oci/image-config.ts';
import {readPackages} from '../../source/oci/package-database.ts';
import {emptyState} from '../../source/state/state.ts';
import {aCommandWorld} from '../commands/support/command-world.ts';
import {aFleetHome, runFleet} from '../fleet/support/a-running-fleet.ts';
import {aRecord, aStack, aState} from '../support/builders.ts';
import {aBaseImage, aDirectory, aDpkgStatus, aHeader, anRpmDatabase, type LayerFiles} from './a-base-image.ts';

type Side = {readonly files: LayerFiles; readonly config?: ContainerConfig};

async function difference(from: Side, to: Side): Promise<BaseDifference> {
  const [before, after] = await Promise.all(
    [from, to].map(async ({files, config}) => {
      const {layout, digest} = await aBaseImage([files], config);
      return readPackages(layout, digest);
    }),
  );
  if (!before || !after) throw new Error('both images were read');
  return differenceOf(before, after);
}

const dpkg = (packages: Readonly<Record<string, string>>): LayerFiles => ({
  'var/lib/dpkg/status': aDpkgStatus(packages),
});

describe('packages', () => {
  test('are added, removed, newer, older or only spelled otherwise', async () => {
    const {packages} = await difference(
      {files: dpkg({stays: '1', up: '1.0~rc1-1', down: '1:1', spelled: '1.0', gone: '3'})},
      {files: dpkg({stays: '1', up: '1.0-1', down: '2.0', spelled: '1.0-0', fresh: '4'})},
    );
    const deb = {kind: 'deb', architecture: 'amd64'};
    expect(packages).toEqual({
      kind: 'known',
      added: [{...deb, name: 'fresh', version: '4'}],
      removed: [{...deb, name: 'gone', version: '3'}],
      changed: [
        {...deb, name: 'down', old: '1:1', new: '2.0', direction: 'down'},
        {...deb, name: 'spelled', old: '1.0', new: '1.0-0', direction: 'same'},
        {...deb, name: 'up', old: '1.0~rc1-1', new: '1.0-1', direction: 'up'},
      ],
      unchanged: 1,
    });
  });

  test('that are there several times are paired one by one', async () => {
    const rpm = (...releases: readonly string[]): Side => ({
      files: {
        'var/lib/rpm/rpmdb.sqlite': anRpmDatabase(
          releases.map((release) => aHeader({name: 'kernel', version: '6.1', release, arch: 'x86_64'})),
        ),
      },
    });
    const {packages} = await difference(rpm('1', '2'), rpm('2', '3', '4'));
    expect(packages).toMatchObject({
      changed: [{name: 'kernel', old: '6.1-1', new: '6.1-3', direction: 'up'}],
      added: [{version: '6.1-4'}],
      removed: [],
      unchanged: 1,
    });
  });

  test.each([
    ['the old', {'etc/hosts': 'x'}, dpkg({a: '1'}), /the old image does not have/],
    ['the new', dpkg({a: '1'}), {'var/lib/rpm/Packages': 'x'}, /the new image does not have/],
    ['either', {'etc/hosts': 'x'}, {'etc/hosts': 'y'}, /neither image has/],
  ] as const)('are not claimed to have come or gone when %s image says nothing', async (_, from, to, why) => {
    const {packages} = await difference({files: from}, {files: to});
    expect(packages).toEqual({kind: 'unknown', why: expect.stringMatching(why)});
  });
});

test('os-release, size, configuration and labels are told, and what a rebase leaves behind', async () => {
  const told = await difference(
    {
      files: {...dpkg({a: '1'}), 'etc/os-release': 'ID=demo\nVERSION_ID=24.04\n'},
      config: {User: '1000', Env: ['PATH=/usr/bin', 'KEPT=1'], Labels: {'io.buildpacks.stack.id': 's', mine: '1'}},
    },
    {
      files: {...dpkg({a: '1'}), 'etc/os-release': 'ID=demo\nVERSION_ID=24.10\n', 'opt/more': 'x'.repeat(5000)},
      config: {
        User: '1001',
        Env: ['PATH=/usr/bin:/opt', 'KEPT=1'],
        Labels: {'io.buildpacks.stack.id': 's', 'io.buildpacks.base.released': 'today', mine: '2'},
      },
    },
  );
  expect(told).toMatchObject({
    osRelease: [{name: 'VERSION_ID', old: '24.04', new: '24.10'}],
    config: [{name: 'USER', old: '1000', new: '1001'}],
    env: [{name: 'PATH', old: '/usr/bin', new: '/usr/bin:/opt'}],
    labels: [
      {name: 'io.buildpacks.base.released', new: 'today', rebased: true},
      {name: 'mine', old: '1', new: '2', rebased: false},
    ],
    notes: [expect.stringMatching(/^A rebase does not bring USER, PATH of the new run image.*Rebuild/)],
  });
  expect(told.sizeDelta).toBe(told.to.size - told.from.size);
  expect(told.sizeDelta).toBeGreaterThan(0);
});

test('an image differs from itself in nothing', async () => {
  const side = {files: dpkg({a: '1'}), config: {User: 'cnb', Env: ['A=1']}};
  expect(await difference(side, side)).toMatchObject({
    packages: {kind: 'known', added: [], removed: [], changed: [], unchanged: 1},
    osRelease: [],
    sizeDelta: 0,
    config: [],
    env: [],
    labels: [],
    notes: [],
  });
});

describe('the controller', () => {
  test('tells the demo’s stacks apart by exactly their packages', async () => {
    const home = aDirectory();
    const [old, now] = demoStacks;
    if (!old || !now) throw new Error('the demo has two stacks');
    const from = await makeBaseImages(old, join(home, 'demo'));
    const to = await makeBaseImages(now, join(home, 'demo'));
    const ask = createBaseDifference({paths: statePaths(home), state: () => emptyState, env: {}});
    const told = await ask({from: {kind: 'image', reference: from.runImage}, to: to.runImage});
    const expected = old.packages.flatMap(({name, version}) => {
      const other = now.packages.find((one) => one.name === name)?.version;
      return other === version ? [] : [`${name} ${version} ${other ?? ''}`];
    });
    if (told.packages.kind !== 'known') throw new Error(told.packages.why);
    expect(told.packages.changed.map((change) => `${change.name} ${change.old} ${change.new}`)).toEqual(expected);
    expect(told.packages.changed.every(({direction}) => direction === 'up')).toBe(true);
    expect(told).toMatchObject({
      packages: {added: [], removed: [], unchanged: old.packages.length - expected.length},
      from: {name: old.runImage},
      to: {name: now.runImage},
      config: [],
      env: [],
    });
    expect(told.findings).toBeUndefined();
  });

  test('answers clients, about a stack of its own', async () => {
    const place = await aFleetHome([]);
    onTestFinished(() => place.remove());
    const fleet = runFleet(place, {idle: true});
    onTestFinished(() => fleet.stop());
    const client = await fleet.client();
    const told = await client.baseDifference({from: {kind: 'stack', name: place.stack.name}, to: place.second});
    expect(told).toMatchObject({
      from: {digest: place.stack.resolved.runImage.digest},
      to: {name: 'bases.example.test/run-2'},
      packages: {kind: 'unknown', why: expect.stringMatching(/neither image has/)},
    });
    await expect(client.baseDifference({from: {kind: 'stack', name: 'gone'}, to: place.second})).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  test('refuses a stack or image that is not there, and one whose layers lie', async () => {
    const ask = createBaseDifference({paths: statePaths(aDirectory()), state: () => emptyState, env: {}});
    const image = await aBaseImage([dpkg({a: '1'})]);
    const to = `oci:${image.layout}`;
    await expect(ask({from: {kind: 'stack', name: 'gone'}, to})).rejects.toMatchObject({kind: 'not-found'});
    await expect(ask({from: {kind: 'image', reference: to}, to: 'oci:/nowhere'})).rejects.toMatchObject({
      kind: 'not-found',
    });
    const bad = await aBaseImage([{'../escape': 'x'}]);
    await expect(ask({from: {kind: 'image', reference: to}, to: `oci:${bad.layout}`})).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('path without ..'),
    });
  });
});

describe('clusterstack', () => {
  const told: BaseDifference = {
    from: {
      digest: `sha256:${'a'.repeat(64)}`,
      name: 'run:1',
      created: '2026-03-01T00:00:00Z',
      size: 30_000_000,
      sources: ['dpkg (x)'],
    },
    to: {digest: `sha256:${'b'.repeat(64)}`, name: 'run:2', size: 29_400_000, sources: ['dpkg (x)']},
    packages: {
      kind: 'known',
      changed: [
        {kind: 'deb', name: 'libc6', old: '2.39-0ubuntu8.1', new: '2.39-0ubuntu8.7', direction: 'up'},
        {kind: 'deb', name: 'tzdata', old: '2', new: '1', direction: 'down'},
      ],
      added: [{kind: 'deb', name: 'fresh', version: '4'}],
      removed: [],
      unchanged: 8,
    },
    osRelease: [],
    sizeDelta: -600_000,
    config: [],
    env: [{name: 'PATH', old: '/bin', new: '/bin:\u001b[31m/opt'}],
    labels: [],
    findings: {
      scanner: 'grype',
      fixed: [{id: 'CVE-1', package: 'libc6', version: '2', severity: 'high'}],
      remaining: [],
      introduced: [],
    },
    notes: ['A rebase does not bring PATH.'],
  };

  function aWorld() {
    const spec = {id: 'x', buildImage: 'oci:/here/next', runImage: 'oci:/here/next'};
    const next = {...aStack({name: 'next', run: 'sha256:run-2'}), spec};
    const world = aCommandWorld({state: aState([aRecord()], {stacks: {base: aStack(), next}})});
    const asked: unknown[] = [];
    world.client.baseDifference = (query) => {
      asked.push(query);
      return Promise.resolve(told);
    };
    return {...world, asked};
  }

  test('patch --dry-run shows the packages behind the plan', async () => {
    const {run, asked} = aWorld();
    const {stdout, code} = await run('clusterstack', 'patch', 'base', '-r', 'oci:./next', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(`\
OS packages: 2 changed, 1 added, 0 removed
NAME      OLD                NEW
libc6     2.39-0ubuntu8.1    2.39-0ubuntu8.7
tzdata    2                  1 (older)
fresh     --                 4
Size: 30.0 MB -> 29.4 MB (-600.0 kB)
Findings of grype: 1 fixed, 0 remaining, 0 new
Note: A rebase does not bring PATH.
ClusterStack "base" updated (dry run)
`);
    expect(asked).toEqual([{from: {kind: 'stack', name: 'base'}, to: 'oci:/here/next'}]);
  });

  test('patch --dry-run -o json has it in full in the status', async () => {
    const {stdout} = await aWorld().run('clusterstack', 'patch', 'base', '-r', 'oci:./next', '--dry-run', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({metadata: {name: 'base'}, status: {difference: told}});
  });

  test('patch without a dry run or without a new run image asks for none', async () => {
    const {run, asked} = aWorld();
    expect((await run('clusterstack', 'patch', 'base', '-r', 'oci:./next')).code).toBe(0);
    expect((await run('clusterstack', 'patch', 'base', '-b', 'oci:./next', '--dry-run')).code).toBe(0);
    expect(asked).toEqual([]);
  });

  test('diff shows all of it, and lets no image steer the terminal', async () => {
    const {run, asked} = aWorld();
    const {stdout} = await run('clusterstack', 'diff', 'base', '--run-image', 'oci:./next', '--no-scan');
    expect(stdout).toMatch(/^ +OLD +NEW\nImage +run:1 +run:2\n/);
    expect(stdout).toContain('Environment: 1 changed\n');
    expect(stdout).toMatch(/fixed +high +CVE-1 +libc6 +2\n/);
    expect(stdout).not.toContain('\u001b');
    expect(asked).toEqual([{from: {kind: 'stack', name: 'base'}, to: 'oci:/here/next', scan: false}]);
    const json = await run('clusterstack', 'diff', 'base', '--run-image', 'oci:./next', '-o', 'json');
    expect(JSON.parse(json.stdout)).toEqual(told);
  });

  test('diff of a stack that is not there says so', async () => {
    const {code, stderr} = await aWorld().run('clusterstack', 'diff', 'gone', '--run-image', 'x');
    expect(code).not.toBe(0);
    expect(stderr).toContain('clusterstacks.kpack.io "gone" not found');
  });
});
