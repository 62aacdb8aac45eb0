// What this machine does in this run: the CPU time of work that never changes, so that a figure can be said as so many times that.
import {createHash} from 'node:crypto';

/** CPU milliseconds of one turn of the fixed work, the least of `turns`: strings built, cut, measured and put in a map. */
export function calibration(turns = 7): number {
  return Math.min(...Array.from({length: turns}, () => cpuOf(fixedWork)));
}

/** CPU milliseconds that this process spends in `work`. */
export function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1000;
}

function fixedWork(): void {
  const seen = new Map<string, number>();
  for (let at = 0; at < 60_000; at++) {
    const row = `\u001B[3${at % 8}mline ${at} of a log that is drawn\u001B[39m`.padEnd(60 + (at % 40));
    seen.set(row.slice(at % 10), row.replaceAll(/\u001B\[\d+m/g, '').length);
  }
  createHash('sha256')
    .update([...seen.keys()].join('\n'))
    .digest();
}
