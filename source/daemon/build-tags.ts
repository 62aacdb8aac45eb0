// The names a build's image gets (kpack `image_builds.go` generateTags).
import type {ImageSpec} from '../domain/image.ts';
import {parseRegistryReference} from '../oci/reference.ts';

/** Tag, additional tags, and with the BuildNumber strategy `[<tag>-]b<N>.<YYYYMMDD>.<HHMMSS>` (UTC) of the first. */
export function buildTags(
  spec: Pick<ImageSpec, 'tag' | 'additionalTags' | 'imageTaggingStrategy'>,
  number: number,
  at: number,
): readonly string[] {
  const named = [spec.tag, ...spec.additionalTags];
  if (spec.imageTaggingStrategy === 'None') return named;
  const {tag = 'latest'} = parseRegistryReference(spec.tag);
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  const stamp = `b${number}.${day.replaceAll('-', '')}.${time.slice(0, 8).replaceAll(':', '')}`;
  return [...named, `${repositoryOf(spec.tag)}:${tag === 'latest' ? '' : `${tag}-`}${stamp}`];
}

function repositoryOf(tag: string): string {
  const slash = tag.lastIndexOf('/');
  const colon = tag.indexOf(':', slash + 1);
  return colon < 0 ? tag : tag.slice(0, colon);
}
