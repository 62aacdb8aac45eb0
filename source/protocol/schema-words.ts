// The small schemas that several messages share.
import {z} from 'zod';
import {nameProblem} from '../domain/resource-name.ts';

/** A DNS-1123 label; what is wrong with it is said in the domain's words. */
export const resourceName = z.string().superRefine((name, context) => {
  const problem = nameProblem(name);
  if (problem !== undefined) context.addIssue({code: 'custom', message: problem});
});

export const buildNumber = z.int().min(1);

/** Text without NUL, which no path, no argument and no environment can hold. */
export const plainText = z.string().refine((text) => !text.includes('\u0000'), 'expected text without NUL characters');

export const filledText = plainText.min(1);
