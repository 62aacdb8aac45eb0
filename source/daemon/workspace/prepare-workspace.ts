// The ready-made workspace: base images made on this machine, the sample buildpacks, two stacks, two builders, the apps.
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parse} from 'smol-toml';
import {builderKey} from '../../domain/builder.ts';
import type {OrderGroup} from '../../domain/buildpack.ts';
import type {Event} from '../../domain/event.ts';
import {reduceAll} from '../../state/reduce.ts';
import type {State} from '../../state/state.ts';
import type {IntentParts} from '../intent-parts.ts';
import {saveBuilder} from '../intents/builder-intents.ts';
import {saveStack} from '../intents/stack-intents.ts';
import {saveStore} from '../intents/store-intents.ts';
import {demoStacks} from './demo-stacks.ts';
import {makeBaseImages} from './make-base-images.ts';
import {copySampleApps} from './sample-apps.ts';

/** The demo's builders: the outdated one the story begins with, and the one it is patched to. */
const demoBuilders = [
  {name: 'demo-cluster-builder', stack: 'demo-stack'},
  {name: 'default', stack: 'default'},
] as const;

/** Events for what does not exist yet; what exists under these names is left as it is. */
export async function prepareWorkspace({controller, clock, paths, engines, examples}: IntentParts): Promise<{
  readonly events: readonly Event[];
  readonly notes: readonly string[];
  readonly appsDirectory: string;
}> {
  const now = clock.now();
  const before = controller.state.read();
  const notes: string[] = [];
  const events: Event[] = [];
  const state = () => foldedOn(before, events);
  for (const stack of demoStacks) {
    if (before.stacks[stack.name]) continue;
    const made = await makeBaseImages(stack, join(paths.demo, 'base-images'));
    const {buildImage, runImage} = made;
    const found = await saveStack(
      {kind: 'stack.save', mode: 'create', name: stack.name, buildImage, runImage},
      state(),
      paths,
      now,
    );
    events.push(...found.events);
    notes.push(`ClusterStack "${stack.name}" created`, ...found.notes);
    if (!made.runnable)
      notes.push(
        'This machine gives no bash and C library: the run images hold documents only, and what is exported will not run.',
      );
  }
  if (!before.stores['default']) {
    const buildpackages = [join(examples, 'buildpacks')];
    const found = await saveStore(
      {kind: 'store.save', mode: 'create', name: 'default', buildpackages},
      state(),
      paths,
      now,
    );
    events.push(...found.events);
    notes.push('ClusterStore "default" created', ...found.notes);
  }
  const order = await readOrder(join(examples, 'order.toml'));
  for (const {name, stack} of demoBuilders) {
    if (before.builders[builderKey('ClusterBuilder', name)]) continue;
    const edit = {stack, store: 'default', order, trusted: true, tag: `slipway.local/demo/builder:${name}`};
    const intent = {kind: 'builder.save', mode: 'create', builderKind: 'ClusterBuilder', name, edit} as const;
    events.push(...(await saveBuilder(intent, state(), {engines, paths, now})).events);
    notes.push(`ClusterBuilder "${name}" created`);
  }
  const appsDirectory = join(paths.demo, 'apps');
  await copySampleApps(join(examples, 'apps'), appsDirectory);
  return {events, notes, appsDirectory};
}

/** Later steps are judged on what the earlier ones will have made. */
function foldedOn(state: State, events: readonly Event[]): State {
  return reduceAll(
    state,
    events.map((event, index) => ({sequence: state.sequence + index + 1, event})),
  );
}

async function readOrder(file: string): Promise<readonly OrderGroup[]> {
  const {order} = parse(await readFile(file, 'utf8')) as {order?: readonly OrderGroup[]};
  return (order ?? []).map(({group}) => ({group: group.map((entry) => ({...entry}))}));
}
