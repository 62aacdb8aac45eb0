/** What every phase is given: its inputs and the three ways out (log, events, the stream buildpacks print to). */
import type {Writable} from 'node:stream';
import type {HostEnvironment, Inputs} from './inputs.ts';
import type {Report} from './lifecycle-events.ts';
import type {Log} from './log.ts';
import type {RegistrySite} from './registry-site.ts';

export type PhaseContext = {
  readonly inputs: Inputs;
  readonly log: Log;
  readonly report: Report;
  /** Where a buildpack's output goes. */
  readonly output: Writable;
  /** The way to registries, where the phase needs one. */
  readonly registry?: RegistrySite;
  /** The environment the lifecycle itself was started with. */
  readonly env: HostEnvironment;
};
