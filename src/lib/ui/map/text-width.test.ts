import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipText, textWidth, wrapText } from './text-width.ts';

/** Measured in Chromium: Inter, weight 540, 12 px. */
const MEASURED: Readonly<Record<string, number>> = {
  chunneld: 53.6,
  crostini_client: 79.9,
  guest_service_failure_notifier: 169.5,
  'container .debs, Termina build scripts': 217.4,
  permission_broker: 107.2,
  'VM protobufs': 78.8,
  LXD: 24,
};

describe('text width', () => {
  it.each(Object.entries(MEASURED))('of %s is close, and not too narrow', (text, width) => {
    expect(textWidth(text, 12)).toBeGreaterThan(width * 0.98);
    expect(textWidth(text, 12)).toBeLessThan(width * 1.1);
  });

  it('breaks a long name once, where it may', () => {
    expect(wrapText('guest_service_failure_notifier', 110, 12)).toEqual(['guest_service_', 'failure_notifier']);
    expect(wrapText('garcon', 110, 12)).toEqual(['garcon']);
    expect(wrapText('WWWWWWWWWWWWWWWWWWWWWW', 110, 12)).toEqual(['WWWWWWWWW…']);
  });

  it('cuts after a word, or within the only one', () => {
    expect(clipText('→ gRPC :10000+', 90, 12)).toBe('→ gRPC…');
    expect(clipText('ChromeFeaturesService', 90, 12)).toBe('ChromeFeat…');
    expect(clipText('→ D-Bus', 90, 12)).toBe('→ D-Bus');
  });

  it('never gives more than fits', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 30, max: 200 }), (text, width) => {
        expect(textWidth(clipText(text, width, 12), 12)).toBeLessThanOrEqual(width);
        const lines = wrapText(text, width, 12);
        expect(lines.length).toBeLessThanOrEqual(2);
        for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
