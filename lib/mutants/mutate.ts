import { parse } from '@babel/parser';

/** One small change of a program: a piece of its text, and what stands there instead. */
export interface Mutant {
  /** Offsets in the program's text. */
  start: number;
  end: number;
  /** What stands there, shortened to one line, and what is put in its place. */
  was: string;
  becomes: string;
  /** Innermost function with a name around it; '' at the top. */
  within: string;
  line: number;
}

/**
 * Every change of one operator, constant, condition, `await` or statement in a program. Texts and types are left alone:
 * what a message says is not what a check holds.
 */
export function mutantsOf(program: string): Mutant[] {
  const tree = treeOf(program);
  const found: Mutant[] = [];
  if (tree)
    walk(tree, { within: '', parent: undefined }, (node, place) => {
      for (const { start, end, becomes } of changesAt(node, place.parent, program)) {
        const was = program.slice(start, end);
        const line = program.slice(0, start).split('\n').length;
        found.push({ start, end, was: oneLine(was), becomes, within: place.within, line });
      }
    });
  // A few would be no program any more: `??` beside `||`, for one.
  const parses = (mutant: Mutant) => treeOf(mutated(program, mutant)) !== undefined;
  return found.filter(parses).sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The program with one change made. */
export function mutated(program: string, { start, end, becomes }: Mutant): string {
  return program.slice(0, start) + becomes + program.slice(end);
}

/** A program as Babel's tree; undefined for a text that is none. */
export function treeOf(program: string): Node | undefined {
  try {
    return parse(program, { sourceType: 'module', plugins: ['typescript'] }).program as unknown as Node;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// --- the tree ----------------------------------------------------------------------------------------------------

/** A node of Babel's tree: the parts that are read here. */
export interface Node {
  type: string;
  start: number;
  end: number;
  operator?: string;
  prefix?: boolean;
  value?: unknown;
  name?: string;
  key?: Node;
  id?: Node | null;
  left?: Node;
  right?: Node;
  test?: Node | null;
  argument?: Node | null;
  expression?: Node;
  callee?: Node;
  body?: Node | Node[];
  optional?: boolean;
  directives?: Node[];
}

interface Place {
  within: string;
  parent: Node | undefined;
}

function walk(node: Node, place: Place, visit: (node: Node, place: Place) => void): void {
  if (/^(TS|Import|Export(All|Named)Specifier)/.test(node.type) && !TRANSPARENT.has(node.type)) return;
  visit(node, place);
  const name = nameOf(node, place.parent);
  const inner = { within: name ?? place.within, parent: node };
  for (const child of childrenOf(node)) walk(child, inner, visit);
}

/** Types around values, whose value is looked at. */
const TRANSPARENT = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression']);

/** What stands below a node, types aside. */
export function childrenOf(node: Node): Node[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'typeAnnotation' || key === 'typeParameters' || key === 'returnType') return [];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((each): each is Node => typeof (each as Node | null)?.type === 'string');
  });
}

/** The name by which a reader would call a function; undefined for anything else. */
function nameOf(node: Node, parent: Node | undefined): string | undefined {
  if (!/Function|Method/.test(node.type)) return undefined;
  return (
    node.id?.name ?? node.key?.name ?? (parent?.type === 'VariableDeclarator' ? parent.id?.name : undefined)
  );
}

// --- the changes -------------------------------------------------------------------------------------------------

interface Change {
  start: number;
  end: number;
  becomes: string;
}

const OPPOSITE: Record<string, string[]> = {
  ...{ '<': ['<='], '<=': ['<'], '>': ['>='], '>=': ['>'] },
  ...{ '===': ['!=='], '!==': ['==='], '==': ['!='], '!=': ['=='] },
  ...{ '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'], '**': ['*'] },
  ...{ '&&': ['||'], '||': ['&&'], '??': ['||'] },
  ...{ '+=': ['-='], '-=': ['+='], '*=': ['/='], '/=': ['*='], '??=': ['='], '||=': ['='] },
  ...{ '++': ['--'], '--': ['++'] },
};

/** Statements that can go and leave a program that parses. */
const REMOVABLE = new Set(['ExpressionStatement', 'ThrowStatement', 'ContinueStatement', 'BreakStatement']);

function changesAt(node: Node, parent: Node | undefined, text: string): Change[] {
  return [
    ...operatorChanges(node, text),
    ...constantChanges(node, parent),
    ...conditionChanges(node, parent),
    ...(node.type === 'AwaitExpression' && node.argument
      ? [{ start: node.start, end: node.argument.start, becomes: '' }]
      : []),
    ...(REMOVABLE.has(node.type) ? [{ start: node.start, end: node.end, becomes: ';' }] : []),
  ].filter(({ start, end, becomes }) => text.slice(start, end) !== becomes);
}

function operatorChanges(node: Node, text: string): Change[] {
  const { type, operator = '', left, right, argument } = node;
  if (left && right && /^(Binary|Logical|Assignment)Expression$/.test(type)) {
    if (operator === '+' && (isText(left) || isText(right))) return [];
    const at = text.indexOf(operator, left.end);
    return (OPPOSITE[operator] ?? []).map((becomes) => ({ start: at, end: at + operator.length, becomes }));
  }
  if (!argument) return [];
  if (type === 'UpdateExpression') {
    const start = node.prefix ? node.start : node.end - 2;
    return (OPPOSITE[operator] ?? []).map((becomes) => ({ start, end: start + 2, becomes }));
  }
  if (type === 'UnaryExpression' && (operator === '!' || operator === '-'))
    return [{ start: node.start, end: argument.start, becomes: '' }];
  return [];
}

function isText({ type }: Node): boolean {
  return type === 'StringLiteral' || type === 'TemplateLiteral';
}

function constantChanges({ type, value, start, end }: Node, parent: Node | undefined): Change[] {
  const isIndexType = parent?.type === 'TSLiteralType';
  if (type === 'BooleanLiteral') return [{ start, end, becomes: String(!value) }];
  if (type !== 'NumericLiteral' || isIndexType) return [];
  const number = Number(value);
  return [{ start, end, becomes: number === 0 || number === 1 ? String(1 - number) : String(number * 2) }];
}

/** A condition that always holds, and one that never does. */
function conditionChanges(node: Node, parent: Node | undefined): Change[] {
  const { type, start, end } = node;
  const isTest =
    parent?.test === node && /^(If|While|DoWhile|For)Statement$|^ConditionalExpression$/.test(parent.type);
  if (!isTest || type === 'BooleanLiteral') return [];
  const loops = /While|For/.test(parent?.type ?? '');
  return (loops ? ['false'] : ['true', 'false']).map((becomes) => ({ start, end, becomes }));
}

const SHOWN = 80;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
}
