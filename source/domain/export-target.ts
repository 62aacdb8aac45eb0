// Where a build leaves its image. A registry is never implied: somebody asks for it.
import type {ExecutorKind} from './builder.ts';

/** An image layout of this machine; besides that a container engine's own store, or the registry that the tags name. */
export type ExportTarget = 'layout' | 'engine' | 'registry';

/** Where the image goes that a spec describes, when this executor builds it. */
export function exportTargetOf(spec: {readonly export?: ExportTarget}, executor: ExecutorKind): ExportTarget {
  return spec.export ?? defaultTargets[executor];
}

const defaultTargets: Readonly<Record<ExecutorKind, ExportTarget>> = {embedded: 'layout', container: 'engine'};
