// The emulator's grapheme addon. It reads its table from the start of a Buffer's memory, which is the start of the table only
// when the Buffer is not cut from the shared pool; so the pool is off while the addon loads.
const pool = Buffer.poolSize;
Buffer.poolSize = 0;
const addon = await import('@xterm/addon-unicode-graphemes');
Buffer.poolSize = pool;

export const {UnicodeGraphemesAddon} = addon;
