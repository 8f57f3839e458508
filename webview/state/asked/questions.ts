/** How numbers of a text are asked for: under the tokens that they are about, and only where they are not there yet. */
import { isProbed, type MeasureName, type ProbedMeasure } from '../../../src/attention/types';
import { askedTokensOf, subjectKey, type Answers, type AskedTokens, type PresentText } from './answers';
import type { Loader } from './loader';

/** A question with the tokens that it is about, under which its answer is kept. */
export type Asked<Request> = Request & Required<AskedTokens>;

/** The measure to ask for in place of the weights, where there is one. */
export const probed = (measure: MeasureName): { readonly measure?: ProbedMeasure } =>
  isProbed(measure) ? { measure } : {};

/** Asks for what is wanted unless it is there; stops asking where nothing is. */
export function askFor<Request>(
  loader: Loader<Asked<Request>>,
  present: PresentText | undefined,
  request: Request | undefined,
  name: (request: Request) => string,
  answers: Pick<Answers<unknown>, 'exact'>,
  delay = 0,
): void {
  if (!present || !request || answers.exact(present, name(request)) !== undefined) {
    loader.cancel();
    return;
  }
  const subject = askedTokensOf(present);
  loader.request(`${subjectKey(subject)}/${name(request)}`, { ...request, ...subject }, delay);
}
