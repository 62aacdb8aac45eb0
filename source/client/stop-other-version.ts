// Stops a controller that speaks another protocol than this program: after an upgrade the one before may still run.
import {join} from 'node:path';
import {ClientError} from './client.ts';
import {findController} from './find-controller.ts';
import {createRequestTable} from './request-table.ts';
import {dialSocket} from './socket-transport.ts';

/**
 * Says hello in the protocol that the controller's own record names, then `stop`: these two are the same in every protocol. Resolves when the
 * controller has agreed. Rejects with ClientError, or NobodyListens.
 */
export async function stopOtherVersion(
  home: string,
  version: string,
  options: {readonly cancelBuilds?: boolean} = {},
): Promise<void> {
  const found = await findController(home);
  const transport = await dialSocket(found?.socket ?? join(home, 'controller.sock'));
  const requests = createRequestTable();
  const give = (why: string): void =>
    requests.rejectAll(new ClientError('disconnected', `the controller did not agree to stop: ${why}`));
  const late = setTimeout(() => give(`no answer within ${longestMilliseconds} ms`), longestMilliseconds);
  transport.listen({messages: (values) => void values.map((value) => requests.settle(value)), closed: give});
  try {
    await requests.ask(transport, 'hello', {protocol: found?.protocol ?? 1, version});
    await requests.ask(transport, 'stop', options);
  } finally {
    clearTimeout(late);
    transport.close();
  }
}

const longestMilliseconds = 10_000;
