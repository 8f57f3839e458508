/**
 * The special tokens that a tokenizer puts round and between the two texts of a pair, and the type that each position has there
 * (BERT's segments; Devlin et al. 2019). Source: the `tokenizers` crate, processors/{template,bert,roberta}.rs.
 */
import { type Fields, isObject, list, object, string, tokenId } from '../tokenizerJson';

/** A special token and its type. */
export interface TypedToken {
  readonly id: number;
  readonly type: number;
}

export interface PairFrame {
  readonly before: readonly TypedToken[];
  readonly between: readonly TypedToken[];
  readonly after: readonly TypedToken[];
  /** The types of the two texts' own tokens. */
  readonly first: number;
  readonly second: number;
}

const DEEPEST = 16;
const MOST_TOKENS = 64;
const MOST_TYPES = 16;

/**
 * Null where the post-processor says nothing of pairs, or puts the texts in another order: no pair is read then.
 * @param value the `post_processor` of tokenizer.json, which `readFrame` has checked
 * @throws ExplainError TOKENIZER_INVALID
 */
export function readPairFrame(value: unknown, depth = 0): PairFrame | null {
  if (!isObject(value) || depth > DEEPEST) return null;
  switch (value['type']) {
    case 'BertProcessing': {
      const sep = processorId(value['sep'], 'sep');
      const cls = { id: processorId(value['cls'], 'cls'), type: 0 };
      return { before: [cls], between: [{ id: sep, type: 0 }], after: [{ id: sep, type: 1 }], first: 0, second: 1 };
    }
    case 'RobertaProcessing': {
      const sep = { id: processorId(value['sep'], 'sep'), type: 0 };
      const cls = { id: processorId(value['cls'], 'cls'), type: 0 };
      return { before: [cls], between: [sep, sep], after: [sep], first: 0, second: 0 };
    }
    case 'TemplateProcessing':
      return templateOf(value);
    case 'Sequence':
      return (
        list(value['processors'], 'post_processor.processors')
          .map((step) => readPairFrame(step, depth + 1))
          .find((frame) => frame !== null) ?? null
      );
    default:
      return null;
  }
}

/** `["[CLS]", 101]` */
function processorId(value: unknown, name: string): number {
  return tokenId(list(value, `post_processor.${name}`)[1], `post_processor.${name}`);
}

/** A type as it may be looked up in a small table. */
const typeIn = (fields: Fields): number => {
  const type = fields['type_id'];
  return typeof type === 'number' && Number.isInteger(type) && type >= 0 && type < MOST_TYPES ? type : 0;
};

function templateOf(config: Fields): PairFrame | null {
  if (!Array.isArray(config['pair'])) return null;
  const specials = object(config['special_tokens'], 'post_processor.special_tokens');
  const round: [TypedToken[], TypedToken[], TypedToken[]] = [[], [], []];
  const types: number[] = [];
  for (const item of list(config['pair'], 'post_processor.pair')) {
    const step = object(item, 'post_processor.pair');
    const sequence = step['Sequence'];
    if (isObject(sequence)) {
      if (sequence['id'] !== ['A', 'B'][types.length]) return null;
      types.push(typeIn(sequence));
      continue;
    }
    const special = object(step['SpecialToken'], 'SpecialToken');
    const name = string(special['id'], 'SpecialToken.id');
    const ids = list(object(specials[name], `special_tokens.${name}`)['ids'], `special_tokens.${name}.ids`);
    const place = round[types.length] ?? round[2];
    if (place.length + ids.length > MOST_TOKENS) return null;
    place.push(...ids.map((id) => ({ id: tokenId(id, `special_tokens.${name}.ids`), type: typeIn(special) })));
  }
  const [first, second] = types;
  const [before, between, after] = round;
  return first === undefined || second === undefined ? null : { before, between, after, first, second };
}
