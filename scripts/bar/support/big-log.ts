// A log of a million lines, one of them a megabyte long, as a build's history keeps it.
import {type BuildSite, openBuildSite, type SiteBuild} from './build-site.ts';
import {sampleLine} from './pour-logs.ts';

export const millionLines = 1_000_000;
/** Where the line of a megabyte stands, and the only line that holds the needle. */
export const longLine = 500_000;
export const needleLine = 999_990;
export const needle = 'needle in a haystack';

/** The last line is the only one without the word "line". */
export const lastText = 'the very end';

export type BigLog = {readonly site: BuildSite; readonly build: SiteBuild};

/** The log is still open: its build runs. */
export async function openBigLog(): Promise<BigLog> {
  const site = await openBuildSite(['big', 'small']);
  const build = site.begin('big');
  const {log} = build;
  const pieceLines = 5000;
  for (let from = 0; from < millionLines; from += pieceLines) {
    let piece = '';
    for (let line = from; line < from + pieceLines; line++) piece += `${lineText(line)}\n`;
    log.write('build', 'stdout', 1_700_000_000_000 + from, Buffer.from(piece));
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The last lines are in the files after a moment.
  await new Promise<void>((resolve) => {
    const stop = site.history.logs.watch(build.ref, () => {
      if (site.history.logs.read(build.ref, 0, 0).total < millionLines) return;
      stop();
      resolve();
    });
    log.write('build', 'stdout', 1_700_000_999_999, Buffer.from(`${lastText}\n`));
  });
  return {site, build};
}

function lineText(line: number): string {
  if (line === longLine) return `line ${line} ${'abcdefgh '.repeat(116_500)}`;
  if (line === needleLine) return `line ${line} a ${needle}`;
  return sampleLine(line);
}
