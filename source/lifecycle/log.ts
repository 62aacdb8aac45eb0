/** The lifecycle's log: levels, prefixes and colours as upstream prints them (log/default_logger.go). No timestamps. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type Log = {
  readonly level: LogLevel;
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
  /** Prints whatever the level is; for lines held back until it was known that they matter. */
  readonly print: (message: string) => void;
  /** `===> DETECTING`, printed by the creator. */
  readonly phase: (name: string) => void;
};

export type LogSettings = {readonly level: LogLevel; readonly color: boolean};

const rank: Readonly<Record<LogLevel, number>> = {debug: 0, info: 1, warn: 2, error: 3};

/** A log that hands every finished line, newline included, to `write`. */
export function createLog(settings: LogSettings, write: (text: string) => void): Log {
  const print = (text: string) => write(text.endsWith('\n') ? text : `${text}\n`);
  const emit = (level: LogLevel, text: string) => {
    if (isShown(level, settings.level)) print(text);
  };
  const paint = (codes: string, text: string) => (settings.color ? `\u001B[${codes}m${text}\u001B[0m` : text);
  return {
    level: settings.level,
    print,
    debug: (message) => emit('debug', message),
    info: (message) => emit('info', message),
    warn: (message) => emit('warn', paint('33;1', 'Warning: ') + message),
    error: (message) => emit('error', paint('31;1', 'ERROR: ') + message),
    phase: (name) => emit('info', paint('36', `===> ${name}`)),
  };
}

/** True when a message of `level` is shown by a log set to `threshold`. */
export function isShown(level: LogLevel, threshold: LogLevel): boolean {
  return rank[level] >= rank[threshold];
}

/** The level a word names: debug, info, warn or warning, error or fatal (which upstream has too); else undefined. */
export function parseLogLevel(word: string): LogLevel | undefined {
  switch (word.toLowerCase()) {
    case 'debug':
      return 'debug';
    case 'info':
      return 'info';
    case 'warn':
    case 'warning':
      return 'warn';
    case 'error':
    case 'fatal':
      return 'error';
    default:
      return undefined;
  }
}
