/** Versions of the Platform API and the Buildpack API, and which of them this lifecycle speaks. */

export type ApiVersion = {readonly major: number; readonly minor: number};

/** Platform APIs this lifecycle implements (spec/platform.md). */
export const supportedPlatformApis = ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12', '0.13', '0.14', '0.15'] as const;

/** Buildpack APIs this lifecycle implements (spec/buildpack.md). */
export const supportedBuildpackApis = ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12'] as const;

/** Reads `0.12`, `v0.12` or `1`; undefined when the text is no version. Follows upstream's api/version.go. */
export function parseApiVersion(text: string): ApiVersion | undefined {
  const match = /^v?(\d+)\.?(\d*)$/.exec(text);
  if (match === null) return undefined;
  return {major: Number(match[1]), minor: match[2] === '' ? 0 : Number(match[2])};
}

/** True when `version` is `floor` or newer. `floor` is a constant of ours, so an unreadable one is a bug. */
export function atLeast(version: ApiVersion, floor: string): boolean {
  const other = parseApiVersion(floor);
  if (other === undefined) throw new Error(`"${floor}" is not an API version`);
  return version.major !== other.major ? version.major > other.major : version.minor >= other.minor;
}

/** True when `text` names a version out of `supported`; `0.x` must be met exactly. */
export function isSupportedApi(text: string, supported: readonly string[]): boolean {
  const version = parseApiVersion(text);
  if (version === undefined) return false;
  return supported.some((candidate) => {
    const known = parseApiVersion(candidate);
    if (known === undefined || known.major !== version.major) return false;
    return known.major === 0 ? known.minor === version.minor : known.minor >= version.minor;
  });
}

/** `0.12`: how a version is written into an image. */
export function formatApiVersion(version: ApiVersion): string {
  return `${version.major}.${version.minor}`;
}
