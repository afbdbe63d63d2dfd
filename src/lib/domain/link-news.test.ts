import { expect, it } from 'vitest';
import { judgeReturn } from './link-news.ts';

it.each([
  ['a reboot', 'a', 'b', true, 'restarted'],
  ['a crash or a power cut', 'a', 'b', false, 'crashed'],
  ['a dropped connection', 'a', 'a', true, 'back'],
  ['a cable that was out', 'a', 'a', false, 'back'],
  ['a device without boot ids', undefined, undefined, false, undefined],
  ['a first probe that failed', undefined, 'b', true, undefined],
  ['a second probe that failed', 'a', undefined, true, undefined],
])('%s', (_title, bootBefore, bootAfter, saidGoodbye, news) => {
  expect(judgeReturn({ bootBefore, bootAfter, saidGoodbye })).toBe(news);
});
