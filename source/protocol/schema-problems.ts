// What a schema found wrong, in words: the field, what was expected, what came.
import type {z} from 'zod';

/** One sentence per wrong field, at most five. `value` is what was checked. */
export function problemsInWords(error: z.ZodError, value: unknown): string {
  const problems = error.issues.slice(0, mostProblems).map((issue) => problemInWords(issue, value));
  const more = error.issues.length - problems.length;
  return [...problems, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const mostProblems = 5;

function problemInWords(issue: z.core.$ZodIssue, value: unknown): string {
  const field = fieldOf(issue.path);
  if (issue.code === 'custom') return `${field}: ${issue.message}`;
  if (issue.code === 'unrecognized_keys') {
    return `${field}: expected only fields it knows, got ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
  }
  return `${field}: expected ${expectedOf(issue)}, got ${gotAt(value, issue.path)}`;
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return articled(issue.expected);
    case 'invalid_value':
      return issue.values.map((one) => JSON.stringify(one)).join(' or ');
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? issue.options.map((one) => JSON.stringify(one)).join(' or ')
        : 'one of the known shapes';
    default:
      return issue.message;
  }
}

function articled(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'message' : path.map(String).join('.');
}

/** Type and, where nothing secret can be, a short form of the value. */
function gotAt(value: unknown, path: readonly PropertyKey[]): string {
  const got = path.reduce<unknown>((at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined), value);
  if (got === undefined) return 'nothing';
  if (got === null) return 'null';
  if (Array.isArray(got)) return `a list of ${got.length}`;
  if (typeof got === 'object') return 'an object';
  if (path.some((key) => key === 'env' || key === 'services')) return `a ${typeof got}`;
  const text = JSON.stringify(got) ?? typeof got;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}
