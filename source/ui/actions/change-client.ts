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
    const {changed, buildNumber} = await client.send(request.intent);
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
    const {outlook, changed} = await client.send(request.intent, {dryRun: true});
    const overlay: Overlay = {kind: 'preview', request, outlook, changed, button: 'back', field: emptyField, top: 0};
    tell({kind: 'overlay.answer', asked, overlay});
  } catch (error) {
    tell({kind: 'overlay.answer', asked, overlay: otherwise(problemText(error))});
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

function problemText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
