// `slipway demo`: the dashboard on a ready-made workspace; without a terminal the workshop's story as plain lines.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {playStory} from './play-story.ts';
import type {RunCommand} from './run-command.ts';
import {showWorkspace} from './show-workspace.ts';

/** The demo has a home and a controller of its own and stops that controller when it ends. */
export function demoCommand(context: CommandContext, run: Run, runCommand: RunCommand): Command {
  return new Command('demo').description('see it work: a workspace with sample apps, two stacks and a story').action(
    run(async (_flags: object, _command: Command) => {
      const demo = await context.demo.open();
      try {
        return await (isInteractive(context) ? showWorkspace(demo, runCommand) : playStory(demo, runCommand));
      } finally {
        await context.demo.close();
      }
    }),
  );
}

function isInteractive({ui, stdout}: CommandContext): boolean {
  return ui === 'tty' || (ui === 'auto' && stdout.isTTY);
}
