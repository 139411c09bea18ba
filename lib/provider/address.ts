import { SERVICES_URL } from './media/services.ts';
import { rememberTexts } from './memo.ts';

/** Where a request goes: whose interface, and the path below its root. */
export interface Address {
  host: 'openai' | 'azure' | 'services';
  path: string;
  query: string;
  /** The path below the vendor's root, by its slashes; not decoded. */
  segments: readonly string[];
  /** Azure's dated interface, whose query names a version. */
  dated: boolean;
  /** Azure's dated interface names the deployment in the path. */
  deployment: string | undefined;
}

const HOSTS = new Map<string, Address['host']>([
  ['api.openai.com', 'openai'],
  [new URL(SERVICES_URL).hostname, 'services'],
]);
const AZURE = '.openai.azure.com';

/** Reads an absolute address; undefined for one that is not the provider's. The same few come again and again. */
export const readAddress = rememberTexts(parseAddress, { mostChars: 50_000, longest: 500 });

function parseAddress(url: string): Address | undefined {
  const [, name = '', path = '/', query = ''] = /^https:\/\/([^/?#]*)([^?#]*)(\??[^#]*)/.exec(url) ?? [];
  const host = HOSTS.get(name) ?? (name.endsWith(AZURE) ? 'azure' : undefined);
  const root = host === 'azure' ? '/openai/' : '/v1/';
  if (!host || !path.startsWith(root)) return undefined;
  const below = path.slice(root.length).replace(/\/$/, '').split('/');
  const where = { host, path, query };
  if (host !== 'azure') return { ...where, segments: below, dated: false, deployment: undefined };
  if (below[0] === 'v1') return { ...where, segments: below.slice(1), dated: false, deployment: undefined };
  const named = below[0] === 'deployments' && below.length > 2;
  return {
    ...where,
    segments: named ? below.slice(2) : below,
    dated: true,
    deployment: named ? below[1] : undefined,
  };
}

/** An address in the plain form that `readAddress` reads, or undefined where it is no address at all. */
export function plainUrl(url: string | URL): string | undefined {
  if (typeof url === 'string' && PLAIN.test(url)) return url;
  return URL.canParse(url) ? new URL(url).href : undefined;
}

/** Nothing that a URL parser would change: no capitals in the host, no dots between slashes. */
const PLAIN = /^https:\/\/[a-z0-9.-]+\/(?!.*\/\.)[\w\-.~:/]*(?:\?[\w\-.~:/=&%]*)?$/;
