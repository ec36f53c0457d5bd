import { describe, expect, it } from 'vitest';
import { daysProblem, intervalText, validityText } from './validity';

describe('the days on which a concept holds', () => {
  it('are said in words, and what is over by its first day without', () => {
    const both = { from: '2025-02-01', until: '2025-12-31' };
    expect(validityText(undefined)).toBe('');
    expect(validityText({ from: null, until: null })).toBe('');
    expect(validityText({ from: '2025-02-01' }, 'not_yet')).toBe('geldt vanaf 1 februari 2025');
    expect(validityText(both)).toBe('geldt vanaf 1 februari 2025 tot en met 31 december 2025');
    expect(validityText(both, 'no_longer')).toBe('geldt niet meer sinds 1 januari 2026');
  });

  it('are read from the interval that the program writes', () => {
    expect(intervalText('2025-02-01/..')).toBe('geldt vanaf 1 februari 2025');
    expect(intervalText('../2025-12-31')).toBe('geldt tot en met 31 december 2025');
    expect(intervalText('')).toBe('');
    expect(intervalText('iets anders')).toBe('iets anders');
  });

  it('have to be days, the last not before the first', () => {
    expect(daysProblem({})).toBeNull();
    expect(daysProblem({ from: '2026-01-01', until: '2026-01-01' })).toBeNull();
    expect(daysProblem({ from: '2026-01-02', until: '2026-01-01' })).toBe('reversed');
    expect(daysProblem({ from: '2026-02-30' })).toBe('from');
    expect(daysProblem({ until: '1 mei' })).toBe('until');
  });
});
