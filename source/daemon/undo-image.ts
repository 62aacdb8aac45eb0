// An image's fields taken back, one by one: what somebody changed after the patch stays as they made it.
import {canonicalText} from '../domain/canonical-text.ts';
import type {ImageSpec} from '../domain/image.ts';
import type {ImageUndo} from '../domain/patch.ts';

type Fields = NonNullable<ImageUndo['fields']>;

/** The fields that differ, each as it was and as it is. */
export function changedFields(before: ImageSpec, after: ImageSpec): Fields {
  const changed = namesOf(before, after).filter((name) => !isSame(before, after, name));
  return {before: only(before, changed), after: only(after, changed)};
}

/** The spec of before as far as the patch's own values are still there, and the names of the fields where they are not. */
export function undoneSpec(
  spec: ImageSpec,
  {builder, fields}: ImageUndo,
): {readonly spec: ImageSpec; readonly kept: readonly string[]} {
  if (!fields) return {spec: {...spec, builder}, kept: []};
  const {before, after} = fields;
  const changed = namesOf(before, after);
  const undone = changed.filter((name) => isSame(spec, after, name));
  const kept = changed.filter((name) => !isSame(spec, after, name) && !isSame(spec, before, name));
  const others = namesOf(spec).filter((name) => !undone.includes(name));
  // Both parts are fields of specs, and together they are all of one.
  return {spec: {...only(spec, others), ...only(before, undone)} as ImageSpec, kept};
}

type Name = keyof ImageSpec;

function namesOf(...specs: readonly Partial<ImageSpec>[]): readonly Name[] {
  return [...new Set(specs.flatMap((spec) => Object.keys(spec) as Name[]))];
}

function isSame(a: Partial<ImageSpec>, b: Partial<ImageSpec>, name: Name): boolean {
  return canonicalText({value: a[name]}) === canonicalText({value: b[name]});
}

function only(spec: Partial<ImageSpec>, names: readonly Name[]): Partial<ImageSpec> {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => names.some((one) => one === name)));
}
