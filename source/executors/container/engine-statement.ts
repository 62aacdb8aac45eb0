// What the state and `doctor` say of an engine that was looked for.
import type {EngineStatement} from '../../domain/engine.ts';
import type {EngineFinding} from './detect-engines.ts';

/** The finding as plain data, without how the engine is reached. */
export function engineStatement(finding: EngineFinding): EngineStatement {
  if (finding.state !== 'ready') {
    const {kind, state, problem, next} = finding;
    return {kind, state, problem, next};
  }
  const {kind, version, rootless, limits} = finding.engine;
  return {kind, state: 'ready', version, rootless, limits};
}
