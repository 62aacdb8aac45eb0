// Requests on their way and the promises that wait for their answers.
import type {MethodName, Methods, WireErrorKind} from '../protocol/message.ts';
import {isWireErrorKind} from '../protocol/wire-error.ts';
import {ClientError} from './client.ts';
import type {Transport} from './transport.ts';

export type RequestTable = {
  /** `answered` is called with the result before any message that came after the answer is looked at. */
  ask<M extends MethodName>(
    transport: Transport,
    method: M,
    params: Methods[M]['params'],
    answered?: (result: Methods[M]['result']) => void,
  ): Promise<Methods[M]['result']>;
  /** Settles the request that a response answers; false when the value is no response to any. */
  settle(value: unknown): boolean;
  /** Rejects everything that waits. */
  rejectAll(error: ClientError): void;
};

export function createRequestTable(): RequestTable {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  return {
    async ask(transport, method, params, answered) {
      lastId += 1;
      const id = lastId;
      const answer = new Promise<unknown>((resolve, reject) => {
        waiting.set(id, {resolve, reject, answered: answered as Waiting['answered']});
      });
      transport.send({id, method, params});
      return (await answer) as Methods[typeof method]['result'];
    },
    settle(value) {
      if (!isResponse(value)) return false;
      const request = waiting.get(value.id);
      if (request === undefined) return false;
      waiting.delete(value.id);
      if (value.error === undefined) {
        request.answered?.(value.result);
        request.resolve(value.result);
      } else {
        request.reject(new ClientError(kindOf(value.error), value.error.message));
      }
      return true;
    },
    rejectAll(error) {
      const all = [...waiting.values()];
      waiting.clear();
      for (const {reject} of all) reject(error);
    },
  };
}

type Waiting = {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ClientError) => void;
  readonly answered: ((result: unknown) => void) | undefined;
};

type AnyResponse = {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: {readonly kind: unknown; readonly message: string};
};

function isResponse(value: unknown): value is AnyResponse {
  return typeof value === 'object' && value !== null && 'id' in value && !('method' in value);
}

function kindOf({kind}: {readonly kind: unknown}): WireErrorKind {
  return isWireErrorKind(kind) ? kind : 'internal';
}
