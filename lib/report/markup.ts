/** A piece of a page: what stands in it has been escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Part[];

/** Writes a piece of a page. Every value that is put in is text, whatever it holds, unless it is markup itself. */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(
    texts.map((text, at) => text + (at < values.length ? written(values[at] ?? '') : '')).join(''),
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function written(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}
