// A program that writes events and log lines as fast as it can and says on stdout what is safe, until it is killed.
import {writeSync} from 'node:fs';
import {openHistory} from '../../source/history/open-history.ts';

const directory = process.argv[2] ?? '';
const history = openHistory({directory, now: () => 1});
const build = {namespace: 'default', image: 'web', number: 1};
const first = history.eventsSince(0, 1_000_000).length + 1;
const writer = history.logs.open(build, 1);
const firstLine = history.logs.read(build, 0, 0).total;

function writeMore(round: number): void {
  const from = first + round * 3;
  history.append(
    [from, from + 1, from + 2].map((sequence) => ({
      sequence,
      event: {kind: 'image.paused', at: sequence, namespace: 'default', name: `app-${sequence}`},
    })),
  );
  if (round % 10 === 9) history.keepSnapshot(from + 2, {of: from + 2});
  for (let line = 0; line < 200; line++) {
    const number = firstLine + round * 200 + line;
    writer.write(number % 2 === 0 ? 'build' : 'export', 'stdout', number, Buffer.from(`line ${number}\n`));
  }
  const readable = history.logs.read(build, 0, 0).total;
  writeSync(1, `${JSON.stringify({sequence: from + 2, lines: readable})}\n`);
  setImmediate(() => writeMore(round + 1));
}

writeMore(0);
