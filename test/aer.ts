/**
 * The alignment error rate (Och and Ney 2003) of what the alignment view shows, over sentences that people aligned: each is
 * explained as a text of the user's is, its translation is teacher-forced as a typed one is, and the links are those that
 * *Copy as Pharaoh* gives. Once with the gold words, as the rate is defined and as the model's card has it, and once with
 * the view's own words, matched with the gold ones by their characters.
 */
import { readFileSync } from 'node:fs';
import { ALIGNMENT_READINGS, type AlignmentChoice, type Token } from '../src/attention/types';
import { ComputedExplanation } from '../src/engine/text/computedExplanation';
import { ALIGNED_PAIRS } from '../src/engine/headProbe/alignedPairs';
import { measureHeads } from '../src/engine/headProbe/measureHeads';
import { SENTENCES_WITH_NAMES } from '../src/engine/headProbe/probeSentences';
import { loadModel, type LoadedModel } from '../src/engine/model/loadedModel';
import { inSlices } from '../src/engine/macrotask';
import { alignText, crossOf } from '../src/engine/weights/textAlignment';
import {
  alignmentErrorRate,
  strongestLinks,
  wordWeights,
  type GoldLinks,
  type Link,
} from '../src/measure/alignment/alignment';
import { alignedWords, type AlignedWord } from '../src/measure/alignment/alignedWords';
import { goldWords, placesIn, wordsAt, type GoldWord } from '../src/measure/alignment/goldWords';
import { spellingOf, type TokenPlace } from '../src/measure/words/spelling';
import { useNodeRuntime } from './parity/nodeRuntime';
import { readFolder } from './parity/reference';

interface GoldPair {
  readonly en: readonly string[];
  readonly fr: readonly string[];
  readonly sure: readonly (readonly [number, number])[];
  readonly possible: readonly (readonly [number, number])[];
}

interface Joined {
  readonly text: string;
  readonly words: readonly GoldWord[];
}

const NEVER = new AbortController().signal;
const NOWHERE: TokenPlace = { start: -1, end: -1 };

/** Words as a text, as the tokenizer spells them and glued where they are written so: the rules of models/recipe/evaluate.py. */
function joined(words: readonly string[], french: boolean, { tokenizer }: LoadedModel): Joined {
  const glued = french ? /^(?:[.,)\]]|\.\.\.|-[\p{L}\p{N}_]+)$/u : /^(?:[.,)\]]|\.\.\.|n't|'[\p{L}\p{N}_]+)$/u;
  const opening = french ? /['’(]$/u : /[([]$/u;
  let text = '';
  const places: GoldWord[] = [];
  for (const [index, own] of words.entries()) {
    const word = spellingOf(tokenizer.encodeBody(own).tokens).text.trim();
    const before = words[index - 1] ?? '';
    if (index > 0 && !glued.test(word) && !opening.test(before)) text += ' ';
    places.push({ start: text.length, end: text.length + word.length, word: /[\p{L}\p{N}]/u.test(word) });
    text += word;
  }
  return { text, words: places };
}

/** Where words of the view stand in their text; white space in front left out. */
function viewPlaces(words: readonly AlignedWord[], tokens: readonly Token[], text: string): readonly TokenPlace[] {
  const places = placesIn(tokens, text) ?? [];
  return words.map(({ from, to }) => {
    const own = places.slice(from, to).filter(({ end }) => end > 0);
    const start = Math.min(...own.map((place) => place.start));
    const end = Math.max(...own.map((place) => place.end));
    return { start: start + (/^\s*/u.exec(text.slice(Math.max(0, start), end))?.[0].length ?? 0), end };
  });
}

function goldOf({ sure, possible }: GoldPair): GoldLinks {
  const key = ([one, other]: readonly [number, number]): string => `${one}-${other}`;
  return { sure: new Set(sure.map(key)), possible: new Set([...sure, ...possible].map(key)) };
}

async function main(): Promise<void> {
  const [, , file, folder] = process.argv;
  if (file === undefined || folder === undefined)
    throw new Error('Name a file: npm run aer -- gold.jsonl [model folder]');
  useNodeRuntime();
  const model = await loadModel(
    { modelId: 'aer', version: '', name: folder, files: readFolder(folder) },
    { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' },
    () => undefined,
    NEVER,
  );
  const cross = model.report.kinds.find(({ kind }) => kind === 'cross');
  if (!cross) throw new Error('This model has no cross-attention.');
  const { alignment } = await measureHeads(
    model,
    { pairs: ALIGNED_PAIRS, sentences: SENTENCES_WITH_NAMES, parts: 'alignment', told: () => undefined },
    NEVER,
  );
  const [best] = alignment?.choices ?? [];
  console.log(
    `On ${alignment?.count ?? 0} ${alignment?.known ?? ''} of the probe text: ${JSON.stringify(alignment?.choices.slice(0, 5))}`,
  );

  const choices: AlignmentChoice[] = ALIGNMENT_READINGS.flatMap((reading) => [
    ...Array.from({ length: cross.layers * cross.heads }, (_, at) => ({
      source: 'head' as const,
      layer: Math.floor(at / cross.heads),
      head: at % cross.heads,
      reading,
    })),
    { source: 'all-mean' as const, layer: 0, head: 0, reading },
  ]);
  const pairs = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as GoldPair);
  const foundOnGold = choices.map(
    (): { readonly links: readonly Pick<Link, 'source' | 'target'>[]; readonly gold: GoldLinks }[] => [],
  );
  const found = choices.map(
    (): { readonly links: readonly Pick<Link, 'source' | 'target'>[]; readonly gold: GoldLinks }[] => [],
  );
  for (const pair of pairs) {
    const [source, target] = [joined(pair.en, false, model), joined(pair.fr, true, model)];
    const { explanation } = await ComputedExplanation.create('aer', source.text, 0, model);
    try {
      await explanation.force(target.text);
      const held = explanation.weights(undefined);
      const from = alignedWords(held.source);
      const to = alignedWords(held.target);
      const sourcePlaces = viewPlaces(from, held.source, source.text);
      const targetPlaces = viewPlaces(to, held.target, target.text);
      const goldSource = goldWords(held.source, source.text, source.words);
      const goldTarget = goldWords(held.target, target.text, target.words);
      if (!goldSource || !goldTarget) throw new Error(`The tokens do not spell this text: ${target.text}`);
      const weights = held.store.kind('cross');
      for (const [index, choice] of choices.entries()) {
        const cross = await inSlices(crossOf(weights, choice));
        const onGold = wordWeights(cross, weights.keys, goldSource, goldTarget, choice.reading);
        foundOnGold[index]?.push({ links: strongestLinks(onGold, goldSource.length), gold: goldOf(pair) });
        const { data } = await inSlices(alignText(held, choice));
        const links = strongestLinks(data, from.length).flatMap((link) =>
          wordsAt(sourcePlaces[link.source] ?? NOWHERE, source.words).flatMap((one) =>
            wordsAt(targetPlaces[link.target] ?? NOWHERE, target.words).map((other) => ({
              source: one,
              target: other,
            })),
          ),
        );
        const once = new Map(links.map((link) => [`${link.source}-${link.target}`, link]));
        found[index]?.push({ links: [...once.values()], gold: goldOf(pair) });
      }
    } finally {
      explanation.dispose();
    }
  }
  const name = ({ source, layer, head }: AlignmentChoice): string =>
    source === 'head' ? `layer ${layer + 1}, head ${head + 1}` : 'mean over all heads';
  const same = (one: AlignmentChoice, other: AlignmentChoice): boolean =>
    one.source === other.source &&
    one.layer === other.layer &&
    one.head === other.head &&
    one.reading === other.reading;
  const tell = (title: string, sentences: typeof found): void => {
    const rates = choices.map((choice, index) => ({ choice, rate: alignmentErrorRate(sentences[index] ?? []) }));
    console.log(`AER over ${pairs.length} sentences, ${title}:`);
    for (const reading of ALIGNMENT_READINGS) {
      const own = rates.filter(({ choice }) => choice.reading === reading).sort((a, b) => a.rate - b.rate);
      const mean = own.find(({ choice }) => choice.source === 'all-mean');
      const [first] = own;
      if (first && mean)
        console.log(
          `  ${reading.padEnd(8)} best: ${name(first.choice)}: ${first.rate.toFixed(3)}; mean over all heads: ${mean.rate.toFixed(3)}`,
        );
    }
    const shown = rates.find(({ choice }) => best !== undefined && same(best, choice));
    if (shown)
      console.log(
        `  what the view opens with (${name(shown.choice)}, ${shown.choice.reading}): ${shown.rate.toFixed(3)}`,
      );
  };
  tell('words as the view has them', found);
  tell('words as the gold has them', foundOnGold);
  await model.dispose();
}

await main();
