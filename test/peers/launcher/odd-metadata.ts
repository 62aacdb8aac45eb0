// metadata.toml files that nobody should write, and calls that show what a launcher makes of them.
import {file} from '../random/file-tree.ts';
import type {RandomLaunch} from './random-launch.ts';

const web =
  '[[processes]]\ntype = "web"\ncommand = ["/usr/bin/printf", "%s|"]\nargs = ["a"]\ndirect = true\nbuildpack-id = "a"\n';
const buildpack = '[[buildpacks]]\nid = "a"\napi = "0.10"\n';

const texts: Readonly<Record<string, string | undefined>> = {
  'no file': undefined,
  'an empty file': '',
  'no processes': buildpack,
  'no buildpacks': web,
  'comments and blank lines': `# top\n\n${buildpack}# between\n\n${web}# end`,
  'a comment behind a heading': web.replace(']]', ']] # the web'),
  'blanks in a heading': web.replace('[[processes]]', '[[ processes ]]'),
  'a comment behind a value': web.replace('"web"', '"web" # yes'),
  'line ends of DOS': web.replaceAll('\n', '\r\n'),
  'literal strings': web.replace('"web"', "'web'"),
  escapes: web.replace('"a"', String.raw`"\t\u00e9\U0001F600\\\""`),
  'a quoted key': web.replace('type', '"type"'),
  'a list over several lines': web.replace('["a"]', '[\n  "a",\n  "b", # comment\n]'),
  'a comma at the end of a list': web.replace('["a"]', '["a",]'),
  'no command': web.replace(/command.*\n/, ''),
  'no args': web.replace(/args.*\n/, ''),
  'an empty command': web.replace(/command = .*\n/, 'command = []\n'),
  'a number as command': web.replace(/command = .*\n/, 'command = 1\n'),
  'a number as type': web.replace('"web"', '1'),
  'a number in args': web.replace('["a"]', '[1]'),
  'a string as args': web.replace('["a"]', '"a"'),
  'a string as direct': web.replace('true', '"true"'),
  'a capital in a key': web.replace('type', 'Type'),
  'an unknown key': `${web}color = "red"\n`,
  'an unknown table': `${web}[other]\nx = 1\n[[slices]]\npaths = ["a"]\n`,
  'a key twice': `${web}direct = false\n`,
  'a heading without an end': web.replace(']]', ']'),
  'one bracket': web.replace('[[processes]]', '[processes]'),
  'a heading of nothing': `[]\n${web}`,
  words: `nonsense\n${web}`,
  'a string without an end': web.replace('"web"', '"web'),
  'two values': web.replace('"web"', '"web" "x"'),
  'an unknown escape': web.replace('"a"', String.raw`"\q"`),
  'a list without an end': web.replace('["a"]', '["a"'),
  'a list without commas': web.replace('["a"]', '["a" "b"]'),
  'words after a list': web.replace('["a"]', '["a"] x'),
  'a list in quotes': web.replace('"a"', '"[[processes]]"'),
  'a heading with brackets in quotes': `${web}[other."a[b]"]\nx = 1\n`,
  'a nested table': `${web}[processes.more]\ntype = "x"\n`,
  'escapes of TOML 1.1': web.replace('"a"', String.raw`"\x41\e"`),
  'a surrogate': web.replace('"a"', String.raw`"\ud800"`),
  'a control character': web.replace('"a"', '"\u0001"'),
  'a carriage return in a string': web.replace('"a"', '"\r"'),
  'a tab in a string': web.replace('"a"', '"\t"'),
  'a delete character': web.replace('"a"', '"\u007F"'),
  'bytes that are no UTF-8': web.replace('"a"', '"\uFFFD"'),
  'key.subkey': `x.y = 1\n${web}`,
  'nothing behind the sign': web.replace('"web"', ''),
  'an escaped slash': web.replace('"a"', String.raw`"\/"`),
  'a buildpack without an API': web + buildpack.replace(/api.*\n/, ''),
  'a buildpack of an API to come': web + buildpack.replace('0.10', '0.13'),
  'a buildpack of an old API': web + buildpack.replace('0.10', '0.6'),
  'a buildpack of no API': web + buildpack.replace('0.10', 'x'),
  'a buildpack that led with v': web + buildpack.replace('0.10', 'v0.8'),
  'a number as API': web + buildpack.replace('"0.10"', '0.10'),
  'a directory instead of a list': 'processes = "web"\n',
  'a mark at its start': `\u{FEFF}${web}`,
  'processes without a type': web.replace(/type.*\n/, ''),
  'a type twice': web + web.replace('["a"]', '["second"]'),
  'a string as exec-env': `${web}exec-env = "test"\n`,
  'a number as working directory': `${web}working-dir = 1\n`,
  'an empty working directory': `${web}working-dir = ""\n`,
};

const platformApis = [
  '',
  ' ',
  '0',
  '0.6',
  '0.7',
  '0.12',
  '0.13.1',
  '0.16',
  '1',
  '1.0',
  'v0.13',
  ' 0.12',
  '0.12 ',
  '0.012',
  'x',
  '-0.9',
  '0.',
];

/** A case per file and one per Platform API. */
export const oddMetadata: Readonly<Record<string, RandomLaunch>> = {
  ...Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      launch(
        text,
        [[], ['u']].map((given) => ({argv: ['/cnb/process/web', ...given], env: {CNB_PLATFORM_API: '0.15'}})),
      ),
    ]),
  ),
  'Platform APIs': launch(web, [
    {argv: ['/cnb/process/web'], env: {}},
    ...platformApis.map((api) => ({argv: ['/cnb/process/web'], env: {CNB_PLATFORM_API: api}})),
  ]),
};

function launch(metadata: string | undefined, calls: RandomLaunch['calls']): RandomLaunch {
  return {
    layers: metadata === undefined ? [] : [file('config/metadata.toml', metadata)],
    app: [],
    types: ['web'],
    calls,
  };
}
