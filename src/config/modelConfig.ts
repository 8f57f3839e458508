/**
 * What config.json says about a model, read in this one place. Families write it in many ways: a number may be a text or a list, or
 * stand one level down. A value of the wrong type, or beyond what a count can be, counts as not said.
 */
import { asInteger, asIntegers, asList, asObject, asTexts, type JsonObject } from '../json/fields';
import { attentionPlaces, layersListed } from './layerTypes';
import {
  CHUNK,
  HEAD_DIMENSION,
  HEADS,
  KV_HEADS,
  LAYERS,
  POSITIONS,
  SIDED,
  VOCABULARY,
  MODEL_WIDTH,
} from './configNames';
import { integerIn, partsOf, valueIn, type Side } from './configParts';

/** One side's layers. Numbers that the config does not say are 0. */
export interface StackConfig {
  readonly layers: number;
  /** Places of the layers that have attention, from 0; undefined where all have it, or nothing is said. */
  readonly attention: readonly number[] | undefined;
  /** Layers in groups (Funnel): the sum of `block_sizes`; 0 where there are none. */
  readonly groupedLayers: number;
  /** Query heads; several where they differ from layer to layer. */
  readonly heads: readonly number[];
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly width: number;
}

export interface ModelConfig {
  readonly modelType: string;
  readonly architectures: readonly string[];
  readonly isEncoderDecoder: boolean;
  readonly isDecoder: boolean;
  /** True where the model's own class goes on with a text (rather than reading it whole). */
  readonly isCausal: boolean;
  readonly vocabularySize: number;
  /** As stated; 0 where it is not. */
  readonly positions: number;
  /** Tokens that state-space layers read at once; 0 where it is not stated. */
  readonly chunk: number;
  readonly encoder: StackConfig;
  readonly decoder: StackConfig;
}

/** More than any model has; larger numbers are not counts. */
const MAX_COUNT = 100_000;

const count = (value: number | undefined): number => (value !== undefined && value < MAX_COUNT ? value : 0);

/** @param config parsed config.json; anything that is no object says nothing */
export function readModelConfig(config: unknown): ModelConfig {
  const top = asObject(config) ?? {};
  const encoder = partsOf(config, 'encoder');
  const decoder = partsOf(config, 'decoder');
  const modelType = top['model_type'] ?? valueIn(decoder, ['model_type']);
  const architectures = asTexts(top['architectures']);
  const isDecoder = top['is_decoder'] === true;
  return {
    modelType: typeof modelType === 'string' ? modelType : '',
    architectures,
    isEncoderDecoder: top['is_encoder_decoder'] === true,
    isDecoder,
    isCausal: isDecoder || architectures.some(namesCausalClass),
    vocabularySize: integerIn([...decoder, ...encoder], VOCABULARY, 1) ?? 0,
    positions: integerIn([...decoder, ...encoder], POSITIONS, 2) ?? 0,
    chunk: count(integerIn(decoder, CHUNK, 2)),
    encoder: readStack(encoder, 'encoder'),
    decoder: readStack(decoder, 'decoder'),
  };
}

function namesCausalClass(name: string): boolean {
  return /ForCausalLM|LMHeadModel|DoubleHeads/.test(name) && !/^XLNet|^XLM|^Flaubert/.test(name);
}

/** Reads one side's numbers, first from the part of the config that names the layers: the numbers of a wrapper around it mean something else. */
function readStack(all: readonly JsonObject[], side: Side): StackConfig {
  const layerNames = [...SIDED[side].layers, ...LAYERS];
  const own = all.find((part) => integerIn([part], [...layerNames, ...SIDED[other(side)].layers], 1) !== undefined);
  const parts = own ? [own, ...all.filter((part) => part !== own)] : all;
  const layers = count(integerIn(parts, layerNames, 1) ?? parts.map(layersListed).find((listed) => listed > 0));
  const heads = headsIn(parts, side);
  const [first = 0] = heads;
  const width = integerIn(parts, MODEL_WIDTH, 1) ?? 0;
  return {
    layers,
    attention: layers > 0 ? firstPlaces(parts, layers) : undefined,
    groupedLayers: groupedLayers(parts),
    heads: withoutConvolutions(parts, heads),
    kvHeads: kvHeadsIn(parts),
    headDimension:
      integerIn(parts, HEAD_DIMENSION, 1) ?? (width > 0 && first > 0 && width % first === 0 ? width / first : 0),
    width,
  };
}

const other = (side: Side): Side => (side === 'encoder' ? 'decoder' : 'encoder');

function firstPlaces(parts: readonly JsonObject[], layers: number): readonly number[] | undefined {
  for (const part of parts) {
    const places = attentionPlaces(part, layers);
    if (places) return places;
  }
  return undefined;
}

function headsIn(parts: readonly JsonObject[], side: Side): readonly number[] {
  const heads = asIntegers(valueIn(parts, [...SIDED[side].heads, ...HEADS]), 1).filter((heads) => heads < MAX_COUNT);
  return [...new Set(heads)].slice(0, 64);
}

/** ConvBERT: some heads are convolutions, so that the graph may show fewer. */
function withoutConvolutions(parts: readonly JsonObject[], heads: readonly number[]): readonly number[] {
  const ratio = integerIn(parts, ['head_ratio'], 1) ?? 1;
  return [...new Set([...heads, ...heads.map((all) => Math.max(1, Math.floor(all / ratio)))])];
}

function kvHeadsIn(parts: readonly JsonObject[]): number {
  const stated = count(integerIn(parts, KV_HEADS, 1));
  if (stated > 0) return stated;
  return parts.some((part) => part['multi_query'] === true) ? 1 : 0;
}

function groupedLayers(parts: readonly JsonObject[]): number {
  const blocks = asList(valueIn(parts, ['block_sizes']));
  return count(blocks.reduce<number>((sum, size) => sum + (asInteger(size, 1) ?? 0), 0));
}
