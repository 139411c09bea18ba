/** The numbers that stand in code, also as products: `24 * 3_600_000` is 86,400,000. */
export function constantsIn(code: string): Set<number> {
  const bare = code
    .replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, ' ')
    .replace(/`(?:[^`\\]|\\[\s\S])*`/g, (it) => (it.match(/\$\{[^}]*\}/g) ?? []).join(' '))
    .replace(/\b(?:MS_PER_)?(DAY|HOUR|MINUTE|SECOND)S?(?:_MS)?\b(?!\s*=)/g, (_, name) => MS[name] as string);
  const found = new Set<number>();
  for (const [product] of bare.matchAll(
    /(?<![\w.])-?\d[\d_.]*(?:e-?\d+)?(?:\s*[*/]\s*\d[\d_.]*(?:e-?\d+)?)*/g,
  )) {
    const parts = product.split(/\s*([*/])\s*/);
    const numbers = parts.filter((_, i) => i % 2 === 0).map((it) => Number(it.replaceAll('_', '')));
    for (const number of numbers) found.add(Math.abs(number));
    found.add(
      numbers
        .slice(1)
        .reduce(
          (left, right, i) => (parts[2 * i + 1] === '*' ? left * right : left / right),
          numbers[0] ?? 0,
        ),
    );
  }
  return found;
}

const MS: Record<string, string> = {
  DAY: '24 * 3_600_000',
  HOUR: '3_600_000',
  MINUTE: '60_000',
  SECOND: '1_000',
};

/** What code may say where a text says this: "24 hours" is 86,400,000, "10 %" is 0.1, or 0.9 left or 1.1 in all. */
export function asConstants(text: string): number[] {
  const [, number = '', unit = ''] = /^[$€]?([\d.,]+|[a-z]+)[ -]?(.*)$/i.exec(text) ?? [];
  const value = NUMBER[number.toLowerCase()] ?? Number(number.replaceAll(',', '').replace(/\.$/, ''));
  if (text.startsWith('$')) return [value, round(value * 1e6)];
  if (unit === '') return [value];
  if (unit === '%' || unit.startsWith('per'))
    return [value / 100, 1 - value / 100, 1 + value / 100].map(round);
  const factors = FACTORS[unit.toLowerCase()] ?? FACTORS[unit.toLowerCase().replace(/s$/, '')] ?? [1];
  return factors.map((factor) => round(value * factor));
}

/** The number of a figure, without its unit. */
export function numberOf(figure: string): number {
  const [number = ''] = /[\d.,]+|[a-z]+/i.exec(figure) ?? [];
  return NUMBER[number.toLowerCase()] ?? Number(number.replaceAll(',', ''));
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}

const FACTORS: Record<string, number[]> = {
  s: [1000],
  second: [1000, 1],
  minute: [60_000, 60],
  hour: [3_600_000],
  day: [86_400_000, 1],
  week: [7 * 86_400_000, 1],
  kb: [1000, 1024],
  mb: [1e6, 1024 ** 2],
  gb: [1e9, 1024 ** 3],
};

const NUMBER: Record<string, number> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, i) => [word, i] as const)
    .concat([
      ['thirty', 30],
      ['forty', 40],
      ['fifty', 50],
      ['sixty', 60],
      ['eighty', 80],
      ['ninety', 90],
      ['hundred', 100],
      ['thousand', 1000],
      ['million', 1e6],
    ]),
);
