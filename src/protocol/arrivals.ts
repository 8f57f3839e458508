/** Checks of what comes back over a channel, by a schema for each answer and each event: what does not fit is shown nowhere. */
import * as v from 'valibot';
import { ExplainError } from '../errors';
import { say } from '../text/say';

type Schemas = Readonly<Record<string, v.GenericSchema>>;
type ChecksOf<Known extends Schemas> = Readonly<Record<keyof Known, (value: unknown) => void>>;

/** Where a value does not fit, and what was expected there: names of fields only, nothing of a text. */
const misfit = (issue: v.GenericIssue): string =>
  say('protocol.misfit', { path: v.getDotPath(issue) ?? '.', expected: issue.expected ?? issue.type });

function checksOf<Known extends Schemas>(
  schemas: Known,
  sentence: 'protocol.badAnswer' | 'protocol.badEvent',
): ChecksOf<Known> {
  const checks = Object.entries<v.GenericSchema>(schemas).map(([method, schema]) => {
    const check = (value: unknown): void => {
      const { issues } = v.safeParse(schema, value, { abortEarly: true });
      if (issues) throw new ExplainError('INTERNAL', say(sentence, { method }), { detail: misfit(issues[0]) });
    };
    return [method, check] as const;
  });
  return Object.fromEntries(checks) as ChecksOf<Known>;
}

/** @param answers a schema for each method @param events a schema for each event */
export const arrivalsOf = <Answers extends Schemas, Events extends Schemas>(answers: Answers, events: Events) => ({
  answers: checksOf(answers, 'protocol.badAnswer'),
  events: checksOf(events, 'protocol.badEvent'),
});
