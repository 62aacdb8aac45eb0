// The reasons of a build as its log shows them: kpack's change logger (pkg/buildchange/change_logger.go, pkg/differ/differ.go).
import {changeDiff, type DiffLine} from '../domain/change-diff.ts';
import {type Change, reasonText} from '../domain/change.ts';

/** `Build reason(s): A,B`, then for each reason a heading and a coloured line diff indented by a tab; ends with a newline. */
export function changeText(changes: readonly Change[]): string {
  const blocks = changes.map((change) => `${change.reason}:\n${changeDiff(change).map(lineText).join('')}`);
  return `Build reason(s): ${reasonText(changes)}\n${blocks.join('')}`;
}

const green = '\u001B[0;32m';
const red = '\u001B[0;31m';
const plain = '\u001B[0m';

/** Sign and text coloured apart, as kpack prints them. */
function lineText({sign, text}: DiffLine): string {
  switch (sign) {
    case '-':
      return `\t${red}-${plain} ${red}${text}${plain}\n`;
    case '+':
      return `\t${green}+${plain} ${green}${text}${plain}\n`;
    case ' ':
      return `\t${text}\n`;
    default:
      return sign satisfies never;
  }
}
