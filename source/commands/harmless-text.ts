// What a terminal may be given of texts that come from resources, manifests, registries, engines and buildpacks.

const colours = /\u001b\[[0-9;:]*m/g;
const sequences =
  /\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[\u001b\u009b][[()#;?]*(?:\d{1,4}(?:[;:]\d{0,4})*)?[\x20-\x2f]*[\x40-\x7e]?/g;

/** Colours stay, and lines and tabs; what moves the cursor, names the window or writes the clipboard goes. */
export function harmlessText(text: string): string {
  if (!/[^\P{Cc}\t\n]/u.test(text)) return text;
  const parts = text.split(new RegExp(`(${colours.source})`));
  return parts.map((part, index) => (index % 2 === 1 ? part : withoutControls(part))).join('');
}

/** A text for one stream: a line that is written over the one before may begin so, and only there. */
export function harmlessLine(text: string): string {
  return text.startsWith(overwrite) ? overwrite + harmlessText(text.slice(overwrite.length)) : harmlessText(text);
}

/** Back to the beginning of the line, and everything on it gone. */
const overwrite = '\r\u001b[K';

export function withoutColours(text: string): string {
  return text.replace(colours, '');
}

function withoutControls(text: string): string {
  return text.replace(sequences, '').replace(/[^\P{Cc}\t\n]/gu, '');
}
