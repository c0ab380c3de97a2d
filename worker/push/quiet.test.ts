import { describe, expect, it } from 'vitest';
import { sendAt } from './quiet.ts';

const night = { from: '22:00', to: '07:00', zone: 'Europe/Berlin' };
const noon = { from: '12:00', to: '13:30', zone: 'Asia/Kolkata' };
const at = (text: string) => Date.parse(text);

describe('quiet hours', () => {
  it.each([
    {
      what: 'none are set',
      quiet: null,
      now: '2026-11-24T23:30:00Z',
      until: '2026-11-24T23:30:00Z',
    },
    { what: 'by day', quiet: night, now: '2026-11-24T12:00:00Z', until: '2026-11-24T12:00:00Z' },
    {
      what: 'a minute before',
      quiet: night,
      now: '2026-11-24T20:59:59Z',
      until: '2026-11-24T20:59:59Z',
    },
    {
      what: 'the first minute',
      quiet: night,
      now: '2026-11-24T21:00:30Z',
      until: '2026-11-25T06:00:00Z',
    },
    {
      what: 'past midnight',
      quiet: night,
      now: '2026-11-25T02:10:00Z',
      until: '2026-11-25T06:00:00Z',
    },
    {
      what: 'the last minute',
      quiet: night,
      now: '2026-11-25T05:59:59Z',
      until: '2026-11-25T06:00:00Z',
    },
    { what: 'their end', quiet: night, now: '2026-11-25T06:00:00Z', until: '2026-11-25T06:00:00Z' },
    {
      what: 'in summer time',
      quiet: night,
      now: '2026-07-01T20:30:00Z',
      until: '2026-07-02T05:00:00Z',
    },
    {
      what: 'within a day, half an hour off',
      quiet: noon,
      now: '2026-11-24T07:00:00Z',
      until: '2026-11-24T08:00:00Z',
    },
    {
      what: 'that day outside',
      quiet: noon,
      now: '2026-11-24T08:00:00Z',
      until: '2026-11-24T08:00:00Z',
    },
  ])('$what', ({ quiet, now, until }) => {
    expect(new Date(sendAt(quiet, at(now))).toISOString()).toBe(new Date(at(until)).toISOString());
  });

  it('that begin and end at the same minute are none', () => {
    const none = { from: '08:00', to: '08:00', zone: 'UTC' };
    expect(sendAt(none, at('2026-11-24T08:00:10Z'))).toBe(at('2026-11-24T08:00:10Z'));
  });
});
