import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { unusable } from '../../workbook/files.ts';
import type { Place } from '../../workbook/verdict.ts';
import type { GradeRequest } from '../protocol.ts';

export interface Unusable {
  message: string;
  place?: Place;
}

export type Preflight = { ok: true; names: string[][] } | { ok: false; refusal: Unusable };

/** The names that each file under check must export; or one sentence why they cannot be graded at all. */
export async function preflight({
  subjectFiles,
  subjectTexts,
  beforeFiles,
  restore,
}: Pick<GradeRequest, 'subjectFiles' | 'subjectTexts' | 'beforeFiles' | 'restore'>): Promise<Preflight> {
  const names: string[][] = [];
  for (const [index, file] of subjectFiles.entries()) {
    const text = subjectTexts[index] ?? null;
    if (text === null) return { ok: false, refusal: missing(file, restore) };
    const looked = await lookAt(file, text, beforeFiles[index]);
    if (!looked.ok) return looked;
    names.push(looked.names);
  }
  return { ok: true, names };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function missing(file: string, restore: string | undefined): Unusable {
  const what = `${basename(file)} ${unusable(file) ?? 'cannot be read'}.`;
  return { message: `${what}${restore ? ` This brings the starter back: ${restore}` : ''}` };
}

/** The names that are wanted of a file: those of the pristine one, where there is one. */
async function lookAt(file: string, text: string, beforeFile: string | undefined): Promise<Exports> {
  const name = basename(file);
  const theirs = await exportsOf(file, text);
  if (!theirs.ok || beforeFile === undefined || !existsSync(beforeFile)) return theirs;
  const wanted = await exportsOf(beforeFile, readFileSync(beforeFile, 'utf8'));
  if (!wanted.ok || theirs.names.includes('*')) return wanted;
  const missing = wanted.names.filter((each) => !theirs.names.includes(each));
  if (missing.length === 0) return wanted;
  const has = theirs.names.length > 0 ? `It exports ${list(theirs.names)}.` : 'It exports nothing.';
  return {
    ok: false,
    refusal: {
      message: `${name} does not export ${list(missing)}, which the checks call. ${has} The starter shows the shape.`,
      place: { file, line: 1 },
    },
  };
}

type Exports = { ok: true; names: string[] } | { ok: false; refusal: Unusable };

async function exportsOf(file: string, text: string): Promise<Exports> {
  // Loaded here, natively: a static import would be compiled to `require`, and vite with it.
  const { parseAst, transformWithEsbuild } = await import('vite');
  try {
    const { code } = await transformWithEsbuild(text, file, {
      sourcemap: false,
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return { ok: true, names: parseAst(code).body.flatMap((node) => namesIn(node as unknown as ExportNode)) };
  } catch (error) {
    return { ok: false, refusal: unparsable(file, error) };
  }
}

/** The parts of an ESTree statement that say what it exports. */
interface ExportNode {
  type: string;
  exported?: { name: string } | null;
  specifiers?: { exported: { name: string } }[];
  declaration?: { id?: { name: string }; declarations?: { id: Pattern }[] } | null;
}

/** What a value is bound to: a name, or names taken out of an object or a list. */
interface Pattern {
  type: string;
  name?: string;
  properties?: { value?: Pattern; argument?: Pattern }[];
  elements?: (Pattern | null)[];
  left?: Pattern;
  argument?: Pattern;
}

function namesIn(node: ExportNode): string[] {
  if (node.type === 'ExportDefaultDeclaration') return ['default'];
  if (node.type === 'ExportAllDeclaration') return [node.exported?.name ?? '*'];
  if (node.type !== 'ExportNamedDeclaration') return [];
  const named = (node.specifiers ?? []).map((each) => each.exported.name);
  const declared = (node.declaration?.declarations ?? []).flatMap(({ id }) => boundBy(id));
  return [...named, ...declared, ...(node.declaration?.id ? [node.declaration.id.name] : [])];
}

function boundBy({ name, properties = [], elements = [], left, argument }: Pattern): string[] {
  const inner = [...properties.map((each) => each.value ?? each.argument), ...elements, left, argument];
  return [...(name === undefined ? [] : [name]), ...inner.flatMap((each) => (each ? boundBy(each) : []))];
}

function unparsable(file: string, error: unknown): Unusable {
  const [first] =
    (error as { errors?: { text: string; location?: { line: number; lineText: string } }[] }).errors ?? [];
  const line = first?.location?.line ?? 1;
  const said = first?.text ?? (error instanceof Error ? error.message : String(error));
  const at = first?.location?.lineText.trim();
  return {
    message: `${basename(file)} does not parse, line ${line}: ${said}.${at ? ` The line is: ${at}` : ''}`,
    place: { file, line },
  };
}

function list(names: string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
