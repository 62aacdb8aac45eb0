// One stream of events, several faces: each a pure function, the same words wherever a person reads.
import {describe, expect, test} from 'vitest';
import type {RecordedEvent} from '../../source/domain/event.ts';
import {eventSentence} from '../../source/ui/faces/event-sentence.ts';
import {type Face, faceLines, jsonSchema} from '../../source/ui/faces/face-lines.ts';
import {runStream} from '../../source/ui/run-stream.ts';
import {fakeClient} from '../support/fake-client.ts';
import {aFleet, fleetNow} from './support/a-fleet.ts';

const recorded = aFleet().recorded();
const all = (face: Face) => recorded.flatMap((one) => faceLines(face, one));

const build = {namespace: 'default', image: 'web', number: 4};
const story: readonly RecordedEvent[] = [
  {sequence: 1, event: {kind: 'phase.started', at: fleetNow, ...build, phase: 'build'}},
  {
    sequence: 2,
    event: {
      kind: 'build.failed',
      at: fleetNow,
      ...build,
      failure: {
        phase: 'build',
        exitCode: 51,
        meaning: 'a buildpack failed',
        message: 'no \u001B[2Jspace',
        next: 'make room',
      },
    },
  },
];

describe('the faces', () => {
  test.each([
    [
      'plain',
      [
        '#1 12:04:31 web build 4: build started',
        '#2 12:04:31 web build 4 failed in build; exit 51 a buildpack failed; says no space; next make room',
      ],
    ],
    ['quiet', ['web build 4 failed in build; exit 51 a buildpack failed; says no space; next make room']],
    ['accessible', ['web build 4 failed in build; exit 51 a buildpack failed; says no space; next make room']],
  ] as const)('%s says it so', (face, lines) => {
    expect(story.flatMap((one) => faceLines(face, one))).toEqual(lines);
  });

  test('JSON has a line for every event, nothing lost, as its schema says', () => {
    const lines = all('json').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['sequence'])).toEqual(recorded.map(({sequence}) => sequence));
    for (const line of lines) {
      for (const name of jsonSchema.required) expect(line).toHaveProperty(name);
      expect(line['schema']).toBe(jsonSchema.properties.schema.const);
      expect(line['kind']).toMatch(new RegExp(jsonSchema.properties.kind.pattern));
    }
  });

  test('no line holds more than a line, or moves a cursor', () => {
    for (const face of ['plain', 'quiet', 'accessible'] as const)
      for (const line of all(face)) expect(line).not.toMatch(/[\u0000-\u001F\u007F]/);
  });

  test('what plain leaves out is said by nobody', () => {
    const silent = recorded.filter(({event}) => eventSentence(event) === undefined).map(({event}) => event.kind);
    const meant = ['layer.recorded', 'buildpack.finished', 'build.pruned'];
    expect(silent.filter((kind) => !meant.includes(kind))).toEqual([]);
  });
});

test('a stream that begins after a screen shows what came in between, once', async () => {
  const client = fakeClient({state: aFleet().state(), now: () => fleetNow});
  const after = client.state.read().sequence;
  const missed: RecordedEvent = {
    sequence: after + 1,
    event: {kind: 'image.paused', at: fleetNow, namespace: 'default', name: 'gateway'},
  };
  const end = new AbortController();
  const written: string[] = [];
  const running = runStream({
    client: {
      ...client,
      readEvents: ({afterSequence = 0}) => Promise.resolve(afterSequence < missed.sequence ? [missed] : []),
    },
    face: 'plain',
    write: (text) => void written.push(text),
    now: () => fleetNow,
    signal: end.signal,
    after,
  });
  client.happen(missed.event);
  client.happen({kind: 'image.resumed', at: fleetNow, namespace: 'default', name: 'gateway'});
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  end.abort();
  await running;
  expect(written.map((line) => line.replace(/^#\d+ \S+ /, ''))).toEqual([
    'image gateway paused\n',
    'image gateway goes on\n',
  ]);
});
