/** A run that fails while a model is loaded would fail for every text, so the error names the file and not the text. */
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import { isOfFixedLength, reasonOf } from './ortSession';

/**
 * Says of a run that failed while loading that it always will, and in which file.
 * @throws ExplainError MODEL_UNSUPPORTED in the place of RUN_FAILED; anything else as it was thrown
 */
export async function everyRun<T>(file: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (thrown) {
    if (!(thrown instanceof ExplainError) || thrown.code !== 'RUN_FAILED') throw thrown;
    const detail = thrown.detail ?? thrown.message;
    const key = isOfFixedLength(detail) ? 'engine.trialFixedLength' : 'engine.trialRun';
    throw new ExplainError('MODEL_UNSUPPORTED', say(key, { file, reason: reasonOf(detail) }), {
      ...(thrown.detail === undefined ? {} : { detail: thrown.detail }),
      cause: thrown,
    });
  }
}
