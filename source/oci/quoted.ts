// Foreign text goes into messages through here, so that it can neither break a line nor steer a terminal.

/** Foreign text for an error message: quoted, control characters escaped, cut to a readable length. */
export function quoted(text: unknown, limit = 120): string {
  const whole = typeof text === 'string' ? text : String(text);
  const cut = whole.length > limit ? `${whole.slice(0, limit)}…` : whole;
  return JSON.stringify(cut).replaceAll(/[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
