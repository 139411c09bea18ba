import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';

/** A real terminal, by tmux, in which a test types and looks. */
export interface Terminal {
  type(...keys: string[]): void;
  /** Resolves with the screen as soon as it shows the text. Rejects with the last screen after ten seconds. */
  shows(text: string | RegExp): Promise<string>;
  screen(): string;
  cursorIsVisible(): boolean;
  close(): void;
}

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 30;

export function hasTmux(): boolean {
  return process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0;
}

/** Starts a shell in a terminal of the given size. `env` is added to the environment. */
export function openTerminal(env: Record<string, string>, columns = 100, rows = 50): Terminal {
  const server = `workbook-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-L', server, '-f', '/dev/null', ...args], { encoding: 'utf8' }).stdout;
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux('new-session', '-d', '-s', 's', ...size, ...settings, 'env PS1="ready> " bash --norc --noprofile');
  const screen = () => tmux('capture-pane', '-t', 's', '-p', '-J', '-S', '-200');
  return {
    type: (...keys) => {
      tmux('send-keys', '-t', 's', ...keys);
    },
    async shows(text) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const now = screen();
        if (typeof text === 'string' ? now.includes(text) : text.test(now)) return now;
        if (performance.now() > deadline)
          throw new Error(`The screen does not show ${text}. It shows:\n${now}`);
        await setTimeout(LOOK_EVERY_MS);
      }
    },
    screen,
    cursorIsVisible: () => tmux('display-message', '-p', '-t', 's', '#{cursor_flag}').trim() === '1',
    close: () => {
      tmux('kill-server');
    },
  };
}

/** The shell is back, its cursor shown and its keys echoed. */
export async function expectSaneTerminal(shell: Terminal): Promise<void> {
  expect(shell.cursorIsVisible()).toBe(true);
  shell.type(
    'clear; stty -a | tr " ;" "\\n\\n" | grep -xE -- "-?(echo|icanon|isig)" | xargs echo modes',
    'Enter',
  );
  await shell.shows(/modes (isig|icanon|echo) (isig|icanon|echo) (isig|icanon|echo)/);
}
