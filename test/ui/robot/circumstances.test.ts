// What keeps an image from being built, or was remarkable about its build, stands on the dashboard where one looks for it.
import {afterEach, expect, test, vi} from 'vitest';
import type {State} from '../../../source/state/state.ts';
import {aFleet} from '../support/a-fleet.ts';
import {openDashboard} from '../support/dashboard.ts';

afterEach(() => {
  vi.useRealTimers();
});

const fleet = aFleet().state();
const gateway = fleet.images['default/gateway']!;
const newest = gateway.builds.at(-1)!;

function withGateway(change: Partial<typeof gateway>): State {
  return {...fleet, images: {...fleet.images, 'default/gateway': {...gateway, ...change}}};
}

/** The builder of the gateway builds in containers, and their engine does not answer. */
function withSilentEngine(): State {
  const slim = fleet.builders['ClusterBuilder/slim']!;
  const engine = {kind: 'podman', state: 'silent', problem: 'podman does not answer', next: 'podman info'} as const;
  return {
    ...fleet,
    controller: {...fleet.controller!, engines: [engine]},
    builders: {
      ...fleet.builders,
      'ClusterBuilder/slim': {...slim, spec: {...slim.spec, executor: 'container', engine: 'podman'}},
    },
  };
}

test.each([
  [
    'a source that cannot be read any more',
    withGateway({source: {...gateway.source!, problem: 'the host does not answer'}}),
    ['source unreadable', 'source cannot be read: the host does not answer; what was built'],
  ],
  [
    'what the build says about how it ran',
    withGateway({builds: [{...newest, remark: 'ran on paths of the host'}]}),
    ['ran on paths of the host'],
  ],
])('%s is said in the list and under the build', async (_name, state, words) => {
  const robot = await openDashboard({state});
  await robot.press('jjj');
  for (const word of words) expect(robot.screen()).toContain(word);
  await robot.quit();
});

test('the engine of a builder that does not answer, and what helps, stand in its description', async () => {
  const robot = await openDashboard({state: withSilentEngine()});
  await robot.press('2G\r');
  for (const word of ['container/podman', 'podman does not answer', 'podman info'])
    expect(robot.screen()).toContain(word);
  await robot.press('\u001B');
  await robot.quit();
});
