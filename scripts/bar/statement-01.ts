// Statement 1: four builds of 2,500 lines a second for a minute lose nothing. Written here four times as fast, which is harder.
import {createHash, type Hash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {connectToController} from '../../source/client/connect.ts';
import type {Client} from '../../source/client/client.ts';
import type {BuildRef} from '../../source/domain/build.ts';
import {type BuildSite, openBuildSite, type SiteBuild} from './support/build-site.ts';
import {sampleLine} from './support/pour-logs.ts';
import {startUiProcess} from './support/ui-process-client.ts';

export const number = 1;
export const statement = 'No loss: 4 builds × 2 500 lines/s × 60 s are stored, followed and saved whole';

const images = ['app-1', 'app-2', 'app-3', 'app-4'];
const linesEach = 2500 * 60;
const seconds = 15;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const site = await openBuildSite(images);
  try {
    return await measure(site);
  } finally {
    await site.close();
  }
}

async function measure(site: BuildSite): Promise<{figure: string; pass: boolean}> {
  const builds = images.map(site.begin);
  const client = await connectToController({home: site.home, version: 'bar'});
  const ui = await startUiProcess({home: site.home, columns: 120, rows: 40});
  await ui.press('l');
  const followed = builds.map(({ref}) => follow(client, ref));
  const sent = builds.map(() => createHash('sha256'));
  await pour(builds, sent);
  const received = await Promise.all(followed);
  const sources = sent.map((hash) => hash.digest('hex'));
  const totals = builds.map(({ref}) => site.history.logs.read(ref, 0, 0).total);
  const disk = await Promise.all(builds.map(({ref}) => hashOfFile(site.logFile(ref))));
  const saved = await Promise.all(builds.map(({ref}) => hashOfSaved(client, ref)));
  await ui.end();
  client.close();

  const stored = totals.reduce((sum, total) => sum + total, 0);
  const wanted = linesEach * images.length;
  const arrived = received.reduce((sum, count) => sum + count, 0);
  const equal = sources.filter((hash, at) => hash === disk[at] && hash === saved[at]).length;
  const figure = `${wanted} lines sent, ${stored} stored, ${arrived} followed in order, ${equal} of ${images.length} saved files byte-equal`;
  return {figure, pass: stored === wanted && arrived === wanted && equal === images.length};
}

async function pour(builds: readonly SiteBuild[], sent: readonly Hash[]): Promise<void> {
  const began = performance.now();
  for (let written = 0; written < linesEach; ) {
    await delay(10);
    const due = Math.min(linesEach, Math.ceil(((performance.now() - began) / 1000 / seconds) * linesEach));
    builds.forEach(({log}, at) => {
      let piece = '';
      for (let line = written; line < due; line++) piece += `${at} ${sampleLine(line)}\n`;
      const bytes = Buffer.from(piece);
      sent[at]?.update(bytes);
      // In two pieces, cut anywhere: as pipes do.
      const cut = Math.floor(bytes.length / 3);
      log.write('build', 'stdout', Date.now(), bytes.subarray(0, cut));
      log.write('build', 'stdout', Date.now(), bytes.subarray(cut));
    });
    written = due;
  }
  for (const {log} of builds) log.close();
}

/** How many lines came in order; a line out of order ends the count. */
async function follow(client: Client, ref: BuildRef): Promise<number> {
  let next = 0;
  await client.followLog(
    ref,
    0,
    (lines) => {
      for (const {line} of lines) if (line === next) next += 1;
    },
    new AbortController().signal,
  );
  return next;
}

async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What saving in the dashboard writes, by the same request. */
async function hashOfSaved(client: Client, ref: BuildRef): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; ; ) {
    const {bytes, size} = await client.readLogBytes(ref, from);
    hash.update(bytes);
    from += bytes.length;
    if (bytes.length === 0 || from >= size) return hash.digest('hex');
  }
}
