/** The pieces of the input that can be left out one by one, and the output that they are measured by. */
import { contentKey, contentOf } from '../../../src/attention/content';
import { inputSequence } from '../../../src/attention/sequences';
import type { SequenceName, Token, TokenRange } from '../../../src/attention/types';
import { sentenceRanges } from '../../../src/measure/sentenceRanges';
import { areApart, unitsOf } from '../../../src/measure/units';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { InputWithoutReport, LeftOutCosts } from '../../../src/protocol/engine';
import type { ExplanationSnapshot, TokenFocus } from '../../../src/protocol/panel';
import { generatedFrom } from '../appState';

/** Words or sentences of the user's text; neither special tokens nor a chat template's. */
export function piecesOf(snapshot: ExplanationSnapshot, by: WholeView['leave']['by']): readonly TokenRange[] {
  const sequence = inputSequence(snapshot.model?.family);
  const all = snapshot[sequence];
  const tokens = sequence === 'target' ? all.slice(0, generatedFrom(snapshot)) : all;
  const isTemplates = snapshot.chat && tokens.some(({ start }) => start >= 0);
  // A chat template's tokens count as special here, so that they are in no sentence.
  const own = tokens.map((token) => (isTemplates && token.start < 0 ? { ...token, special: true } : token));
  if (by === 'sentences') return sentenceRanges(own);
  return unitsOf(tokens, 'words').flatMap(({ from, to, special, text }) =>
    special || text.trim() === '' || own[from]?.special === true ? [] : [{ from, to }],
  );
}

/** How what pieces are worth is measured: words each by itself, sentences as it was chosen. */
export const pieceMethod = ({ leave }: Pick<WholeView, 'leave'>): 'each' | 'fit' =>
  leave.by === 'sentences' ? (leave.method ?? 'each') : 'each';

/** The locked tokens of the output, where there are some: what is measured then in place of all of it. */
export function chosenOutput(
  snapshot: ExplanationSnapshot,
  focus: TokenFocus | null,
): { readonly outputs?: readonly number[] } {
  if (focus?.locked !== true || focus.sequence !== 'target') return {};
  const from = generatedFrom(snapshot);
  const outputs = focus.indices.filter((index) => index >= from);
  return outputs.length > 0 ? { outputs } : {};
}

/** The label that pieces are measured by, where one was chosen that this text's model gives. */
export function chosenLabel(
  { answer }: ExplanationSnapshot,
  { label }: Pick<WholeView, 'label'>,
): { readonly label?: number } {
  const isTold = answer?.result?.type === 'labels' && answer.result.labels.some(({ id }) => id === label);
  return label !== null && isTold ? { label } : {};
}

/** What pieces of the text on show are worth; null where that is not known. */
export function leftOutOfText(snapshot: ExplanationSnapshot | null, leftOut: LeftOutCosts | null): LeftOutCosts | null {
  if (!snapshot || !leftOut) return null;
  return contentKey(leftOut.of) === contentKey(contentOf(snapshot.source, snapshot.target)) ? leftOut : null;
}

/** What stands between a token and the one before it: a blank where the text has something there and the token does not begin with it. */
export const blankBefore = (tokens: readonly Token[], at: number): string =>
  areApart(tokens[at - 1], tokens[at]) && !/^\s/u.test(tokens[at]?.text ?? '') ? ' ' : '';

/** The text of a range of tokens. */
export const textIn = (tokens: readonly Token[], { from, to }: TokenRange): string =>
  tokens
    .slice(from, to)
    .map(({ text }, at) => (at > 0 ? blankBefore(tokens, from + at) : '') + text)
    .join('');

/** The locked tokens of the input as ranges, in order; none where nothing of it is locked. */
export function lockedInput(snapshot: ExplanationSnapshot, focus: TokenFocus | null): readonly TokenRange[] {
  const sequence = inputSequence(snapshot.model?.family);
  if (focus?.locked !== true || focus.sequence !== sequence) return [];
  const end = sequence === 'target' ? generatedFrom(snapshot) : snapshot.source.length;
  return [...focus.indices]
    .filter((index) => index < end)
    .sort((one, other) => one - other)
    .map((from) => ({ from, to: from + 1 }));
}

/** The output's change without a part of the input, and the sequence of that part; null where it is of another text. */
export function inputChangeOfText(
  snapshot: ExplanationSnapshot | null,
  change: InputWithoutReport | null,
): (InputWithoutReport & { readonly part: SequenceName }) | null {
  if (!snapshot || !change || contentKey(change.of) !== contentKey(contentOf(snapshot.source, snapshot.target)))
    return null;
  return { ...change, part: inputSequence(snapshot.model?.family) };
}
