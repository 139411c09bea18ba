import type {
  Response as ModelResponse,
  ResponseReasoningItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { argumentsOf } from '../chat/chat-shapes.ts';
import { logprobsOf } from '../chat/logprobs.ts';
import type { ChatPiece } from '../chat/pieces.ts';
import type { EventWriter } from '../chat/stream.ts';
import {
  callItem,
  choiceOf,
  idsOf,
  messageItem,
  openResponse,
  partOf,
  type ResponseParts,
  reasoningItem,
  type WireResponse,
} from './response-shapes.ts';

type Unnumbered<E> = E extends unknown ? Omit<E, 'sequence_number'> : never;

/** The events of a streamed response, in the order of the examples in OpenAI's API description 2.3.0. */
export function responseEvents(
  parts: ResponseParts,
  closedAtEnd: () => WireResponse,
  onClosed: (wire: WireResponse) => void,
): EventWriter {
  const { plan } = parts;
  const choice = choiceOf(plan);
  const item_id = idsOf(plan).message;
  let sequence_number = -1;
  let output_index = -1;
  /** The item that is being written: the message, a call, or none yet. */
  let current: 'message' | number | undefined;

  const event = (body: Unnumbered<ResponseStreamEvent>): string => {
    sequence_number += 1;
    return `event: ${body.type}\ndata: ${JSON.stringify({ ...body, sequence_number })}\n\n`;
  };
  const response = (wire: object) => wire as ModelResponse;
  const content_index = 0;

  return {
    open: () =>
      event({ type: 'response.created', response: response(openResponse(parts)) }) +
      event({ type: 'response.in_progress', response: response(openResponse(parts)) }),
    piece: (_choice, piece) => startReasoning() + switchTo(piece) + delta(piece),
    malformed: () =>
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta\n\n',
    failed: ({ code, type, message, param }) => {
      const named = code ?? type ?? 'server_error';
      const error = { code: named as 'server_error', message };
      return (
        event({ type: 'error', code: named, message, param }) +
        event({
          type: 'response.failed',
          response: response({ ...openResponse(parts), status: 'failed', error }),
        })
      );
    },
    close: () => {
      const ends = startReasoning() + endCurrent();
      const wire = closedAtEnd();
      onClosed(wire);
      const closed = response(wire);
      const type = closed.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
      return ends + event({ type, response: closed });
    },
  };

  function startReasoning(): string {
    if (output_index >= 0 || choice.reasoningTokens === 0) return '';
    output_index = 0;
    const item = reasoningItem(parts);
    const begun = { ...item, summary: [] };
    return (
      event({ type: 'response.output_item.added', output_index, item: begun }) +
      item.summary.map((part, summary_index) => summaryEvents(item.id, part, summary_index)).join('') +
      event({ type: 'response.output_item.done', output_index, item })
    );
  }

  function summaryEvents(id: string, part: ResponseReasoningItem.Summary, summary_index: number): string {
    const at = { item_id: id, output_index, summary_index };
    const { text } = part;
    return (
      event({ type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } }) +
      (text.match(/\S+\s*/g) ?? [])
        .map((delta) => event({ type: 'response.reasoning_summary_text.delta', ...at, delta }))
        .join('') +
      event({ type: 'response.reasoning_summary_text.done', ...at, text }) +
      event({ type: 'response.reasoning_summary_part.done', ...at, part })
    );
  }

  function switchTo(piece: ChatPiece): string {
    const wanted = piece.tool ?? 'message';
    if (wanted === current) return '';
    const ends = endCurrent();
    current = wanted;
    output_index += 1;
    if (wanted !== 'message') {
      const item = callItem(plan, wanted, '', 'in_progress');
      return ends + event({ type: 'response.output_item.added', output_index, item });
    }
    const item = messageItem(plan, 'in_progress');
    const full = partOf(plan);
    const part = full.type === 'refusal' ? { ...full, refusal: '' } : { ...full, text: '' };
    return (
      ends +
      event({ type: 'response.output_item.added', output_index, item }) +
      event({ type: 'response.content_part.added', item_id, output_index, content_index, part })
    );
  }

  function delta(piece: ChatPiece): string {
    const { text, tool, refusal } = piece;
    if (tool !== undefined) {
      if (text === '') return '';
      const { id } = callItem(plan, tool, '', 'in_progress');
      return event({
        type: 'response.function_call_arguments.delta',
        item_id: id,
        output_index,
        delta: text,
      });
    }
    const at = { item_id, output_index, content_index, delta: text };
    return refusal
      ? event({ type: 'response.refusal.delta', ...at })
      : event({ type: 'response.output_text.delta', ...at, logprobs: logprobsOf([piece]) ?? [] });
  }

  function endCurrent(): string {
    if (current === undefined) return '';
    if (current !== 'message') {
      const args = argumentsOf(choice, current);
      const item = callItem(plan, current, args, 'completed');
      const { id, name } = item;
      return (
        event({
          type: 'response.function_call_arguments.done',
          item_id: id,
          output_index,
          name,
          arguments: args,
        }) + event({ type: 'response.output_item.done', output_index, item })
      );
    }
    const part = partOf(plan);
    const at = { item_id, output_index, content_index };
    const done =
      part.type === 'refusal'
        ? event({ type: 'response.refusal.done', ...at, refusal: part.refusal })
        : event({ type: 'response.output_text.done', ...at, text: part.text, logprobs: part.logprobs ?? [] });
    return (
      done +
      event({ type: 'response.content_part.done', ...at, part }) +
      event({ type: 'response.output_item.done', output_index, item: messageItem(plan, 'completed') })
    );
  }
}
