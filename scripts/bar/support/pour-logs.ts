// Writes lines into logs at a pace, as builds do: small pieces, many times a second.
import {setTimeout as delay} from 'node:timers/promises';
import type {SiteBuild} from './build-site.ts';

/** A line as buildpacks print them, 60 to 180 bytes, every tenth with colours. */
export function sampleLine(number: number): string {
  const text = `line ${number} Downloading layer sha256:${String(number * 7919).padStart(12, '0')}`;
  const rest = ' from the registry, verifying its digest'.repeat(number % 4);
  return number % 10 === 0 ? `\u001B[32m${text}\u001B[0m${rest}` : text + rest;
}

/** Writes `perSecond` lines a second into each build's log until `until` (milliseconds since the epoch) or the signal. */
export async function pourLogs(builds: readonly SiteBuild[], perSecond: number, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  let written = 0;
  while (!signal.aborted) {
    await delay(20);
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    let piece = '';
    for (let line = written; line < due; line++) piece += `${sampleLine(line)}\n`;
    if (piece !== '') for (const {log} of builds) log.write('build', 'stdout', Date.now(), Buffer.from(piece));
    written = due;
  }
  return written;
}
