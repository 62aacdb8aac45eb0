// Which Platform API a lifecycle is spoken to with.

/** Those we speak, the one we would rather speak first. 0.12 is the first with run.toml and image layouts. */
export const spokenPlatformApis = ['0.13', '0.14', '0.15', '0.12'] as const;

/**
 * The first of ours that the builder's lifecycle supports, and the pinned lifecycle image too when there is one: both read each other's files.
 * Throws an `Error` in words when there is none.
 */
export function choosePlatformApi(supported: readonly string[], pinned: readonly string[] = supported): string {
  const spoken = spokenPlatformApis.filter((version) => supported.includes(version));
  const common = spoken.find((version) => pinned.includes(version));
  if (common !== undefined) return common;
  if (spoken.length > 0) {
    throw new Error(
      `expected a lifecycle image that supports a Platform API of its builder's lifecycle (${spoken.join(', ')}), got one with ${pinned.join(', ')}; pin an image of the builder's lifecycle version`,
    );
  }
  const list = supported.length === 0 ? 'none that its labels name' : supported.join(', ');
  throw new Error(
    `expected a builder whose lifecycle supports one of the Platform APIs ${spokenPlatformApis.toSorted().join(', ')}, got ${list}; take a builder with a newer lifecycle`,
  );
}
