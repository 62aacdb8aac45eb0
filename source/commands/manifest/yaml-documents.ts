// YAML with the line of everything in it, so that what is wrong can be pointed at.
import {type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments} from 'yaml';

/** A place in a document: the keys and indexes that lead to it. */
export type YamlPath = readonly (string | number)[];

export type YamlDocument = {
  readonly value: unknown;
  /** `deps.yaml:12` of what the path leads to, or of the nearest thing around it that is there. */
  readonly place: (path?: YamlPath) => string;
};

/** The documents of a text that are not empty (JSON too, as YAML contains it); or the first thing that is no YAML, with its place. */
export function yamlDocuments(
  file: string,
  text: string,
): {readonly documents: readonly YamlDocument[]} | {readonly problem: string} {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {lineCounter: lines, prettyErrors: false});
  const documents = Array.isArray(parsed) ? parsed : [];
  for (const {errors} of documents) {
    const [error] = errors;
    if (error) {
      const message = error.message.split('\n', 1)[0] ?? '';
      return {problem: `${file}:${lines.linePos(error.pos[0]).line}: expected YAML: ${message}`};
    }
  }
  const filled: YamlDocument[] = [];
  for (const document of documents) {
    const {contents} = document;
    if (contents === null || isEmpty(contents)) continue;
    const place = (path: YamlPath = []) => `${file}:${lines.linePos(offsetOf(contents, path)).line}`;
    try {
      filled.push({value: valueOf(document), place});
    } catch (error) {
      // aliases that lead nowhere, or to so much that it is an attack
      return {problem: `${place()}: expected YAML: ${error instanceof Error ? error.message : String(error)}`};
    }
  }
  return {documents: filled};
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function valueOf(document: Document): unknown {
  // Numbers and dates stay as they are; a mapping never becomes a Map.
  return document.toJS({mapAsMap: false});
}

function offsetOf(root: unknown, path: YamlPath): number {
  let node = root;
  let offset = startOf(root);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({key}) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      offset = startOf(node);
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number {
  return isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
}
