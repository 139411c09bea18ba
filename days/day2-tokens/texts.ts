import type { Random } from '#lib/provider';

/** Text that was written for these labs. Each writer makes about so many characters of its kind. */
export type Kind = 'English' | 'German' | 'Japanese' | 'code' | 'JSON' | 'UUIDs';

export const KINDS: readonly Kind[] = ['English', 'German', 'Japanese', 'code', 'JSON', 'UUIDs'];

export function textOfKind(kind: Kind, random: Random, characters: number): string {
  let text = '';
  while (text.length < characters) text += WRITERS[kind](random);
  return text;
}

const ENGLISH = [
  'The parcel left our warehouse on Tuesday and should reach you before the weekend. ',
  'If the lamp still flickers, unplug it, wait ten seconds and try another socket. ',
  'We refund the full price within thirty days, provided that the seal is not broken. ',
  'Your invoice lists the deposit separately, because it is returned with the last payment. ',
  'Nobody at our office will ever ask you for a password, neither by phone nor in writing. ',
];
const GERMAN = [
  'Die Rücksendung ist kostenlos, sofern das Gerät vollständig und unbeschädigt ist. ',
  'Bitte überprüfen Sie zunächst die Versicherungsnummer auf Ihrem Vertragsschein. ',
  'Der Kundendienst erreicht Sie werktags zwischen acht und achtzehn Uhr telefonisch. ',
  'Die Mindestvertragslaufzeit beträgt vierundzwanzig Monate ab Freischaltung des Anschlusses. ',
];
const JAPANESE = [
  'ご注文の商品は本日発送いたしました。',
  '返品は到着後三十日以内にお願いいたします。',
  'パスワードを忘れた場合は、ログイン画面から再設定してください。',
  '請求書は毎月一日にメールでお送りします。',
];
const NAMES = ['order', 'refund', 'invoice', 'parcel', 'ticket', 'deposit'];
const VERBS = ['find', 'update', 'cancel', 'export', 'archive'];

const WRITERS: Record<Kind, (random: Random) => string> = {
  English: (random) => random.pick(ENGLISH),
  German: (random) => random.pick(GERMAN),
  Japanese: (random) => random.pick(JAPANESE),
  code(random) {
    const name = random.pick(NAMES);
    const verb = random.pick(VERBS);
    return [
      `export async function ${verb}${capital(name)}(id: string, retries = ${random.int(9)}): Promise<void> {`,
      `  const ${name} = await store.get(\`${name}:\${id}\`);`,
      `  if (!${name} || ${name}.status !== 'open') throw new Error('No open ${name}');`,
      `  await queue.push({ ...${name}, attempts: retries + 1 });`,
      '}\n\n',
    ].join('\n');
  },
  JSON: (random) =>
    `${JSON.stringify({
      id: 10_000 + random.int(90_000),
      type: random.pick(NAMES),
      total: random.int(100_000) / 100,
      currency: 'EUR',
      paid: random.next() < 0.5,
      lines: [{ sku: `A-${random.int(999)}`, count: 1 + random.int(9) }],
    })}\n`,
  UUIDs: (random) => `${uuid(random)}\n`,
};

/** A random UUID of version 4. */
export function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.int(16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
