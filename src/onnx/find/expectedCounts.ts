/** What config.json says about layers and heads, under the names that the model families of `transformers` use. */
import type { AttentionKind } from '../../attention/types';

export interface Expected {
  /** Layers with attention; several where the config allows several readings. Empty where it says nothing. */
  readonly layers: readonly number[];
  /** Query heads; empty where it says nothing. */
  readonly heads: readonly number[];
  /** Key/value heads; 0 where it says nothing. */
  readonly kvHeads: number;
}

type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LAYERS = ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers', 'depth'];
const ENCODER_LAYERS = ['encoder_layers', 'num_encoder_layers'];
const DECODER_LAYERS = ['decoder_layers', 'num_decoder_layers'];
const HEADS = ['num_attention_heads', 'n_head', 'n_heads', 'num_heads', 'attention_heads'];
const ENCODER_HEADS = ['encoder_attention_heads', 'num_encoder_attention_heads', 'encoder_num_attention_heads'];
const DECODER_HEADS = ['decoder_attention_heads', 'num_decoder_attention_heads', 'decoder_num_attention_heads'];
const KV_HEADS = ['num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num'];

/** What the config expects of one kind of attention. */
export function expect(config: unknown, kind: AttentionKind): Expected {
  const json = part(config, kind);
  if (!json) return { layers: [], heads: [], kvHeads: 0 };
  const encoder = kind === 'encoder';
  const layers = first(json, [...(encoder ? ENCODER_LAYERS : DECODER_LAYERS), ...LAYERS]);
  const heads = first(json, [...(encoder ? ENCODER_HEADS : DECODER_HEADS), ...HEADS]);
  const ratio = positive(json['head_ratio']) ?? 1; // ConvBERT: some heads are convolutions
  let kvHeads = first(json, KV_HEADS) ?? 0;
  if (json['multi_query'] === true && kvHeads === 0) kvHeads = 1;
  return {
    layers: [...new Set([layers, attentionLayers(json), groupedLayers(json)].filter((count) => count !== undefined))],
    heads: heads === undefined ? [] : [...new Set([heads, Math.max(1, Math.floor(heads / ratio))])],
    kvHeads,
  };
}

/** True where the config's own architecture continues a text (rather than reading it whole). */
export function isCausal(config: unknown): boolean {
  if (!isJson(config)) return false;
  if (config['is_decoder'] === true) return true;
  const names: unknown = config['architectures'];
  return (
    Array.isArray(names) &&
    names.some(
      (name) =>
        typeof name === 'string' &&
        /ForCausalLM|LMHeadModel|DoubleHeads/.test(name) &&
        !/^XLNet|^XLM|^Flaubert/.test(name),
    )
  );
}

/** The part of a composed config (vision-encoder-decoder, multi-modal, …) that describes this kind. */
function part(config: unknown, kind: AttentionKind): Json | undefined {
  if (!isJson(config)) return undefined;
  const names =
    kind === 'encoder'
      ? ['encoder', 'text_encoder', 'text_config', 'vision_config', 'audio_config']
      : ['decoder', 'text_config', 'language_config', 'llm_config'];
  if (first(config, [...LAYERS, ...ENCODER_LAYERS, ...DECODER_LAYERS]) !== undefined) return config;
  for (const name of names) {
    const inner: unknown = config[name];
    if (isJson(inner)) return inner;
  }
  return config;
}

/** Hybrid models list the type of each layer; only some are attention. */
function attentionLayers(json: Json): number | undefined {
  const types: unknown = json['layer_types'] ?? json['layers_block_type'];
  if (!Array.isArray(types)) return undefined;
  const count = types.filter(
    (type) => typeof type === 'string' && /attention/.test(type) && !/linear/.test(type),
  ).length;
  return count > 0 ? count : undefined;
}

/** Funnel-like models give blocks of layers. */
function groupedLayers(json: Json): number | undefined {
  const blocks: unknown = json['block_sizes'];
  if (!Array.isArray(blocks)) return undefined;
  return blocks.reduce<number>((sum, size) => sum + (positive(size) ?? 0), 0);
}

function first(json: Json, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = positive(json[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 100_000 ? value : undefined;
}
