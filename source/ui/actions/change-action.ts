// Actions that go to the controller: at once where nothing is lost, through a question or a preview where something is.
import type {ActionId} from '../keymap/bindings.ts';
import {emptyField} from '../primitives/text-field.ts';
import type {Choice} from '../ui-state/ui-state.ts';
import {
  acceptRequest,
  builderRequest,
  builderStackRequest,
  cancelRequest,
  type ChangeRequest,
  deleteImageRequest,
  deleteStackRequest,
  rejectRequest,
} from '../view-models/change-request.ts';
import {countText, shortDigest} from '../view-models/names.ts';
import {standsOn} from '../view-models/stack-rows.ts';
import type {ActionWorld} from './action-world.ts';
import {previewChange, problemText, sendChange} from './change-client.ts';

/** Sends it, asks first, or opens the choice it begins with. */
export function changeAction(action: ActionId, world: ActionWorld): void {
  const {client, ui, scene, tell} = world;
  const record = scene.image;
  if (ui.focus === 'images' && ui.marks.length > 0 && (action === 'rebuild' || action === 'pause')) {
    void changeMarked(action, world);
    return;
  }
  if (ui.focus === 'stacks') {
    if (action === 'patch') patchStack(world);
    if (action === 'accept' || action === 'reject') answerProposal(action, world);
    if (action === 'delete' && scene.stack) ask(deleteStackRequest(scene.stack), tell);
    return;
  }
  if (!record) return;
  const {namespace, name, paused} = record.image;
  const send = (done: string, intent: ChangeRequest['intent']) => {
    void sendChange(client, {title: name, lines: [], intent, go: '', back: '', done, name}, tell);
  };
  switch (action) {
    case 'rebuild':
      send(`${name} is built again`, {kind: 'image.trigger', namespace, name});
      return;
    case 'pause':
      if (paused) send(`${name} goes on`, {kind: 'image.resume', namespace, name});
      else send(`${name} is paused: nothing is built until P is pressed again`, {kind: 'image.pause', namespace, name});
      return;
    case 'refresh':
      send(`the source of ${name} is looked at`, {kind: 'image.refresh', namespace, name});
      return;
    case 'cancel':
      ask(cancelRequest(record.image, record.builds.at(-1)?.number ?? 0), tell);
      return;
    case 'delete':
      ask(deleteImageRequest(record.image, record.builds.length), tell);
      return;
    case 'patch':
      patchImage(world);
      return;
    default:
  }
}

/** The marked images one after the other; the message says how many it was done for. */
async function changeMarked(action: 'rebuild' | 'pause', {client, ui, scene, tell}: ActionWorld): Promise<void> {
  const images = ui.marks.flatMap((key) => scene.state.images[key]?.image ?? []);
  const resume = action === 'pause' && images.every(({paused}) => paused);
  const kind = action === 'rebuild' ? 'image.trigger' : resume ? 'image.resume' : 'image.pause';
  const words = action === 'rebuild' ? 'built again' : resume ? 'let go on' : 'paused';
  try {
    for (const {namespace, name} of images) await client.send({kind, namespace, name});
    tell({kind: 'marks', marks: []});
    tell({kind: 'toast', toast: {text: `${countText(images.length, 'image')} ${words}`, role: 'ready'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

function ask(request: ChangeRequest, tell: ActionWorld['tell']): void {
  tell({kind: 'overlay', overlay: {kind: 'confirm', request, button: 'back'}});
}

function patchImage({scene, tell}: ActionWorld): void {
  const {image} = scene;
  if (!image) return;
  const {spec, namespace} = image.image;
  const options: readonly Choice[] = Object.values(scene.state.builders)
    .filter((builder) => builder.namespace === undefined || builder.namespace === namespace)
    .filter((builder) => builder.name !== spec.builder.name || builder.kind !== spec.builder.kind)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    .map((builder) => ({
      label: builder.name,
      note: standsOn(builder),
      request: builderRequest(image.image, builder),
    }));
  choose(`patch image ${image.image.name}: another builder`, options, 'there is no other builder', tell);
}

/** What the stack proposes comes first; another image can be named once that is answered. */
function patchStack({client, scene, tell}: ActionWorld): void {
  const {stack} = scene;
  if (stack?.kind === 'builder') {
    const options = Object.values(scene.state.stacks)
      .filter(({name}) => name !== stack.builder.spec.stack)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
      .map((one) => ({
        label: one.name,
        note: `run ${shortDigest(one.resolved.runImage.digest)}`,
        request: builderStackRequest(stack.builder, one.name),
      }));
    choose(`patch builder ${stack.name}: another stack`, options, 'there is no other stack', tell);
    return;
  }
  if (stack?.kind !== 'stack') return;
  const proposal = scene.state.stackWatches[stack.name]?.proposal;
  if (proposal) {
    void previewChange(client, acceptRequest(stack.stack, proposal.runImage), tell);
    return;
  }
  const now = stack.stack.spec.runImage;
  const known = [...new Set(Object.values(scene.state.stacks).map(({spec}) => spec.runImage))].filter(
    (one) => one !== now,
  );
  tell({
    kind: 'overlay',
    overlay: {kind: 'run-image', stack: stack.name, now, field: emptyField, known, at: -1},
  });
}

function answerProposal(action: 'accept' | 'reject', {client, scene, tell}: ActionWorld): void {
  const {stack} = scene;
  const proposal = stack?.kind === 'stack' ? scene.state.stackWatches[stack.name]?.proposal : undefined;
  if (stack?.kind !== 'stack' || !proposal) return;
  if (action === 'reject') ask(rejectRequest(stack.stack, proposal.runImage), tell);
  else void previewChange(client, acceptRequest(stack.stack, proposal.runImage), tell);
}

function choose(title: string, options: readonly Choice[], none: string, tell: ActionWorld['tell']): void {
  if (options.length === 0) tell({kind: 'toast', toast: {text: none, role: 'warning'}});
  else tell({kind: 'overlay', overlay: {kind: 'choose', title, options, at: 0}});
}
