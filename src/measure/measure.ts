/**
 * What a number between a query and a key means. A view asks the measure how a number is coloured, written and spoken,
 * and knows no measure by name: a new one is an entry here and a kernel that computes it.
 */
import type { MeasureFit, MeasureName } from '../attention/types';
import type { PlainKey } from '../text/say';

export interface Measure {
  readonly name: MeasureName;
  /** True where numbers below zero mean the opposite of those above it: they get a colour of their own. */
  readonly signed: boolean;
  /** What the fixed colour scale spans; a signed one is the same on both sides of zero. */
  readonly range: readonly [least: number, most: number];
  /** Whether the numbers of a row are shares of a whole, so that those of hidden tokens can be added up. */
  readonly shares: boolean;
  /** Its name, as it stands in a menu. */
  readonly title: PlainKey;
  /** What it says, in a sentence. */
  readonly about: PlainKey;
  /** The noun before one number: `weight 0.1234`. */
  readonly noun: PlainKey;
}

export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  weight: {
    name: 'weight',
    signed: false,
    range: [0, 1],
    shares: true,
    title: 'measure.weight.title',
    about: 'measure.weight.about',
    noun: 'measure.weight.noun',
  },
  moved: {
    name: 'moved',
    signed: false,
    range: [0, 1],
    shares: false,
    title: 'measure.moved.title',
    about: 'measure.moved.about',
    noun: 'measure.moved.noun',
  },
  contribution: {
    name: 'contribution',
    signed: false,
    range: [0, 1],
    shares: true,
    title: 'measure.contribution.title',
    about: 'measure.contribution.about',
    noun: 'measure.contribution.noun',
  },
  difference: {
    name: 'difference',
    signed: true,
    range: [-1, 1],
    shares: false,
    title: 'measure.difference.title',
    about: 'measure.difference.about',
    noun: 'measure.difference.noun',
  },
};

/** What is moved where the output projection was not found: the values count as they are, and it is called so. */
const PLAIN: Pick<Measure, 'title' | 'about' | 'noun'> = {
  title: 'measure.movedPlain.title',
  about: 'measure.movedPlain.about',
  noun: 'measure.movedPlain.noun',
};

/** A measure as it is in a text: a fixed scale that ends at the text's largest number, where the measure itself has no end. */
export function measureOf({
  measure,
  fit,
}: {
  readonly measure: MeasureName;
  readonly fit?: MeasureFit | undefined;
}): Measure {
  const known = MEASURES[measure];
  if (fit?.measure !== measure || measure !== 'moved') return known;
  return { ...known, ...(fit.plain && PLAIN), range: [0, fit.most > 0 ? fit.most : 1] };
}

/** The measure that numbers are of where `wanted` was asked for: weights stay weights, whatever is to be made of them. */
export function measureWithin(wanted: MeasureName, fit: MeasureFit | undefined): MeasureName {
  if (fit) return fit.measure;
  return wanted === 'difference' ? wanted : 'weight';
}

/** How far from zero the fixed scale goes. */
export const reachOf = ({ range }: Measure): number => Math.max(Math.abs(range[0]), Math.abs(range[1]));
