import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isFile } from '../../workbook/files.ts';
import type { Place } from '../../workbook/verdict.ts';
import type { GradeRequest } from '../protocol.ts';

export interface Refusal {
  message: string;
  place?: Place;
}

/** Says in one sentence why the files under check cannot be graded at all; undefined when they can. */
export async function preflight({
  subjectFiles,
  beforeFiles,
  restore,
}: Pick<GradeRequest, 'subjectFiles' | 'beforeFiles' | 'restore'>): Promise<Refusal | undefined> {
  for (const [index, file] of subjectFiles.entries()) {
    if (!isFile(file)) return missing(file, restore);
    const refusal = await lookAt(file, beforeFiles[index]);
    if (refusal) return refusal;
  }
  return undefined;
}

// --- helpers -----------------------------------------------------------------------------------------------------

function missing(file: string, restore: string | undefined): Refusal {
  const name = basename(file);
  const what = existsSync(file) ? `${name} is a folder, where a file is wanted.` : `${name} is missing.`;
  return { message: `${what}${restore ? ` This brings the starter back: ${restore}` : ''}` };
}

async function lookAt(file: string, beforeFile: string | undefined): Promise<Refusal | undefined> {
  const name = basename(file);
  const theirs = await exportsOf(file);
  if (!theirs.ok) return theirs.refusal;
  if (beforeFile === undefined || !existsSync(beforeFile)) return undefined;
  const wanted = await exportsOf(beforeFile);
  if (!wanted.ok || theirs.names.includes('*')) return undefined;
  const missing = wanted.names.filter((each) => !theirs.names.includes(each));
  if (missing.length === 0) return undefined;
  const has = theirs.names.length > 0 ? `It exports ${list(theirs.names)}.` : 'It exports nothing.';
  return {
    message: `${name} does not export ${list(missing)}, which the checks call. ${has} The starter shows the shape.`,
    place: { file, line: 1 },
  };
}

type Exports = { ok: true; names: string[] } | { ok: false; refusal: Refusal };

async function exportsOf(file: string): Promise<Exports> {
  // Loaded here, natively: a static import would be compiled to `require`, and vite with it.
  const { parseAst, transformWithEsbuild } = await import('vite');
  try {
    const { code } = await transformWithEsbuild(readFileSync(file, 'utf8'), file, {
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
  declaration?: { id?: { name: string }; declarations?: { id: { name?: string } }[] } | null;
}

function namesIn(node: ExportNode): string[] {
  if (node.type === 'ExportDefaultDeclaration') return ['default'];
  if (node.type === 'ExportAllDeclaration') return [node.exported?.name ?? '*'];
  if (node.type !== 'ExportNamedDeclaration') return [];
  const named = (node.specifiers ?? []).map((each) => each.exported.name);
  const declared = (node.declaration?.declarations ?? []).flatMap(({ id }) => id.name ?? []);
  return [...named, ...declared, ...(node.declaration?.id ? [node.declaration.id.name] : [])];
}

function unparsable(file: string, error: unknown): Refusal {
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
