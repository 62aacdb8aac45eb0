// Messages on their way: framing, chunks that end anywhere, limits.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createDecoder, encodeMessage} from '../../source/protocol/codec.ts';
import type {Message} from '../../source/protocol/message.ts';
import {ProtocolError} from '../../source/protocol/protocol-error.ts';

describe('messages', () => {
  test('come out as they went in, however the bytes are cut into chunks', () => {
    const values = fc.array(fc.record({id: fc.nat(), result: fc.jsonValue()}), {maxLength: 6});
    fc.assert(
      fc.property(values, fc.array(fc.integer({min: 1, max: 12})), (results, sizes) => {
        const messages = results as readonly Message[];
        const bytes = Buffer.from(messages.map(encodeMessage).join(''));
        expect(decodeAll(inChunks(bytes, sizes))).toEqual(JSON.parse(JSON.stringify(messages)));
      }),
    );
  });

  test.each([1, 2, 3, 4, 5])('keep characters that are cut after %d bytes', (size) => {
    const message = {id: 1, result: 'zażółć 🚀\u2028\n\r'};
    expect(decodeAll(inChunks(Buffer.from(encodeMessage(message)), [size]))).toEqual([message]);
  });

  test('before a bad one are still given', () => {
    const decoder = createDecoder(100);
    const seen: unknown[] = [];
    expect(() => {
      for (const value of decoder.push(Buffer.from('{"id":1}\nnot json\n{"id":2}\n'))) seen.push(value);
    }).toThrow(/expected a message as one line of JSON in UTF-8, got "not json"/);
    expect(seen).toEqual([{id: 1}]);
  });

  test('must be UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    expect(() => decodeAll([bytes])).toThrow(ProtocolError);
  });

  test('may be as long as the limit and no longer, with or without a newline in sight', () => {
    const line = JSON.stringify('x'.repeat(98));
    expect(decodeAll([Buffer.from(`${line}\n`)], 100)).toEqual(['x'.repeat(98)]);
    expect(() => decodeAll([Buffer.from(`${line}\n`)], 99)).toThrow(/at most 99 bytes/);
    const decoder = createDecoder(1000);
    expect(() => {
      for (let count = 0; count < 101; count++) decoder.push(Buffer.from('0123456789')).next();
    }).toThrow(/at most 1000 bytes/);
  });
});

function decodeAll(chunks: readonly Uint8Array[], mostBytes = 1_000_000): readonly unknown[] {
  const decoder = createDecoder(mostBytes);
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

/** Cuts bytes into chunks of the given sizes, over and over. */
function inChunks(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0, count = 0; start < bytes.length; count++) {
    const size = sizes[count % Math.max(1, sizes.length)] ?? 7;
    chunks.push(Buffer.from(bytes.subarray(start, start + size)));
    start += size;
  }
  return chunks;
}
