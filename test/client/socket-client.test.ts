// The contract of clients, over a real socket.
import {onTestFinished} from 'vitest';
import {connectToController} from '../../source/client/connect.ts';
import {serveSocket} from '../../source/daemon/serve-socket.ts';
import {aDirectory, aHistory} from '../history/a-history.ts';
import {aController} from './a-controller.ts';
import {clientContract} from './client-contract.ts';

clientContract('a socket client', async () => {
  const home = aDirectory();
  const controller = aController(aHistory({directory: home}));
  const serve = async () => serveSocket({home, service: controller.service, log: () => undefined});
  let server = await serve();
  onTestFinished(async () => server.close());
  return {
    controller,
    connect: async () => connectToController({home, version: 'test', timeoutMs: 5000}),
    interrupt: async (meanwhile) => {
      await server.close('a restart');
      meanwhile?.();
      server = await serve();
    },
  };
});
