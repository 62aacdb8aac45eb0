// What --wait does for a patch: follows it to its end with a line of progress, and ends with its report.
import type {Client} from '../../client/client.ts';
import {patchIsOpen, type Patch} from '../../domain/patch.ts';
import {patchProgress} from '../../state/patch-progress.ts';
import type {State} from '../../state/state.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import type {OutputFlags} from '../flags.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {patchResource} from '../resources/patch-resource.ts';
import {waitForState} from '../state-change.ts';
import {findPatch} from './find-patch.ts';
import {progressText, reportText} from './patch-text.ts';

/** 0 when every image that it acts on is as it wants it; 1 when one failed, or it was stopped or cancelled. */
export async function followPatch(
  client: Client,
  context: CommandContext,
  id: string,
  {output}: OutputFlags,
): Promise<ExitCode> {
  const say = progressLine(context);
  await waitForState(client, context.signal, (now) => {
    const patch = findPatch(now, id);
    say.show(patch, now);
    return isSettled(patch, now) ? patch : undefined;
  });
  say.end();
  const state = client.state.read();
  const patch = findPatch(state, id);
  if (isDataFormat(output)) printData(context, output, patchResource(patch, state));
  else context.stdout.write(reportText(patch, state, context.now(), output === 'wide'));
  return patch.state === 'succeeded' ? exitCode.done : exitCode.failed;
}

/** A patch that was stopped is over when what ran then has ended, too. */
function isSettled(patch: Patch, state: State): boolean {
  return !patchIsOpen(patch) && patchProgress(patch, state).counts.running === 0;
}

/** On a terminal one line that changes; elsewhere a line for each tenth of the way, wave and failure. */
function progressLine({stderr}: CommandContext) {
  let said = '';
  return {
    show(patch: Patch, state: State): void {
      const text = progressText(patch, state);
      const key = stderr.isTTY ? text : milestone(patch, state);
      if (key === said) return;
      said = key;
      stderr.write(stderr.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
    },
    end(): void {
      if (stderr.isTTY && said !== '') stderr.write('\n');
    },
  };
}

function milestone(patch: Patch, state: State): string {
  const {counts, acting} = patchProgress(patch, state);
  const ended = counts.done + counts.failed + counts.cancelled;
  return [Math.floor((10 * ended) / Math.max(1, acting)), counts.failed, patch.openWave, patch.state].join(' ');
}
