// A fleet of everything that can come in the way of a stack patch: each image ends as the plan said, or says why not; on the
// command line as in the report.
import {afterEach, expect, test} from 'vitest';
import type {Event} from '../../source/domain/event.ts';
import {imageStatus} from '../../source/state/image-status.ts';
import {runWithClient} from '../commands/support/command-world.ts';
import {type AppPlan, olderBuildpack} from './support/a-fleet.ts';
import {aGate} from './support/a-gate.ts';
import {aFleetHome, digestInLayout, digestOf, type FleetHome, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

const older = [olderBuildpack];
const apps: readonly AppPlan[] = [
  {name: 'plain'},
  {name: 'foreign', labelledStackId: 'io.example.stacks.other'},
  {name: 'bumped', buildpacks: older},
  {name: 'breaks', buildpacks: older},
  {name: 'failed', failedCommit: 'bad'},
  {name: 'stuck', failedCommit: 'bad', buildpacks: older},
  {name: 'paused', paused: true},
  {name: 'asks', spec: {updatePolicy: 'ask'}},
  {name: 'rebases-only', spec: {updatePolicy: 'stack-only'}},
  {name: 'would-build', spec: {updatePolicy: 'stack-only'}, buildpacks: older},
  {name: 'no-builder', spec: {builder: {kind: 'ClusterBuilder', name: 'nowhere'}}},
  {name: 'moves'},
  {name: 'busy'},
  {name: 'called-off'},
  {name: 'next'},
];

/** What is planned, what comes of it, and what is said of it. */
const fates: Readonly<Record<string, readonly [planned: string, state: string, said: RegExp]>> = {
  plain: ['rebase', 'done', /^STACK$/],
  foreign: ['held', 'held', /incompatible stack/],
  bumped: ['build', 'done', /^BUILDPACK,STACK$/],
  breaks: ['build', 'failed', /the compiler is gone/],
  failed: ['rebase', 'done', /STACK/],
  stuck: ['held', 'held', /build 2 failed/],
  paused: ['held', 'held', /paused/],
  asks: ['held', 'held', /update policy/],
  'rebases-only': ['rebase', 'done', /^STACK$/],
  'would-build': ['held', 'held', /update policy/],
  moves: ['rebase', 'done', /^built for COMMIT,STACK instead of rebased$/],
  busy: ['rebase', 'done', /^STACK, when build 2 has ended$/],
  'called-off': ['rebase', 'done', /^STACK$/],
  next: ['rebase', 'done', /^STACK, when build 2 has ended$/],
};

const movedOn: Event = {
  kind: 'source.resolved',
  at: 100,
  namespace: 'default',
  name: 'moves',
  generation: 1,
  source: {kind: 'git', revision: 'newer', type: 'Commit'},
};

type Members = readonly {readonly name: string; readonly planned: string; readonly state: string}[];

test('every image of a mixed fleet ends as the dry run said, or says why not', async () => {
  const place = await aFleetHome(apps);
  places.push(place);
  const gate = aGate();
  const fleet = runFleet(place, {
    idle: true,
    building: async ({image}) => {
      if (image === 'breaks') throw new Error('the compiler is gone');
      if (['busy', 'called-off', 'next'].includes(image)) await gate.pass(image);
    },
  });
  const slipway = (...argv: readonly string[]) => runWithClient(argv, fleet.client, {now: Date.now});
  await fleet.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 2}});
  // What users ask for has both places before what is due for maintenance.
  for (const name of ['busy', 'called-off', 'next']) {
    await fleet.send({kind: 'image.trigger', namespace: 'default', name});
  }
  fleet.controller.start();
  await gate.arrived('busy');
  await gate.arrived('called-off');
  await fleet.send({kind: 'build.cancel', namespace: 'default', image: 'called-off'});
  await fleet.until(() => fleet.image('called-off').builds.at(-1)?.state === 'cancelled');
  await gate.arrived('next');

  const patch = ['clusterstack', 'patch', 'base', '--run-image', place.second, '--canary', 'plain', '--wave', '20'];
  const dry = await slipway(...patch, '--dry-run', '-o', 'json');
  const plan = (JSON.parse(dry.stdout) as {status: {patchPlan: {members: readonly {name: string; decision: string}[]}}})
    .status.patchPlan.members;
  expect(Object.fromEntries(plan.map(({name, decision}) => [name, decision]))).toEqual(
    Object.fromEntries(Object.entries(fates).map(([name, [planned]]) => [name, planned])),
  );
  const before = Object.fromEntries(apps.map(({name}) => [name, digestOf(fleet, name)]));

  const sent = await slipway(...patch);
  expect(sent.code).toBe(0);
  fleet.controller.record([movedOn]);
  gate.openAll();
  const closed = await fleet.closed('patch-1');
  expect(closed.state).toBe('failed');

  const text = (await slipway('patch', 'status', 'patch-1')).stdout.split('\n').map((line) => line.split(/ {2,}/));
  const data = JSON.parse((await slipway('patch', 'status', 'patch-1', '-o', 'json')).stdout) as {
    status: {state: string; members: Members};
  };
  expect(Object.fromEntries(data.status.members.map(({name, planned, state}) => [name, [planned, state]]))).toEqual(
    Object.fromEntries(Object.entries(fates).map(([name, [planned, state]]) => [name, [planned, state]])),
  );
  for (const [name, [planned, state, said]] of Object.entries(fates)) {
    const row = text.find(([first]) => first === name);
    expect(row?.slice(3, 5), name).toEqual([planned, state]);
    expect(row?.at(-1), name).toMatch(said);
    expect(await digestInLayout(fleet, name), name).toBe(digestOf(fleet, name));
    const changed = state === 'done';
    expect(digestOf(fleet, name) !== before[name], `${name} is another image`).toBe(changed);
  }
  expect(digestOf(fleet, 'no-builder')).toBe(before['no-builder']);
  const strategies = (name: string) => fleet.image(name).builds.map(({strategy}) => strategy);
  expect(strategies('bumped')).toEqual(['build', 'build']);
  expect(strategies('failed')).toEqual(['build', 'build', 'rebase']);
  const hold = imageStatus(fleet.image('foreign'), fleet.state()).hold?.message;
  expect(hold).toContain('patch patch-1 cannot rebase it: incompatible stack');
  expect(fleet.defects).toEqual([]);
});
