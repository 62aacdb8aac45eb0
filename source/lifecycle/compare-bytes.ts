/** Orders strings by their UTF-8 bytes, as Go's `<` and a directory listing of upstream do; JavaScript's `<` compares UTF-16. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
