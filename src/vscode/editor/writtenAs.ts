/** How a document is written, by its language: what is not known to be prose is code. */
import type { TextKind } from '../../attention/types';

/** VS Code's own languages, and widespread ones of extensions, that people write sentences in. */
const PROSE: ReadonlySet<string> = new Set([
  'plaintext',
  'markdown',
  'mdx',
  'quarto',
  'restructuredtext',
  'asciidoc',
  'org',
  'latex',
  'tex',
  'bibtex',
  'typst',
  'html',
  'xml',
  'xhtml',
  'git-commit',
  'scminput',
  'search-result',
  'log',
  'csv',
  'tsv',
  'prompt',
  'chatagent',
  'instructions',
]);

/** @param languageId VS Code's name of the document's language */
export const writtenAs = (languageId: string): TextKind => (PROSE.has(languageId) ? 'prose' : 'code');
