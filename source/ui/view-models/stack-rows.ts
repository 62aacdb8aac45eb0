// Stacks and builders as one list: what images stand on.
import type {Builder} from '../../domain/builder.ts';
import {builderKey} from '../../domain/builder.ts';
import type {Stack, StackWatch} from '../../domain/stack.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {countText, shortDigest} from './names.ts';

export type StackRow =
  | {readonly kind: 'heading'; readonly text: string}
  | {
      readonly kind: 'stack';
      readonly key: string;
      readonly stack: Stack;
      readonly name: string;
      readonly what: string;
      readonly uses: string;
    }
  | {
      readonly kind: 'builder';
      readonly key: string;
      readonly builder: Builder;
      readonly name: string;
      readonly what: string;
      readonly uses: string;
    };

/** The stacks, then the builders, each by name and with the number of images that use it. */
export function stackRows(state: State): readonly StackRow[] {
  const builders = Object.entries(state.builders).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  const stacks = Object.values(state.stacks).toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const onBuilder = imagesByBuilder(state);
  const onStack = (name: string) =>
    builders.reduce((sum, [key, builder]) => sum + (builder.spec.stack === name ? (onBuilder.get(key) ?? 0) : 0), 0);
  return [
    ...(stacks.length > 0 ? [{kind: 'heading', text: 'stacks'} as const] : []),
    ...stacks.map((stack) => ({
      kind: 'stack' as const,
      key: `stack/${stack.name}`,
      stack,
      name: stack.name,
      what: `run ${shortDigest(stack.resolved.runImage.digest)}${tagWords(entry(state.stackWatches, stack.name))}`,
      uses: countText(onStack(stack.name), 'image'),
    })),
    ...(builders.length > 0 ? [{kind: 'heading', text: 'builders'} as const] : []),
    ...builders.map(([key, builder]) => ({
      kind: 'builder' as const,
      key: `builder/${key}`,
      builder,
      name: builder.name,
      what: standsOn(builder),
      uses: countText(onBuilder.get(key) ?? 0, 'image'),
    })),
  ];
}

/** Whether a stack has found its tags elsewhere and waits for an answer. */
export function proposes(row: StackRow, {stackWatches}: State): boolean {
  return row.kind === 'stack' && entry(stackWatches, row.name)?.proposal !== undefined;
}

/** What a builder is made on: its stack, or a builder image with a run image of its own. */
export function standsOn({spec}: Builder): string {
  return `on ${spec.stack ?? spec.runImage ?? spec.image ?? 'nothing'}`;
}

/** Where the tag of a stack that follows it has gone, in few words. */
function tagWords(watch: StackWatch | undefined): string {
  if (watch?.problem !== undefined) return ', tag unreadable';
  if (!watch?.proposal) return '';
  return `, tag at ${shortDigest(watch.proposal.runImage)}${watch.proposal.hold === undefined ? '' : ', held'}`;
}

/** How many images name each builder, by the builder's key. */
function imagesByBuilder({images}: State): ReadonlyMap<string, number> {
  const known = counted.get(images);
  if (known) return known;
  const counts = new Map<string, number>();
  for (const {image} of Object.values(images)) {
    const key = builderKey(image.spec.builder.kind, image.spec.builder.name, image.namespace);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  counted.set(images, counts);
  return counts;
}

/** Remembered: the list is drawn often, and images come and go seldom. */
const counted = new WeakMap<State['images'], ReadonlyMap<string, number>>();
