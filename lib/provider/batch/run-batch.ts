import type { BatchError, BatchUsage } from 'openai/resources/batches';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import type { Tokens } from '../money.ts';
import { hash32, type Random, randomFor } from '../random.ts';
import { inTurns, type Steps } from '../steps.ts';
import type { StoredBatch } from '../stores.ts';
import type { Visit } from '../visit.ts';
import { bytesInSteps } from '../wire.ts';
import { answerLine, type LineResult } from './answer-line.ts';
import { type BatchLine, readBatchLines } from './lines.ts';
import { addFile } from './uploads.ts';

const WINDOW_MS = 24 * 3_600_000;
const DEFAULT = { medianMs: 40 * 60_000, p95Ms: 6 * 3_600_000 };
/** Parts of a batch's time for reading the file and for writing the results. */
const VALIDATING_SHARE = 0.05;
const FINALIZING_SHARE = 0.05;
/** How long cancelling takes: the guide says up to ten minutes. */
const CANCELLING_MS = 120_000;

/** Runs a batch to its end in the time of the clock: lines are answered over the hours and files written at the end. */
export async function runBatch(visit: Visit, batch: StoredBatch, file: Uint8Array): Promise<void> {
  const { simulator } = visit;
  const { clock, pause } = simulator;
  const { object } = batch;
  const random = randomFor(simulator.seed, 'batch', hashOf(file), object.id);
  const totalMs = drawDuration(random, simulator.plan.batch);
  const startMs = clock.now();
  const until = (ms: number) => clock.sleep(Math.max(0, startMs + ms - clock.now()));
  const endpoint = object.endpoint;

  await until(totalMs * VALIDATING_SHARE);
  const read = await inTurns(readBatchLines(file, endpoint), pause);
  if ('errors' in read) return fail(batch, read.errors);
  object.request_counts = { total: read.lines.length, completed: 0, failed: 0 };
  object.model = String(read.lines[0]?.body.model);
  const results: Result[] = [];
  if (!batch.cancelled) {
    object.status = 'in_progress';
    object.in_progress_at = nowInSeconds();
    await answerAll();
  }
  const end = batch.cancelled ? 'cancelled' : clock.now() - startMs >= WINDOW_MS ? 'expired' : 'completed';
  if (end === 'cancelled') await clock.sleep(CANCELLING_MS);
  if (end === 'completed') {
    object.status = 'finalizing';
    object.finalizing_at = nowInSeconds();
    await until(totalMs);
  }
  const left = unanswered(read.lines, results);
  await inTurns(writeFiles(visit, batch, end, random.shuffle(results), left), pause);
  // Only now: whoever sees the end looks for the files.
  object.status = end;
  object[`${end}_at`] = nowInSeconds();

  /** Lines come out in no order, spread over the batch's time. */
  async function answerAll(): Promise<void> {
    const fromMs = totalMs * VALIDATING_SHARE;
    const spanMs = totalMs * (1 - VALIDATING_SHARE - FINALIZING_SHARE);
    const { lines } = read as { lines: BatchLine[] };
    const due = lines.map((line) => ({ line, dueMs: fromMs + random.next() * spanMs }));
    const repeats = new Map<string, number>();
    for (const { line, dueMs } of due.sort((a, b) => a.dueMs - b.dueMs)) {
      // On a fast clock many are due at once.
      if (startMs + dueMs > clock.now()) await until(Math.min(dueMs, WINDOW_MS));
      if (batch.cancelled || dueMs >= WINDOW_MS) return;
      const key = JSON.stringify(line.body);
      const repeat = repeats.get(key) ?? 0;
      repeats.set(key, repeat + 1);
      const answered = await inTurns(answerLine({ ...visit, repeat }, endpoint, line), pause);
      results.push({ line, ...answered });
      count(batch, answered.status);
    }
  }
}

type Result = LineResult & { line: BatchLine };

/** Of a long file its beginning and its length, which tell files apart. */
function hashOf(file: Uint8Array): number {
  const text = new TextDecoder().decode(file.subarray(0, LONGEST_HASHED));
  return hash32(file.length > LONGEST_HASHED ? `${text} ${file.length}` : text);
}

const LONGEST_HASHED = 1_000_000;

function drawDuration(random: Random, plan: { medianMs?: number; p95Ms?: number } = {}): number {
  const medianMs = plan.medianMs ?? DEFAULT.medianMs;
  const p95Ms = Math.max(medianMs, plan.p95Ms ?? (plan.medianMs ? plan.medianMs * 9 : DEFAULT.p95Ms));
  const sigma = Math.log(p95Ms / medianMs) / 1.645;
  return medianMs * Math.exp(sigma * random.normal());
}

/** Ends a batch that broke off by a fault of the provider's. */
export function failBatch(batch: StoredBatch, error: unknown): void {
  fail(batch, [{ code: 'server_error', message: String(error), line: null, param: null }]);
}

function fail({ object }: StoredBatch, data: BatchError[]): void {
  object.status = 'failed';
  object.failed_at = nowInSeconds();
  object.errors = { object: 'list', data };
}

function count({ object }: StoredBatch, status: number): void {
  const counts = object.request_counts;
  if (!counts) return;
  if (status < 400) counts.completed += 1;
  else counts.failed += 1;
}

function unanswered(lines: readonly BatchLine[], results: readonly Result[]): BatchLine[] {
  const done = new Set(results.map(({ line }) => line));
  return lines.filter((line) => !done.has(line));
}

/** Answers go to one file, failures to another; lines that were never answered say why. */
function* writeFiles(
  { simulator }: Visit,
  { object }: StoredBatch,
  end: 'cancelled' | 'expired' | 'completed',
  results: Result[],
  left: BatchLine[],
): Steps<void> {
  const idOf = ({ customId }: BatchLine) =>
    hash32(`${object.id} line ${customId}`).toString(16).padStart(8, '0');
  const rowOf = ({ line, status, body }: Result, i: number) => {
    const id = idOf(line);
    const response = `{"status_code":${status},"request_id":"req_${id}${i}","body":${body}}`;
    return `{"id":"batch_req_${id}","custom_id":${JSON.stringify(line.customId)},"response":${response},"error":null}`;
  };
  const error = end === 'expired' ? EXPIRED : CANCELLED;
  const missed = left.map((line) => {
    const row = { id: `batch_req_${idOf(line)}`, custom_id: line.customId, response: null, error };
    return `${JSON.stringify(row)}\n`;
  });
  const good = results.filter(({ status }) => status < 400);
  const bad = results.filter(({ status }) => status >= 400);
  const write = function* (items: readonly Result[], more: readonly string[], name: string): Steps<string> {
    const rows: string[] = [];
    for (const [i, item] of items.entries()) {
      rows.push(`${rowOf(item, i)}\n`);
      yield;
    }
    const bytes = yield* bytesInSteps([...rows, ...more]);
    return addFile(simulator, bytes, `${object.id}_${name}.jsonl`, 'batch_output').id;
  };
  if (good.length > 0) object.output_file_id = yield* write(good, [], 'output');
  if (bad.length + missed.length > 0) object.error_file_id = yield* write(bad, missed, 'error');
  object.usage = usageOf(results);
}

const EXPIRED = {
  code: 'batch_expired',
  message: 'This request could not be executed before the completion window expired.',
};
const CANCELLED = {
  code: 'batch_cancelled',
  message: 'This request was not executed because the batch was cancelled.',
};

function usageOf(results: readonly Result[]): BatchUsage {
  const sum = (pick: (tokens: Tokens) => number | undefined) =>
    results.reduce((total, { tokens }) => total + (pick(tokens) ?? 0), 0);
  const input_tokens = sum((tokens) => tokens.input);
  const output_tokens = sum((tokens) => tokens.output);
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: sum((tokens) => tokens.cached) },
    output_tokens,
    output_tokens_details: { reasoning_tokens: sum((tokens) => tokens.reasoning) },
    total_tokens: input_tokens + output_tokens,
  };
}
