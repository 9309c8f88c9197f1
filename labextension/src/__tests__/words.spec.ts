import { describe, expect, it } from 'vitest';

import * as words from '../words';

describe('words', () => {
  it('says sizes as the command line does', () => {
    const sizes = [0, 999, 1000, 14_200, 999_499, 2_000_000, 1.5e16];
    expect(sizes.map(words.size)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '14.2 kB',
      '999 kB',
      '2.00 MB',
      '15.0 PB'
    ]);
  });

  it('says metrics in as many digits as can be read', () => {
    expect(words.metric(0.1 + 0.2)).toBe('0.3');
    expect(words.metric(123456.789)).toBe('123457');
    expect(words.change(-0.00123456)).toBe('−0.00123');
  });

  it('says how long ago a time was', () => {
    const now = Date.parse('2026-11-26T12:00:00Z');
    const said = (time: string): string => words.ago(time, now);
    expect(said('2026-11-26T11:59:57Z')).toBe('now');
    expect(said('2026-11-26T11:57:00Z')).toBe('3 minutes ago');
    expect(said('2026-11-25T11:00:00Z')).toBe('yesterday');
  });

  it('says what is left', () => {
    expect([0.2, 59, 90, 7300].map(words.left)).toEqual([
      '1 s',
      '59 s',
      '2 min',
      '2 h 2 min'
    ]);
  });

  it('shows one line of a message, and a path in two parts', () => {
    expect(words.firstLine('one\ntwo')).toBe('one …');
    expect(words.nameAndFolder('a/b/c.csv')).toEqual(['c.csv', 'a/b/']);
  });
});
