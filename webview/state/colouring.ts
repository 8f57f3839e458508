/** What the running text is coloured by, and the sentence that says so. */
import type { KindInfo, MapRef, Token } from '../../src/attention/types';
import { alignedReading } from '../../src/measure/alignment/alignedReading';
import { MEASURES } from '../../src/measure/measure';
import { readingOf, readingOfRow, type TokenReading } from '../../src/measure/reading';
import { listOf } from '../../src/text/listInSentence';
import { say } from '../../src/text/say';
import { tokenLabel } from '../format';
import { focusRole, kindInfo, tokensOf, type AppState } from './appState';
import { kindName, mapName } from './names';
import { meanReceived } from './shownWeights';

/** More tokens than these are counted, not named. */
const NAMED = 4;

export interface Colouring extends TokenReading {
  /** One token's number in words, before the number: `looks there with weight`. */
  readonly what: string;
}

export function colouring(state: AppState): Colouring | undefined {
  const { snapshot, view, map, focus, weights } = state;
  if (!snapshot) return undefined;
  if (focus?.by === 'alignment' && state.alignment)
    return {
      ...alignedReading(state.alignment, snapshot, focus.sequence, focus.indices),
      what: say('webview.alignment.isAligned'),
    };
  const role = focusRole(state);
  if (focus && role) {
    const reading = weights && readingOf(weights.list, role, tokensOf(snapshot, role.others), view);
    if (!reading) return undefined;
    const noun = say(reading.measure.noun);
    const what =
      role.role === 'query'
        ? say('webview.text.isLookedAtWith', { noun })
        : say('webview.text.looksThereWith', { noun });
    return { ...reading, what };
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info || !map) return undefined;
  const mean = meanReceived(map, info, tokensOf(snapshot, info.queries), view.hideSpecial[info.kind]);
  const shown = { ...view, measure: map.measure };
  return {
    ...readingOfRow(mean, info.kind, info.keys, tokensOf(snapshot, info.keys), shown),
    what: say('webview.text.isLookedAtWithMean', { noun: say(MEASURES[map.measure].noun) }),
  };
}

/** `fed “den”, predicts “k”` for a decoder's token; the label in quotes for any other. */
export function tokenPhrase(tokens: readonly Token[], index: number, isDecoder: boolean): string {
  const token = tokenLabel(tokens[index]);
  if (!isDecoder) return say('webview.token.quoted', { token });
  const next = tokens[index + 1];
  return next
    ? say('webview.token.fed', { token, next: tokenLabel(next) })
    : say('webview.token.writtenLast', { token });
}

/** Some tokens in words: one by its label, a few by theirs, many by their number. */
export function namesOf(tokens: readonly Token[], indices: readonly number[]): string {
  const names = listOf(
    indices.slice(0, NAMED).map((index) => say('webview.token.quoted', { token: tokenLabel(tokens[index]) })),
  );
  return indices.length > NAMED ? say('webview.token.andMore', { names, more: indices.length - NAMED }) : names;
}

/** One sentence for what the text's colours say. */
export function colouringSentence(state: AppState): string {
  const { snapshot, focus, view, map } = state;
  const role = focusRole(state);
  if (focus && role) {
    const who = namesOf(tokensOf(snapshot, focus.sequence), focus.indices);
    if (focus.by === 'alignment') return say('webview.alignment.alignedWith', { who });
    const several = focus.indices.length > 1;
    if (role.role === 'query')
      return say(several ? 'webview.text.whereTheyLook' : 'webview.text.whereItLooks', { who });
    return say(several ? 'webview.text.whoLooksAtThem' : 'webview.text.whoLooksAtIt', { who });
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info) return '';
  return meanSentence(info, map ?? view);
}

/** What the text's colours say where nothing is focused. */
function meanSentence(info: KindInfo, of: MapRef): string {
  const name = kindName(info.kind).toLowerCase();
  return of.measure === 'weight' && of.source.type === 'head'
    ? say('webview.text.meanWeight', { kind: name })
    : say('webview.text.meanOf', { map: mapName(of, info), kind: name });
}
