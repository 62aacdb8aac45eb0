// What follows from an open dialog: the suggestions that fit, the name that has to be typed.
import type {TextField} from '../primitives/text-field.ts';
import {touchedCount} from '../view-models/outlook-lines.ts';
import type {Overlay} from './ui-state.ts';

/** The run images that fit what was typed. */
export function suggestions({known, field}: {known: readonly string[]; field: TextField}): readonly string[] {
  const typed = field.text.toLowerCase();
  return known.filter((reference) => reference.toLowerCase().includes(typed));
}

/** The name to type before more than one image is touched. */
export function neededName({outlook, request}: Extract<Overlay, {kind: 'preview'}>): string | undefined {
  return touchedCount(outlook) > 1 ? request.name : undefined;
}
