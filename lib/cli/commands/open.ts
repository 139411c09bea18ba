import { makeCurrent } from '../../workbook/status.ts';
import { type Lab, learnerFiles, shownFile } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { chooseEditor, openInEditor } from '../editor.ts';

/** Makes the lab the current one and opens its files, or says which they are where no editor is known. */
export async function open(context: Context, lab: Lab): Promise<ExitCode> {
  makeCurrent(context.root, lab);
  const editor = chooseEditor(context.env);
  if (!editor) {
    say(
      context,
      `Open ${shownFile(lab)} in your editor. To have it opened from here, set EDITOR, for example to "code".`,
    );
    return 0;
  }
  const problem = await openInEditor(editor, learnerFiles(lab));
  say(context, problem ?? `Opened ${shownFile(lab)} with ${editor.command}.`);
  return problem ? 2 : 0;
}
