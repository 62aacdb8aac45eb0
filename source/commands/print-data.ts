// Prints resources for programs: kpack's shapes as YAML or JSON.
import {plainYaml, type PlainData} from '../domain/plain-yaml.ts';
import type {CommandContext} from './command-context.ts';
import type {OutputFormat} from './flags.ts';

export type DataFormat = Extract<OutputFormat, 'yaml' | 'json'>;

/** Whether the format is data for programs; progress then goes to stderr. */
export function isDataFormat(format: OutputFormat | undefined): format is DataFormat {
  return format === 'yaml' || format === 'json';
}

/** One resource on stdout. */
export function printData(context: CommandContext, format: DataFormat, value: PlainData): void {
  const text = format === 'yaml' ? plainYaml(value) : `${JSON.stringify(value, undefined, 4)}\n`;
  context.stdout.write(text);
}

/** Several resources as one Kubernetes List. */
export function printList(context: CommandContext, format: DataFormat, items: readonly PlainData[]): void {
  printData(context, format, {apiVersion: 'v1', kind: 'List', items});
}
