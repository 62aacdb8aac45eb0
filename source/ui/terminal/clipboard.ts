// Copies text: to the machine's clipboard, else through the terminal (OSC 52), else into a file. Says which.
import type {DashboardPorts} from '../ports.ts';

/** What an OSC 52 may carry in base64: more is dropped by xterm and by tmux. */
export const clipboardLimit = 74_994;

/** Says where the text is now. `write` goes to the terminal. Rejects when it could be put nowhere. */
export async function copyText(
  text: string,
  {copy, save, multiplexer}: DashboardPorts,
  write: (sequence: string) => void,
): Promise<string> {
  if (copy && (await copy(text))) return 'copied to the clipboard';
  const encoded = base64(text);
  if (encoded.length <= clipboardLimit) {
    write(wrapped(`\u001B]52;c;${encoded}\u0007`, multiplexer));
    return 'copied through the terminal (OSC 52)';
  }
  if (save) return `too long for the clipboard: saved as ${await save('copied.txt', text)}`;
  throw new Error(`the text is too long for the clipboard (${encoded.length} of ${clipboardLimit} characters)`);
}

/** tmux and screen hand a sequence on only when it is wrapped; screen takes at most 768 bytes at a time. */
export function wrapped(sequence: string, multiplexer: DashboardPorts['multiplexer']): string {
  switch (multiplexer) {
    case 'tmux':
      return `\u001BPtmux;${sequence.replaceAll('\u001B', '\u001B\u001B')}\u001B\\`;
    case 'screen':
      return (sequence.match(/[^]{1,240}/g) ?? []).map((part) => `\u001BP${part}\u001B\\`).join('');
    case undefined:
      return sequence;
    default:
      return multiplexer satisfies never;
  }
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
