// What is wrong with the shape of a manifest, in words and with its line.
import type {z} from 'zod';
import type {YamlDocument, YamlPath} from './yaml-documents.ts';

/** One sentence for each thing; a field that is not known is named. `under` leads to the value in its document. */
export function shapeProblems(
  error: z.ZodError,
  {place}: YamlDocument,
  what: string,
  under: YamlPath = [],
): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const full = [...path, key];
        return `${place([...under, ...full])}: ${what}: ${full.join('.')} is not supported`;
      });
    }
    return [`${place([...under, ...path])}: ${what}: ${path.join('.')}: ${issue.message}`];
  });
}
