// The loop: it records before it acts, plans on what is, and survives what breaks under it.
import {describe, expect, test} from 'vitest';
import type {Command, StartCommand} from '../../source/controller/command.ts';
import type {Controller} from '../../source/controller/controller.ts';
import {rebasePhases} from '../../source/domain/phase.ts';
import {
  aCommit,
  anImage,
  aResult,
  buildInterrupted,
  buildStarted,
  cancelRequested,
  imageEvents,
  worldEvents,
} from '../support/builders.ts';
import {aController, aHistory, type Script, settled} from './fakes.ts';

/** Looks find what is known already; builds stay open until the test ends them. */
const quietLooks: Script = (command) => (command.kind === 'look-at-source' ? Promise.resolve() : 'open');

/** Records that the build began, and leaves it running. */
const begins: Script = (command, controller) => {
  if (command.kind === 'start') controller.record([startedBy(command)]);
  return quietLooks(command, controller);
};

/** Builds succeed at once. */
const succeeds: Script = async (command, controller) => {
  if (command.kind !== 'start') return;
  controller.record([startedBy(command)]);
  await Promise.resolve();
  controller.record([succeededBy(command)]);
};

function startedBy({kind: _, strategy, ...command}: StartCommand) {
  const phases = strategy === 'rebase' ? {phases: rebasePhases} : {};
  return {...buildStarted({at: 50, strategy, ...phases}), ...command};
}

function succeededBy({namespace, image, number, inputs}: StartCommand) {
  const result = aResult({digest: `sha256:image-${number}`, runImage: inputs.runImage});
  return {kind: 'build.succeeded', at: 60, namespace, image, number, result} as const;
}

const trigger = (at: number, name = 'web') =>
  ({kind: 'image.triggered', at, namespace: 'default', name, message: `asked at ${at}`}) as const;

function buildsOf(controller: Controller, name = 'web') {
  return controller.state.read().images[`default/${name}`]?.builds ?? [];
}

const startsOf = (texts: readonly string[]) => texts.filter((text) => text.startsWith('start'));

describe('recording', () => {
  test('makes an event durable before anybody sees it', () => {
    const {controller, history} = aController();
    const seen: number[] = [];
    controller.onEvents(() => seen.push(history.recorded.length));
    controller.record(imageEvents());
    expect(seen).toEqual([worldEvents.length + 2]);
  });

  test('numbers events without a gap and tells every listener in order', () => {
    const {controller} = aController();
    const told: number[] = [];
    controller.onEvents((events) => told.push(...events.map(({sequence}) => sequence)));
    controller.record(imageEvents());
    controller.record([trigger(9)]);
    expect(told).toEqual([6, 7, 8]);
  });

  test('leaves everything as it was when the disk refuses, and goes on when it no longer does', async () => {
    const {controller, history} = aController({script: begins});
    controller.start();
    const before = controller.state.read();
    const told: unknown[] = [];
    controller.onEvents((events) => told.push(events));
    history.refuse('events');
    expect(() => controller.record(imageEvents())).toThrow('no space left on device');
    expect(controller.state.read()).toBe(before);
    expect(told).toEqual([]);
    history.refuse('nothing');
    controller.record(imageEvents());
    await settled();
    expect(buildsOf(controller)).toMatchObject([{number: 1, state: 'running'}]);
  });

  test('is done when a snapshot or a listener breaks: the event is durable', () => {
    const {controller, history, defects} = aController();
    const told: string[] = [];
    controller.onEvents(() => {
      throw new Error('a client went away');
    });
    controller.onEvents(() => told.push('told'));
    history.refuse('snapshots');
    controller.record(Array.from({length: 2_000}, (_, at) => trigger(at, 'nothing')));
    expect(controller.state.read().sequence).toBe(worldEvents.length + 2_000);
    expect(told).toEqual(['told']);
    expect(defects.map(String)).toEqual(['Error: a client went away', 'Error: no space left on device']);
  });

  test('previews without recording', () => {
    const {controller, history} = aController();
    const after = controller.preview(imageEvents());
    expect(Object.keys(after.images)).toEqual(['default/web']);
    expect(controller.state.read().images).toEqual({});
    expect(history.recorded).toHaveLength(worldEvents.length);
  });

  test('keeps a snapshot now and then, from which the state comes back', () => {
    const {controller, history} = aController();
    controller.record(imageEvents());
    controller.record(Array.from({length: 2_500}, (_, at) => trigger(at)));
    expect(history.snapshots).toHaveLength(1);
    controller.record([trigger(9_999)]);
    expect(aController({history}).controller.state.read()).toEqual(controller.state.read());
  });
});

describe('the loop', () => {
  test('gives nothing before it is started', async () => {
    const {controller, texts} = aController({script: begins});
    controller.record(imageEvents());
    await settled();
    expect(texts()).toEqual([]);
    controller.start();
    await settled();
    expect(texts()).toEqual(['start web 1', 'look web']);
  });

  test('makes one pass of many events', async () => {
    const {controller, texts} = aController({script: begins});
    controller.start();
    controller.record(imageEvents());
    controller.record(
      imageEvents(anImage({generation: 2, spec: {env: [{name: 'A', value: '1'}]}}), aCommit('commit-2')),
    );
    await settled();
    expect(startsOf(texts())).toEqual(['start web 1']);
    expect(buildsOf(controller)).toMatchObject([{inputs: {imageGeneration: 2, source: {revision: 'commit-2'}}}]);
  });

  test('gives a command once while it is under way', async () => {
    const {controller, texts} = aController({script: quietLooks});
    controller.start();
    controller.record(imageEvents());
    await settled();
    controller.record([trigger(5)]);
    await settled();
    expect(startsOf(texts())).toEqual(['start web 1']);
    expect(controller.busy()).toBe(1);
  });

  test('looks at the image again when its build ended: what changed meanwhile is one build', async () => {
    const {controller, given, texts} = aController({script: begins});
    controller.start();
    controller.record(imageEvents());
    await settled();
    for (const at of [51, 52, 53]) controller.record([trigger(at)]);
    await settled();
    const [start] = given.filter(({command}) => command.kind === 'start');
    controller.record([succeededBy(start?.command as StartCommand)]);
    await start?.end();
    expect(startsOf(texts())).toEqual(['start web 1', 'start web 2']);
    expect(buildsOf(controller).at(-1)?.changes).toEqual([{reason: 'TRIGGER', old: '', new: 'asked at 53'}]);
  });

  test('comes to rest when everything is up to date', async () => {
    const {controller, texts} = aController({script: succeeds});
    controller.start();
    controller.record(imageEvents());
    await settled();
    expect(startsOf(texts())).toEqual(['start web 1']);
    expect(controller.currentPlan()).toMatchObject({commands: [], holds: {}});
    expect(controller.busy()).toBe(0);
  });

  test('wakes for the next look at a source', async () => {
    const {controller, clock, texts} = aController({script: succeeds});
    controller.start();
    controller.record(imageEvents());
    await settled();
    const looks = () => texts().filter((text) => text === 'look web').length;
    expect(looks()).toBe(1);
    await clock.advance(59_999);
    expect(looks()).toBe(1);
    await clock.advance(1);
    expect(looks()).toBe(2);
    controller.lookSoon('default', 'web');
    await settled();
    expect(looks()).toBe(3);
  });

  test('looks at once at an image that was deleted and made again', async () => {
    const {controller, texts} = aController({script: succeeds});
    controller.start();
    const [saved] = imageEvents();
    controller.record(saved ? [saved] : []);
    await settled();
    controller.record([{kind: 'image.deleted', at: 70, namespace: 'default', name: 'web'}]);
    await settled();
    controller.record(saved ? [saved] : []);
    await settled();
    expect(texts()).toEqual(['look web', 'look web']);
  });

  test('gives nothing more once it stops, and waits for what is under way', async () => {
    const {controller, clock, given, texts, history} = aController({script: begins});
    controller.start();
    controller.record(imageEvents());
    await settled();
    let stopped = false;
    const stopping = controller.stop().then(() => (stopped = true));
    controller.record(imageEvents(anImage({name: 'other'})));
    await settled();
    expect(stopped).toBe(false);
    expect(startsOf(texts())).toEqual(['start web 1']);
    await given.find(({command}) => command.kind === 'start')?.end();
    await stopping;
    expect(clock.pending()).toBe(0);
    expect(history.snapshots.at(-1)?.sequence).toBe(controller.state.read().sequence);
  });

  test('stops although the disk refuses the last snapshot', async () => {
    const {controller, history, defects} = aController();
    history.refuse('snapshots');
    await controller.stop();
    expect(defects.map(String)).toEqual(['Error: no space left on device']);
  });
});

describe('a command that breaks', () => {
  const breaks: Script = (command, controller) =>
    command.kind === 'start' && command.image === 'web'
      ? Promise.reject(new Error('no space left on device'))
      : begins(command, controller);

  test('is told, left alone for a while, longer each time, and given again', async () => {
    const {controller, clock, defects} = aController({script: breaks});
    controller.start();
    controller.record(imageEvents());
    await settled();
    expect(defects).toHaveLength(1);
    const counts: number[] = [];
    for (const wait of [499, 1, 999, 1, 2_000, 4_000, 8_000]) {
      await clock.advance(wait);
      counts.push(defects.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 4, 5, 6]);
  });

  test('is tried each minute at least', async () => {
    const {controller, clock, defects} = aController({script: breaks});
    controller.start();
    controller.record(imageEvents());
    await settled();
    await clock.advance(10 * 60_000);
    const before = defects.length;
    await clock.advance(10 * 60_000);
    expect(defects.length - before).toBe(10);
  });

  test('does not keep others from its slot', async () => {
    const {controller} = aController({script: breaks});
    controller.start();
    controller.record([...imageEvents(), ...imageEvents(anImage({name: 'zoo'}))]);
    await settled();
    expect(buildsOf(controller, 'zoo')).toMatchObject([{state: 'running'}]);
    expect(controller.currentPlan().holds['default/web']?.message).toContain('could not be started');
  });

  test('that works the next time starts from the shortest wait again', async () => {
    let broken = true;
    const script: Script = (command, controller) => {
      if (command.kind === 'prune' && broken) return Promise.reject(new Error('busy'));
      if (command.kind === 'prune') controller.record([{...refOf(command), kind: 'build.pruned', at: 99}]);
      return command.kind === 'start' ? succeeds(command, controller) : Promise.resolve();
    };
    const {controller, clock, defects} = aController({script});
    controller.start();
    const limited = anImage({spec: {successBuildHistoryLimit: 1}});
    controller.record(imageEvents(limited));
    await settled();
    controller.record([trigger(61)]);
    await settled();
    expect(defects).toHaveLength(1);
    broken = false;
    await clock.advance(500);
    expect(buildsOf(controller).map(({number}) => number)).toEqual([2]);
  });
});

describe('a command that changes nothing', () => {
  // Stopping a run is carried out long before the run has ended.
  const stopsInTime: Script = (command, controller) =>
    command.kind === 'stop' ? Promise.resolve() : begins(command, controller);

  test('is not given again without end while a cancelled build ends', async () => {
    const {controller, clock, texts} = aController({script: stopsInTime});
    controller.start();
    controller.record(imageEvents());
    await settled();
    controller.record([cancelRequested()]);
    await settled();
    const stops = () => texts().filter((text) => text === 'stop web 1').length;
    expect(stops()).toBe(1);
    await clock.advance(60_000);
    expect(stops()).toBeGreaterThan(1);
    expect(stops()).toBeLessThan(10);
  });

  test('is left alone as one that broke, without being a defect', async () => {
    const {controller, clock, texts, defects} = aController({script: () => Promise.resolve()});
    controller.start();
    controller.record(imageEvents());
    await settled();
    expect(startsOf(texts())).toHaveLength(1);
    await clock.advance(500);
    expect(startsOf(texts())).toHaveLength(2);
    expect(defects).toEqual([]);
  });
});

describe('killed in the middle of a build', () => {
  async function killedWhileBuilding() {
    const history = aHistory();
    const {controller} = aController({history, script: begins});
    controller.start();
    controller.record(imageEvents());
    await settled();
    expect(buildsOf(controller)).toMatchObject([{number: 1, state: 'running'}]);
    return aController({history, script: begins});
  }

  test('the next controller knows of the build and starts nothing in its place', async () => {
    const {controller, texts} = await killedWhileBuilding();
    controller.start();
    await settled();
    expect(startsOf(texts())).toEqual([]);
    expect(buildsOf(controller)).toMatchObject([{number: 1, state: 'running'}]);
  });

  test('once it is recorded as interrupted it runs again: same number, second attempt', async () => {
    const {controller, given, texts} = await killedWhileBuilding();
    controller.record([buildInterrupted({at: 70})]);
    controller.start();
    await settled();
    expect(startsOf(texts())).toEqual(['start web 1']);
    expect(buildsOf(controller)).toMatchObject([
      {
        number: 1,
        state: 'running',
        attempts: [
          {number: 1, state: 'interrupted', finishedAt: 70},
          {number: 2, state: 'running'},
        ],
      },
    ]);
    const start = given.find(({command}) => command.kind === 'start');
    controller.record([succeededBy(start?.command as StartCommand)]);
    await start?.end();
    expect(controller.currentPlan().holds).toEqual({});
    expect(buildsOf(controller)).toMatchObject([{number: 1, state: 'succeeded'}]);
  });

  test('a build that was being cancelled ends as cancelled instead', async () => {
    const {controller, texts} = await killedWhileBuilding();
    controller.record([cancelRequested({at: 65}), buildInterrupted({at: 70})]);
    controller.start();
    await settled();
    expect(texts()).toEqual(['finish-cancelled web 1', 'look web']);
  });
});

function refOf({namespace, image, number}: Extract<Command, {kind: 'prune'}>) {
  return {namespace, image, number};
}
