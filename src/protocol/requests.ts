/**
 * What a webview may ask of the extension host: one schema a request, from which its type comes. A webview renders
 * untrusted text, so nothing that it says is believed before it has been checked (see `checks.ts`).
 */
import * as v from 'valibot';
import { isObject } from '../json/fields';
import { decodingSettings } from './decodingSettings';
import { LESSON_PATHS, lessonPlaceEntries, lessonPlay } from './lessonPlace';
import {
  ALIGNMENT_READINGS,
  ALIGNMENT_SOURCES,
  ATTENTION_KINDS,
  AXIS_NAMES,
  MEASURE_NAMES,
  PROBED_MEASURES,
} from '../attention/types';

const MAX_TEXT = 1_000_000;
const MAX_INDICES = 100_000;
/** Explanations are named by UUIDs, models by where they are; neither is long. */
const MAX_NAME = 10_000;

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));
const indexOrNone = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(0x7fff_ffff));
const indices = v.pipe(v.array(index), v.maxLength(MAX_INDICES), v.readonly());
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
/** The id of the explanation that a request is about: one that was replaced since is left alone. */
const explanation = v.pipe(v.string(), v.maxLength(MAX_NAME));
const kind = v.picklist(ATTENTION_KINDS);
const sequence = v.picklist(['source', 'target']);
const measure = v.picklist(MEASURE_NAMES);
const probed = v.picklist(PROBED_MEASURES);
const axis = v.picklist(AXIS_NAMES);

/** An object with these fields; others are not read. An array is an object too, but never one of these. */
const fields = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.custom<object>(isObject), v.object(entries), v.readonly());

/** No model has more layers times heads. */
const MAX_HEADS = 100_000;
/** Words or sentences of the longest text that a model reads. */
const MAX_PIECES = 10_000;
/** The logit lens is asked about a page of a text at a time. */
const MAX_LENS_PLACES = 64;
/** Where a map's numbers come from (`MapSource`). */
const source = v.union([
  fields({ type: v.literal('head') }),
  fields({
    type: v.literal('heads'),
    by: v.picklist(['mean', 'max']),
    heads: v.pipe(v.array(fields({ layer: index, head: index })), v.maxLength(MAX_HEADS), v.readonly()),
  }),
  fields({ type: v.literal('rollout') }),
]);

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** Which numbers of a row are shown (`RowCut`). */
const cut = v.union([
  fields({ type: v.literal('all') }),
  fields({ type: v.literal('mass'), share }),
  fields({ type: v.literal('least'), size: share }),
]);

/** Pieces of the input. */
const ranges = v.pipe(v.array(fields({ from: index, to: index })), v.maxLength(MAX_PIECES), v.readonly());
/** How a piece of the input is left out. */
const manner = v.picklist(['removed', 'replaced']);
/** How what pieces are worth is measured: `LeaveOutRequest`. */
const method = v.exactOptional(v.picklist(['each', 'fit']));
/** Heads that are switched off. */
const headsOff = v.pipe(v.array(fields({ kind, layer: index, head: index })), v.maxLength(MAX_HEADS), v.readonly());

/** Which map was on show when an explanation was pinned. */
export const pinnedMap = fields({ kind, layer: index, head: index, source });
export type PinnedMap = v.InferOutput<typeof pinnedMap>;

/** Links that are cut (`Knockout`). */
const knockouts = v.pipe(
  v.array(fields({ kind, layer: indexOrNone, head: indexOrNone, queries: indices, keys: indices })),
  v.maxLength(MAX_HEADS),
  v.readonly(),
);
/** The tokens that something is about (`attention/content.ts`). */
export const contentEntries = {
  source: index,
  target: index,
  hash: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)),
};

/** What the user looks at; small, versioned, kept across reloads. */
export const viewState = fields({
  version: v.literal(1),
  kind,
  layer: index,
  head: index,
  /** Hide special tokens, per kind. */
  hideSpecial: fields({ encoder: v.boolean(), decoder: v.boolean(), cross: v.boolean() }),
  /** Colour scale: fixed 0 to 1, or each row by its own largest weight. */
  scale: v.picklist(['fixed', 'row']),
  /** Which way a self-attention is read; 'to' where it is left out, as in what earlier versions kept. */
  direction: v.exactOptional(v.picklist(['to', 'from'])),
  /** What is measured; the weights where it is left out. */
  measure: v.exactOptional(measure),
  /** The chosen head, several taken together, or rollout; the head where it is left out. */
  source: v.exactOptional(source),
  /** Words where it is left out. */
  axis: v.exactOptional(axis),
  /** Which numbers of a row are shown; all where it is left out. */
  cut: v.exactOptional(cut),
  /** Divide what is shown of a row by its sum; not where it is left out. */
  renormalise: v.exactOptional(v.boolean()),
  /** Which cross-attention the alignment is read off, and how; the best that is known where it is left out. */
  alignment: v.exactOptional(
    fields({
      source: v.picklist(['best', ...ALIGNMENT_SOURCES]),
      reading: v.picklist(['best', ...ALIGNMENT_READINGS]),
    }),
  ),
  /** Heads without which the output is compared; none where it is left out. */
  off: v.exactOptional(headsOff),
  /** Links without which the output is compared, and the text that they are of; null, and where it is left out: none. */
  cutLinks: v.exactOptional(v.nullable(fields({ of: fields(contentEntries), links: knockouts }))),
  /** Where the lesson stands; null or left out: it is not on show. */
  lesson: v.exactOptional(v.nullable(fields(lessonPlaceEntries))),
  /** How pieces of the input are left out; words, removed, where it is left out. */
  leave: v.exactOptional(fields({ by: v.picklist(['words', 'sentences']), manner, method })),
  /** Which stations it walks; all where it is left out. */
  lessonPath: v.exactOptional(v.picklist(LESSON_PATHS)),
  /** What it changes for once; nothing where it is left out. */
  lessonPlay: v.exactOptional(v.nullable(lessonPlay)),
  /** The first place that the logit lens shows; null, and where it is left out, while it is not on show. */
  lens: v.exactOptional(v.nullable(index)),
  /** The token whose logit is taken apart, and the one that it is held against; null, and where it is left out, while that is not on show. */
  attribution: v.exactOptional(v.nullable(fields({ index, token: index, other: v.nullable(index) }))),
  /** The label of a text that pieces are measured by; null, and where it is left out, the likeliest. */
  label: v.exactOptional(v.nullable(index)),
  /**
   * How a pinned explanation is held against the one on show: whether their difference is shown, and by which heads the
   * pinned one is read: those on show, its own as it was pinned, or what suits.
   */
  compare: v.exactOptional(fields({ difference: v.boolean(), heads: v.picklist(['suited', 'shown', 'own']) })),
});
export type ViewState = v.InferOutput<typeof viewState>;

/** The token that is hovered, focused or locked. */
export const tokenFocus = fields({
  sequence,
  indices,
  locked: v.boolean(),
  /** Who set it: whoever did so is told of it too, and must not set it again. */
  from: v.picklist(['panel', 'generation', 'editor', 'host']),
  /** What the others are coloured by: the word's alignment; the chosen map where it is left out. */
  by: v.exactOptional(v.literal('alignment')),
});
export type TokenFocus = v.InferOutput<typeof tokenFocus>;

/** The extension's commands that a page may run, without their prefix. */
const PANEL_COMMANDS = [
  'chooseModel',
  'showLog',
  'openSettings',
  'showGeneration',
  'explain',
  'measureHeads',
  'copyAlignment',
  'findAligner',
  'copyLessonLink',
] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

const nothing = fields({});
/** The tokens that a question about weights is about (`attention/content.ts`); left out: those that there are. */
const of = v.exactOptional(fields(contentEntries));

/** A schema for each method of `PanelApi`. Whatever is about an explanation names it. */
export const PANEL_REQUESTS = {
  state: nothing,
  head: fields({
    explanation,
    of,
    kind,
    layer: index,
    head: index,
    measure: v.exactOptional(measure),
    source: v.exactOptional(source),
    axis: v.exactOptional(axis),
    sieve: v.exactOptional(fields({ cut, renormalise: v.boolean(), hide: v.boolean() })),
  }),
  tokenWeights: fields({
    explanation,
    of,
    sequence,
    indices,
    measure: v.exactOptional(probed),
    axis: v.exactOptional(axis),
    rollout: v.exactOptional(index),
  }),
  atlas: fields({
    explanation,
    of,
    kind,
    maxCell: index,
    hideSpecial: v.boolean(),
    measure: v.exactOptional(probed),
    axis: v.exactOptional(axis),
  }),
  measure: fields({ explanation, of, measure: probed }),
  roles: fields({ explanation, of, kind }),
  lesson: fields({ explanation, of, ...lessonPlaceEntries, play: v.exactOptional(lessonPlay) }),
  alignment: fields({
    explanation,
    of,
    source: v.picklist(ALIGNMENT_SOURCES),
    layer: index,
    head: index,
    reading: v.picklist(ALIGNMENT_READINGS),
  }),
  headsOff: fields({
    explanation,
    of,
    off: headsOff,
    cut: v.exactOptional(knockouts),
    decoding: v.exactOptional(decodingSettings),
  }),
  headCosts: fields({ explanation, of, kind, label: v.exactOptional(index) }),
  leaveOut: fields({
    explanation,
    of,
    ranges,
    manner,
    method,
    outputs: v.exactOptional(indices),
    label: v.exactOptional(index),
  }),
  forgetLeftOut: fields({ explanation }),
  inputWithout: fields({ explanation, of, ranges, manner, decoding: v.exactOptional(decodingSettings) }),
  lens: fields({ explanation, of, from: index, count: v.pipe(index, v.minValue(1), v.maxValue(MAX_LENS_PLACES)) }),
  attribution: fields({ explanation, of, index, token: index, other: v.nullable(index) }),
  setView: fields({ explanation, view: viewState }),
  setFocus: fields({ explanation, focus: v.nullable(tokenFocus) }),
  generation: fields({ explanation, action: v.picklist(['step', 'run', 'stop', 'restart']) }),
  branch: fields({ explanation, step: index, token: indexOrNone }),
  force: fields({ explanation, text }),
  /** Null: the likeliest token each time, by the model's own rules. */
  setDecoding: fields({ explanation, decoding: v.nullable(decodingSettings) }),
  openBeam: fields({ explanation, token: index }),
  mask: fields({ explanation, indices }),
  setChat: fields({ explanation, chat: v.boolean() }),
  setSpecialsAsText: fields({ explanation, asText: v.boolean() }),
  setPair: fields({ explanation, order: v.picklist(['given', 'swapped', 'one']) }),
  chooseWindow: fields({ explanation, start: index }),
  pin: fields({ explanation, map: pinnedMap }),
  unpin: fields({ explanation }),
  cancel: fields({ explanation }),
  retry: fields({ explanation }),
  reveal: fields({ explanation, sequence, index }),
  copy: fields({ text }),
  command: fields({ name: v.picklist(PANEL_COMMANDS) }),
} as const;

/** Each request by its method's name. */
export type PanelRequests = {
  readonly [Method in keyof typeof PANEL_REQUESTS]: v.InferOutput<(typeof PANEL_REQUESTS)[Method]>;
};
