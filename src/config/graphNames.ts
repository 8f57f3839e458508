/**
 * A model's ONNX files by their names, as exporters and people give them: which file is which, which belong together,
 * and in what precision. One reading for the hub's listings, folders and the engine.
 */
import type { GraphRole } from '../onnx/types';

/** How the graphs are divided among files. */
export type FileLayout =
  'encoder + merged decoder' | 'encoder + decoder pair' | 'merged decoder' | 'single' | 'decoder pair' | 'encoder';

export interface NamedGraph {
  readonly role: GraphRole;
  readonly path: string;
}

/** Graphs that make a model together. */
export interface GraphSet {
  /** What tells it from the others: `fp32` where the names say nothing, else their ending (`fp16`, `O2`, `qint8_avx512_vnni` …). */
  readonly name: string;
  /** The precision that the name stands for, among those of `PRECISIONS`. */
  readonly precision: Precision;
  readonly layout: FileLayout;
  /** With a slash at its end; '' for the top. */
  readonly folder: string;
  readonly graphs: readonly NamedGraph[];
  /** True where a lone file has a name of its own, which tells nothing. */
  readonly unknownName: boolean;
}

/** What the names of files are known to say, the exact first. */
const PRECISIONS = ['fp32', 'fp16', 'int8', 'q4', 'q4f16', 'bnb4'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Precisions as transformers.js names them, in the order in which they are offered; other names come after them. */
const KNOWN_NAMES = ['fp32', 'fp16', 'quantized', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'];

/** The form of a set's name, which becomes a part of ids and of folders' names. */
const SET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const LONGEST_NAME = 80;

/** True for a text that a set of graphs may be called; it never leads out of a folder, nor reads as a part of a model's id. */
export function isSetName(value: unknown): value is string {
  return typeof value === 'string' && fitsSetName(value);
}

const fitsSetName = (text: string): boolean => SET_NAME.test(text) && !/\.\.|--/.test(text);

/** A text in the form of a set's name: what cannot be in one becomes its code, so that different names stay different. */
function asSetName(text: string): string {
  if (fitsSetName(text)) return text;
  const coded = text
    .replace(/[\p{White_Space}()[\]]+/gu, '_')
    .replace(/[^A-Za-z0-9._-]/gu, (character) => `u${character.codePointAt(0)?.toString(16) ?? ''}`)
    .replace(/\.{2,}|-{2,}/g, '_')
    .replace(/^[._-]+|[._-]+$/g, '');
  // The end of a name tells variants apart.
  const short = coded.length > LONGEST_NAME ? coded.slice(-LONGEST_NAME).replace(/^[._-]+/, '') : coded;
  return short === '' ? 'unnamed' : short;
}

/** The precision that a name stands for: `O4` is half precision, as Optimum's optimisation levels have it. */
export function precisionOf(name: string): Precision {
  if (/q4f16|int4.?(?:fp|f)16/i.test(name)) return 'q4f16';
  if (/bnb4|nf4/i.test(name)) return 'bnb4';
  if (/q4|int4|4.?bit|awq|gptq/i.test(name)) return 'q4';
  if (/int8|quant|q8|8.?bit/i.test(name)) return 'int8';
  if (/fp16|f16|float16|half|(?:^|[._-])O4(?:$|[._-])/i.test(name)) return 'fp16';
  return 'fp32';
}

const EXTENSION = /\.onnx$/i;

/** A path's name without its folder and its ending. */
const stemOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(EXTENSION, '');

/** True for the name of an ONNX graph. */
export const isGraphFile = (path: string): boolean => EXTENSION.test(path);

/** Longer stems first: the rest of a name is what tells variants apart. */
const STEMS: readonly (readonly [string, GraphRole])[] = [
  ['decoder_with_past_model', 'decoder-with-past'],
  ['decoder_model_with_past', 'decoder-with-past'],
  ['decoder_model_merged', 'decoder-merged'],
  ['decoder_with_past', 'decoder-with-past'],
  ['decoder_merged', 'decoder-merged'],
  ['encoder_model', 'encoder'],
  ['decoder_model', 'decoder'],
  ['encoder', 'encoder'],
  ['decoder', 'decoder'],
  ['model', 'model'],
];

/** Which roles make a model together, the best choice first; an encoder alone is a model that only reads. */
const LAYOUTS: readonly { readonly layout: FileLayout; readonly roles: readonly GraphRole[] }[] = [
  { layout: 'encoder + merged decoder', roles: ['encoder', 'decoder-merged'] },
  { layout: 'encoder + decoder pair', roles: ['encoder', 'decoder', 'decoder-with-past'] },
  { layout: 'encoder + decoder pair', roles: ['encoder', 'decoder'] },
  { layout: 'merged decoder', roles: ['decoder-merged'] },
  { layout: 'single', roles: ['model'] },
  { layout: 'decoder pair', roles: ['decoder', 'decoder-with-past'] },
  { layout: 'decoder pair', roles: ['decoder'] },
  { layout: 'encoder', roles: ['encoder'] },
];

interface Named extends NamedGraph {
  readonly folder: string;
  /** What follows the stem in the name; '' where nothing does. */
  readonly suffix: string;
}

/** Which file of a model a path names; undefined where its name is none that exporters give. */
export function graphOf(path: string): Named | undefined {
  return isGraphFile(path) ? namedAfter(path, '') : undefined;
}

/** Reads a path's name behind `prefix`, whichever of `_` and `-` is in it. */
function namedAfter(path: string, prefix: string): Named | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const name = stemOf(path).slice(prefix.length);
  const plain = name.toLowerCase().replaceAll('-', '_');
  for (const [stem, role] of STEMS) {
    if (plain === stem) return { role, path, folder, suffix: '' };
    if (plain.startsWith(stem) && /^[. _(]/.test(plain.slice(stem.length)))
      return { role, path, folder, suffix: name.slice(stem.length).replace(/^[. _-]+/, '') };
  }
  return undefined;
}

/** What stands before the words `encoder` and `decoder` where people put the model's name first: `t5-small-encoder`. */
const NAME_FIRST = /^(.+[. _-])(?:encoder|decoder)/i;

/** Encoder and decoder under names that begin with the model's; none where they do not go together. */
function behindNames(paths: readonly string[]): readonly Named[] {
  const prefixOf = (path: string): string => NAME_FIRST.exec(stemOf(path))?.[1] ?? '';
  const named = paths.flatMap((path) => {
    const prefix = prefixOf(path);
    return prefix === '' ? [] : (namedAfter(path, prefix) ?? []);
  });
  const has = (role: RegExp): boolean => named.some((graph) => role.test(graph.role));
  const prefixes = new Set(named.map(({ path }) => prefixOf(path)));
  return prefixes.size === 1 && has(/^encoder$/) && has(/^decoder/) ? named : [];
}

/** Words in the names of files that are one part of a model which reads pictures or sound beside text (CLIP, CLAP). */
const OTHER_TOWER =
  /(?:^|[._-])(?:vision|visual|image|img|picture|pixel|video|audio|speech|sound)(?:[._-](?:model|encoder|tower|projection))?(?=$|[._-])/;
const TEXT_TOWER = /(?:^|[._-])(?:textual|text[._-](?:model|encoder|tower))(?=$|[._-])/;

/** The files of a model of two towers: those that read text, and the others, which do not. Both empty where it has not both. */
export function towersAmong(paths: readonly string[]): {
  readonly text: readonly string[];
  readonly other: readonly string[];
} {
  const graphs = paths.filter(isGraphFile).slice(0, MAX_GRAPHS);
  const other = graphs.filter((path) => OTHER_TOWER.test(stemOf(path)));
  const text = graphs.filter((path) => TEXT_TOWER.test(stemOf(path)) && !OTHER_TOWER.test(stemOf(path)));
  return other.length > 0 && text.length > 0 ? { text, other } : { text: [], other: [] };
}

/** More than any repository has; a longer list is not looked through. */
const MAX_GRAPHS = 2000;

/** The sets of graphs among `paths`: folder by folder (`onnx/` and the top first), one for each ending of the names. */
export function graphSets(paths: readonly string[]): readonly GraphSet[] {
  const towers = towersAmong(paths).text;
  // Of two towers one reads text; a file that holds both (`model.onnx`) takes pictures too.
  const onnx = (towers.length > 0 ? towers : paths).filter(isGraphFile).slice(0, MAX_GRAPHS);
  const usual = onnx.map(graphOf).filter((graph) => graph !== undefined);
  const named = usual.length > 0 ? usual : behindNames(onnx);
  const folders = [...new Set(named.map(({ folder }) => folder))].sort(byNearness);
  const sets = folders.flatMap((folder) => setsIn(named.filter((graph) => graph.folder === folder)));
  const found = named.length > 0 ? sets : onnx.map(loneSet);
  // The same name in two folders means the same graphs: the first is taken.
  const names = new Set<string>();
  return found
    .map((set) => ({ ...set, name: asSetName(set.name) }))
    .filter(({ name }) => !names.has(name) && names.add(name))
    .sort(byPrecision);
}

function setsIn(graphs: readonly Named[]): readonly GraphSet[] {
  const suffixes = [...new Set(graphs.map(({ suffix }) => suffix))];
  const sets = suffixes
    .map((suffix) =>
      setOf(
        graphs.filter((graph) => graph.suffix === suffix),
        suffix === '' ? 'fp32' : suffix,
      ),
    )
    .filter((set) => set !== undefined);
  if (sets.some(({ layout }) => layout.startsWith('encoder +'))) return sets;
  // Encoder and decoder in different precisions: they belong together where neither has another partner.
  const mixed = setOf(graphs, 'mixed');
  return mixed?.layout.startsWith('encoder +') ? [mixed] : sets;
}

function setOf(graphs: readonly Named[], ending: string): GraphSet | undefined {
  for (const { layout, roles } of LAYOUTS) {
    const chosen = roles
      .map((role) => graphs.find((graph) => graph.role === role))
      .filter((graph) => graph !== undefined);
    // An encoder beside half of a decoder is not a model that only reads, but one whose file is missing.
    const lacks = layout === 'encoder' && graphs.some(({ role }) => role !== 'encoder');
    const [first] = chosen;
    if (!first || lacks || chosen.length < roles.length) continue;
    const { folder } = first;
    const elsewhere = folder === '' || folder === 'onnx/' ? '' : folder.slice(0, -1).replaceAll('/', '.');
    const name = nameIn(elsewhere, ending);
    return {
      name,
      precision: ending === 'mixed' ? coarsest(chosen) : precisionOf(name),
      layout,
      folder,
      graphs: chosen.map(({ role, path }) => ({ role, path })),
      unknownName: false,
    };
  }
  return undefined;
}

function coarsest(graphs: readonly Named[]): Precision {
  const precisions = graphs.map(({ suffix }) => precisionOf(suffix));
  return [...PRECISIONS].reverse().find((precision) => precisions.includes(precision)) ?? 'fp32';
}

function loneSet(path: string): GraphSet {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const name = stemOf(path);
  const graphs: readonly NamedGraph[] = [{ role: 'model', path }];
  return { name, precision: precisionOf(name), layout: 'single', folder, graphs, unknownName: true };
}

function byNearness(a: string, b: string): number {
  const rank = (folder: string): number => {
    if (folder === 'onnx/') return 0;
    return folder === '' ? 1 : 1 + folder.split('/').length;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** A set's name: its ending, after the folder where that is not a usual one (`int8`, `ov`, `ov.int8`). */
function nameIn(folder: string, ending: string): string {
  if (folder === '') return ending;
  return ending === 'fp32' ? folder : `${folder}.${ending}`;
}

/** The names of transformers.js in their order, then the others as they were found. */
function byPrecision(a: GraphSet, b: GraphSet): number {
  const rank = ({ name }: GraphSet): number => {
    const place = KNOWN_NAMES.indexOf(name);
    return place < 0 ? KNOWN_NAMES.length : place;
  };
  return rank(a) - rank(b);
}

/**
 * True for a file that holds a graph's weights beside it: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`, `model.data`,
 * `model.bin`, `model_weights.pb`, `weights.bin` …
 */
export function isExternalData(path: string, graph: string): boolean {
  const folder = graph.slice(0, graph.lastIndexOf('/') + 1);
  if (path.startsWith(folder) && OF_ALL.test(path.slice(folder.length))) return true;
  const stem = graph.replace(EXTENSION, '');
  return path.startsWith(stem) && OF_ONE.test(path.slice(stem.length));
}

/** What weights are called, alone or behind their graph's name. */
const WEIGHTS = String.raw`(?:external[._-]?)?(?:data|weights?|params|tensors)(?:[._-]\d+)?(?:\.(?:data|bin|pb))?`;
const OF_ONE = new RegExp(String.raw`^(?:\.onnx)?(?:[._-]${WEIGHTS}|\.(?:bin|pb))$`, 'iu');
const OF_ALL = new RegExp(`^${WEIGHTS}$`, 'iu');
