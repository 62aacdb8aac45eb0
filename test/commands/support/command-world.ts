// Runs commands against a small world: the real reducer and decisions, the controller's own rules for intents about images
// and builders, logs in memory; what was printed is kept.
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Client} from '../../../source/client/client.ts';
import type {CommandContext, PathKind, Probe} from '../../../source/commands/command-context.ts';
import {runCli} from '../../../source/commands/run-cli.ts';
import {deleteBuilder, saveBuilder} from '../../../source/daemon/intents/builder-intents.ts';
import {saveImage} from '../../../source/daemon/intents/image-intents.ts';
import {Refusal} from '../../../source/daemon/refusal.ts';
import type {Event} from '../../../source/domain/event.ts';
import type {Intent} from '../../../source/protocol/intent.ts';
import {openPreferences} from '../../../source/preferences/preferences.ts';
import {ClientError} from '../../../source/client/client.ts';
import {imageDecision} from '../../../source/state/image-decision.ts';
import type {State} from '../../../source/state/state.ts';
import {fakeClient, type FakeClient} from '../../support/fake-client.ts';
import {noEngines} from '../../support/no-engines.ts';
import {statePaths} from '../../../source/daemon/state-paths.ts';
import {aState, stateAfter} from '../../support/builders.ts';

export type Printed = {readonly code: number; readonly stdout: string; readonly stderr: string};

export type CommandWorld = {
  readonly client: FakeClient;
  /** Runs a command line to its end. */
  run(...argv: readonly string[]): Promise<Printed>;
  /** Starts one and gives what it has printed so far whenever asked. */
  start(...argv: readonly string[]): {readonly printed: () => Printed; readonly ended: Promise<Printed>};
  interrupt(): void;
};

export type WorldOptions = Partial<Pick<CommandContext, 'color' | 'ui' | 'ask'>> & {
  readonly state?: State;
  readonly terminal?: boolean;
  readonly paths?: Readonly<Record<string, PathKind>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly preferences?: string;
  readonly probes?: readonly Probe[];
  /** No controller can be reached. */
  /** What connecting rejects with; true for no controller. */
  readonly unreachable?: true | ClientError;
};

/** The world of `aState()` unless another state is given. The time is fixed. */
export function aCommandWorld(options: WorldOptions = {}): CommandWorld {
  const now = () => Date.UTC(2026, 10, 23, 10, 0, 0);
  const fake = fakeClient({state: options.state ?? aState(), now});
  const client: FakeClient = {
    ...fake,
    send: (intent, given) => sendByRules(fake, intent, given?.dryRun === true, now()),
  };
  const interruption = new AbortController();
  const start = (...argv: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const context = contextFor(options, client, {out, err}, interruption.signal, now);
    const ended = runCli(argv, context).then((code) => ({code, stdout: out.join(''), stderr: err.join('')}));
    return {ended, printed: () => ({code: -1, stdout: out.join(''), stderr: err.join('')})};
  };
  return {client, start, run: (...argv) => start(...argv).ended, interrupt: () => interruption.abort()};
}

/** Runs a command line to its end with a client that the test made. */
export async function runWithClient(
  argv: readonly string[],
  connect: () => Promise<Client>,
  {now, terminal = false}: {readonly now: () => number; readonly terminal?: boolean},
): Promise<Printed> {
  const out: string[] = [];
  const err: string[] = [];
  const client = await connect();
  const context = contextFor({terminal}, client, {out, err}, new AbortController().signal, now);
  const code = await runCli(argv, context);
  return {code, stdout: out.join(''), stderr: err.join('')};
}

/** Images and builders follow the controller's rules; the rest is the fake client's. */
async function sendByRules(fake: FakeClient, intent: Intent, dryRun: boolean, now: number) {
  const events = await ruledEvents(intent, fake.state.read(), now);
  if (!events) return fake.send(intent, {dryRun});
  const before = fake.state.read();
  const after = stateAfter(before, ...events);
  const outlook = Object.values(after.images)
    .map((record) => ({...record.image, decision: imageDecision(record, after)}))
    .filter(({namespace, name}) => after.images[`${namespace}/${name}`] !== before.images[`${namespace}/${name}`])
    .map(({namespace, name, decision}) => ({namespace, name, decision}));
  if (!dryRun) fake.happen(...events);
  (dryRun ? (fake.dryRuns as Intent[]) : (fake.sent as Intent[])).push(intent);
  return {changed: events.length > 0, notes: [], outlook, sequence: fake.state.read().sequence};
}

async function ruledEvents(intent: Intent, state: State, now: number): Promise<readonly Event[] | undefined> {
  try {
    switch (intent.kind) {
      case 'image.save':
        return saveImage(intent, state, now);
      case 'builder.save':
        return (await saveBuilder(intent, state, {engines: noEngines, paths: statePaths('/nowhere'), now})).events;
      case 'builder.delete':
        return deleteBuilder(intent, state, now);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof Refusal) throw new ClientError(error.kind, error.message, {cause: error});
    throw error;
  }
}

function contextFor(
  options: WorldOptions,
  client: Client,
  {out, err}: {readonly out: string[]; readonly err: string[]},
  signal: AbortSignal,
  now: () => number,
): CommandContext {
  const {terminal = false, paths = {}, texts = {}} = options;
  return {
    version: '0.1.0',
    home: '/home/slipway',
    stdout: {isTTY: terminal, write: (text) => void out.push(text)},
    stderr: {isTTY: terminal, write: (text) => void err.push(text)},
    ask: options.ask,
    color: options.color ?? false,
    ui: options.ui ?? 'auto',
    now,
    signal,
    connect: () =>
      options.unreachable
        ? Promise.reject(options.unreachable === true ? noController() : options.unreachable)
        : Promise.resolve(client),
    preferences: () =>
      Promise.resolve(openPreferences(options.preferences ?? mkdtempSync(path.join(tmpdir(), 'slipway-preferences-')))),
    files: {
      absolute: (given) => path.resolve('/here', given),
      list: (given) =>
        Promise.resolve(
          Object.keys(texts)
            .filter((name) => path.dirname(name) === given)
            .map((name) => path.basename(name)),
        ),
      kind: (given) => Promise.resolve(paths[given] ?? 'missing'),
      readText: (given) => {
        const text = texts[given];
        return text === undefined ? Promise.reject(new Error(`ENOENT: ${given}`)) : Promise.resolve(text);
      },
    },
    probes: () => Promise.resolve(options.probes ?? []),
    openDashboard: () => Promise.resolve(0),
    demo: {
      open: () => Promise.reject(new Error('no demo here')),
      editSample: () => Promise.reject(new Error('no demo here')),
      close: () => Promise.resolve(),
    },
  };
}

function noController(): ClientError {
  return new ClientError('unavailable', 'no controller runs for /home/slipway; start one');
}
