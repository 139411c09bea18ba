import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPage, type PageParts } from '../../lib/dashboard/html.ts';
import { weekHtml } from '../../lib/dashboard/week-document.ts';
import { certificateHtml } from '../../lib/report/week-certificate.ts';
import { weekBody } from '../../lib/report/week-page.ts';
import type { Week } from '../../lib/workbook/week.ts';
import { weekCharts } from '../../lib/workbook/week-charts.ts';
import { finishedProgress, makeWeek } from '../fixtures/week.ts';
import { browserPath, launchBrowser } from './browser.ts';

const title = `the report${browserPath ? '' : ' (skipped: no Chromium or Chrome was found; set CHROME_PATH)'}`;

describe.skipIf(!browserPath)(title, { timeout: 30_000 }, () => {
  let browser: Browser;
  let parts: PageParts;
  let root: string;
  let page: Page;
  const requested: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    [browser, parts] = await Promise.all([launchBrowser(), buildPage('week')]);
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'report-'));
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    requested.length = 0;
    errors.length = 0;
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  });
  afterEach(async () => {
    await page.close();
    rmSync(root, { recursive: true, force: true });
    expect(errors).toEqual([]);
  });

  test('draws a chart beside the table of each lab, of the optimisations and of the score', async () => {
    await open(makeWeek());
    const inked = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-chart]')].map((place) => {
        const canvas = place.querySelector('canvas');
        const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return [place.dataset.chart, pixels.some((value) => value !== 0)];
      }),
    );
    expect(inked).toEqual([
      ...[
        ['ablation', true],
        ['best', true],
      ],
      ...[
        ['lab day1.1', true],
        ['lab day2.2', true],
      ],
    ]);
  });

  test('asks nobody for anything', async () => {
    const address = await open(makeWeek());
    expect(requested.filter((url) => url !== address && !url.startsWith('data:'))).toEqual([]);
  });

  test('can be read without its script: text, tables and questions are in the page itself', async () => {
    const quiet = await browser.newPage({ javaScriptEnabled: false });
    await quiet.goto(save(pageOf(makeWeek())));
    expect(await quiet.textContent('#results')).toContain('62.4 %60.1 % to 64.5 %');
    expect(await quiet.textContent('#reflection')).toContain('waited for the first.');
    expect(await quiet.locator('#day1 table').count()).toBe(2);
    await quiet.close();
  });

  test('before the capstone it says what leads there, and draws nothing', async () => {
    await open(makeWeek({ version: 1, labs: {}, quizzes: {} }));
    expect(await page.textContent('#results')).toContain('npm run lab -- check day2.2');
    expect(await page.locator('canvas').count()).toBe(0);
  });

  test('can be used from the keyboard and by a screen reader', async () => {
    await open(makeWeek());
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the results');
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('[role=img], [role=region], nav, main > section')]
        .filter((it) => {
          const label = it.getAttribute('aria-labelledby');
          return !(it.getAttribute('aria-label') ?? (label && document.getElementById(label)?.textContent));
        })
        .map((it) => it.outerHTML.slice(0, 80)),
    );
    expect(unnamed).toEqual([]);
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1])),
    );
    levels.forEach((level, at) => {
      expect(level - (levels[at - 1] ?? 0), `heading ${at + 1}`).toBeLessThanOrEqual(1);
    });
    expect(await page.locator('table.figures:not(:has(caption))').count()).toBe(0);
  });

  for (const width of [360, 1440])
    test(`fits a screen of ${width} pixels, light and dark`, async () => {
      await page.setViewportSize({ width, height: 900 });
      await open(makeWeek());
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      for (const canvas of await page.locator('canvas').all()) {
        const box = await canvas.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? width + 1)).toBeLessThanOrEqual(width);
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const path = `${process.env.SCREENSHOTS}/report-${width}-${colorScheme}.png`;
        if (process.env.SCREENSHOTS) await page.screenshot({ path, fullPage: true });
      }
    });

  test('while it is printed it is light, also where the screen is dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await open(makeWeek());
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await background()).toBe('rgb(255, 255, 255)');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await background()).toBe(dark);
  });

  test('on paper no chart and no table is wider than the sheet', async () => {
    await page.setViewportSize({ width: 680, height: 900 });
    await open(makeWeek());
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(680);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('.panel')]
        .filter((panel) => panel.scrollWidth > panel.clientWidth)
        .map((panel) => panel.getAttribute('aria-labelledby')),
    );
    expect(cut).toEqual([]);
  });

  test('the certificate prints on one sheet, whatever the paper and however long the name', async () => {
    const week = makeWeek(finishedProgress());
    if (!week.capstone) throw new Error('The fixture has passed its capstone.');
    const name = 'Augusta Ada King, Countess of Lovelace, '.repeat(3);
    await page.goto(save(certificateHtml(week, week.capstone, name)));
    for (const format of ['A4', 'Letter'])
      for (const preferCSSPageSize of [true, false])
        expect(sheets(await page.pdf({ format, preferCSSPageSize })), format).toBe(1);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });

  function pageOf(week: Week): string {
    return weekHtml(parts, weekBody(week), weekCharts(week));
  }

  function save(html: string): string {
    const file = join(root, 'page.html');
    writeFileSync(file, html);
    return pathToFileURL(file).href;
  }

  /** Opens the week's page as a file, and tells its address. */
  async function open(week: Week): Promise<string> {
    const address = save(pageOf(week));
    await page.goto(address);
    return address;
  }
});

/** How many sheets a printed page takes. */
function sheets(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}
