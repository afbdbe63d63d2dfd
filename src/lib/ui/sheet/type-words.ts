import type { ParameterType } from '#lib/domain/parameter.ts';

/** What a parameter's type holds, in words. */
export const TYPE_WORDS: Readonly<Record<ParameterType, string>> = {
  address: 'ssh address',
  board: 'board name',
  guestBoard: 'tatl or tael',
  packages: 'package names',
  dlcs: 'DLC names',
  kernelVersion: 'kernel version',
  path: 'path',
  ownerHash: '40 hex digits',
  vm: 'VM name',
  container: 'container name',
  program: 'program name',
  pid: 'process id',
  port: 'port number',
  words: 'words',
};
