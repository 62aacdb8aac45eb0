// What a command that changes something says while and after it does: kp's lines, with its dry-run suffixes, on the
// stream that does not carry data (kpack-cli `pkg/commands/command_helper.go`).
import type {PlainData} from '../domain/plain-yaml.ts';
import type {CommandContext} from './command-context.ts';
import {isDryRun, type DryRunFlags} from './flags.ts';
import {isDataFormat, printData} from './print-data.ts';

export type Progress = {
  /** `Creating Image Resource...` */
  status(text: string): void;
  /** A line about work done on the way, with a tab before it. */
  note(text: string): void;
  /** A line as it is. */
  line(text: string): void;
  /** The resource, when one was asked for; the result line is then left out, as kp leaves it out. */
  result(text: string, resource: () => PlainData): void;
};

/** For a command with these flags. */
export function progressFor(context: CommandContext, flags: DryRunFlags): Progress {
  const {output} = flags;
  const stream = isDataFormat(output) ? context.stderr : context.stdout;
  const suffix = dryRunSuffix(flags);
  return {
    status: (text) => stream.write(`${text}${suffix}\n`),
    note: (text) => stream.write(`\t${text}\n`),
    line: (text) => stream.write(`${text}\n`),
    result(text, resource) {
      if (isDataFormat(output)) printData(context, output, resource());
      else stream.write(`${text}${suffix}\n`);
    },
  };
}

function dryRunSuffix(flags: DryRunFlags): string {
  if (!isDryRun(flags)) return '';
  return flags.dryRunWithImageUpload ? ' (dry run with image upload)' : ' (dry run)';
}
