/** A real run of a BERT with random weights (test/fixtures) that fills masks, over a tokenizer of one word a token. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { EMPTY_SNAPSHOT, TestHost } from './host';
import { PROVIDER } from './realRun';

const FIXTURE = join(import.meta.dirname, '../fixtures/transformers/sdpa-bert');
const WORDS = [
  '[PAD]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  ...'the cat sat on mat because it was tired and dog slept beside fire of a in to is for that with as by from at or an be this'.split(
    ' ',
  ),
];

/** A real tokenizer.json with `WORDS`, framed as BERT's. */
function tokenizer(): Uint8Array {
  const vocab = Object.fromEntries(Array.from({ length: 99 }, (_, id) => [WORDS[id] ?? `word${id}`, id]));
  return new TextEncoder().encode(
    JSON.stringify({
      version: '1.0',
      normalizer: null,
      pre_tokenizer: { type: 'WhitespaceSplit' },
      decoder: null,
      post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
      added_tokens: [0, 1, 2, 3].map((id) => ({
        id,
        content: WORDS[id],
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      model: { type: 'WordLevel', vocab, unk_token: '[PAD]' },
    }),
  );
}

let loading: Promise<LoadedModel> | undefined;

function tinyBert(): Promise<LoadedModel> {
  useNodeRuntime();
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURE, name)));
  const files = {
    'config.json': read('config.json'),
    'onnx/model.onnx': read('model.onnx'),
    'tokenizer.json': tokenizer(),
  };
  loading ??= loadModel(
    { modelId: 'tiny-bert', version: '', name: 'Tiny BERT', files },
    PROVIDER,
    () => undefined,
    new AbortController().signal,
  );
  return loading;
}

export const MASKED_SAMPLE = 'the cat sat on the mat because it was tired';

/** Explains `text`; the host's `mask` explains it again, as the extension host does. */
export async function maskedRun(text: string = MASKED_SAMPLE, masked: readonly number[] = []): Promise<TestHost> {
  const model = await tinyBert();
  let runs = 0;
  const host = new TestHost(null);
  const run = async (indices: readonly number[]): Promise<void> => {
    const id = `run-${++runs}`;
    const { explanation, encoded } = await ComputedExplanation.create(id, text, 0, model, { masked: indices });
    const { window, source, fills } = encoded;
    host.weights = explanation.store;
    host.snapshot = {
      ...EMPTY_SNAPSHOT,
      id,
      revision: runs,
      model: model.report,
      provider: PROVIDER,
      window,
      source,
      fills,
      masked: fills.filter(({ original }) => original !== null).map(({ index }) => index),
    };
    host.emit('explanation', { type: 'whole', snapshot: host.snapshot });
  };
  await run(masked);
  host.masking = run;
  return host;
}
