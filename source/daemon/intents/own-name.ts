// An image's names against those its builds stand on: a build must not replace what others are built with (finding HIGH-1 of the 2024 audit of pack).
import {builderKey} from '../../domain/builder.ts';
import type {Image} from '../../domain/image.ts';
import {comparableName} from '../../oci/reference.ts';
import {entry} from '../../state/entry.ts';
import {resolvedBuilder} from '../../state/image-decision.ts';
import type {State} from '../../state/state.ts';
import {Refusal} from '../refusal.ts';

/** Throws a Refusal when a tag of the image is its builder's, run image's or lifecycle image's. The prepare phase checks it again. */
export function checkOwnName({namespace, spec}: Image, state: State): void {
  const builder = entry(state.builders, builderKey(spec.builder.kind, spec.builder.name, namespace));
  if (!builder) return;
  const resolved = resolvedBuilder(builder, state);
  const {image, tag, lifecycleImage} = builder.spec;
  const runImage = resolved.kind === 'ready' ? resolved.stack.resolved.runImage.name : undefined;
  const names = [image, tag, lifecycleImage, runImage].filter((name) => name !== undefined);
  const taken = new Set(names.map(comparableName));
  const clash = [spec.tag, ...spec.additionalTags].find((one) => taken.has(comparableName(one)));
  if (clash === undefined) return;
  throw new Refusal(
    'invalid',
    `expected a name of its own for the image, got ${clash}, which is its builder's, run image's or lifecycle image's; give the image another tag`,
  );
}
