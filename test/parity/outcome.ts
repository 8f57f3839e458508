/** One model's outcome, as a line. */
import { ExplainError } from '../../src/errors';
import { compare, type Level } from './compare';
import type { Fixture } from './fixture';
import type { Tolerance } from './tolerance';

export interface Outcome {
  readonly verdict: 'pass' | 'refused' | 'FAIL';
  /** The refusal's code, or ''. */
  readonly code: string;
  readonly line: string;
}

export const LEVELS: readonly Level[] = ['basic', 'all'];

/** Taps a fixture, runs it at every optimisation level, and says how far it is from its reference. */
export async function outcomeOf(fixture: Fixture): Promise<Outcome> {
  const name = fixture.name.padEnd(34);
  try {
    let largest = 0;
    let logits = 0;
    let tolerance: Tolerance = { weights: 0, logits: 0 };
    const problems: string[] = [];
    let counted = '';
    for (const level of LEVELS) {
      const result = await compare(fixture, level);
      largest = Math.max(largest, result.largest);
      logits = Math.max(logits, result.logits);
      ({ tolerance } = result);
      problems.push(...result.problems.map((problem) => `${level}: ${problem}`));
      counted = Object.entries(result.layers)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ');
    }
    if (largest > tolerance.weights) problems.push(`attention is ${largest.toExponential(1)} off`);
    if (logits > tolerance.logits) problems.push(`logits are ${logits.toExponential(1)} off`);
    const allowed = `${tolerance.weights.toExponential(0)} and ${tolerance.logits.toExponential(0)}`;
    const numbers = `${largest.toExponential(1)} (logits ${logits.toExponential(1)}, allowed ${allowed}; ${counted})`;
    return problems.length === 0
      ? { verdict: 'pass', code: '', line: `pass     ${name} ${numbers}` }
      : { verdict: 'FAIL', code: '', line: `FAIL     ${name} ${numbers}: ${problems.join('; ')}` };
  } catch (thrown) {
    if (thrown instanceof ExplainError)
      return { verdict: 'refused', code: thrown.code, line: `refused  ${name} ${thrown.code}: ${thrown.message}` };
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { verdict: 'FAIL', code: '', line: `FAIL     ${name} could not run: ${message.split('\n')[0] ?? ''}` };
  }
}
