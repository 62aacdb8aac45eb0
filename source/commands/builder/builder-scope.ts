// Which namespace a builder command means: none for cluster-wide ones.
import type {Command} from 'commander';
import type {BuilderKind} from '../../domain/builder.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';

/** -n for Builders; ClusterBuilders have no namespace. */
export function scopeFlag(kind: BuilderKind, command: Command): Command {
  return kind === 'Builder' ? namespaceFlag(command) : command;
}

/** The namespace meant, or undefined for a ClusterBuilder. */
export function scopeOf(kind: BuilderKind, flags: NamespaceFlags): string | undefined {
  return kind === 'Builder' ? namespaceOf(flags) : undefined;
}
