// What is worth a notice to somebody who looks elsewhere.
import type {Event} from '../../domain/event.ts';

/** A short text without control characters, or undefined when the event can wait. */
export function noticeOf(event: Event): string | undefined {
  switch (event.kind) {
    case 'build.failed':
      return plain(`${event.image} build ${event.number} failed in ${event.failure.phase}`);
    case 'patch.closed':
      return plain(`patch ${event.id} ${event.state}`);
    default:
      return undefined;
  }
}

function plain(text: string): string {
  return `slipway: ${text}`.replaceAll(/[\u0000-\u001F\u007F-\u009F;]/g, ' ');
}
