import { expect, it } from 'vitest';
import { judgeReturn } from './link-news.ts';

it.each([
  ['a reboot', 'a', 'b', false, 'restarted'],
  ['a crash or a power cut', 'a', 'b', true, 'crashed'],
  ['a dropped connection', 'a', 'a', false, 'back'],
  ['a cable that was out', 'a', 'a', true, 'back'],
  ['a device without boot ids', undefined, undefined, true, undefined],
  ['a first probe that failed', undefined, 'b', false, undefined],
  ['a second probe that failed', 'a', undefined, false, undefined],
])('%s', (_title, bootBefore, bootAfter, wasSilent, news) => {
  expect(judgeReturn({ bootBefore, bootAfter, wasSilent })).toBe(news);
});
