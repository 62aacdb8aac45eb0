// The guide: what to try next, step by step.
import {type Line, span} from './spans.ts';
import {wrapLine} from './wrap-line.ts';

/** Shown in a panel of its own as long as the dashboard is open. */
export type Guide = {readonly title: string; readonly steps: readonly string[]};

/** Its rows at a width: numbered steps, what goes on stands under where it began. */
export function guideLines({steps}: Guide, width: number): readonly Line[] {
  const digits = String(steps.length).length;
  return steps.flatMap((step, at) => {
    const words = step.split(' ').map((word, index) => span(index === 0 ? word : ` ${word}`));
    return wrapLine([span(`${String(at + 1).padStart(digits)} `, 'key'), ...words], width);
  });
}
