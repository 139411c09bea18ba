import type { BatchError } from 'openai/resources/batches';
import { isObject } from '../chat/parse-chat.ts';
import type { Steps } from '../steps.ts';

/** One request of a batch file. */
export interface BatchLine {
  customId: string;
  body: Record<string, unknown>;
}

/** Most lines of a batch (Batch API guide). */
const MOST_LINES = 50_000;

/** Reads a batch file, or says what is wrong with which line. */
export function* readBatchLines(
  file: Uint8Array,
  endpoint: string,
): Steps<{ lines: BatchLine[] } | { errors: BatchError[] }> {
  const error = (code: string, message: string, line: number | null = null, param: string | null = null) => ({
    errors: [{ code, message, line, param }],
  });
  const seen = new Set<string>();
  const lines: BatchLine[] = [];
  const errors: BatchError[] = [];
  let filled = 0;
  for (const { row, line } of rowsOf(file)) {
    yield;
    if (row === '') continue;
    filled += 1;
    if (filled > MOST_LINES)
      return error(
        'too_many_tasks',
        `The number of requests in the input file exceeds the maximum of ${MOST_LINES}.`,
      );
    const read = readLine(row, endpoint, seen, lines[0]);
    if ('body' in read) lines.push(read);
    else errors.push({ ...read, line });
  }
  if (filled === 0)
    return error(
      'empty_file',
      'The input file is empty. Please ensure that the batch contains at least one request.',
    );
  return errors.length > 0 ? { errors } : { lines };
}

/** The rows of a file, decoded one by one: it may have 200 MB. */
function* rowsOf(file: Uint8Array): Iterable<{ row: string; line: number }> {
  const decoder = new TextDecoder();
  let from = 0;
  for (let line = 1; from <= file.length; line += 1) {
    const found = file.indexOf(NEW_LINE, from);
    const to = found < 0 ? file.length : found;
    yield { row: decoder.decode(file.subarray(from, to)).trim(), line };
    from = to + 1;
  }
}

const NEW_LINE = 10;

function readLine(
  row: string,
  endpoint: string,
  seen: Set<string>,
  first: BatchLine | undefined,
): BatchLine | Pick<BatchError, 'code' | 'message' | 'param'> {
  const parsed = parse(row);
  if (!parsed)
    return { code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.', param: null };
  const { custom_id, method, url, body } = parsed;
  if (typeof custom_id !== 'string')
    return {
      code: 'missing_required_parameter',
      message: "Missing required parameter: 'custom_id'.",
      param: 'custom_id',
    };
  if (seen.has(custom_id))
    return {
      code: 'duplicate_custom_id',
      message: `The custom_id '${custom_id}' was used before.`,
      param: 'custom_id',
    };
  seen.add(custom_id);
  if (method !== 'POST')
    return { code: 'invalid_method', message: "The method must be 'POST'.", param: 'method' };
  if (url !== endpoint)
    return {
      code: 'mismatched_endpoint',
      message: `The provided URL '${url}' does not match the endpoint '${endpoint}' of the batch.`,
      param: 'url',
    };
  if (!isObject(body))
    return { code: 'invalid_request', message: 'The body must be an object.', param: 'body' };
  if (body.stream === true)
    return {
      code: 'invalid_request',
      message: 'Streaming is not supported in batches.',
      param: 'body.stream',
    };
  if (first && body.model !== first.body.model)
    return {
      code: 'mismatched_model',
      message: `The model of all requests must be '${first.body.model}'.`,
      param: 'body.model',
    };
  return { customId: custom_id, body };
}

function parse(row: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(row);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
