// Runs a command of the palette: the action itself, or the action after the cursor went to what it names.
import type {PaletteRun} from '../view-models/palette-rows.ts';
import type {ActionWorld} from './action-world.ts';
import {sendChange} from './change-client.ts';
import {jumpToTime} from './jump-to-time.ts';
import {goToLine} from './log-action.ts';
import {cancelPatch, pausePatch, rollBack} from './patch-action.ts';
import {performAction} from './perform-action.ts';

/** Runs it; `again` gives the world as it is after the cursor has moved. */
export function runCommand(run: PaletteRun, world: ActionWorld, again: () => ActionWorld): void {
  const {tell, scene, client, log} = world;
  switch (run.kind) {
    case 'action': {
      const binding = world.keymap.find(({action, keys}) => action === run.action && keys.includes(run.key));
      const panel = binding && panelOf(binding.context);
      if (panel && panel !== world.ui.focus) tell({kind: 'focus', panel});
      return performAction(run.action, run.key, again());
    }
    case 'image': {
      const at = scene.images.findIndex(({key}) => key === run.image);
      tell({kind: 'focus', panel: 'images'});
      tell({kind: 'marks', marks: []});
      tell({kind: 'image.choose', key: run.image, at});
      return performAction(run.action, '', again());
    }
    case 'stack': {
      const at = scene.stacks.findIndex((row) => row.kind !== 'heading' && row.key === run.stack);
      tell({kind: 'focus', panel: 'stacks'});
      tell({kind: 'stack.choose', key: run.stack, at});
      return performAction(run.action === 'describe' ? 'open' : run.action, '', again());
    }
    case 'theme':
      return tell({kind: 'theme', name: run.name});
    case 'builds-at-once': {
      const done = `${run.count} builds at once from now on`;
      const intent = {kind: 'settings.change', settings: {maxConcurrentBuilds: run.count}} as const;
      void sendChange(client, {title: 'settings', lines: [], intent, go: '', back: '', done, name: ''}, tell);
      return;
    }
    case 'fleet':
      return tell({kind: 'overlay', overlay: {kind: 'fleet', patch: run.patch, top: 0}});
    case 'patch': {
      const patch = scene.state.patches[run.patch];
      if (!patch) return;
      if (run.intent === 'rollback') return rollBack(patch, world);
      return run.intent === 'cancel' ? cancelPatch(patch, world) : pausePatch(patch, world);
    }
    case 'log-line':
      tell({kind: 'focus', panel: 'log'});
      return goToLine(Math.max(0, Math.min(run.line - 1, log.total - 1)), 0, world);
    case 'log-since':
      tell({kind: 'focus', panel: 'log'});
      void jumpToTime(world.now - run.age, world);
      return;
    default:
      run satisfies never;
  }
}

/** The panel that an action of a narrow context needs. */
function panelOf(context: string): 'images' | 'stacks' | 'log' | 'history' | undefined {
  switch (context) {
    case 'images':
    case 'image':
      return 'images';
    case 'stacks':
    case 'log':
    case 'history':
      return context;
    default:
      return undefined;
  }
}
