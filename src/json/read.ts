/** Reading a model's JSON files from their bytes. */
import { ExplainError, type ErrorCode } from '../errors';
import { say } from '../text/say';
import { BrokenJson, parseJson } from './parse';

/**
 * @param bytes UTF-8, with or without a byte order mark
 * @param file its name, for the sentence
 * @param code what a broken file is reported as
 * @throws ExplainError `code`: the sentence says the line and the column
 */
export function readJsonFile(bytes: Uint8Array, file: string, code: ErrorCode): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ExplainError(code, say('json.notText', { file }), { detail: `${file}: not UTF-8`, cause });
  }
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof BrokenJson)) throw cause;
    const { line, column, reason } = cause;
    throw new ExplainError(code, say('json.broken', { file, line, column, reason }), {
      detail: `${file}: ${cause.message}`,
      cause,
    });
  }
}
