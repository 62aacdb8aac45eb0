// The help as a list: every binding under the heading of its context, filtered by what was typed.
import {type Binding, bindings, type Context, contextTitles, type Keymap} from './bindings.ts';
import {keyLabel} from './key-name.ts';

export type HelpRow =
  | {readonly kind: 'heading'; readonly text: string}
  | {readonly kind: 'key'; readonly keys: string; readonly binding: Binding};

/** The rows for a filter; headings without keys are left out. */
export function helpRows(filter: string, keymap: Keymap = bindings): readonly HelpRow[] {
  const wanted = filter.toLowerCase();
  return (Object.keys(contextTitles) as Context[]).flatMap((context) => {
    const rows = keymap
      .filter((binding) => binding.context === context)
      .map((binding) => ({kind: 'key' as const, keys: binding.keys.map(keyLabel).join(' '), binding}))
      .filter(({keys, binding}) => `${keys} ${binding.help} ${binding.hint ?? ''}`.toLowerCase().includes(wanted));
    return rows.length === 0 ? [] : [{kind: 'heading' as const, text: contextTitles[context]}, ...rows];
  });
}

/** The keys among the rows: what the cursor of the help stands on. */
export function helpKeys(rows: readonly HelpRow[]): readonly Extract<HelpRow, {kind: 'key'}>[] {
  return rows.filter((row) => row.kind === 'key');
}
