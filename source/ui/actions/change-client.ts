// Asks the controller for a change and says on the screen what came of it.
import type {Client} from '../client-types.ts';
import type {UiMessage} from '../ui-state/reduce-ui.ts';
import {noOverlay, type Overlay} from '../ui-state/ui-state.ts';
import {emptyField} from '../primitives/text-field.ts';
import type {ChangeRequest} from '../view-models/change-request.ts';

type Tell = (message: UiMessage) => void;

/** Sends the intent; the message line tells the result or the refusal. */
export async function sendChange(client: Client, request: ChangeRequest, tell: Tell): Promise<void> {
  try {
    const {changed, buildNumber, patch} = await client.send(request.intent);
    if (patch !== undefined && changed) tell({kind: 'overlay', overlay: {kind: 'fleet', patch, top: 0}});
    const number = buildNumber === undefined ? '' : ` as build ${buildNumber}`;
    const text = changed ? `${request.done}${number}` : `${request.title}: it is so already`;
    tell({kind: 'toast', toast: {text, role: changed ? 'ready' : 'accent'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

/** Asks what the change would do and opens the preview; nothing happens yet. A refusal opens `otherwise`. */
export async function previewChange(
  client: Client,
  request: ChangeRequest,
  tell: Tell,
  otherwise: (problem: string) => Overlay = () => noOverlay,
): Promise<void> {
  const asked: Overlay = {kind: 'asking', request};
  tell({kind: 'overlay', overlay: asked});
  try {
    const {outlook, changed, notes} = await client.send(request.intent, {dryRun: true});
    const told = request.intent.kind === 'patch.rollback' ? {...request, lines: [...request.lines, ...notes]} : request;
    const overlay: Overlay = {
      kind: 'preview',
      request: told,
      outlook,
      changed,
      button: 'back',
      field: emptyField,
      top: 0,
    };
    tell({kind: 'overlay.answer', asked, overlay});
    void compareBases(client, overlay, tell);
  } catch (error) {
    tell({kind: 'overlay.answer', asked, overlay: otherwise(problemText(error))});
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

/** Adds what differs between the run images to the preview; it takes a while, and the preview is no worse without it. */
async function compareBases(client: Client, preview: Extract<Overlay, {kind: 'preview'}>, tell: Tell): Promise<void> {
  const {bases} = preview.request;
  if (!bases) return;
  try {
    const difference = await client.baseDifference({from: {kind: 'stack', name: bases.stack}, to: bases.to});
    tell({kind: 'preview.difference', intent: preview.request.intent, difference});
  } catch (error) {
    tell({kind: 'toast', toast: {text: `the packages cannot be compared: ${problemText(error)}`, role: 'warning'}});
  }
}

export function problemText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
