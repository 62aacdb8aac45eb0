// A command line of an engine that a test writes as bash: the port of an engine is a program, so a program stands in for it.
import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Engine, EngineKind} from '../../source/executors/container/engine.ts';

export type FakeEngine = {readonly engine: Engine; readonly directory: string; readonly close: () => Promise<void>};

/** The script gets the arguments an engine's command line would get. */
export async function writeFakeEngine(script: string, kind: EngineKind = 'docker'): Promise<FakeEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-fake-engine-'));
  const program = path.join(directory, kind);
  await writeFile(program, `#!/bin/bash\n${script}\n`);
  await chmod(program, 0o755);
  return {
    engine: {kind, program, version: '1.0.0', rootless: false, environment: {}, limits: []},
    directory,
    close: () => rm(directory, {recursive: true, force: true}),
  };
}
