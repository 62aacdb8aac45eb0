// How many of a stack's images stand on its run image as it is now.
import type {Stack} from '../../domain/stack.ts';
import {builderOf} from '../../state/image-decision.ts';
import {latestSuccess} from '../../state/image-status.ts';
import type {State} from '../../state/state.ts';

/** `images`: those that were built and whose builder is on the stack. */
export function patchedImages(
  {name, resolved}: Stack,
  state: State,
): {readonly images: number; readonly patched: number} {
  const results = Object.values(state.images).flatMap((record) => {
    const builder = builderOf(record, state);
    const result = latestSuccess(record)?.result;
    return builder?.builder.spec.stack === name && result ? [result] : [];
  });
  const patched = results.filter(({runImage}) => runImage.digest === resolved.runImage.digest);
  return {images: results.length, patched: patched.length};
}
