// A machine without a container engine, for what must not need one.
import {containerPhases} from '../../source/domain/phase.ts';
import type {Engines} from '../../source/daemon/engines.ts';
import {Refusal} from '../../source/daemon/refusal.ts';

const none = () => Promise.reject(new Refusal('unavailable', 'expected a container engine to answer, got none'));

export const noEngines: Engines = {
  executor: {kind: 'container', phases: containerPhases, run: none, sweep: () => Promise.resolve()},
  choose: none,
  anyone: () => Promise.resolve(undefined),
  cli: none,
  inUse: () => [],
  lost: () => Promise.resolve(),
  watch: () => () => undefined,
};
