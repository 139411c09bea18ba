/** What graded code may know of the machine. Everything else, keys and proxies above all, stays outside. */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'LANG'],
  // Without these, Windows starts no process at all or finds no user folder.
  ...['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'SYSTEMDRIVE'],
]);

/** The environment of the grading child: an allow-list, and the same time zone and plain text everywhere. */
export function gradingEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => ALLOWED.has(name.toUpperCase()));
  const { WORKBOOK_HOME, WORKBOOK_HOME_IS, WORKBOOK_NODE_OPTIONS: NODE_OPTIONS } = env;
  const link = WORKBOOK_HOME
    ? { WORKBOOK_HOME, WORKBOOK_HOME_IS, NODE_OPTIONS, WORKBOOK_NODE_OPTIONS: NODE_OPTIONS }
    : {};
  return { ...Object.fromEntries(kept), ...link, TZ: 'UTC', NO_COLOR: '1', NODE_ENV: 'test' };
}
