// Names of images with a digest.

/** The repository of a tag at a digest: `reg/app:v1` and `sha256:…` give `reg/app@sha256:…`. */
export function atDigest(tag: string, digest: string): string {
  const name = tag.split('@', 1)[0] ?? tag;
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return `${colon < 0 ? name : name.slice(0, colon)}@${digest}`;
}
