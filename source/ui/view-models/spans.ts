// Finished words with their role: what view models hand to panels.
import type {Role} from '../theme/theme.ts';

export type Span = {readonly text: string; readonly role?: Role};

/** One row of words. */
export type Line = readonly Span[];

/** `span('3 images', 'dim')`. */
export function span(text: string, role?: Role): Span {
  return role === undefined ? {text} : {text, role};
}
