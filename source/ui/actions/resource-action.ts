// Actions that read a resource as text or hand it to another program: YAML, copy, the editor.
import {plainYaml, type PlainData} from '../../domain/plain-yaml.ts';
import type {ActionId} from '../keymap/bindings.ts';
import type {YamlSubject} from '../ports.ts';
import {copyText} from '../terminal/clipboard.ts';
import {editFromYaml} from '../view-models/edit-from-yaml.ts';
import {failureText} from '../view-models/failure-lines.ts';
import {countText} from '../view-models/names.ts';
import type {ActionWorld} from './action-world.ts';
import {problemText} from './change-client.ts';
import {previewChange} from './change-client.ts';

/** Does it; false when the action is another kind. */
export function resourceAction(action: ActionId, world: ActionWorld): boolean {
  switch (action) {
    case 'yaml':
      showYaml(world);
      return true;
    case 'copy':
      void copy(copied(world), world);
      return true;
    case 'edit':
      void edit(world);
      return true;
    default:
      return false;
  }
}

/** What is copied, and what it is called in the message. */
export type Copied = {readonly text: string; readonly what: string};

/** Copies and says where the text is now, or why it is nowhere. */
export async function copy({text, what}: Copied, {ports, write, tell}: ActionWorld): Promise<void> {
  try {
    const where = await copyText(text, ports, write);
    tell({kind: 'toast', toast: {text: `${what}: ${where}`, role: 'ready'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

/** The marked images, else what the focus is on. */
function copied({ui, scene}: ActionWorld): Copied {
  const {stack, image, build} = scene;
  if (ui.focus === 'stacks' && stack) return {text: stack.name, what: `${stack.kind} ${stack.name}`};
  if (ui.focus === 'images' && ui.marks.length > 0) {
    return {text: `${ui.marks.join('\n')}\n`, what: countText(ui.marks.length, 'image')};
  }
  if (!image) return {text: '', what: 'nothing'};
  const {name, spec} = image.image;
  if (ui.focus === 'build' && build?.failure) {
    return {text: `${failureText(build).join('\n')}\n`, what: `the failure of ${name} build ${build.number}`};
  }
  const digest = build?.result?.digest;
  if (digest === undefined) return {text: spec.tag, what: `the tag of ${name}`};
  return {text: `${spec.tag}@${digest}`, what: `${name} build ${build?.number ?? 0}`};
}

function showYaml(world: ActionWorld): void {
  const subject = subjectOf(world);
  if (!subject) return;
  const title = subject.kind === 'image' ? subject.record.image.name : nameOf(subject);
  const text = world.ports.yaml?.(subject, world.scene.state, true) ?? plainYaml(plainOf(subject));
  world.tell({kind: 'overlay', overlay: {kind: 'text', title: `${title} as YAML`, text, top: 0}});
}

function subjectOf({ui, scene}: ActionWorld): YamlSubject | undefined {
  const {stack, image} = scene;
  if (ui.focus !== 'stacks') return image && {kind: 'image', record: image};
  if (!stack) return undefined;
  return stack.kind === 'stack' ? {kind: 'stack', stack: stack.stack} : {kind: 'builder', builder: stack.builder};
}

function nameOf(subject: Exclude<YamlSubject, {kind: 'image'}>): string {
  return subject.kind === 'stack' ? subject.stack.name : subject.builder.name;
}

/** Without a way to say it in kpack's shape: what the state holds. */
function plainOf(subject: YamlSubject): PlainData {
  const held =
    subject.kind === 'image' ? subject.record.image : subject.kind === 'stack' ? subject.stack : subject.builder;
  return held as unknown as PlainData;
}

/** The editor gets the resource without its status; what was changed is previewed before anything happens. */
async function edit(world: ActionWorld): Promise<void> {
  const {ports, scene, tell, lend, client} = world;
  const record = scene.image;
  const {edit: open, yaml} = ports;
  if (!record) return;
  if (!open || !yaml) {
    tell({kind: 'toast', toast: {text: 'there is no editor here: set EDITOR', role: 'warning'}});
    return;
  }
  const {namespace, name} = record.image;
  const before = yaml({kind: 'image', record}, scene.state, false);
  try {
    let after: unknown;
    await lend(async () => {
      after = await open(`${name}.yaml`, before);
    });
    const change = editFromYaml(record.image, after);
    if (change.kind === 'same') {
      tell({kind: 'toast', toast: {text: `${name} was left as it is`, role: 'accent'}});
      return;
    }
    const request = {
      title: `edit image ${name}`,
      lines: [],
      what: {field: change.fields.join(', '), old: 'as it is', new: 'as edited'},
      intent: {kind: 'image.save', mode: 'patch', namespace, name, edit: change.edit} as const,
      go: 'Save',
      back: 'Cancel',
      done: `${name} was changed: ${change.fields.join(', ')}`,
      name,
    };
    await previewChange(client, request, tell);
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}
