// What a command that may open a patch says in the end: the plan of a dry run, kp's result line, the patch to follow.
import type {Client} from '../../client/client.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {IntentResult} from '../client-types.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {type DryRunFlags, isDryRun, type WaitFlags} from '../flags.ts';
import {planData, planSummary} from '../outlook-table.ts';
import {isDataFormat} from '../print-data.ts';
import type {Progress} from '../progress.ts';
import {followPatch} from './follow-patch.ts';

export type EndedChange = {
  readonly flags: DryRunFlags & WaitFlags;
  readonly result: IntentResult;
  readonly progress: Progress;
  /** kp's line. */
  readonly text: string;
  readonly resource: () => PlainData;
};

/**
 * kp's result line or the resource; a dry run's resource has the plan in `status.patchPlan`. With --wait the patch is
 * followed to its end, and its report takes the place of the resource where data was asked for.
 */
export async function endChange(
  client: Client,
  context: CommandContext,
  {flags, result, progress, text, resource}: EndedChange,
): Promise<ExitCode> {
  const dryRun = isDryRun(flags);
  const follows = flags.wait === true && !dryRun && result.patch !== undefined;
  if (follows && isDataFormat(flags.output)) context.stderr.write(`${text}\n`);
  else progress.result(text, () => (dryRun ? withPlan(resource(), result) : resource()));
  if (dryRun || result.patch === undefined) return exitCode.done;
  sayPatch(context, result.patch, result);
  return follows ? followPatch(client, context, result.patch, flags) : exitCode.done;
}

/** On stderr: kp's lines stay alone on stdout. */
export function sayPatch(context: CommandContext, id: string, {outlook}: IntentResult): void {
  const members = outlook.flatMap(({member}) => member ?? []);
  context.stderr.write(`Patch ${id}: ${planSummary(members)} (slipway patch status ${id})\n`);
}

function withPlan(resource: PlainData, {outlook}: IntentResult): PlainData {
  const patchPlan = planData(outlook);
  if (patchPlan === undefined || !isMap(resource)) return resource;
  const {status} = resource;
  return {...resource, status: {...(isMap(status) ? status : {}), patchPlan}};
}

function isMap(value: PlainData | undefined): value is {readonly [key: string]: PlainData} {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
