// A secret in memory: it can be used, but neither printed nor logged nor put into JSON by accident.
import {inspect} from 'node:util';

const hidden = '[secret]';

/** Holds a password or token. Only `reveal` gives it; every way of turning the object into text gives `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}

/** `text` without any of the secrets in it: what a server says may repeat what it was sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 3).reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
}
