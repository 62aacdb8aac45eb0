// Every key of the dashboard, once: hint bar, help, documentation and the keys themselves are read from this list.

/** Where a key means something. A panel's own context is looked at first, then the wider ones. */
export type Context = 'images' | 'stacks' | 'history' | 'log' | 'scroll' | 'list' | 'image' | 'global';

export type ActionId =
  | 'help'
  | 'back'
  | 'escape'
  | 'quit'
  | 'next-panel'
  | 'previous-panel'
  | 'go-to-panel'
  | 'zoom'
  | 'unzoom'
  | 'redraw'
  | 'up'
  | 'down'
  | 'first'
  | 'last'
  | 'page-up'
  | 'page-down'
  | 'half-page-up'
  | 'half-page-down'
  | 'open'
  | 'filter'
  | 'rebuild'
  | 'patch'
  | 'accept'
  | 'reject'
  | 'cancel'
  | 'pause'
  | 'logs'
  | 'history'
  | 'describe'
  | 'refresh'
  | 'delete'
  | 'follow'
  | 'full-screen'
  | 'wrap'
  | 'times'
  | 'search'
  | 'next-match'
  | 'previous-match'
  | 'next-phase'
  | 'previous-phase'
  | 'first-error'
  | 'filter-log'
  | 'fold'
  | 'fold-all'
  | 'mark-line'
  | 'save-log'
  | 'palette'
  | 'yaml'
  | 'edit'
  | 'copy'
  | 'mark'
  | 'mark-range'
  | 'clear-marks'
  | 'sort'
  | 'sort-column'
  | 'column-left'
  | 'column-right'
  | 'last-view'
  | 'rollback'
  | 'fleet'
  | 'mouse'
  | 'suspend';

export type Binding = {
  readonly action: ActionId;
  readonly context: Context;
  /** Key names as `keyName` gives them; the first is the one that hints show. */
  readonly keys: readonly string[];
  /** A sentence for help and documentation. */
  readonly help: string;
  /** A word for the hint bar; keys without one are found in help. */
  readonly hint?: string;
  /** It changes something beyond this screen. */
  readonly mutates?: boolean;
};

/** A list of keys: this one, or what a user made of it. */
export type Keymap = readonly Binding[];

export const bindings: Keymap = [
  {context: 'images', action: 'rebuild', keys: ['r'], help: 'rebuild the image now', hint: 'rebuild', mutates: true},
  {
    context: 'images',
    action: 'patch',
    keys: ['p'],
    help: 'another builder; shows first what will happen',
    hint: 'patch',
    mutates: true,
  },
  {
    context: 'images',
    action: 'filter',
    keys: ['/'],
    help: 'filter the images by name, state, reason or stack',
    hint: 'filter',
  },
  {context: 'images', action: 'open', keys: ['enter'], help: "go to the image's log", hint: 'log'},
  {context: 'images', action: 'mark', keys: ['space'], help: 'mark the image, or take the mark away'},
  {context: 'images', action: 'mark-range', keys: ['ctrl-space'], help: 'mark from the last mark to here'},
  {context: 'images', action: 'clear-marks', keys: ['ctrl-\\'], help: 'take all marks away'},
  {
    context: 'images',
    action: 'sort',
    keys: ['N', 'S', 'B', 'R', 'T'],
    help: 'sort by name, state, build, reason or time',
  },
  {context: 'images', action: 'column-left', keys: ['left'], help: 'choose the column to the left'},
  {context: 'images', action: 'column-right', keys: ['right'], help: 'choose the column to the right'},
  {context: 'images', action: 'sort-column', keys: ['O'], help: 'sort by the chosen column; again: the other way'},
  {
    context: 'images',
    action: 'delete',
    keys: ['ctrl-d'],
    help: 'delete the image and its builds; asks first',
    mutates: true,
  },

  {
    context: 'stacks',
    action: 'patch',
    keys: ['p'],
    help: 'another run image or stack; shows first what will happen',
    hint: 'patch',
    mutates: true,
  },
  {
    context: 'stacks',
    action: 'accept',
    keys: ['a'],
    help: 'accept what the stack proposes; shows first what will happen',
    mutates: true,
  },
  {
    context: 'stacks',
    action: 'reject',
    keys: ['x'],
    help: 'reject what the stack proposes; asks first',
    mutates: true,
  },
  {context: 'stacks', action: 'open', keys: ['enter', 'd'], help: 'describe the stack or builder', hint: 'describe'},
  {context: 'stacks', action: 'yaml', keys: ['y'], help: 'the stack or builder as YAML'},
  {context: 'stacks', action: 'copy', keys: ['c'], help: 'copy the name of the stack or builder'},
  {
    context: 'stacks',
    action: 'rollback',
    keys: ['z'],
    help: 'roll the newest patch back; asks first',
    mutates: true,
  },
  {
    context: 'stacks',
    action: 'delete',
    keys: ['ctrl-d'],
    help: 'delete the stack or builder; asks first',
    mutates: true,
  },

  {context: 'history', action: 'open', keys: ['enter'], help: 'go to the log of the build', hint: 'log'},
  {context: 'history', action: 'mark', keys: ['space'], help: 'mark the build: why then compares with it'},

  {
    context: 'image',
    action: 'cancel',
    keys: ['x'],
    help: 'cancel the running build; asks first',
    hint: 'cancel',
    mutates: true,
  },
  {
    context: 'image',
    action: 'pause',
    keys: ['P'],
    help: 'pause the image, or let it go on',
    hint: 'pause',
    mutates: true,
  },
  {context: 'image', action: 'logs', keys: ['l'], help: "go to the selected build's log"},
  {context: 'image', action: 'history', keys: ['h'], help: "go to the image's builds", hint: 'history'},
  {context: 'image', action: 'describe', keys: ['d'], help: 'describe the image', hint: 'describe'},
  {context: 'image', action: 'yaml', keys: ['y'], help: 'the image as YAML, in the shape of kpack'},
  {context: 'image', action: 'edit', keys: ['e'], help: 'edit the image in $EDITOR', mutates: true},
  {context: 'image', action: 'copy', keys: ['c'], help: 'copy the image, its digest or what is selected'},
  {
    context: 'image',
    action: 'rollback',
    keys: ['z'],
    help: 'roll the newest patch of the image back; asks first',
    mutates: true,
  },
  {context: 'image', action: 'refresh', keys: ['ctrl-r'], help: "look at the image's source now", mutates: true},

  {context: 'log', action: 'follow', keys: ['s'], help: 'follow the log, or stop following', hint: 'follow'},
  {context: 'log', action: 'search', keys: ['/'], help: 'search the log', hint: 'search'},
  {context: 'log', action: 'next-match', keys: ['n'], help: 'next match'},
  {context: 'log', action: 'previous-match', keys: ['N'], help: 'previous match'},
  {
    context: 'log',
    action: 'filter-log',
    keys: ['&'],
    help: 'only lines that match, and some around them; !: those that do not',
    hint: 'filter',
  },
  {context: 'log', action: 'wrap', keys: ['w'], help: 'wrap long lines, or cut them', hint: 'wrap'},
  {context: 'log', action: 'times', keys: ['t'], help: 'show when each line came', hint: 'times'},
  {context: 'log', action: 'full-screen', keys: ['f'], help: 'the log on the whole screen', hint: 'full screen'},
  {context: 'log', action: 'next-phase', keys: [']'], help: 'jump to the next phase or buildpack', hint: 'next phase'},
  {context: 'log', action: 'previous-phase', keys: ['['], help: 'jump to the previous phase or buildpack'},
  {
    context: 'log',
    action: 'fold',
    keys: ['z'],
    help: 'fold the phase or buildpack to one line, or unfold it',
    hint: 'fold',
  },
  {context: 'log', action: 'fold-all', keys: ['Z'], help: 'unfold everything; again: fold all phases'},
  {context: 'log', action: 'mark-line', keys: ['m'], help: 'mark the line; c then copies from there'},
  {
    context: 'log',
    action: 'copy',
    keys: ['c'],
    help: 'copy the line or the marked; c again: the screen, then all',
  },
  {context: 'log', action: 'save-log', keys: ['ctrl-s'], help: 'save the whole log as a file, byte for byte'},
  {context: 'log', action: 'first-error', keys: ['e'], help: 'jump to the first error of a failed build'},

  {context: 'scroll', action: 'half-page-down', keys: ['ctrl-d'], help: 'half a page down'},
  {context: 'scroll', action: 'half-page-up', keys: ['ctrl-u'], help: 'half a page up'},

  {context: 'list', action: 'up', keys: ['k', 'up'], help: 'one up'},
  {context: 'list', action: 'down', keys: ['j', 'down'], help: 'one down'},
  {context: 'list', action: 'first', keys: ['g', 'home'], help: 'to the first'},
  {context: 'list', action: 'last', keys: ['G', 'end'], help: 'to the last; in a log: follow'},
  {context: 'list', action: 'page-up', keys: ['pgup', 'ctrl-b'], help: 'a page up'},
  {context: 'list', action: 'page-down', keys: ['pgdn', 'ctrl-f'], help: 'a page down'},

  {
    context: 'global',
    action: 'palette',
    keys: [':'],
    help: 'commands; type to find one, Tab completes',
    hint: 'command',
  },
  {context: 'global', action: 'fleet', keys: ['0'], help: 'the patch of the fleet: what is done and what remains'},
  {context: 'global', action: 'next-panel', keys: ['tab'], help: 'next panel', hint: 'panel'},
  {context: 'global', action: 'previous-panel', keys: ['shift-tab'], help: 'previous panel'},
  {
    context: 'global',
    action: 'go-to-panel',
    keys: ['1', '2', '3', '4', '5', '6', '7'],
    help: 'go to the panel of that number; the guide is there where one is given',
  },
  {context: 'global', action: 'zoom', keys: ['+'], help: 'the panel on the whole screen', hint: 'zoom'},
  {context: 'global', action: 'unzoom', keys: ['_'], help: 'back to all panels'},
  {context: 'global', action: 'last-view', keys: ['-'], help: 'the view before this one'},
  {context: 'global', action: 'mouse', keys: ['%'], help: 'give the mouse to the terminal, or take it back'},
  {context: 'global', action: 'suspend', keys: ['ctrl-z'], help: 'suspend; fg comes back'},
  {context: 'global', action: 'redraw', keys: ['ctrl-l'], help: 'draw the screen again'},
  {context: 'global', action: 'help', keys: ['?'], help: 'all keys; type to filter, Enter runs one', hint: 'help'},
  {context: 'global', action: 'escape', keys: ['esc'], help: 'clear the filter or search, then go back'},
  {context: 'global', action: 'back', keys: ['q'], help: 'go back; at the top: quit', hint: 'quit'},
  {context: 'global', action: 'quit', keys: ['ctrl-c'], help: 'quit; builds go on'},
];

/** The heading of each context in help and documentation, in the order they are shown. */
export const contextTitles: Readonly<Record<Context, string>> = {
  images: 'Images',
  image: 'The selected image',
  stacks: 'Stacks and builders',
  history: 'History',
  log: 'Log',
  list: 'Moving',
  scroll: 'Moving in text',
  global: 'Everywhere',
};

/** The contexts of each panel, the nearest first. */
export const panelContexts: Readonly<
  Record<'images' | 'stacks' | 'build' | 'log' | 'history' | 'why' | 'guide', readonly Context[]>
> = {
  images: ['images', 'image', 'list', 'global'],
  stacks: ['stacks', 'list', 'global'],
  build: ['image', 'list', 'global'],
  log: ['log', 'scroll', 'list', 'global'],
  history: ['history', 'image', 'list', 'global'],
  why: ['image', 'scroll', 'list', 'global'],
  guide: ['image', 'scroll', 'list', 'global'],
};
