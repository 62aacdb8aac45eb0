// Preferences that cannot be used: which file, where in it, and what to do.

/** `corrupt`: the file is no JSON. `invalid`: a value breaks its rule. Nothing was overwritten. */
export type PreferencesErrorKind = 'corrupt' | 'invalid' | 'unreadable';

export class PreferencesError extends Error {
  readonly kind: PreferencesErrorKind;
  readonly file: string;
  constructor(kind: PreferencesErrorKind, file: string, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'PreferencesError';
    this.kind = kind;
    this.file = file;
  }
}
