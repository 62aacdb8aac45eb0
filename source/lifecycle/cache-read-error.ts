/** A layer that the cache should have and cannot give: the build goes on without it. */
export class CacheReadError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, {cause});
    this.name = 'CacheReadError';
  }
}
