import { inWords } from '../provider/metrics.ts';
import type { RunEvent } from '../workbook/run-events.ts';
import type { Style } from './style.ts';
import { allVisible, visible } from './visible.ts';

/** Writes a play as it happens. Words of an answer are shown as they come while it is the only call under way. */
export interface RunPrinter {
  /** The text to write for an event; empty for none. */
  print(event: RunEvent): string;
  /** The line for what the code itself printed. */
  printed(text: string): string;
}

export function createRunPrinter(style: Style): RunPrinter {
  const open = new Set<number>();
  const begun = new Set<number>();
  let speaking: number | undefined;

  const line = (atMs: number, text: string) => `${fresh()}${style.paint('dim', seconds(atMs))}  ${text}\n`;
  /** Ends the line that an answer is being written on. */
  const fresh = () => {
    const wasSpeaking = speaking !== undefined;
    speaking = undefined;
    return wasSpeaking ? '\n' : '';
  };
  const first = (id: number) => begun.size < begun.add(id).size;
  return {
    print(given) {
      const event = allVisible(given);
      switch (event.event) {
        case 'asked':
          open.add(event.id);
          return line(event.atMs, `#${event.id} asks: ${shortened(event.prompt, style.width - 24)}`);
        case 'text': {
          if (speaking === event.id) return event.text;
          const who = style.paint('cyan', `#${event.id} says:`);
          if (event.whole) return line(event.atMs, `${who} ${shortened(event.text, style.width - 24)}`);
          if (open.size > 1) return first(event.id) ? line(event.atMs, `${who} ${event.text.trim()}…`) : '';
          const start = `${fresh()}${style.paint('dim', seconds(event.atMs))}  ${who} `;
          speaking = event.id;
          return start + event.text;
        }
        case 'ended': {
          open.delete(event.id);
          const usage = event.usage ? `, ${event.usage.input} tokens in, ${event.usage.output} out` : '';
          const colour = event.how === 'failed' ? 'red' : 'green';
          return line(event.atMs, `#${event.id} ${style.paint(colour, endWords(event))}${usage}`);
        }
        case 'settled': {
          const text = event.error
            ? style.paint('red', `your code threw ${event.error}`)
            : 'your code is done';
          return line(event.atMs, text);
        }
        case 'refused':
          return `${fresh()}${style.paint('red', event.message)}\n`;
        case 'played':
        case 'replayed':
        case 'estimate':
          return '';
      }
    },
    printed: (text) =>
      `${fresh()}${visible(text, style.colours)
        .replace(/^/gm, '          | ')
        .replace(/ {10}\| $/, '')}`,
  };
}

/** "50 calls, 54.44 s, $0.001234": what a play takes and costs by the simulator. */
export function estimateWords({ ms, calls, costMicroUsd }: Extract<RunEvent, { event: 'estimate' }>): string {
  return `${calls} calls, ${inWords(ms, 'ms')}, ${inWords(costMicroUsd, 'microUsd')}`;
}

/** What became of a call. One that fails after its status was sent is a stream that broke off. */
function endWords({ how, status }: Extract<RunEvent, { event: 'ended' }>): string {
  if (how === 'complete') return 'complete';
  if (how === 'stopped') return 'stopped by your code';
  if (status === 0) return 'failed: no answer came';
  if (status < 400) return 'broken off: the connection was lost in the middle of the answer';
  return `refused with status ${status}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`.padStart(9);
}

function shortened(text: string, room: number): string {
  const one = text.replaceAll(/\s+/g, ' ').trim();
  return one.length <= room ? one : `${one.slice(0, Math.max(10, room - 1))}…`;
}
