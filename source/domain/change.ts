// Why an image is built: a reason with its old and new value, in kpack's shapes (pkg/buildchange).
import type {BuildpackRef} from './buildpack.ts';
import type {ExportTarget} from './export-target.ts';
import type {EnvVar, ServiceRef} from './image.ts';

export type Reason = 'TRIGGER' | 'COMMIT' | 'CONFIG' | 'BUILDPACK' | 'STACK' | 'LIFECYCLE';

/** Reasons are always joined in this order (kpack `isBuildRequired`). */
export const reasonOrder: readonly Reason[] = ['TRIGGER', 'COMMIT', 'CONFIG', 'BUILDPACK', 'STACK', 'LIFECYCLE'];

/** What CONFIG compares, as kpack prints it: revision blanked for the comparison, present in the record. */
export type BuildConfig = {
  readonly env?: readonly EnvVar[];
  readonly resources: Readonly<Record<string, unknown>>;
  readonly services?: readonly ServiceRef[];
  readonly source: {
    readonly git?: {readonly url: string; readonly revision: string; readonly initializeSubmodules?: boolean};
    readonly local?: {readonly path: string; readonly revision: string};
    readonly subPath?: string;
  };
  /** The builder's executor, when it is not the embedded one: changing it is CONFIG. */
  readonly executor?: string;
  /** Where the image goes, when that is not where its executor's images go by themselves. */
  readonly export?: ExportTarget;
};

export type Change =
  | {readonly reason: 'TRIGGER'; readonly old: ''; readonly new: string}
  | {readonly reason: 'COMMIT'; readonly old: string; readonly new: string}
  | {readonly reason: 'CONFIG'; readonly old: BuildConfig; readonly new: BuildConfig}
  | {readonly reason: 'BUILDPACK'; readonly old: readonly BuildpackRef[]; readonly new: null}
  | {readonly reason: 'STACK'; readonly old: string; readonly new: string}
  | {readonly reason: 'LIFECYCLE'; readonly old: string; readonly new: string};

/** Reasons a person made run before maintenance (kpack's priority classes). */
export function isUserMade(reason: Reason): boolean {
  return reason === 'TRIGGER' || reason === 'COMMIT' || reason === 'CONFIG';
}

/** `COMMIT,STACK`: all reasons in the fixed order. */
export function reasonText(changes: readonly {readonly reason: Reason}[]): string {
  return reasonOrder.filter((reason) => changes.some((change) => change.reason === reason)).join(',');
}

/** One word for a table: the most important reason, `+` when there are more (kpack-cli `pkg/commands/build/helpers.go`). */
export function shortReason(changes: readonly {readonly reason: Reason}[]): string {
  const reasons = reasonOrder.filter((reason) => changes.some((change) => change.reason === reason));
  const first = reasons[0];
  if (first === undefined) return 'UNKNOWN';
  if (reasons.length === 1) return first;
  const leading = (['CONFIG', 'COMMIT', 'BUILDPACK'] as const).find((reason) => reasons.includes(reason)) ?? first;
  return `${leading}+`;
}
