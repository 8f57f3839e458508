/** Checks of what comes back over a channel, by a schema for each answer and each event: what does not fit is shown nowhere. */
import * as v from 'valibot';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { schemaChecks, type Schemas } from './schemaChecks';

/** The detail says where a value does not fit, and what was expected there: names of fields only, nothing of a text. */
const wrong =
  (sentence: 'protocol.badAnswer' | 'protocol.badEvent') =>
  (method: string, issue: v.GenericIssue): ExplainError =>
    new ExplainError('INTERNAL', say(sentence, { method }), {
      detail: say('protocol.misfit', { path: v.getDotPath(issue) ?? '.', expected: issue.expected ?? issue.type }),
    });

/** @param answers a schema for each method @param events a schema for each event */
export const arrivalsOf = <Answers extends Schemas, Events extends Schemas>(answers: Answers, events: Events) => ({
  answers: schemaChecks(answers, wrong('protocol.badAnswer')),
  events: schemaChecks(events, wrong('protocol.badEvent')),
});
