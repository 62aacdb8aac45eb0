/** The creator: all phases in one process, in upstream's order (spec/platform.md#creator). */
import {analyze} from './analyze.ts';
import {atLeast} from './api-version.ts';
import {build} from './build.ts';
import {detect} from './detect.ts';
import {exportImage} from './export.ts';
import type {PhaseContext} from './phase-context.ts';
import {openCache} from './open-cache.ts';
import {restore} from './restore.ts';

/** Throws what the phase that failed throws. */
export async function create(context: PhaseContext): Promise<void> {
  const {inputs, log} = context;
  const cache = await openCache(context);
  log.phase('ANALYZING');
  const analyzed = await analyze(context);
  log.phase('DETECTING');
  const group = await detect(context);
  if (!inputs.skipLayers || atLeast(inputs.platformApi, '0.10')) {
    log.phase('RESTORING');
    await restore(context, group, analyzed, cache);
  }
  log.phase('BUILDING');
  await build(context);
  log.phase('EXPORTING');
  await exportImage(context, group, analyzed, cache);
}
