// Says the same frame in fewer bytes: colours that no character was written in are left out, moves down are one move.
// Ink's line updates keep every colour of the part of a row that they skip; over ssh those bytes are what a tick costs.

/** The frame with the same effect on every terminal that knows SGR and CNL (ECMA-48). */
export function shorterFrame(frame: string): string {
  return frame
    .replaceAll(styleRuns, (run) => shorterRun(run))
    .replaceAll(moveRuns, (run) => `\u001B[${run.length / moveDown.length}E`);
}

const moveDown = '\u001B[E';
const moveRuns = /(?:\u001B\[E){2,}/g;
const styleRuns = /(?:\u001B\[[\d;]*m){2,}/g;

type Slot = 'color' | 'background' | 'weight' | 'italic' | 'underline' | 'inverse';

/** Of each attribute only what it is at the end; a run with anything else in it stays as it is. */
function shorterRun(run: string): string {
  const kept = new Map<Slot, string>();
  for (const [, parameters = ''] of run.matchAll(/\u001B\[([\d;]*)m/g)) {
    const codes = parameters.split(';').map(Number);
    for (let at = 0; at < codes.length; ) {
      const length = lengthOf(codes, at);
      const slot = slotOf(codes[at] ?? 0);
      if (!slot) return run;
      const code = codes.slice(at, at + length).join(';');
      // Bold and faint add up until 22 takes both away.
      const before = slot === 'weight' && code !== '22' ? kept.get(slot) : undefined;
      kept.delete(slot);
      kept.set(slot, before === undefined || before === code ? code : `${before};${code}`);
      at += length;
    }
  }
  return `\u001B[${[...kept.values()].join(';')}m`;
}

/** `38;2;r;g;b` and `38;5;n` are one code. */
function lengthOf(codes: readonly number[], at: number): number {
  if (codes[at] !== 38 && codes[at] !== 48) return 1;
  return codes[at + 1] === 2 ? 5 : 3;
}

function slotOf(code: number): Slot | undefined {
  if ((code >= 30 && code <= 39) || (code >= 90 && code <= 97)) return 'color';
  if ((code >= 40 && code <= 49) || (code >= 100 && code <= 107)) return 'background';
  if (code === 1 || code === 2 || code === 22) return 'weight';
  if (code === 3 || code === 23) return 'italic';
  if (code === 4 || code === 24) return 'underline';
  return code === 7 || code === 27 ? 'inverse' : undefined;
}
