import { type SpawnOptions, spawn } from 'node:child_process';

export interface Editor {
  command: string;
  args: string[];
  /** It takes over the terminal, so one must wait until it ends. */
  inTerminal: boolean;
}

/** Which editor to use: WORKBOOK_EDITOR, the editor whose terminal this is, VISUAL, EDITOR; undefined if none is known. */
export function chooseEditor(env: NodeJS.ProcessEnv): Editor | undefined {
  const inVscode = env.TERM_PROGRAM === 'vscode' ? 'code' : undefined;
  const wish = env.WORKBOOK_EDITOR ?? inVscode ?? env.VISUAL ?? env.EDITOR;
  const [command, ...args] = (wish ?? '').split(' ').filter(Boolean);
  if (command === undefined) return undefined;
  return {
    command,
    args,
    inTerminal: /(^|[\\/])(vi|vim|nvim|nano|emacs|micro|hx|helix|kak|ed)(\.exe)?$/.test(command),
  };
}

/** Opens files. Resolves to a sentence that says what went wrong, or to undefined. */
export function openInEditor(editor: Editor, files: readonly string[]): Promise<string | undefined> {
  const options: SpawnOptions = editor.inTerminal
    ? { stdio: 'inherit' }
    : { stdio: 'ignore', detached: true, shell: process.platform === 'win32', windowsHide: true };
  return new Promise((resolve) => {
    const child = spawn(editor.command, [...editor.args, ...files], options);
    child.on('error', (error) => resolve(`The editor "${editor.command}" did not start: ${error.message}.`));
    if (editor.inTerminal) {
      child.on('close', () => resolve(undefined));
    } else {
      child.on('spawn', () => {
        child.unref();
        resolve(undefined);
      });
    }
  });
}
