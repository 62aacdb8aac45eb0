// The sandbox a machine was found to give.
import type {SandboxStatement} from '../domain/event.ts';
import {openHostPaths} from './host-paths.ts';
import {openPrivateRoot} from './private-root.ts';
import type {Sandbox} from './sandbox.ts';

/** The sandbox that `probeSandbox` found to work. */
export function createSandbox(statement: SandboxStatement): Sandbox {
  switch (statement.kind) {
    case 'private-root':
      return {statement, open: (directory, user) => openPrivateRoot(directory, user, statement.as)};
    case 'host-paths':
      return {statement, open: (directory) => openHostPaths(directory)};
    default:
      return statement satisfies never;
  }
}
