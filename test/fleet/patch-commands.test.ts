// The commands of patches, on a real controller with a real fleet.
import {afterEach, describe, expect, test} from 'vitest';
import {runWithClient} from '../commands/support/command-world.ts';
import {type AppPlan, olderBuildpack, plainApps} from './support/a-fleet.ts';
import {aFleetHome, digestOf, type FleetHome, type FleetOptions, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

async function aFleet(apps: readonly AppPlan[], options: Omit<FleetOptions, 'home'> = {}) {
  const place = await aFleetHome(apps);
  places.push(place);
  const fleet = runFleet(place, options);
  const slipway = (...argv: readonly string[]) => runWithClient(argv, fleet.client, {now: Date.now});
  const patchStack = (...more: readonly string[]) =>
    slipway('clusterstack', 'patch', 'base', '--run-image', place.second, ...more);
  return {...fleet, place, slipway, patchStack};
}

type PatchData = {
  readonly kind: string;
  readonly metadata: {readonly name: string};
  readonly status: {
    readonly state: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly members: readonly {readonly name: string; readonly state: string; readonly digest?: string}[];
  };
};
type PlanData = {
  readonly status: {
    readonly patchPlan: {
      readonly counts: Readonly<Record<string, number>>;
      readonly members: readonly Readonly<Record<string, unknown>>[];
    };
  };
};

describe('a dry run', () => {
  const apps: readonly AppPlan[] = [
    {name: 'plain'},
    {name: 'bumped', buildpacks: [olderBuildpack]},
    {name: 'foreign', labelledStackId: 'io.example.stacks.other'},
    {name: 'paused', paused: true},
  ];

  test('prints what would become of each image, and changes nothing', async () => {
    const fleet = await aFleet(apps, {idle: true});
    const {code, stdout} = await fleet.patchStack('--dry-run', '--canary', 'plain');
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(code).toBe(0);
    expect(rows).toContainEqual(['IMAGE RESOURCE', 'NAMESPACE', 'DECISION', 'REASON', 'CHECK', 'WAVE', 'ESTIMATE']);
    expect(rows).toContainEqual(['plain', 'default', 'rebase', 'STACK', 'STACK alone, same stack id', '1', '--']);
    expect(rows).toContainEqual([
      'bumped',
      'default',
      'build',
      'BUILDPACK,STACK',
      'more than the run image changes',
      '2',
      '10ms',
    ]);
    expect(stdout).toMatch(/foreign +default +held +incompatible stack.*the image's own documents +-- +--/);
    expect(stdout).toMatch(/paused +default +held +paused; STACK is due.* paused +-- +--/);
    expect(stdout).toContain('1 rebase, 1 build, 2 held, in 2 waves; about 10ms of work, 1 without an estimate\n');
    expect(fleet.state().patches).toEqual({});
  });

  test('as data has the plan in the status of the resource', async () => {
    const fleet = await aFleet(apps, {idle: true});
    const {stdout} = await fleet.patchStack('--dry-run', '-o', 'json');
    const {counts, members} = (JSON.parse(stdout) as PlanData).status.patchPlan;
    expect(counts).toEqual({rebase: 1, build: 1, none: 0, held: 2});
    expect(members.find(({name}) => name === 'plain')).toMatchObject({
      decision: 'rebase',
      reason: 'STACK',
      wave: 1,
      previousDigest: digestOf(fleet, 'plain'),
    });
  });

  test.each([
    [['--wave', '0'], 'Expected how many images go at a time'],
    [['--max-failures', '101%'], 'Expected a number of images (3) or a share of them (5%)'],
    [['--max-failures', '1.5'], 'Expected a number of images (3) or a share of them (5%)'],
  ])('%j is wrong usage', async (flags, message) => {
    const fleet = await aFleet(plainApps(1), {idle: true});
    expect(await fleet.patchStack(...flags)).toMatchObject({code: 2, stderr: expect.stringContaining(message)});
  });

  test('refuses a canary that is no member', async () => {
    const fleet = await aFleet(plainApps(1), {idle: true});
    expect(await fleet.patchStack('--canary', 'nobody', '--dry-run')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('canary "nobody" is none of the images that the patch acts on'),
    });
  });
});

describe('--wait', () => {
  test('follows the patch to its end and prints the report below the lines of kp', async () => {
    const fleet = await aFleet(plainApps(3));
    const {code, stdout, stderr} = await fleet.patchStack('--wait', '--wave', '2');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Updating ClusterStack...');
    expect(lines.filter((line) => line.startsWith('ClusterStack "base" updated'))).toEqual([
      'ClusterStack "base" updated',
    ]);
    expect(stdout).toMatch(/Status: +succeeded\n/);
    expect(stdout).toMatch(/Patched: +3 of 3\n/);
    expect(stdout).toMatch(/app-0003 +default +2 +rebase +done +2 +STACK/);
    expect(stderr).toContain('Patch patch-1: 3 rebase, in 2 waves; no estimate: nothing like it ran before');
    expect(stderr).toMatch(/patch-1: patched 3 of 3, wave 2 of 2\n$/);
  });

  test('ends with 1 when an image failed, and gives the report as data', async () => {
    const fleet = await aFleet([{name: 'bad', buildpacks: [olderBuildpack]}, {name: 'good'}], {
      idle: true,
      building: () => Promise.reject(new Error('broken')),
    });
    const ended = fleet.patchStack('--wait', '-o', 'json', '--max-failures', '0');
    await fleet.until(({patches}) => patches['patch-1'] !== undefined);
    fleet.controller.start();
    const {code, stdout, stderr} = await ended;
    const patch = JSON.parse(stdout) as PatchData;
    expect(code).toBe(1);
    expect(patch).toMatchObject({kind: 'Patch', metadata: {name: 'patch-1'}, status: {state: 'stopped'}});
    expect(patch.status.members.find(({name}) => name === 'bad')).toMatchObject({state: 'failed', message: 'broken'});
    expect(stderr).toContain('ClusterStack "base" updated\n');
  });
});

describe('patch', () => {
  test('list, status, and the count of the stack', async () => {
    const fleet = await aFleet(plainApps(2));
    expect((await fleet.slipway('stack', 'status', 'base')).stdout).toMatch(/\n\nPatched: +2 of 2\n\n$/);
    await fleet.patchStack('--wait');
    expect((await fleet.slipway('patch', 'list')).stdout).toMatch(
      /^NAME +STATE +TARGET +PATCHED +WAVE +OPENED\npatch-1 +succeeded +ClusterStack "base" +2 of 2 +1 of 1 +\d{4}-/,
    );
    const status = await fleet.slipway('patch', 'status', 'patch-1', '-o', 'wide');
    expect(status.stdout).toContain(digestOf(fleet, 'app-0001'));
    const {stdout} = await fleet.slipway('stack', 'status', 'base', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({status: {patched: {images: 2, patched: 2}}});
    const list = await fleet.slipway('patch', 'list', '-o', 'yaml');
    expect(list.stdout).toContain('kind: Patch');
  });

  test('pause, resume and cancel say what is, and refuse what cannot be', async () => {
    const fleet = await aFleet(plainApps(2), {idle: true});
    await fleet.patchStack();
    expect((await fleet.slipway('stack', 'status', 'base')).stdout).toContain('Patched:    0 of 2');
    expect((await fleet.slipway('patch', 'pause', 'patch-1')).stdout).toBe('Patch "patch-1" paused\n');
    expect((await fleet.slipway('patch', 'pause', 'patch-1')).stdout).toBe('Patch "patch-1" paused (no change)\n');
    expect((await fleet.slipway('patch', 'resume', 'patch-1')).stdout).toBe('Patch "patch-1" resumed\n');
    expect((await fleet.slipway('patch', 'cancel', 'patch-1')).stdout).toBe('Patch "patch-1" cancelled\n');
    expect(await fleet.slipway('patch', 'resume', 'patch-1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('patch patch-1 cancelled already'),
    });
    expect(await fleet.slipway('patch', 'status', 'patch-9')).toMatchObject({
      code: 1,
      stderr: 'Error: patch "patch-9" not found; slipway patch list shows them\n',
    });
  });

  test('rollback shows its plan, takes everything back, and waits', async () => {
    const fleet = await aFleet(plainApps(2));
    const before = digestOf(fleet, 'app-0001');
    await fleet.patchStack('--wait');
    const dry = await fleet.slipway('patch', 'rollback', 'patch-1', '--dry-run');
    expect(dry.stdout).toMatch(/app-0001 +default +rebase +STACK +the image of before is there +1 /);
    expect(Object.keys(fleet.state().patches)).toEqual(['patch-1']);
    const {code, stdout} = await fleet.slipway('patch', 'rollback', 'patch-1', '--wait');
    expect(code).toBe(0);
    expect(stdout).toContain('Patch "patch-1" rolled back\n');
    expect(stdout).toMatch(/Rollback Of: +patch-1\n/);
    expect(digestOf(fleet, 'app-0001')).toBe(before);
  });
});
