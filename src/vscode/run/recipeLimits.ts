/** What a recipe may be that comes back from a webview's storage, which a page can write as it likes. */

const LONGEST_TEXT = 1_000_000;
const MOST_VALUES = 300_000;
const LARGEST_NUMBER = 0x7fff_ffff;
const DEEPEST = 8;

/** True for JSON whose numbers, texts and lists are no larger than an explanation can make them. */
export function isBounded(value: unknown): boolean {
  let values = 0;
  let characters = 0;
  const fits = (item: unknown, depth: number): boolean => {
    if (++values > MOST_VALUES || depth > DEEPEST) return false;
    if (typeof item === 'number') return Math.abs(item) <= LARGEST_NUMBER;
    if (typeof item === 'string') return (characters += item.length) <= LONGEST_TEXT;
    if (typeof item !== 'object' || item === null) return true;
    return Object.values(item).every((inner: unknown) => fits(inner, depth + 1));
  };
  return fits(value, 0);
}

/** Schemes whose documents VS Code itself has. Any other may be an extension's, which would be asked for the document. */
const OWN_SCHEMES = ['file', 'untitled', 'vscode-remote', 'vscode-vfs', 'vscode-notebook-cell', 'vscode-userdata'];

/** True for a document that a restored panel may open by itself: VS Code's own, or of a folder of this window. */
export function mayBeOpened(scheme: string, folderSchemes: readonly string[]): boolean {
  return OWN_SCHEMES.includes(scheme) || folderSchemes.includes(scheme);
}
