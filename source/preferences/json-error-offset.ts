// Where a text stops being JSON: JSON.parse does not always say.

/** The offset of the first character that cannot stand there; the text's length when it ends too early. */
export function jsonErrorOffset(text: string): number {
  const end = skipValue(text, skipSpace(text, 0));
  if (end.kind === 'wrong') return end.at;
  return skipSpace(text, end.at);
}

type Scan = {readonly kind: 'read' | 'wrong'; readonly at: number};

const read = (at: number): Scan => ({kind: 'read', at});
const wrong = (at: number): Scan => ({kind: 'wrong', at});

function skipSpace(text: string, at: number): number {
  let next = at;
  while (' \t\n\r'.includes(text[next] ?? 'x')) next += 1;
  return next;
}

function skipValue(text: string, at: number): Scan {
  switch (text[at]) {
    case '{':
      return skipMembers(text, at, '}', skipMember);
    case '[':
      return skipMembers(text, at, ']', skipValue);
    case '"':
      return skipToken(text, at, /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    default:
      return skipToken(text, at, /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y);
  }
}

function skipToken(text: string, at: number, token: RegExp): Scan {
  token.lastIndex = at;
  const match = token.exec(text);
  return match ? read(at + match[0].length) : wrong(at);
}

/** A list of members between brackets, commas between them. */
function skipMembers(text: string, open: number, close: string, member: (text: string, at: number) => Scan): Scan {
  let at = skipSpace(text, open + 1);
  if (text[at] === close) return read(at + 1);
  for (;;) {
    const end = member(text, at);
    if (end.kind === 'wrong') return end;
    at = skipSpace(text, end.at);
    if (text[at] === close) return read(at + 1);
    if (text[at] !== ',') return wrong(at);
    at = skipSpace(text, at + 1);
  }
}

function skipMember(text: string, at: number): Scan {
  if (text[at] !== '"') return wrong(at);
  const name = skipValue(text, at);
  if (name.kind === 'wrong') return name;
  const colon = skipSpace(text, name.at);
  return text[colon] === ':' ? skipValue(text, skipSpace(text, colon + 1)) : wrong(colon);
}
