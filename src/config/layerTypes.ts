/**
 * Which layers of a hybrid model have attention. Their configs say it in many ways: a type for each layer, a pattern
 * that repeats, a list of places, or a period (configuration_*.py of Jamba, Bamba, RecurrentGemma, Falcon-H1,
 * Granite 4, Nemotron-H, Qwen3-Next, LFM2, Zamba2, MiniMax, Kimi-Linear, StripedHyena, DeciLM in `transformers` or
 * beside their weights).
 */
import { asInteger, asIntegers, asList, asObject, type JsonObject } from '../json/fields';

/** Several times the deepest model there is; longer lists are not configs. */
const MAX_LAYERS = 4096;

/** A type for each layer, or fewer that repeat. */
const TYPE_LISTS = ['layer_types', 'layers_block_type', 'block_types', '_block_types', 'layers_type', 'attn_type_list'];
/** A text with a letter for each layer (Nemotron-H: `M-M*-`): `*` is attention. */
const PATTERNS = ['hybrid_override_pattern', 'hybrid_layer_pattern', 'layer_pattern'];
/** Places of the layers that have attention, counted from 0. */
const PLACES = [
  'attn_layer_indices',
  'attention_layer_indices',
  'attn_layer_idxs',
  'attn_layer_idx',
  'full_attn_idxs',
  'full_attention_layers',
  'attention_layers_idx',
];
/** Every so many layers one has attention, the last of each group. */
const INTERVALS = ['full_attention_interval', 'full_attn_interval', 'layer_group_size'];

/** What the configuration classes assume where config.json leaves it out. */
const ASSUMED: Readonly<Record<string, JsonObject>> = {
  jamba: { attn_layer_period: 8, attn_layer_offset: 4 },
  recurrent_gemma: { block_types: ['recurrent', 'recurrent', 'attention'] },
  qwen3_next: { full_attention_interval: 4 },
};

/**
 * @param part the config of the side that has the layers
 * @param layers how many layers it has
 * @returns the places of those with attention, in order, from 0; undefined where the config does not tell layers apart
 */
export function attentionPlaces(part: JsonObject, layers: number): readonly number[] | undefined {
  if (layers > MAX_LAYERS) return undefined;
  const found = placesSaid(part, layers) ?? assumed(part, layers);
  const places = [...new Set(found)].filter((place) => place < layers).sort((a, b) => a - b);
  return places.length > 0 && places.length < layers ? places : undefined;
}

function assumed(part: JsonObject, layers: number): readonly number[] | undefined {
  const type = part['model_type'];
  const standard = typeof type === 'string' && Object.hasOwn(ASSUMED, type) ? ASSUMED[type] : undefined;
  return standard && placesSaid({ ...standard, ...part }, layers);
}

function placesSaid(part: JsonObject, layers: number): readonly number[] | undefined {
  return (
    byTypes(part, layers) ??
    byPattern(part, layers) ??
    byPlaces(part) ??
    byLinearConfig(part) ??
    byBlocks(part, layers) ??
    byPeriod(part, layers)
  );
}

/** How many layers a config lists one by one, where it does not say their number; 0 where it does not. */
export function layersListed(part: JsonObject): number {
  for (const name of TYPE_LISTS) {
    const types = asList(part[name]);
    if (types.length > 0) return types.length <= MAX_LAYERS ? types.length : 0;
  }
  for (const name of PATTERNS) {
    const pattern = part[name];
    if (typeof pattern === 'string' && pattern !== '') return pattern.length <= MAX_LAYERS ? pattern.length : 0;
  }
  return 0;
}

/** True for the types of layer that have a map of queries to keys, whichever keys they see. */
function isAttention(type: unknown): boolean {
  if (typeof type === 'number') return type === 1; // MiniMax: 1 softmax attention, 0 linear
  if (typeof type !== 'string') return false;
  const name = type.toLowerCase();
  if (/linear|lightning|mamba|recurrent|conv|ssm|delta|rwkv|no_op|none/.test(name)) return false;
  return /att(?:entio)?n|^hybrid|^full|^global|^local|^sliding|^\*$/.test(name);
}

function everyPlace(layers: number, has: (place: number) => boolean): readonly number[] {
  return Array.from({ length: layers }, (_, place) => place).filter(has);
}

function byTypes(part: JsonObject, layers: number): readonly number[] | undefined {
  for (const name of TYPE_LISTS) {
    const types = asList(part[name]);
    if (types.length > 0 && types.length <= MAX_LAYERS)
      return everyPlace(layers, (place) => isAttention(types[place % types.length]));
  }
  return undefined;
}

function byPattern(part: JsonObject, layers: number): readonly number[] | undefined {
  for (const name of PATTERNS) {
    const pattern = part[name];
    if (typeof pattern === 'string' && pattern.includes('*') && pattern.length <= MAX_LAYERS)
      return everyPlace(layers, (place) => pattern[place] === '*');
  }
  return undefined;
}

function byPlaces(part: JsonObject): readonly number[] | undefined {
  for (const name of PLACES) {
    const list = asList(part[name]).slice(0, MAX_LAYERS);
    if (list.length > 0) return asIntegers(list);
  }
  return undefined;
}

/** Kimi-Linear counts its layers from 1. */
function byLinearConfig(part: JsonObject): readonly number[] | undefined {
  const list = asList(asObject(part['linear_attn_config'])?.['full_attn_layers']).slice(0, MAX_LAYERS);
  return list.length > 0 ? asIntegers(list, 1).map((place) => place - 1) : undefined;
}

/** DeciLM: each block says whether its attention was taken out. */
function byBlocks(part: JsonObject, layers: number): readonly number[] | undefined {
  const blocks = asList(part['block_configs']);
  if (blocks.length === 0 || blocks.length > MAX_LAYERS) return undefined;
  return everyPlace(layers, (place) => {
    const attention = asObject(asObject(blocks[place])?.['attention']);
    return attention !== undefined && attention['no_op'] !== true && attention['replace_with_linear'] !== true;
  });
}

function byPeriod(part: JsonObject, layers: number): readonly number[] | undefined {
  const period = asInteger(part['attn_layer_period'], 1);
  if (period !== undefined) {
    const offset = asInteger(part['attn_layer_offset']) ?? 0;
    return everyPlace(layers, (place) => place % period === offset % period);
  }
  for (const name of INTERVALS) {
    const interval = asInteger(part[name], 1);
    if (interval !== undefined) return everyPlace(layers, (place) => (place + 1) % interval === 0);
  }
  return undefined;
}
