import type OpenAI from 'openai';

export interface StreamedAnswer {
  /** Everything that arrived, also when the answer was not completed. */
  text: string;
  /** Time to first token: from the call until the first words, in milliseconds; null if none came. */
  ttftMs: number | null;
  /**
   * Time per output token after the first, in milliseconds; null without two tokens or without usage. Tokens that the
   * model thought came before the first word and do not count.
   */
  tpotMs: number | null;
  finish: 'stop' | 'length' | 'aborted' | 'stalled' | 'error';
  usage?: OpenAI.CompletionUsage;
}

export interface StreamOptions {
  /** Called with each piece of text as soon as it is there. */
  onToken(text: string): void;
  /** Aborted when the user presses stop. */
  signal?: AbortSignal;
  /** Silence after which the stream is given up. */
  stallMs?: number;
}
