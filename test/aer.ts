/**
 * The alignment error rate (Och and Ney 2003) of what the alignment view shows, over sentences that people aligned: each is
 * explained as a text of the user's is, its translation is teacher-forced as a typed one is, and the links are those that
 * *Copy as Pharaoh* gives. The view's words and the gold ones are matched by their characters.
 */
import { readFileSync } from 'node:fs';
import { ALIGNMENT_READINGS, type AlignmentChoice, type Token } from '../src/attention/types';
import { ComputedExplanation } from '../src/engine/computedExplanation';
import { measureHeads } from '../src/engine/headProbe/measureHeads';
import { SENTENCES_WITH_NAMES } from '../src/engine/headProbe/probeSentences';
import { loadModel } from '../src/engine/loadedModel';
import { inSlices } from '../src/engine/macrotask';
import { alignText, crossOf } from '../src/engine/textAlignment';
import {
  alignmentErrorRate,
  strongestLinks,
  wordWeights,
  type GoldLinks,
  type Link,
} from '../src/measure/alignment/alignment';
import { alignedWords, type AlignedWord } from '../src/measure/alignment/alignedWords';
import { spellingOf } from '../src/measure/words/spelling';
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
  /** [start, end) of each word. */
  readonly places: readonly (readonly [number, number])[];
}

const NEVER = new AbortController().signal;

/** Words as a text, glued where they are written so: the rules of models/recipe/evaluate.py. */
function joined(words: readonly string[], french: boolean): Joined {
  const glued = french
    ? /^(?:[.,)\]]|\.\.\.|…|-[\p{L}\p{N}_]+)$/u
    : /^(?:[.,)\]]|\.\.\.|…|n['’]t|['’][\p{L}\p{N}_]+)$/u;
  const opening = french ? /['’(]$/u : /[([]$/u;
  let text = '';
  const places: [number, number][] = [];
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? '';
    if (index > 0 && !glued.test(word) && !opening.test(before)) text += ' ';
    places.push([text.length, text.length + word.length]);
    text += word;
  }
  return { text, places };
}

/** Which gold words a word of the view shares characters with. @param at where its tokens begin and end in the text */
function goldWords([start, end]: readonly [number, number], { places }: Joined): readonly number[] {
  return places.flatMap(([from, to], index) => (from < end && start < to ? [index] : []));
}

/** Where the words of tokens stand in the text that they spell; leading space left out. */
function placesOf(
  words: readonly AlignedWord[],
  tokens: readonly Token[],
  text: string,
): readonly (readonly [number, number])[] {
  const spelled = tokens.every(({ special, start }) => special || start >= 0) ? tokens : spellingOf(tokens).places;
  return words.map(({ from, to }) => {
    const starts = spelled.slice(from, to).filter(({ start }) => start >= 0);
    const start = Math.min(...starts.map((place) => place.start));
    const end = Math.max(...starts.map((place) => place.end));
    const blank = /^\s*/u.exec(text.slice(start, end))?.[0].length ?? 0;
    return [start + blank, end];
  });
}

/** Each token as a word. */
const tokenWords = (tokens: readonly Token[]): readonly AlignedWord[] =>
  tokens.map(({ text }, from) => ({ from, to: from + 1, text, kind: 'word' }));

/** The gold words as tokens have them; a token of two words counts to the later one, as in models/recipe/evaluate.py. */
function wordsOfGold(
  gold: Joined,
  tokens: readonly Token[],
  places: readonly (readonly [number, number])[],
): readonly AlignedWord[] {
  const wordOf = tokens.map(({ special }, index) =>
    special ? -1 : (goldWords(places[index] ?? [0, 0], gold).at(-1) ?? -1),
  );
  return gold.places.map(([start, end], word) => {
    const own = wordOf.flatMap((of, index) => (of === word ? [index] : []));
    const text = gold.text.slice(start, end);
    const from = own[0] ?? 0;
    const kind = /[\p{L}\p{N}]/u.test(text) ? 'word' : 'punctuation';
    return { from, to: (own.at(-1) ?? from - 1) + 1, text, kind };
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
    { sentences: SENTENCES_WITH_NAMES, parts: 'alignment', told: () => undefined },
    NEVER,
  );
  const [best] = alignment?.choices ?? [];
  console.log(`Best on the probe set's ${alignment?.anchors ?? 0} names and numbers: ${JSON.stringify(best ?? null)}`);

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
  /** The same with the gold words in place of the view's: as models/recipe/evaluate.py counts. */
  const foundOnGold = choices.map(
    (): { readonly links: readonly Pick<Link, 'source' | 'target'>[]; readonly gold: GoldLinks }[] => [],
  );
  const found = choices.map(
    (): { readonly links: readonly Pick<Link, 'source' | 'target'>[]; readonly gold: GoldLinks }[] => [],
  );
  for (const pair of pairs) {
    const [source, target] = [joined(pair.en, false), joined(pair.fr, true)];
    const { explanation } = await ComputedExplanation.create('aer', source.text, 0, model);
    try {
      await explanation.force(target.text);
      const held = explanation.weights(undefined);
      const from = alignedWords(held.source);
      const to = alignedWords(held.target);
      const spelled = spellingOf(held.target).text;
      const sourcePlaces = placesOf(from, held.source, source.text);
      // The forced text may begin with a space that the tokenizer adds.
      const shift = spelled.indexOf(target.text) > 0 ? spelled.indexOf(target.text) : 0;
      const targetPlaces = placesOf(to, held.target, spelled).map(
        ([start, end]) => [start - shift, end - shift] as const,
      );
      const goldSource = wordsOfGold(source, held.source, placesOf(tokenWords(held.source), held.source, source.text));
      const goldTarget = wordsOfGold(
        target,
        held.target,
        placesOf(tokenWords(held.target), held.target, spelled).map(
          ([start, end]) => [start - shift, end - shift] as const,
        ),
      );
      const weights = held.store.kind('cross');
      for (const [index, choice] of choices.entries()) {
        const cross = await inSlices(crossOf(weights, choice));
        const onGold = wordWeights(cross, weights.keys, goldSource, goldTarget, choice.reading);
        foundOnGold[index]?.push({ links: strongestLinks(onGold, goldSource.length), gold: goldOf(pair) });
        const { data } = await inSlices(alignText(held, choice));
        const links = strongestLinks(data, from.length).flatMap((link) =>
          goldWords(sourcePlaces[link.source] ?? [0, 0], source).flatMap((one) =>
            goldWords(targetPlaces[link.target] ?? [0, 0], target).map((other) => ({ source: one, target: other })),
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
