// The rooms under source/ and what each may import. `imports.test.ts` proves that these rules read every file and can fail.
const rooms = {
  domain: [],
  state: ['domain'],
  ports: ['domain'],
  controller: ['domain', 'state', 'ports'],
  oci: ['domain'],
  lifecycle: ['oci'],
  sources: ['domain', 'ports', 'oci'],
  executors: ['domain', 'ports', 'lifecycle', 'oci', 'sources'],
  history: ['domain', 'ports'],
  preferences: ['domain'],
  protocol: ['domain', 'state'],
  daemon: [
    'domain',
    'state',
    'ports',
    'controller',
    'oci',
    'lifecycle',
    'sources',
    'executors',
    'history',
    'preferences',
    'protocol',
  ],
  client: ['domain', 'state', 'protocol'],
  commands: ['domain', 'state', 'client', 'preferences'],
  walkthrough: ['domain', 'state', 'client'],
  ui: ['domain', 'state', 'client', 'preferences', 'walkthrough'],
};

/** Rooms that a room may name in types but not call. */
const typesOnly = {ui: ['client', 'preferences', 'walkthrough']};

/** Rooms that touch nothing outside: no module of Node's. */
const withoutNode = ['domain', 'state', 'ports', 'controller', 'ui'];

/** Rooms made of the language alone: no package either. */
const withoutPackages = ['domain', 'state', 'ports'];

const anyRoom = Object.keys(rooms).join('|');
const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-only-its-rooms`,
  comment: `${room} may import: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: {path: `^source/${room}/`},
  to: {
    path: '^(source/|cli\\.tsx$|test/|scripts/|bench/|dist/)',
    pathNot: `^source/(${[room, ...allowed].join('|')})/`,
  },
}));

const typesOnlyRules = Object.entries(typesOnly).map(([room, others]) => ({
  name: `${room}-names-only-types-of-${others.join('-')}`,
  severity: 'error',
  from: {path: `^source/${room}/`},
  to: {path: `^source/(${others.join('|')})/`, dependencyTypesNot: ['type-only']},
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...typesOnlyRules,
    {
      name: 'pure-rooms-import-no-node-module',
      severity: 'error',
      from: {path: `^source/(${withoutNode.join('|')})/`},
      to: {dependencyTypes: ['core']},
    },
    {
      name: 'protocol-touches-nothing',
      severity: 'error',
      from: {path: '^source/protocol/'},
      to: {dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|string_decoder|util)$'},
    },
    {
      name: 'core-rooms-import-no-package',
      severity: 'error',
      from: {path: `^source/(${withoutPackages.join('|')})/`},
      to: {dependencyTypes: npm},
    },
    {
      name: 'primitives-import-only-primitives',
      comment:
        'A primitive knows no domain word: only its neighbours, ink and react, and the packages that measure and cut a row.',
      severity: 'error',
      from: {path: '^source/ui/primitives/'},
      to: {
        path: '.',
        pathNot:
          '^source/ui/primitives/|node_modules/(ink|ink-spinner|react|@types/react|string-width|slice-ansi|strip-ansi)/',
      },
    },
    {
      name: 'every-file-lives-in-a-room',
      severity: 'error',
      from: {path: '^(source/|cli\\.tsx$)'},
      to: {path: '^source/', pathNot: `^source/(${anyRoom})/`},
    },
    {
      name: 'only-rooms-import',
      severity: 'error',
      from: {path: '^source/', pathNot: `^source/(${anyRoom})/`},
      to: {},
    },
    {
      name: 'the-program-imports-no-development-package',
      severity: 'error',
      from: {path: '^(source/|cli\\.tsx$)'},
      to: {dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only']},
    },
    {name: 'no-circle', severity: 'error', from: {}, to: {circular: true}},
    {name: 'nothing-unresolved', severity: 'error', from: {}, to: {couldNotResolve: true}},
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: {path: 'node_modules'},
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
