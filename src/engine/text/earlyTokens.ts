/**
 * A text's tokens before the model is there: the tokenizer and the config are read long before the weights. What the
 * model itself makes of the text takes their place, and is the same unless its files say otherwise than its config.
 */
import type { ModelFamily, Token } from '../../attention/types';
import { statedLength } from '../../config/generationConfig';
import type { LoadRequest } from '../../protocol/engine';
import type { TextTokenizer } from '../../tokenizer/index';
import { readModelSpec } from '../../transformer/spec';
import type { GraphPlace } from '../files/modelFiles';
import { namedIds, type ModelSettings } from '../files/modelSettings';
import { withWords } from './readWords';
import { readWindow } from './window';

/** Most tokens that are shown early: more would be out of sight, and perhaps more than the model takes, which is not known yet. */
const MOST = 512;
/** The longest text that is tokenised early: a longer one would keep the model waiting. */
const MOST_CHARACTERS = 50_000;

export interface EarlyTokens {
  readonly source: readonly Token[];
  readonly target: readonly Token[];
}

/** The family that the names of the files show; undefined where the config has to say. */
function familyOf(places: readonly GraphPlace[]): ModelFamily | undefined {
  const roles = places.map(({ role }) => role);
  if (roles.includes('encoder')) return roles.length === 1 ? 'encoder-only' : 'encoder-decoder';
  return roles.includes('model') ? undefined : 'decoder-only';
}

/** Undefined for a long text. @throws what reading a config, a chat template or a text can throw */
export function earlyTokens(
  { sentencesBeyond = Infinity }: Pick<LoadRequest, 'sentencesBeyond'>,
  text: NonNullable<LoadRequest['text']>,
  tokenizer: TextTokenizer,
  settings: ModelSettings,
  places: readonly GraphPlace[],
): EarlyTokens | undefined {
  if (text.text.length > MOST_CHARACTERS) return undefined;
  const { config, generation, tokenizerConfig } = settings;
  const { family, positions } = readModelSpec(config, generation, familyOf(places), namedIds(tokenizer, settings));
  const promptLimit = Math.min(positions > 0 ? positions : MOST, statedLength(tokenizerConfig), MOST);
  const chat = text.chat === true && family === 'decoder-only' && tokenizer.chatTemplate !== null;
  const { tokens: read, window } = readWindow(
    text.text,
    { tokenizer, promptLimit, sentencesBeyond },
    text.windowStart,
    chat,
    text.specialsAsText,
  );
  const tokens = withWords(read, text.text, window, text.written);
  return family === 'decoder-only' ? { source: [], target: tokens } : { source: tokens, target: [] };
}
