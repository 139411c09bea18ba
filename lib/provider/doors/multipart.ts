import type { WireForm } from '../wire.ts';

/**
 * A multipart body as its parts, or undefined for one that is none. The fetch API's own reader looks at each byte, and a
 * file of 100 MB holds up everybody for two seconds.
 */
export function parseMultipart(bytes: Buffer, contentType: string): WireForm | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const line = `--${quoted ?? plain}`;
  const form: WireForm = new Map();
  let at = bytes.indexOf(line);
  while (at >= 0) {
    at += line.length;
    if (bytes.toString('latin1', at, at + 2) === '--') return form;
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    // The empty line may belong to both the head and the end of a part without content.
    const end = headEnd < 0 ? -1 : bytes.indexOf(`\r\n${line}`, headEnd + 2);
    if (end < 0) return undefined;
    if (!addPart(form, bytes.toString('utf8', at, headEnd), bytes.subarray(headEnd + 4, end)))
      return undefined;
    at = end + 2;
  }
  return undefined;
}

function addPart(form: WireForm, head: string, content: Buffer): boolean {
  const [, name] = /^content-disposition:.*?[;\s]name="([^"\r\n]*)"/im.exec(head) ?? [];
  const [, filename] = /^content-disposition:.*?[;\s]filename="([^"\r\n]*)"/im.exec(head) ?? [];
  if (name === undefined) return false;
  const file = filename !== undefined && {
    name: unescaped(filename),
    size: content.length,
    bytes: () => content,
  };
  form.set(unescaped(name), file || content.toString());
  return true;
}

/** As browsers and SDKs write what may not stand between quotes. */
function unescaped(text: string): string {
  return text.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}
