// A program that is a small controller: holds the lock, serves the socket until it is asked to stop.
import {acquireControllerLock} from '../../source/daemon/controller-lock.ts';
import {serveSocket} from '../../source/daemon/serve-socket.ts';
import {openHistory} from '../../source/history/open-history.ts';
import {aController} from './a-controller.ts';

const home = process.env['SLIPWAY_HOME'] ?? '';
const log = (line: string): void => void process.stdout.write(`${line}\n`);

const lock = await acquireControllerLock({home, log});
const history = openHistory({directory: home, now: () => 1});
const controller = aController(history);
const server = await serveSocket({home, service: controller.service, log});
log(`ready with arguments ${process.argv.slice(2).join(' ')}`);
await new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve());
  const look = setInterval(() => {
    if (!controller.stopAsked()) return;
    clearInterval(look);
    resolve();
  }, 5);
  process.once('SIGTERM', () => clearInterval(look));
});
await server.close('asked to stop');
history.close();
await lock.release();
