// A program that writes log lines until it is refused, and says on stdout how.
import {openHistory} from '../../source/history/open-history.ts';

process.on('SIGXFSZ', () => undefined);
const history = openHistory({directory: process.argv[2] ?? '', now: () => 1});
const writer = history.logs.open({namespace: 'default', image: 'web', number: 1}, 1);
try {
  for (let line = 0; ; line++) writer.write('build', 'stdout', line, Buffer.from(`line ${line}\n`));
} catch (error) {
  const {kind, code} = error as {readonly kind: string; readonly code: string};
  process.stdout.write(JSON.stringify({kind, code}));
}
try {
  writer.close();
} catch (error) {
  if (!(error instanceof Error && 'kind' in error && error.kind === 'disk')) throw error;
}
