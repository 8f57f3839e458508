/** The special tokens that a tokenizer puts before and after a text. */
import { type Fields, isObject, list, object, string, tokenId, unsupported } from '../tokenizerJson';
import { say } from '../../text/say';

export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const EMPTY: Frame = { before: [], after: [] };
const DEEPEST = 16;
/** Most special tokens round a text: a tokenizer that adds more leaves no room for the text. */
const MOST_TOKENS = 64;

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function readFrame(value: unknown): Frame {
  const frame = read(value, 0);
  if (frame.before.length + frame.after.length > MOST_TOKENS)
    throw unsupported(say('tokenizer.uses.manyTokensRound', { most: MOST_TOKENS }));
  return frame;
}

function read(value: unknown, depth: number): Frame {
  if (value === null || value === undefined) return EMPTY;
  const config = object(value, 'post_processor');
  const type = string(config['type'], 'post_processor.type');
  switch (type) {
    // It only narrows offsets; ours say what a token really covers.
    case 'ByteLevel':
      return EMPTY;
    case 'BertProcessing':
    case 'RobertaProcessing':
      return { before: [pairId(config['cls'], 'cls')], after: [pairId(config['sep'], 'sep')] };
    case 'TemplateProcessing':
      return template(config);
    case 'Sequence': {
      if (depth > DEEPEST) throw unsupported(say('tokenizer.uses.deepPostProcessors'));
      return list(config['processors'], 'post_processor.processors')
        .map((step) => read(step, depth + 1))
        .reduce(
          (inner, outer) => ({ before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] }),
          EMPTY,
        );
    }
    default:
      throw unsupported(say('tokenizer.uses.postProcessor', { type: type.slice(0, 80) }));
  }
}

/** `["[CLS]", 101]` */
function pairId(value: unknown, name: string): number {
  return tokenId(list(value, `post_processor.${name}`)[1], `post_processor.${name}`);
}

function template(config: Fields): Frame {
  const specials = object(config['special_tokens'], 'post_processor.special_tokens');
  const before: number[] = [];
  const after: number[] = [];
  let seen = false;
  for (const item of list(config['single'], 'post_processor.single')) {
    const step = object(item, 'post_processor.single');
    if (isObject(step['Sequence'])) {
      if (seen || step['Sequence']['id'] !== 'A') throw unsupported(say('tokenizer.uses.repeatingTemplate'));
      seen = true;
      continue;
    }
    const name = string(object(step['SpecialToken'], 'SpecialToken')['id'], 'SpecialToken.id');
    const ids = list(object(specials[name], `special_tokens.${name}`)['ids'], `special_tokens.${name}.ids`);
    if (ids.length > MOST_TOKENS) throw unsupported(say('tokenizer.uses.manyTokensRound', { most: MOST_TOKENS }));
    (seen ? after : before).push(...ids.map((id) => tokenId(id, `special_tokens.${name}.ids`)));
  }
  if (!seen) throw unsupported(say('tokenizer.uses.emptyTemplate'));
  return { before, after };
}
