// Which Platform API a lifecycle is spoken to with.

/** Those we speak, the one we would rather speak first. 0.12 is the first with run.toml and image layouts. */
export const spokenPlatformApis = ['0.13', '0.14', '0.15', '0.12'] as const;

/** The first of ours that the lifecycle supports. Throws an `Error` in words when there is none. */
export function choosePlatformApi(supported: readonly string[]): string {
  const common = spokenPlatformApis.find((version) => supported.includes(version));
  if (common !== undefined) return common;
  const list = supported.length === 0 ? 'none that its labels name' : supported.join(', ');
  throw new Error(
    `expected a builder whose lifecycle supports one of the Platform APIs ${spokenPlatformApis.toSorted().join(', ')}, got ${list}; take a builder with a newer lifecycle`,
  );
}
