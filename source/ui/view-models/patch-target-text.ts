// What a patch changes, in the words of the screen.
import type {PatchTarget} from '../../domain/patch.ts';

/** `stack default`, `image spring-webdb`: the namespace that everything is in is not said. */
export function patchTargetText({kind, name}: Pick<PatchTarget, 'kind' | 'name'>): string {
  return `${words[kind]} ${name.replace(/^default\//, '')}`;
}

const words: Readonly<Record<PatchTarget['kind'], string>> = {
  ClusterStack: 'stack',
  ClusterStore: 'buildpack store',
  ClusterBuilder: 'builder',
  Builder: 'builder',
  Image: 'image',
  ClusterLifecycle: 'lifecycle',
  Manifest: 'manifest',
  Patch: 'patch',
};
