// The contract of clients, over memory.
import {openInProcessClient, serveInProcess} from '../../source/client/in-process-client.ts';
import {aHistory} from '../history/a-history.ts';
import {aController} from './a-controller.ts';
import {clientContract} from './client-contract.ts';

clientContract('an in-process client', async () => {
  const controller = aController(aHistory());
  const server = serveInProcess({service: controller.service, log: () => undefined});
  return {
    controller,
    connect: async () => openInProcessClient(server, 'test'),
    interrupt: async (meanwhile) => {
      server.drop();
      meanwhile?.();
    },
  };
});
