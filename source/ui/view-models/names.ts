// Digests, references, sizes and counts as short words.

/** `sha256:3f2a1b0c9d…` or a reference with a digest → `3f2a1b0c`; a commit → its first eight; anything else whole. */
export function shortDigest(value: string): string {
  const digest = /sha256:([0-9a-f]{8})[0-9a-f]*/.exec(value);
  if (digest?.[1]) return digest[1];
  return /^[0-9a-f]{40}$/.test(value) ? value.slice(0, 8) : value;
}

/** `4 images`, `1 image`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${groupDigits(count)} ${count === 1 ? one : many}`;
}

/** `1 204`: thousands set apart by a space. */
export function groupDigits(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** `12.3 MB`: decimal units, as registries count. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1] ?? ''}`;
}
