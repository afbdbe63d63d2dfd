/** The switch for very old images, as the form of a new device and the Device page say it. */
export const OLD_IMAGE = {
  label: 'This device runs a very old image (SHA-1, CBC)',
  note: 'The relay then also takes SHA-1 and CBC from this device, if it has nothing better. Both are weak by now: leave it off unless the connection fails without it.',
  /** Where whoever started the relay lists its devices. */
  fixed: 'Whoever runs the relay says so in the file of --targets, with "oldAlgorithms": true.',
} as const;
