// Reaches the controller of a state directory over its socket, starting one when none answers.
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {type Client, ClientError} from './client.ts';
import {findController} from './find-controller.ts';
import {openClient} from './open-client.ts';
import {dialSocket, NobodyListens} from './socket-transport.ts';
import {type StartCommand, type StartedController, startController} from './start-controller.ts';
import type {Transport} from './transport.ts';

export type ConnectOptions = {
  /** The state directory. */
  readonly home: string;
  /** This program's version. */
  readonly version: string;
  /** How to start a controller; without it one must be running. */
  readonly start?: StartCommand;
  /** How long reaching it may take altogether, in milliseconds (default 15,000). */
  readonly timeoutMs?: number;
  /** A controller that ends right after its start is not started more often than this, in milliseconds (default 10,000). */
  readonly pauseBetweenStartsMs?: number;
};

/**
 * A connected client that holds the state. Rejects with ClientError: `unavailable` when no controller runs and none may or can
 * be started (with the last lines it wrote), or the socket is not to be used; `version-skew` when it speaks another protocol.
 * Later, a controller that crashed is started again when `start` is given; one that was told to stop is only waited for.
 */
export async function connectToController({
  home,
  version,
  start,
  timeoutMs = 15_000,
  pauseBetweenStartsMs = 10_000,
}: ConnectOptions): Promise<Client> {
  const deadline = Date.now() + timeoutMs;
  let startedAt = 0;

  const dialOrStart = async (until: number): Promise<Transport> => {
    try {
      return await dialHome(home);
    } catch (error) {
      if (!(error instanceof NobodyListens)) throw error;
      if (start === undefined) throw noController(home, error);
    }
    startedAt = Date.now();
    return waitFor(home, startController(home, start), until);
  };
  const redial = async ({stopped}: {readonly stopped: boolean}): Promise<Transport> => {
    const mayStart = !stopped && start !== undefined && Date.now() - startedAt >= pauseBetweenStartsMs;
    return mayStart ? dialOrStart(Date.now() + timeoutMs) : dialHome(home);
  };

  for (;;) {
    try {
      const handshakeMilliseconds = Math.max(100, deadline - Date.now());
      return await openClient({version, dial: async () => dialOrStart(deadline), redial, handshakeMilliseconds});
    } catch (error) {
      // A controller that was just stopping, or is no controller: what the deadline decides.
      if (!(error instanceof ClientError) || error.kind !== 'disconnected') throw error;
      if (Date.now() >= deadline) throw unusable(home, timeoutMs, error);
      await delay(50);
    }
  }
}

/** After the started process ended: another one may have won the lock and be about to listen. */
const graceAfterEnd = 2_000;

async function dialHome(home: string): Promise<Transport> {
  const found = await findController(home);
  return dialSocket(found?.socket ?? join(home, 'controller.sock'));
}

async function waitFor(home: string, started: StartedController, deadline: number): Promise<Transport> {
  let giveUpAt = deadline;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    try {
      return await dialHome(home);
    } catch (error) {
      if (!(error instanceof NobodyListens)) throw error;
      const ended = started.ended();
      if (ended !== undefined) giveUpAt = Math.min(giveUpAt, Date.now() + graceAfterEnd);
      if (Date.now() >= giveUpAt) throw notStarted(home, started, error);
    }
    await delay(pause);
  }
}

function noController(home: string, cause: unknown): ClientError {
  const message = `no controller runs for ${home}; start one with "slipway controller start"`;
  return new ClientError('unavailable', message, {cause});
}

function notStarted(home: string, started: StartedController, cause: unknown): ClientError {
  const what = started.ended() ?? 'it runs but does not listen yet';
  const lines = started.lastLines();
  const said = lines === '' ? `it wrote nothing to ${join(home, 'controller.log')}` : `its last lines:\n${lines}`;
  return new ClientError('unavailable', `the controller for ${home} did not come up: ${what}; ${said}`, {cause});
}

function unusable(home: string, timeoutMs: number, cause: ClientError): ClientError {
  const message = `what listens for ${home} could not be used as a controller within ${timeoutMs} ms: ${cause.message}; stop what listens there, or name another state directory (SLIPWAY_HOME or --home)`;
  return new ClientError('unavailable', message, {cause});
}
