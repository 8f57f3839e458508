/** A check for each thing that has a schema. */
import * as v from 'valibot';
import type { ExplainError } from '../errors';

export type Schemas = Readonly<Record<string, v.GenericSchema>>;

/** @param wrong makes the error that the check of this name throws @returns checks by their names, which pass what fits */
export function schemaChecks<Known extends Schemas>(
  schemas: Known,
  wrong: (name: string, issue: v.GenericIssue) => ExplainError,
): Readonly<Record<keyof Known, (value: unknown) => void>> {
  const checks = Object.entries<v.GenericSchema>(schemas).map(([name, schema]) => {
    const check = (value: unknown): void => {
      const { issues } = v.safeParse(schema, value, { abortEarly: true });
      if (issues) throw wrong(name, issues[0]);
    };
    return [name, check] as const;
  });
  return Object.fromEntries(checks) as Record<keyof Known, (value: unknown) => void>;
}
