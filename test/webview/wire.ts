/** Messages with typed arrays as JSON, for the bridge between the page and the test process. */
const ARRAYS = { Uint8Array, Float32Array, Int32Array } as const;
type ArrayName = keyof typeof ARRAYS;

export function pack(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) => {
    for (const name of Object.keys(ARRAYS) as ArrayName[]) {
      if (value instanceof ARRAYS[name])
        return {
          $array: name,
          base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
        };
    }
    return value;
  });
}

/** Source of the page's side: `acquireVsCodeApi` as VS Code gives it, over the bindings `toHost` and `saveState`. */
export const PAGE_BRIDGE = `
(() => {
  const ARRAYS = { Uint8Array, Float32Array, Int32Array };
  const revive = (_key, value) => {
    if (!value || typeof value !== 'object' || typeof value.$array !== 'string') return value;
    const bytes = Uint8Array.fromBase64?.(value.base64) ?? Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0));
    return new ARRAYS[value.$array](bytes.buffer);
  };
  let state = window.initialState;
  let acquired = false;
  window.savedStates = [];
  window.cspReports = [];
  document.addEventListener('securitypolicyviolation', (event) => window.cspReports.push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber));
  window.fromHost = (text) => window.postMessage(JSON.parse(text, revive), '*');
  window.acquireVsCodeApi = () => {
    if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
    acquired = true;
    return Object.freeze({
      postMessage: (message) => void window.toHost(JSON.stringify(message)),
      getState: () => state,
      setState: (next) => { state = next; window.savedStates.push(next); return next; },
    });
  };
})();
`;
