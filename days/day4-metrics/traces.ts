import { readFile } from 'node:fs/promises';

/** One request of a recorded day: when it came, after the first one, and how long it was. */
export interface TraceRequest {
  atMs: number;
  inputTokens: number;
  outputTokens: number;
}

/** Reads a public trace from a file: Azure's LLM inference CSV or Mooncake's JSONL. */
export async function readTrace(path: string): Promise<TraceRequest[]> {
  return parseTrace(await readFile(path, 'utf8'));
}

/**
 * Azure's columns are TIMESTAMP, ContextTokens, GeneratedTokens (github.com/Azure/AzurePublicDataset), Mooncake's fields
 * timestamp in milliseconds, input_length, output_length (github.com/kvcache-ai/Mooncake).
 */
export function parseTrace(text: string): TraceRequest[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const requests = lines[0]?.startsWith('{') ? lines.map(fromMooncake) : lines.slice(1).map(fromAzure);
  const firstMs = requests[0]?.atMs ?? 0;
  return requests.map((request) => ({ ...request, atMs: request.atMs - firstMs }));
}

function fromMooncake(line: string): TraceRequest {
  const row = JSON.parse(line) as { timestamp: number; input_length: number; output_length: number };
  return { atMs: row.timestamp, inputTokens: row.input_length, outputTokens: row.output_length };
}

function fromAzure(line: string, index: number): TraceRequest {
  const [timestamp = '', input, output] = line.split(',');
  // Seven digits of a second; a date takes three.
  const atMs = Date.parse(`${timestamp.replace(' ', 'T').replace(/(\.\d{3})\d*.*$/, '$1')}Z`);
  if (Number.isNaN(atMs))
    throw new Error(
      `Line ${index + 2} of the trace: expected TIMESTAMP,ContextTokens,GeneratedTokens, received "${line}".`,
    );
  return { atMs, inputTokens: Number(input), outputTokens: Number(output) };
}
