// What a refused request says.
import {Refusal} from '../../source/daemon/refusal.ts';

/** `kind: message` of the refusal that `act` ends with; fails when it is not refused. */
export function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return `${error.kind}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a refusal, got none');
}
