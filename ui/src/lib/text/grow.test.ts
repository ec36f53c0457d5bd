import { expect, it } from 'vitest';
import { fitToText } from './grow';

/** A field whose text takes so many pixels, and that notes in `log` what is read and written. */
function field(pixels: () => number, log: string[]): HTMLTextAreaElement {
  const area = document.createElement('textarea');
  const style = { height: '' };
  Object.defineProperty(area, 'style', {
    value: Object.defineProperty({}, 'height', {
      get: () => style.height,
      set: (height: string) => {
        log.push(`write ${height}`);
        style.height = height;
      },
    }),
  });
  Object.defineProperty(area, 'clientHeight', { get: () => Number.parseInt(style.height) || 50 });
  Object.defineProperty(area, 'scrollHeight', {
    get: () => {
      log.push('read');
      return pixels();
    },
  });
  return area;
}

async function frame(): Promise<void> {
  await new Promise((then) => requestAnimationFrame(() => then(null)));
}

it('all fields of a frame are written, read and written together: the page is laid out twice', async () => {
  const log: string[] = [];
  const areas = [100, 200, 900].map((pixels) => field(() => pixels, log));
  for (const area of areas) {
    area.value = 'tekst';
    fitToText(area);
  }
  await frame();
  expect(log).toEqual([
    ...['write auto', 'write auto', 'write auto', 'read', 'read', 'read'],
    ...['write 104px', 'write 204px', 'write 600px'],
  ]);
});

it('a text that became longer and still has room is left alone, a shorter one is measured', async () => {
  const log: string[] = [];
  let pixels = 100;
  const area = field(() => pixels, log);
  const turn = async (text: string) => {
    area.value = text;
    log.length = 0;
    fitToText(area);
    await frame();
    return log;
  };
  await turn('tekst');
  expect(await turn('langere tekst')).toEqual(['read']);
  pixels = 130;
  expect(await turn('langere tekst op twee regels')).toContain('write 134px');
  pixels = 60;
  expect(await turn('kort')).toContain('write 64px');
});

it('a field that went away is not measured', async () => {
  const log: string[] = [];
  fitToText(field(() => 100, log))();
  fitToText(field(() => 100, log))();
  await frame();
  expect(log).toEqual([]);
});
