// `slipway config …`: the user's preferences.
import {Command} from 'commander';
import {isPreferenceName, preferenceNames, type PreferenceName} from '../../preferences/preference-values.ts';
import type {Preferences} from '../../preferences/preferences.ts';
import {failure, usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {isDataFormat, printData} from '../print-data.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {setPreference} from './set-preference.ts';

/** The group: kp's default-repository and default-service-account, and get, set, unset, list, path. */
export function configCommands(context: CommandContext, run: Run): Command {
  return new Command('config')
    .alias('cfg')
    .description("the user's preferences")
    .addCommand(kpConfig('default-repository', 'defaultRepository', 'repository', context, run))
    .addCommand(
      kpConfig('default-service-account', 'defaultServiceAccount', 'service account', context, run).option(
        '--service-account-namespace <namespace>',
        'accepted for kp',
      ),
    )
    .addCommand(getCommand(context, run))
    .addCommand(setCommand(context, run))
    .addCommand(unsetCommand(context, run))
    .addCommand(listCommand(context, run))
    .addCommand(pathCommand(context, run));
}

/** `config default-repository [value]` in kp's words (kpack-cli `pkg/commands/config`). */
function kpConfig(name: string, key: PreferenceName, what: string, context: CommandContext, run: Run): Command {
  return new Command(name)
    .description(`print or set the default ${what}`)
    .argument('[value]')
    .action(
      run(async (value: string | undefined, _flags: object, _command: Command) => {
        const preferences = await context.preferences();
        const current = preferences.read()[key];
        if (value !== undefined) {
          await setPreference(context, preferences, key, value);
          context.stdout.write('kp-config set\n');
        } else if (current === undefined) {
          throw failure(`failed to get default ${what}: use "slipway config ${name}" to set`);
        } else context.stdout.write(`${valueText(current)}\n`);
        return exitCode.done;
      }),
    );
}

function getCommand(context: CommandContext, run: Run): Command {
  return new Command('get')
    .description('print one preference')
    .argument('<name>')
    .action(
      run(async (name: string, _flags: object, _command: Command) => {
        const value = (await context.preferences()).read()[checkPreference(name)];
        if (value === undefined) throw failure(`${name} is not set`);
        context.stdout.write(`${valueText(value)}\n`);
        return exitCode.done;
      }),
    );
}

function setCommand(context: CommandContext, run: Run): Command {
  return new Command('set')
    .description('set one preference')
    .argument('<name>')
    .argument('<value>')
    .action(
      run(async (name: string, value: string, _flags: object, _command: Command) =>
        change(context, name, (preferences, key) => setPreference(context, preferences, key, value)),
      ),
    );
}

function unsetCommand(context: CommandContext, run: Run): Command {
  return new Command('unset')
    .description('go back to the default')
    .argument('<name>')
    .action(
      run(async (name: string, _flags: object, _command: Command) =>
        change(context, name, (preferences, key) => Promise.resolve(preferences.unset(key))),
      ),
    );
}

async function change(
  context: CommandContext,
  name: string,
  action: (preferences: Preferences, key: PreferenceName) => Promise<void>,
): Promise<ExitCode> {
  const key = checkPreference(name);
  await action(await context.preferences(), key);
  return exitCode.done;
}

function listCommand(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('print every preference')).action(
    run(async ({output}: OutputFlags, _command: Command) => {
      const preferences = await context.preferences();
      const values = preferences.read();
      const own = preferences.own();
      if (isDataFormat(output)) printData(context, output, {...values});
      else {
        const rows = preferenceNames.map((name) => [
          name,
          valueText(values[name] ?? '--'),
          own[name] === undefined ? 'default' : 'set',
        ]);
        context.stdout.write(table(['Name', 'Value', 'From'], rows));
      }
      return exitCode.done;
    }),
  );
}

function pathCommand(context: CommandContext, run: Run): Command {
  return new Command('path').description('print where the preferences lie').action(
    run(async (_flags: object, _command: Command) => {
      context.stdout.write(`${(await context.preferences()).path}\n`);
      return exitCode.done;
    }),
  );
}

function checkPreference(name: string): PreferenceName {
  if (isPreferenceName(name)) return name;
  throw usageError(`unknown preference "${name}"; expected one of ${preferenceNames.join(', ')}`);
}

/** Bindings and themes are data; everything else is a word or a number. */
function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
