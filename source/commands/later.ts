// Commands that the design names and this version does not have: they say so and end with 2.
import {Command} from 'commander';
import {usageError} from './command-error.ts';
import type {Run} from './run.ts';

/** A command that says in one sentence that it does not exist yet. */
export function laterCommand(name: string, description: string, run: Run, aliases: readonly string[] = []): Command {
  return new Command(name)
    .aliases(aliases)
    .description(`${description} (not in this version)`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(
      run((_flags: object, command: Command) => {
        throw usageError(`${pathOf(command)} is not in this version of slipway yet`);
      }),
    );
}

/** The later commands of the top level. */
export function laterCommands(run: Run): readonly Command[] {
  return [
    laterCommand('clusterbuildpack', 'single buildpacks for every namespace', run, [
      'clusterbuildpacks',
      'cbp',
      'cbps',
    ]),
    laterCommand('buildpack', 'single buildpacks', run, ['buildpacks', 'bp', 'bps']),
    laterCommand('secret', 'credentials', run, ['secrets']),
    laterCommand('walkthrough', 'play workshop pages', run),
    laterCommand('completion', 'shell completion', run),
  ];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
