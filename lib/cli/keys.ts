import { emitKeypressEvents, type Key } from 'node:readline';
import { restoreTerminal } from './ask.ts';
import type { Context } from './context.ts';

/** Reports single key presses ("n", "escape", "ctrl-c") until the returned function is called. */
export function listenToKeys(context: Context, onKey: (key: string) => void): () => void {
  const stdin = context.stdin as NodeJS.ReadStream;
  const listener = (typed: string | undefined, key: Key | undefined) => {
    onKey(key?.ctrl ? `ctrl-${key.name}` : (key?.name ?? typed ?? ''));
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode?.(true);
  stdin.on('keypress', listener).resume();
  return () => {
    stdin.off('keypress', listener).pause();
    restoreTerminal(context);
  };
}
