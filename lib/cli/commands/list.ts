import { listJson } from '../../report/json.ts';
import { listScreen } from '../../report/list-screen.ts';
import { plainJson } from '../../report/visible.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import type { Course } from '../course.ts';

export function list(context: Context, { workbook, progress }: Course, json: boolean): ExitCode {
  if (json) say(context, plainJson(listJson(workbook, progress), 2));
  else say(context, listScreen(workbook, progress, context.style));
  return 0;
}
