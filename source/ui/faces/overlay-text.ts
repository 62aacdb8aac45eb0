// What a dialog says, as lines, with what can be answered.
import {neededName} from '../ui-state/overlay-facts.ts';
import type {Overlay} from '../ui-state/ui-state.ts';
import {describeImage, describeStack} from '../view-models/describe-lines.ts';
import {differenceLines, differenceSummary} from '../view-models/difference-lines.ts';
import {fleetOf, outcomeWords} from '../view-models/fleet-rows.ts';
import {outlookLines, outlookSummary} from '../view-models/outlook-lines.ts';
import type {Scene} from '../view-models/scene.ts';
import type {Line} from '../view-models/spans.ts';

/** The lines for a dialog that has just opened; what only moved inside it says nothing again. */
export function overlayText(before: Overlay, overlay: Overlay, scene: Scene): readonly string[] {
  const opened = before.kind !== overlay.kind;
  switch (overlay.kind) {
    case 'none':
    case 'help':
    case 'palette':
      return [];
    case 'filter':
    case 'search':
      return opened ? [`type what to ${overlay.kind} for`] : [];
    case 'text':
      return opened ? [overlay.title, overlay.text.trimEnd()] : [];
    case 'describe':
      return opened ? describeText(overlay.of, scene) : [];
    case 'fleet':
      return opened ? fleetText(overlay.patch, scene) : [];
    case 'choose':
      if (!opened) return [];
      return [
        overlay.title,
        ...overlay.options.map(({label, note}, at) => `${at + 1}: ${label}, ${note}`),
        'type a number, or no',
      ];
    case 'run-image':
      if (!opened) return overlay.problem ? [overlay.problem] : [];
      return [`patch stack ${overlay.stack}: it runs on ${overlay.now}`, 'type the new run image, or no'];
    case 'asking':
      return [];
    case 'preview':
      return opened ? previewText(overlay) : [];
    case 'confirm':
      return opened ? [overlay.request.title, ...overlay.request.lines, 'type yes or no'] : [];
    default:
      return overlay satisfies never;
  }
}

function previewText(overlay: Extract<Overlay, {kind: 'preview'}>): readonly string[] {
  const {request, outlook, difference} = overlay;
  const needed = neededName(overlay);
  return [
    request.title,
    ...(request.what ? [`${request.what.field}: from ${request.what.old} to ${request.what.new}`] : []),
    ...request.lines,
    outlook.length === 0 ? 'no image is touched' : outlookSummary(outlook),
    ...outlookLines(outlook, 'to').map(textOf),
    ...(difference ? [differenceSummary(difference), ...differenceLines(difference, 'to', 20).map(textOf)] : []),
    needed === undefined ? 'type yes or no' : `type ${needed} to do it, or no`,
  ];
}

function describeText(of: 'image' | 'stack', {image, status, stack, state}: Scene): readonly string[] {
  if (of === 'image') return image && status ? describeImage(image, status, state).map(textOf) : [];
  return stack ? describeStack(stack, state).map(textOf) : [];
}

function fleetText(id: string, {state}: Scene): readonly string[] {
  const patch = state.patches[id];
  if (!patch) return [`there is no patch ${id}`];
  const {rows, ended, acting} = fleetOf(patch, state, patch.openedAt);
  return [
    `patch ${id} of ${patch.target.name}: ${patch.state}, ${ended} of ${acting}`,
    ...rows.map((row) => `${row.name}: ${outcomeWords[row.state]}, ${row.message}`),
  ];
}

function textOf(line: Line): string {
  return line
    .map(({text}) => text)
    .join('')
    .replaceAll(/ {2,}/g, '  ')
    .trim();
}
