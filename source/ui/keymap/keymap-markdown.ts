// The keys as a Markdown table, for the readme.
import {bindings, type Context, contextTitles} from './bindings.ts';
import {keyLabel} from './key-name.ts';

/** One table: where, keys, what they do. */
export function keymapMarkdown(): string {
  const rows = (Object.keys(contextTitles) as Context[]).flatMap((context) =>
    bindings
      .filter((binding) => binding.context === context)
      .map(({keys, help}) => `| ${contextTitles[context]} | ${keys.map(cell).join(' ')} | ${help} |`),
  );
  return ['| where | keys | what |', '|---|---|---|', ...rows, ''].join('\n');
}

function cell(key: string): string {
  return `\`${keyLabel(key).replaceAll('|', '\\|')}\``;
}
