// A change an operator is about to ask for: what it is called, the exact targets, old and new, and the intent itself.
import type {Builder} from '../../domain/builder.ts';
import type {Image} from '../../domain/image.ts';
import type {Patch} from '../../domain/patch.ts';
import type {Stack} from '../../domain/stack.ts';
import type {Intent} from '../client-types.ts';
import {countText, shortDigest} from './names.ts';
import {patchTargetText} from './patch-target-text.ts';

export type ChangeRequest = {
  /** `patch stack demo-stack`. */
  readonly title: string;
  /** What it changes: `run image`, with the value before and after. */
  readonly what?: {readonly field: string; readonly old: string; readonly new: string};
  /** Sentences for a question that has no old and new. */
  readonly lines: readonly string[];
  readonly intent: Intent;
  /** The word on the button that does it, and on the one that does not. */
  readonly go: string;
  readonly back: string;
  /** What the message line says when it was done. */
  readonly done: string;
  /** The name to type when several images are touched. */
  readonly name: string;
  /** The run images whose packages can be compared: the stack, and the image it would run on. */
  readonly bases?: {readonly stack: string; readonly to: string};
};

/** Taking a patch back: the specs first, then each image to what it was. */
export function rollbackRequest(patch: Patch): ChangeRequest {
  const {target} = patch;
  return {
    title: `roll back patch ${patch.id}`,
    what: {field: patchTargetText(target), old: target.new, new: target.old},
    lines: [],
    intent: {kind: 'patch.rollback', id: patch.id},
    go: 'Roll back',
    back: 'Cancel',
    done: `patch ${patch.id} is being rolled back`,
    name: target.name,
  };
}

/** Leaving out what a patch has not begun. */
export function cancelPatchRequest({id}: Patch, waiting: number): ChangeRequest {
  return {
    title: `cancel patch ${id}`,
    lines: [`${countText(waiting, 'image')} that wait are left as they are.`, 'What runs goes on, the specs stay.'],
    intent: {kind: 'patch.cancel', id},
    go: 'Cancel the patch',
    back: 'Let it go on',
    done: `patch ${id} is being cancelled`,
    name: id,
  };
}

/** Another builder for an image. */
export function builderRequest(image: Image, builder: Builder): ChangeRequest {
  const {namespace, name, spec} = image;
  return {
    title: `patch image ${name}`,
    what: {field: 'builder', old: spec.builder.name, new: builder.name},
    lines: [],
    intent: {
      kind: 'image.save',
      mode: 'patch',
      namespace,
      name,
      edit: {builder: {kind: builder.kind, name: builder.name}},
    },
    go: 'Patch',
    back: 'Cancel',
    done: `${name} now uses the builder ${builder.name}`,
    name,
  };
}

/** Another stack for a builder. */
export function builderStackRequest(builder: Builder, stack: string): ChangeRequest {
  const {kind, namespace, name, spec} = builder;
  return {
    title: `patch builder ${name}`,
    what: {field: 'stack', old: spec.stack ?? 'of its own', new: stack},
    lines: [],
    intent: {kind: 'builder.save', mode: 'patch', builderKind: kind, namespace, name, edit: {stack}},
    go: 'Patch',
    back: 'Cancel',
    done: `builder ${name} now stands on ${stack}`,
    name,
  };
}

/** Another run image for a stack. */
export function runImageRequest(stack: string, old: string, next: string): ChangeRequest {
  return {
    title: `patch stack ${stack}`,
    what: {field: 'run image', old, new: next},
    lines: [],
    intent: {kind: 'stack.save', mode: 'patch', name: stack, runImage: next},
    go: 'Patch',
    back: 'Cancel',
    done: `stack ${stack} now runs on ${next}`,
    name: stack,
    bases: {stack, to: next},
  };
}

/** A stack to where its tags point, as it proposes. */
export function acceptRequest({name, resolved}: Stack, proposed: string): ChangeRequest {
  return {
    title: `patch stack ${name} to where its tag points`,
    what: {field: 'run image', old: resolved.runImage.digest, new: proposed},
    lines: [],
    intent: {kind: 'stack.accept', name},
    go: 'Patch',
    back: 'Cancel',
    done: `stack ${name} now runs on ${proposed}`,
    name,
  };
}

/** Leaving a stack where it is until its tags move on. */
export function rejectRequest({name, resolved}: Stack, proposed: string): ChangeRequest {
  return {
    title: `reject what stack ${name} proposes`,
    lines: [
      `It stays on ${shortDigest(resolved.runImage.digest)}; ${shortDigest(proposed)} is not proposed again.`,
      'Where its tag moves on to will be.',
    ],
    intent: {kind: 'stack.reject', name},
    go: 'Reject',
    back: 'Cancel',
    done: `stack ${name} stays where it is`,
    name,
  };
}

/** Ending a running build. */
export function cancelRequest(image: Image, number: number): ChangeRequest {
  const {namespace, name} = image;
  return {
    title: `cancel build ${number} of ${name}`,
    lines: [`Build ${number} of ${name} is stopped where it is.`, 'Its image stays as it was before the build.'],
    intent: {kind: 'build.cancel', namespace, image: name, number},
    go: 'Cancel the build',
    back: 'Let it run',
    done: `build ${number} of ${name} is being cancelled`,
    name,
  };
}

/** Deleting an image. */
export function deleteImageRequest({namespace, name}: Image, builds: number): ChangeRequest {
  return {
    title: `delete image ${name}`,
    lines: [
      `${namespace}/${name} goes, with the record and logs of ${builds === 1 ? '1 build' : `${builds} builds`}.`,
      'This cannot be taken back.',
    ],
    intent: {kind: 'image.delete', namespace, name},
    go: 'Delete',
    back: 'Keep it',
    done: `image ${name} was deleted`,
    name,
  };
}

/** Deleting a stack or a builder. */
export function deleteStackRequest(
  subject: {readonly kind: 'stack'; readonly name: string} | {readonly kind: 'builder'; readonly builder: Builder},
): ChangeRequest {
  const name = subject.kind === 'stack' ? subject.name : subject.builder.name;
  return {
    title: `delete ${subject.kind} ${name}`,
    lines: [`The ${subject.kind} ${name} goes; no image uses it.`, 'This cannot be taken back.'],
    intent:
      subject.kind === 'stack'
        ? {kind: 'stack.delete', name}
        : {
            kind: 'builder.delete',
            builderKind: subject.builder.kind,
            namespace: subject.builder.namespace,
            name: subject.builder.name,
          },
    go: 'Delete',
    back: 'Keep it',
    done: `${subject.kind} ${name} was deleted`,
    name,
  };
}
