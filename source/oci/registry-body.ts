// Reads the body of an answer into memory, up to a bound.
import {RegistryError} from './registry-error.ts';
import type {HttpAnswer} from './registry-transport.ts';

/** The whole body; a RegistryError of kind `limit` when it has more than `limit` bytes, whether it says so or not. */
export async function collectBody(
  answer: HttpAnswer,
  limit: number,
  {host, what}: {readonly host: string; readonly what: string},
): Promise<Buffer> {
  if (Number(answer.header('content-length') ?? 0) > limit) {
    await answer.discard();
    throw tooLarge(host, what, limit);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(host, what, limit);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

function tooLarge(host: string, what: string, limit: number): RegistryError {
  return new RegistryError('limit', `Expected at most ${limit} bytes for ${what} from ${host}, got more.`, {host});
}
