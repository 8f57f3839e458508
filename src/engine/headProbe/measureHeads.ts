/** Measures a model's heads on the probe set (`probeSentences.ts`): what they are like on the whole, not on one text. */
import { AttentionStore } from '../../attention/attentionStore';
import { ROLE_NAMES, type RoleName, type RoleTable, type Token } from '../../attention/types';
import type { HeadScores } from '../../protocol/engine';
import { KeyValueCache } from '../../transformer/cache';
import { deliver } from '../../transformer/capture';
import type { EncoderStates } from '../../transformer/decoder';
import { readInParts } from '../../transformer/readInParts';
import { ComputedExplanation } from '../text/computedExplanation';
import type { LoadedModel } from '../model/loadedModel';
import { inSlices, nextTask } from '../macrotask';
import { HeadRoles } from '../weights/headRoles';
import type { HeldWeights } from '../weights/maps';
import type { AlignedPair } from './alignedPairs';
import { NameTrial, PairTrial } from './findAligner';
import { repeatedTokens } from './repeated';

/** How many times the tokens of a probe sentence its translation may have; one that runs on tells nothing new. */
const MOST_WRITTEN = 2;

/** Measured on tokens that repeat: in sentences what comes back is mostly "the". */
const OF_REPETITION: readonly RoleName[] = ['duplicate', 'induction'];
const OF_SENTENCES = ROLE_NAMES.filter((role) => !OF_REPETITION.includes(role));

/** Reads a sentence; an encoder-decoder also writes what it makes of it. */
async function readSentence(model: LoadedModel, sentence: string, signal: AbortSignal): Promise<HeldWeights> {
  const { explanation, encoded } = await ComputedExplanation.create('probe', sentence, 0, model);
  try {
    if (model.report.family === 'encoder-decoder')
      await explanation.generate(MOST_WRITTEN * encoded.source.length, signal, () => undefined);
    signal.throwIfAborted();
    return explanation.weights(undefined);
  } finally {
    explanation.dispose();
  }
}

/**
 * The weights of a decoder that reads given tokens in one pass.
 * @param source the tokens that its encoder reads, where it has one
 */
async function readTokens(
  model: LoadedModel,
  source: readonly Token[],
  target: readonly Token[],
): Promise<HeldWeights> {
  const { encoder, decoder, report } = model;
  const store = new AttentionStore(report.kinds, report.family === 'decoder-only');
  const cache = new KeyValueCache();
  let states: EncoderStates | undefined;
  try {
    if (encoder) {
      const pass = await encoder.run(source.map(({ id }) => id));
      states = { states: pass.output, length: source.length };
      deliver(pass.weights, store, 0);
    }
    const ids = target.map(({ id }) => id);
    if (decoder) await readInParts(decoder, ids, cache, states, { wanted: 1, receiver: store });
    return { store, source, target };
  } finally {
    cache.clear();
    states?.states.dispose();
  }
}

/** The repeated random sequence as this model's decoder takes it; undefined where it has none. */
async function readRepeated(model: LoadedModel, beside: string): Promise<HeldWeights | undefined> {
  const { tokenizer, spec, report, decoder, promptLimit, limits } = model;
  if (!decoder) return undefined;
  if (report.family === 'decoder-only') {
    const body = repeatedTokens(tokenizer, promptLimit - tokenizer.frameLength);
    return readTokens(model, [], tokenizer.wrap(body));
  }
  const start = tokenizer.token(spec.decoderStart);
  return readTokens(model, tokenizer.encode(beside).tokens, [start, ...repeatedTokens(tokenizer, limits.target - 1)]);
}

/** What is measured, and on what. */
export interface Measuring {
  /** Hand-aligned, for models with cross-attention. */
  readonly pairs: readonly AlignedPair[];
  /** What is read one by one. */
  readonly sentences: readonly string[];
  /** Everything, or only which head aligns best. */
  readonly parts: 'all' | 'alignment';
  /** Called before each text with how many texts are done, and how many there are. */
  readonly told: (done: number, all: number) => void;
}

/** Measures every head of a model, as `Measuring` asks. @throws AbortError, and what running a text can throw */
export async function measureHeads(
  model: LoadedModel,
  { pairs, sentences, parts, told }: Measuring,
  signal: AbortSignal,
): Promise<HeadScores> {
  const { kinds, family } = model.report;
  const wantsRoles = parts === 'all';
  const all = wantsRoles ? kinds.map((info) => ({ info, roles: new HeadRoles(info, family === 'decoder-only') })) : [];
  const cross = kinds.find(({ kind }) => kind === 'cross');
  const aligned = cross ? pairs : [];
  const begin = async (done: number): Promise<void> => {
    told(done, aligned.length + sentences.length);
    // A cancel is heard here.
    await nextTask();
    signal.throwIfAborted();
  };
  const trial = cross && new PairTrial(cross);
  for (const [done, pair] of aligned.entries()) {
    await begin(done);
    await trial?.add(model, pair, signal);
  }
  const found = trial?.scores();
  const names = cross && !found ? new NameTrial(cross) : undefined;
  const read = wantsRoles || names ? sentences : [];
  for (const [done, sentence] of read.entries()) {
    await begin(aligned.length + done);
    const held = await readSentence(model, sentence, signal);
    for (const { info, roles } of all)
      await inSlices(roles.add(held, info.kind === 'decoder' ? OF_SENTENCES : ROLE_NAMES), signal);
    await names?.add(held, signal);
  }
  const repeated = wantsRoles ? await readRepeated(model, sentences[0] ?? '') : undefined;
  if (repeated)
    for (const { info, roles } of all)
      if (info.kind === 'decoder') await inSlices(roles.add(repeated, OF_REPETITION), signal);
  return {
    sentences: wantsRoles ? sentences.length : 0,
    roles: all.map(({ roles }): RoleTable => roles.table()),
    alignment: found ?? names?.scores() ?? null,
  };
}
